"""Who may open which address: the whole house in one table, by the name of the address.

test_house.py holds it against the addresses that exist; the sweep opens each as everybody and compares. “May open”
means an answer other than the login page, 401, 403 or 404; which *objects* a person sees is tested with each page.
"""

# Whoever a row may name. `anyone` has not signed in; `person` is signed in and holds nothing.
WHO = {
    "anyone": "not signed in",
    "person": "signed in, without a role or a firm",
    "applicant": "may represent a firm",
    "staff": "holds any of the regulator's roles",
    "auditor": "reads everything, changes nothing",
    "administrator": "runs the accounts, decides nothing",
}

EVERYBODY = frozenset(WHO)
SIGNED_IN = EVERYBODY - {"anyone"}
APPLICANTS = frozenset({"applicant"})
STAFF = frozenset({"staff", "auditor"})

ACCESS: dict[str, frozenset[str]] = {}


def missing(names: set[str]) -> list[str]:
    """The rows of the table for which there is no address among these."""
    return sorted(set(ACCESS) - names)
