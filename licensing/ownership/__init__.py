"""Who stands behind a company: shares, votes and control, worked out exactly from who holds what of whom.

Pure arithmetic on fractions: no framework, no database, no rounding. A statement names the parties and their holdings;
`read` makes one of the rows that a firm writes, `faults` says in sentences what is wrong with it, `owners` who is
behind a company and how much, `chain` draws the way there, `differences` compares two statements, `owners_changed`
who is behind a company by either. The rules and their reasons stand in docs/decisions.
"""

from .chains import ClosedRing, Link, Owner, chain, controlled_by, owners, shares
from .comparing import OwnerChange, differences_above, owners_changed, said
from .statements import (
    KINDS,
    RIGHTS,
    Difference,
    Holding,
    Kind,
    Right,
    Row,
    Statement,
    differences,
    faults,
    read,
    shown,
)

__all__ = [
    "KINDS",
    "RIGHTS",
    "ClosedRing",
    "Difference",
    "Holding",
    "Kind",
    "Link",
    "Owner",
    "OwnerChange",
    "Right",
    "Row",
    "Statement",
    "chain",
    "controlled_by",
    "differences",
    "differences_above",
    "faults",
    "owners",
    "owners_changed",
    "read",
    "said",
    "shares",
    "shown",
]
