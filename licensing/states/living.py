"""The words of a licence's life: its measures, its renewal and variation, its surrender, and appeals."""

from django.db.models import TextChoices


class LicenceState(TextChoices):
    """P4, the life of a licence. Whether it is renewed is a status of its own: `RenewalState`."""

    ACTIVE = "active", "Active"
    RESTRICTED = "active_restricted", "Active, restricted"
    SHOW_CAUSE = "show_cause", "Show-cause"
    SUSPENDED = "suspended", "Suspended"
    SURRENDER_REQUESTED = "surrender_requested", "Surrender requested"
    SURRENDERED = "surrendered", "Surrendered"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


# In force: nothing is taken away by the state itself. A show-cause notice and a wish to surrender decide nothing yet.
IN_FORCE = (
    LicenceState.ACTIVE,
    LicenceState.RESTRICTED,
    LicenceState.SHOW_CAUSE,
    LicenceState.SURRENDER_REQUESTED,
)


# Over for good, but for an appeal.
ENDED = (LicenceState.SURRENDERED, LicenceState.EXPIRED, LicenceState.REVOKED)


class MeasureKind(TextChoices):
    """What may be done against a licence; each is proposed by one person and decided by others."""

    RESTRICTION = "restriction", "Restriction"
    SHOW_CAUSE = "show_cause", "Show-cause notice"
    SUSPENSION = "suspension", "Suspension"
    URGENT_SUSPENSION = "urgent_suspension", "Urgent suspension"
    REVOCATION = "revocation", "Revocation"


class Ground(TextChoices):
    """The grounds on which a licence may be called into question, suspended or taken; after MiCA Art. 64 and VARA."""

    FALSE_STATEMENT = "false_statement", "The licence was obtained by false statements or other irregular means"
    CONDITIONS = "conditions", "The conditions under which the licence was granted are no longer met"
    SERIOUS_BREACH = "serious_breach", "Serious breach of the law, the regulations or a condition of the licence"
    AML = "aml", "Breach of obligations against money laundering or the financing of terrorism"
    CLIENT_ASSETS = "client_assets", "Client assets are not safeguarded or not segregated"
    NOT_FIT = "not_fit", "Owners or key individuals are no longer fit and proper"
    NO_ACCESS = "no_access", "Information or access was withheld from the Authority"
    UNPAID = "unpaid", "Returns or fees are outstanding"
    NOT_USED = "not_used", "The licensed business was not begun, or has ceased"
    CLIENT_HARM = "client_harm", "Imminent harm to clients"
    INSOLVENCY = "insolvency", "Insolvency, or its likelihood"
    SANCTIONS = "sanctions", "Sanctions against the holder, its owners or its key individuals"
    HOME_LICENCE = "home_licence", "The home licence was revoked or suspended"


# What alone carries a suspension without a hearing before it.
URGENT_GROUNDS = (Ground.CLIENT_HARM, Ground.INSOLVENCY, Ground.SANCTIONS, Ground.HOME_LICENCE)


class SurrenderOutcome(TextChoices):
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"
    OVERTAKEN = "overtaken", "Overtaken by enforcement or expiry"


class RenewalState(TextChoices):
    """The renewal of one term of a licence, apart from the licence's own state."""

    NOT_DUE = "not_due", "Not due"
    DUE = "due", "Due"
    SUBMITTED = "submitted", "Submitted"
    RENEWED = "renewed", "Renewed"
    FAILED = "failed", "Failed"


class VariationState(TextChoices):
    """A change of the activities that a licence covers."""

    REQUESTED = "requested", "Requested"
    VARIED = "varied", "Varied"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Lapsed"


class WindDownState(TextChoices):
    AWAITING_PLAN = "awaiting_plan", "Awaiting the plan"
    PLAN_SUBMITTED = "plan_submitted", "Plan submitted"
    UNDER_WAY = "under_way", "Under way"
    FINISHED = "finished", "Finished"
    ENDED = "ended", "Ended: the licence was given back"


class AppealState(TextChoices):
    """An appeal against one decision. `UPHELD` is the decision's, not the appeal's."""

    NOTICED = "noticed", "Notice given"
    FILED = "appeal_filed", "Filed"
    STAYED = "stayed", "Decision stayed"
    UPHELD = "upheld", "Decision upheld"
    VARIED = "varied", "Decision varied"
    REMITTED = "remitted", "Remitted for a new decision"
    SET_ASIDE = "set_aside", "Decision set aside"
    WITHDRAWN = "withdrawn", "Withdrawn"
    NOT_ADMITTED = "not_admitted", "Not admitted"


# Takes the decision away.
OVERTURNED = (AppealState.SET_ASIDE, AppealState.REMITTED)


# Pending before the panel.
APPEAL_PENDING = (AppealState.FILED, AppealState.STAYED)
