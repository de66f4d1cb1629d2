"""Who may open which address: the whole house in one table, by the name of the address.

test_house.py holds it against the addresses that exist; tests/pages/test_sweep.py opens each page as everybody and
compares, tests/api/test_sweep.py does the same with every operation of the API. “May open” means an answer other than
the login page, 401, 403 or 404; the objects in the sweep are the applicant's own.
"""

from tests.access.pages import ACCOUNTS, PAGES
from tests.access.people import WHO
from tests.access.programs import API

__all__ = ["ACCESS", "PAGES", "WHO", "missing"]

ACCESS: dict[str, frozenset[str]] = {**PAGES, **ACCOUNTS, **API}


def missing(names: set[str]) -> list[str]:
    """The rows of the table for which there is no address among these."""
    return sorted(set(ACCESS) - names)
