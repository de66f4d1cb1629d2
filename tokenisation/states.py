"""The words of the registry: states, kinds and authorities. No behaviour."""

from django.db.models import TextChoices


class AssetState(TextChoices):
    DRAFT = "draft", "Draft"
    UNDER_REVIEW = "under_review", "Under review"
    APPROVED = "approved", "Approved"
    ISSUED = "issued", "Issued"
    PAUSED = "paused", "Paused"
    MATURED = "matured", "Matured"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    CANCELLED = "cancelled", "Cancelled"


# From approval on, an asset holds its share of the programme's cap, until it is cancelled.
COMMITTED = (AssetState.APPROVED, AssetState.ISSUED, AssetState.PAUSED, AssetState.MATURED)
# What the public register shows.
PUBLISHED = (AssetState.ISSUED, AssetState.PAUSED, AssetState.MATURED)


class AuthorisationState(TextChoices):
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    TERMINATED = "terminated", "Terminated"


class AssetKind(TextChoices):
    TREASURY_BILL = "tbill", "Treasury bill"
    SOVEREIGN_BOND = "bond", "Sovereign bond"
    SUKUK = "sukuk", "Ijara sukuk"
    GOLD = "gold", "Gold reserve"
    OIL = "oil", "Oil reserve"
    GAS = "gas", "Gas reserve"
    METAL = "metal", "Metal reserve"


DEBT = (AssetKind.TREASURY_BILL, AssetKind.SOVEREIGN_BOND, AssetKind.SUKUK)


class LegalNature(TextChoices):
    """What the holder of a unit owns; it must be said in words, for the token is not the asset."""

    NATIVE = "native", "Native: the entry is the security"
    REPRESENTATION = "representation", "Representation of a security in a depository"
    CLAIM = "claim", "Contractual claim on a custodian"


class AuthoritativeRecord(TextChoices):
    REGISTRY = "registry", "This registry"
    DEPOSITORY = "depository", "Central securities depository"
    CHAIN = "chain", "Distributed ledger"


class Authority(TextChoices):
    """Whose approval an asset needs before it may take from the programme's cap."""

    MOF = "mof", "Ministry of Finance, Debt Management Office"
    SBP = "sbp", "State Bank of Pakistan"
    PVARA = "pvara", "PVARA"


class AccountKind(TextChoices):
    SUPPLY = "supply", "Supply (contra)"
    TREASURY = "treasury", "Treasury"
    INVENTORY = "inventory", "Venue: on the shelf"
    CLIENTS = "clients", "Venue: with clients"


class EntryKind(TextChoices):
    ISSUE = "issue", "Issue"
    ALLOCATE = "allocate", "Allocation"
    DISTRIBUTE = "distribute", "Distribution"
    RETURN = "return", "Return"
