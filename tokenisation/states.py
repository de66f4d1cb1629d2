"""The words of the registry: states, kinds and authorities. No behaviour."""

from django.db.models import TextChoices


class AssetState(TextChoices):
    DRAFT = "draft", "Draft"
    UNDER_REVIEW = "under_review", "Under review"
    APPROVED = "approved", "Approved"
    ISSUED = "issued", "Issued"
    PAUSED = "paused", "Paused"
    MATURED = "matured", "Matured"
    REDEEMED = "redeemed", "Redeemed"
    DEFAULTED = "defaulted", "In default"
    LAPSED = "lapsed", "Lapsed"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    CANCELLED = "cancelled", "Cancelled"


# From approval on, an asset holds its share of the programme's cap, until it is cancelled, lapses or is redeemed.
COMMITTED = (AssetState.APPROVED, AssetState.ISSUED, AssetState.PAUSED, AssetState.MATURED, AssetState.DEFAULTED)
# What the public register shows.
PUBLISHED = (
    AssetState.ISSUED,
    AssetState.PAUSED,
    AssetState.MATURED,
    AssetState.REDEEMED,
    AssetState.DEFAULTED,
)


# Proposals that came to nothing.
GIVEN_UP = (AssetState.REJECTED, AssetState.WITHDRAWN, AssetState.CANCELLED, AssetState.LAPSED)


class AuthorisationState(TextChoices):
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    LAPSED = "lapsed", "Lapsed"
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


class BusinessDay(TextChoices):
    """When something is paid that falls due on a day on which banks are shut."""

    FOLLOWING = "following", "The next working day"
    MODIFIED = "modified", "The next working day, or the one before in the same month"
    PRECEDING = "preceding", "The working day before"
    UNADJUSTED = "unadjusted", "The day itself"


class AssetClass(TextChoices):
    """What a programme's sub-limits and exposures are counted by."""

    BILLS = "bills", "Treasury bills"
    BONDS = "bonds", "Bonds"
    SUKUK = "sukuk", "Sukuk"
    COMMODITIES = "commodities", "Commodities"


CLASS_OF = {
    AssetKind.TREASURY_BILL: AssetClass.BILLS,
    AssetKind.SOVEREIGN_BOND: AssetClass.BONDS,
    AssetKind.SUKUK: AssetClass.SUKUK,
    **{each: AssetClass.COMMODITIES for each in AssetKind if each not in DEBT},
}


class InvestorClass(TextChoices):
    """As the venues' returns divide their clients; the ledger itself knows no investor."""

    RETAIL = "retail", "Retail clients"
    INSTITUTIONAL = "institutional", "Institutional clients"
    NON_RESIDENT = "non_resident", "Non-resident clients"


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
    SHARIAH = "shariah", "Shariah committee"


class AttestationState(TextChoices):
    SUBMITTED = "submitted", "Submitted"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    SUPERSEDED = "superseded", "Superseded"
    EXPIRED = "expired", "Expired"
    WITHDRAWN = "withdrawn", "Withdrawn"


class DocumentKind(TextChoices):
    """What a document of an asset is."""

    OFFERING = "offering", "Prospectus or offering document"
    LEGAL_OPINION = "legal_opinion", "Legal opinion"
    CUSTODY = "custody", "Statement of custody or of the SGLA"
    SHARIAH_OPINION = "shariah_opinion", "Shariah opinion"
    ATTESTATION = "attestation", "Attestation report"
    RISK_DISCLOSURE = "risk_disclosure", "Risk disclosure"
    OTHER = "other", "Other document"


# No asset is reviewed without these, nor one that claims compliance with Shariah without the opinion on it.
NEEDED_DOCUMENTS = (DocumentKind.OFFERING, DocumentKind.LEGAL_OPINION)


class DocumentState(TextChoices):
    HANDED_IN = "handed_in", "Handed in"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class AccountKind(TextChoices):
    SUPPLY = "supply", "Supply (contra)"
    TREASURY = "treasury", "Treasury"
    INVENTORY = "inventory", "Venue: on the shelf"
    CLIENTS = "clients", "Venue: with clients"
    FROZEN_SHELF = "frozen_shelf", "Venue: frozen on the shelf"
    FROZEN_CLIENTS = "frozen_clients", "Venue: frozen with clients"


# The accounts that a venue has, and those of them whose units belong to its clients.
AT_VENUE = (AccountKind.INVENTORY, AccountKind.CLIENTS, AccountKind.FROZEN_SHELF, AccountKind.FROZEN_CLIENTS)
WITH_CLIENTS = (AccountKind.CLIENTS, AccountKind.FROZEN_CLIENTS)


class EntryKind(TextChoices):
    ISSUE = "issue", "Issue"
    ALLOCATE = "allocate", "Allocation"
    DISTRIBUTE = "distribute", "Distribution"
    RETURN = "return", "Return"
    FREEZE = "freeze", "Freeze"
    UNFREEZE = "unfreeze", "Release of a freeze"
    FORCED = "forced", "Forced transfer"
    REDEEM = "redeem", "Redemption"
    CORRECT = "correct", "Correction"


# Whoever makes one of these is not whoever checked it: units come into being, reach a venue, or move against a holder.
BY_TWO = (EntryKind.ISSUE, EntryKind.ALLOCATE, EntryKind.UNFREEZE, EntryKind.FORCED, EntryKind.CORRECT)
# An order, an agreement or an error stands behind each of these: the entry names it.
WITH_A_CASE = (EntryKind.FREEZE, EntryKind.UNFREEZE, EntryKind.FORCED, EntryKind.REDEEM, EntryKind.CORRECT)


class Against(TextChoices):
    """The record that the ledger is compared with, or the condition that a return is held to."""

    REGISTER = "register", "Traditional register"
    RETURN = "return", "Venue's return"
    # Not a record but a condition of the asset, by what a venue's return says of it.
    RETAIL = "retail", "Retail clients"
    INVESTOR_CAP = "cap", "Cap per investor"
    LOCK_UP = "lock_up", "Lock-up"


CONDITIONS = (Against.RETAIL, Against.INVESTOR_CAP, Against.LOCK_UP)


class BreakState(TextChoices):
    OPEN = "open", "Open"
    EXPLAINED = "explained", "Explained"
    CLOSED = "closed", "Closed"


class OrderState(TextChoices):
    PROPOSED = "proposed", "Proposed"
    CARRIED_OUT = "carried_out", "Carried out"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class SettlementKind(TextChoices):
    """In what a client pays for a unit. The registry keeps which it was and moves none of it."""

    BANK_MONEY = "bank_money", "Bank money"
    STABLECOIN = "stablecoin", "Stablecoin"
    CBDC = "cbdc", "Central-bank digital currency"


class ActionKind(TextChoices):
    """What happens to a holder's rights: a payment that falls due, or an event that tells whether it will be made."""

    COUPON = "coupon", "Coupon"
    # An Ijara sukuk pays a rental, never interest.
    RENTAL = "rental", "Rental"
    REDEMPTION = "redemption", "Redemption"
    PARTIAL = "partial", "Partial redemption"
    CREDIT_EVENT = "credit_event", "Credit event"
    DEFAULT = "default", "Default of the issuer"


PERIODIC = (ActionKind.COUPON, ActionKind.RENTAL)
PAYMENTS = (*PERIODIC, ActionKind.REDEMPTION, ActionKind.PARTIAL)
EVENTS = (ActionKind.CREDIT_EVENT, ActionKind.DEFAULT)


class ActionState(TextChoices):
    PROPOSED = "proposed", "Proposed"
    ANNOUNCED = "announced", "Announced"
    RECORD_TAKEN = "record_taken", "Record taken"
    DUE = "due", "Due"
    MISSED = "missed", "Missed"
    PAID = "paid", "Paid, by the evidence"
    ESTABLISHED = "established", "Established"
    CALLED_OFF = "called_off", "Called off"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


# What a partial redemption takes from the nominal counts from its announcement on.
STANDING_ACTIONS = (
    ActionState.ANNOUNCED,
    ActionState.RECORD_TAKEN,
    ActionState.DUE,
    ActionState.MISSED,
    ActionState.PAID,
)
# What a venue is shown: not what one person of the debt office has merely proposed.
TOLD_ACTIONS = (*STANDING_ACTIONS, ActionState.ESTABLISHED, ActionState.CALLED_OFF)


class FixingState(TextChoices):
    PROPOSED = "proposed", "Proposed"
    FIXED = "fixed", "Fixed"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class LimitScope(TextChoices):
    """What a sub-limit of a programme is about, and so where it is asked: approval, allocation or placement."""

    ASSET_CLASS = "asset_class", "Class of assets"
    VENUE = "venue", "Venue"
    INVESTORS = "investors", "Class of investors"


class LimitState(TextChoices):
    PROPOSED = "proposed", "Proposed"
    CONFIRMED = "confirmed", "Confirmed"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class PermissionState(TextChoices):
    PROPOSED = "proposed", "Proposed"
    CONFIRMED = "confirmed", "Confirmed"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
