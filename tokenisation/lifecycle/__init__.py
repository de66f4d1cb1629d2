"""The machines of the registry: one row per move, empty bodies. What follows a move stands in the actions."""

from .assets import AssetLifecycle, AuthorisationLifecycle, BreakLifecycle, OrderLifecycle
from .attestations import AttestationLifecycle
from .corporate import CorporateActionLifecycle, RateFixingLifecycle
from .documents import AssetDocumentLifecycle
from .limits import SubLimitLifecycle
from .settlement import SettlementPermissionLifecycle

__all__ = [
    "AssetDocumentLifecycle",
    "AssetLifecycle",
    "AttestationLifecycle",
    "AuthorisationLifecycle",
    "BreakLifecycle",
    "CorporateActionLifecycle",
    "OrderLifecycle",
    "RateFixingLifecycle",
    "SettlementPermissionLifecycle",
    "SubLimitLifecycle",
]
