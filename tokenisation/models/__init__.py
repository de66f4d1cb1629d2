"""The rows of the registry, one noun a module."""

from .approvals import Approval
from .assets import Asset, CommodityTerms, DebtTerms, counts_at_market
from .attestations import ReserveAttestation
from .checks import LedgerCheck
from .corporate import (
    CorporateAction,
    PaymentEvidence,
    RateFixing,
    Snapshot,
    SnapshotBalance,
    balances_at,
    held_by,
    root_of,
)
from .distribution import DistributionAuthorisation
from .documents import AssetDocument
from .ledger import Account, JournalEntry, Posting
from .limits import SubLimit
from .orders import Order
from .programme import FxRate, Programme
from .reconciliation import Break, HoldingsReturn, Reconciliation, RegisterStatement
from .settlement import (
    Settlement,
    SettlementAsset,
    SettlementPermission,
    not_permitted,
    placed_by_settlement,
    settlement_assets,
)

__all__ = [
    "Account",
    "Approval",
    "Asset",
    "AssetDocument",
    "Break",
    "CommodityTerms",
    "CorporateAction",
    "DebtTerms",
    "DistributionAuthorisation",
    "FxRate",
    "HoldingsReturn",
    "JournalEntry",
    "LedgerCheck",
    "Order",
    "PaymentEvidence",
    "Posting",
    "Programme",
    "RateFixing",
    "Reconciliation",
    "RegisterStatement",
    "ReserveAttestation",
    "Settlement",
    "SettlementAsset",
    "SettlementPermission",
    "Snapshot",
    "SnapshotBalance",
    "SubLimit",
    "balances_at",
    "counts_at_market",
    "held_by",
    "not_permitted",
    "placed_by_settlement",
    "root_of",
    "settlement_assets",
]
