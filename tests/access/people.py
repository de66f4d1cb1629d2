"""Whom the tables of access name, and the groups that they come in."""

# Whoever a row may name. `anyone` has not signed in; `person` is signed in and holds nothing.
WHO = {
    "anyone": "not signed in",
    "person": "signed in, without a role or a firm",
    "applicant": "represents the firm and signs for it",
    "officer": "case officer",
    "assessor": "assessor",
    "moderator": "moderator",
    "supervisor": "supervisor",
    "member": "committee member",
    "board": "board member",
    "enforcement": "enforcement officer",
    "finance": "finance officer",
    "legal": "legal officer, who keeps the record of appeals",
    "debt_officer": "debt officer",
    "debt_approver": "debt approver",
    "auditor": "reads everything, changes nothing",
    "administrator": "runs the accounts, decides nothing",
}

EVERYBODY = frozenset(WHO)
SIGNED_IN = EVERYBODY - {"anyone"}
NOBODY: frozenset[str] = frozenset()
APPLICANT = frozenset({"applicant"})
OUTSIDE = frozenset({"applicant", "person"})  # who works for an exchange, or may come to
REGULATOR = frozenset(
    {
        "officer",
        "assessor",
        "moderator",
        "supervisor",
        "member",
        "board",
        "enforcement",
        "finance",
        "legal",
        "auditor",
    }
)
REGISTRY = frozenset({"debt_officer", "debt_approver", "auditor"})
DEBT_OFFICER = frozenset({"debt_officer"})
DEBT_APPROVER = frozenset({"debt_approver"})
AUDITOR = frozenset({"auditor"})
ADMINISTRATOR = frozenset({"administrator"})
SUPERVISOR = frozenset({"supervisor"})
FINANCE = frozenset({"finance"})
TABLE_PROPOSERS = frozenset({"supervisor", "finance", "legal"})
VOTERS = frozenset({"member", "board"})
DRAFTERS = frozenset({"supervisor", "member"})
OWN = APPLICANT | REGULATOR  # the firm itself, and the regulator
UNITS = APPLICANT | REGISTRY  # the venue itself, and the debt office
