"""The rows of the registry, one noun a module."""

from .assets import Approval, Asset, CommodityTerms, DebtTerms, ReserveAttestation
from .distribution import DistributionAuthorisation
from .ledger import Account, JournalEntry, Posting
from .programme import FxRate, Programme

__all__ = [
    "Account",
    "Approval",
    "Asset",
    "CommodityTerms",
    "DebtTerms",
    "DistributionAuthorisation",
    "FxRate",
    "JournalEntry",
    "Posting",
    "Programme",
    "ReserveAttestation",
]
