"""Who may open which address: the whole house in one table, by the name of the address.

test_house.py holds it against the addresses that exist; tests/pages/test_sweep.py opens each page as everybody and
compares, tests/api/test_sweep.py does the same with every operation of the API. “May open” means an answer other than
the login page, 401, 403 or 404; the objects in the sweep are the applicant's own.
"""

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
REGULATOR = frozenset({"officer", "assessor", "moderator", "supervisor", "member", "board", "enforcement", "auditor"})
REGISTRY = frozenset({"debt_officer", "debt_approver", "auditor"})
DEBT_OFFICER = frozenset({"debt_officer"})
DEBT_APPROVER = frozenset({"debt_approver"})
AUDITOR = frozenset({"auditor"})
ADMINISTRATOR = frozenset({"administrator"})
SUPERVISOR = frozenset({"supervisor"})
OWN = APPLICANT | REGULATOR  # the firm itself, and the regulator
UNITS = APPLICANT | REGISTRY  # the venue itself, and the debt office

PAGES: dict[str, frozenset[str]] = {
    "home": EVERYBODY,
    "work": SIGNED_IN,
    "people": ADMINISTRATOR,
    "holidays": SUPERVISOR,
    "holiday_withdrawn": SUPERVISOR,
    "move": OWN,  # whoever sees the row; the move itself asks again
    # The regulator's pages.
    "staff:queue": REGULATOR,
    "staff:firms": REGULATOR,
    "staff:firm": REGULATOR,
    "staff:ratings": REGULATOR,
    "staff:criterion": REGULATOR,
    "staff:noc": REGULATOR,
    "staff:setup": REGULATOR,
    "staff:full": REGULATOR,
    "staff:licence": REGULATOR,
    "staff:evidence": REGULATOR,
    "staff:evidence_file": REGULATOR,
    "staff:letters": REGULATOR,
    "staff:letter": REGULATOR,
    "staff:audit": AUDITOR,
    # The debt office's.
    "staff:programme": REGISTRY,
    "staff:rate_new": DEBT_OFFICER,
    "staff:asset_new": DEBT_OFFICER,
    "staff:asset": REGISTRY,
    "staff:approval_new": DEBT_APPROVER,
    "staff:attestation_new": DEBT_OFFICER,
    "staff:authorise": DEBT_APPROVER,
    "staff:authorisation": REGISTRY,
    "staff:allocate": DEBT_OFFICER,
    "staff:take_back": DEBT_OFFICER,
    # An exchange's.
    "portal:home": OUTSIDE,
    "portal:firm_new": OUTSIDE,
    "portal:noc_start": APPLICANT,
    "portal:evidence": APPLICANT,
    "portal:evidence_file": APPLICANT,
    "portal:application": APPLICANT,
    "portal:review": APPLICANT,
    "portal:fee": APPLICANT,
    "portal:declare": APPLICANT,
    "portal:section": APPLICANT,
    "portal:setup": APPLICANT,
    "portal:full_start": APPLICANT,
    "portal:milestone": APPLICANT,
    "portal:licence": APPLICANT,
    "portal:letters": OUTSIDE,
    "portal:letter": APPLICANT,
    "portal:venue": APPLICANT,
    "portal:placement": APPLICANT,
    # Everybody's.
    "public:register": EVERYBODY,
    "public:entry": EVERYBODY,
    "public:verify": EVERYBODY,
    "public:verified": EVERYBODY,
    "public:programme": EVERYBODY,
    "public:asset": EVERYBODY,
}

# allauth's own pages, which ask for themselves; some of them send on whoever has nothing to do there.
ACCOUNTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "account_login",
            "account_logout",
            "account_inactive",
            "account_signup",
            "account_email_verification_sent",
            "account_reset_password",
            "account_confirm_login_code",
            "account_confirm_email",
            "account_reset_password_from_key_done",
            "account_reset_password_from_key",
            "account_reset_password_done",
            "mfa_authenticate",
        ),
        EVERYBODY,
    ),
    **dict.fromkeys(
        (
            "account_reauthenticate",
            "account_email",
            "account_change_password",
            "account_set_password",
            "mfa_index",
            "mfa_reauthenticate",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
        ),
        SIGNED_IN,
    ),
}


def _api(noun: str, parts: str, who: frozenset[str]) -> dict[str, frozenset[str]]:
    return {f"api:{noun}-{part}": who for part in parts.split()}


# Who may call an address of the API in one way or another; each operation has a row of its own in the API's sweep.
API: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "api:login",
            "api:verify",
            "api:verify-file",
            "api:verify-token",
            "api:register-list",
            "api:register-detail",
            "api:register-standing",
            "api:noc-holder-list",
            "api:schema",
            "api:docs",
            "api:nowhere",
        ),
        EVERYBODY,
    ),
    **dict.fromkeys(("api:logout", "api:me", "api:framework"), SIGNED_IN),
    "api:score": OWN,
    **_api("firm", "list detail", OWN),
    **_api("noc", "list detail form moves move", OWN),
    **_api("noc", "answers declaration fee-reference", APPLICANT),
    **_api("setup", "list detail moves move", OWN),
    **_api("milestone", "list detail form moves move", OWN),
    **_api("milestone", "particulars", APPLICANT),
    **_api("full", "list detail form moves move", OWN),
    **_api("full", "answers declaration fee-reference", APPLICANT),
    **_api("licence", "list detail moves move", OWN),
    **_api("evidence", "list detail file moves move", OWN),
    **_api("rating", "list detail", REGULATOR),
    **_api("rating", "moderation", frozenset({"moderator"})),
    **_api("letter", "list detail pdf", OWN),
    **_api("audit-entry", "list detail", AUDITOR),
    **_api("programme", "list detail", REGISTRY),
    **_api("rate", "list detail", REGISTRY),
    **_api("asset", "list detail moves move", UNITS),
    **_api("asset", "approvals", DEBT_APPROVER),
    **_api("asset", "attestations", DEBT_OFFICER),
    **_api("venue", "list detail", OWN | REGISTRY),
    **_api("authorisation", "list detail moves move", UNITS),
    **_api("authorisation", "allocations returns", DEBT_OFFICER),
    **_api("authorisation", "placements", APPLICANT),
    **_api("entry", "list detail", UNITS),
}

ACCESS: dict[str, frozenset[str]] = {**PAGES, **ACCOUNTS, **API}


def missing(names: set[str]) -> list[str]:
    """The rows of the table for which there is no address among these."""
    return sorted(set(ACCESS) - names)
