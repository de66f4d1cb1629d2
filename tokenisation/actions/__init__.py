"""The only code of the registry that writes, one noun a module. Importing it registers what follows a move."""

from . import (
    assets,
    attestations,
    authorisations,
    checks,
    corporate,
    documents,
    ledger,
    limits,
    night,
    orders,
    programme,
    reconciliation,
    redemptions,
    settlement,
)

__all__ = [
    "assets",
    "attestations",
    "authorisations",
    "checks",
    "corporate",
    "documents",
    "ledger",
    "limits",
    "night",
    "orders",
    "programme",
    "reconciliation",
    "redemptions",
    "settlement",
]
