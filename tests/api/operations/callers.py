"""Who calls, a letter for each, and the groups of them that the table is written in."""

# n nobody · s stranger, who has another firm · a applicant · c case officer · r assessor · m moderator · v supervisor
# k committee · b board · e enforcement · f finance · l legal officer · d debt officer · p debt approver · u auditor
# y system administrator
CALLERS = "nsacrmvkbefldpuy"
ALL = CALLERS


SIGNED_IN = "sacrmvkbefldpuy"
APPLICANTS = "sa"
REGULATOR = "crmvkbeflu"
REGISTRY = "dpu"
HOUSE = "crmvkbefldpu"  # both of them
OWN = "a" + REGULATOR  # the firm itself, and the regulator
UNITS = "a" + REGISTRY  # the venue itself, and the debt office
VENUES = "acrmvkbefldpu"
