"""What each kind of entry does, and every refusal of the ledger: the tables that Python and the database are made from.

A rule says from which account to which, in which states of the asset, and on what the entry relies; what it does to
the counters follows from the two accounts. A refusal is a stable code for programs and a sentence for people. The
posting function reads both as `ledger_rules()` and `ledger_refusals()` (`postings_sql.py`), which a migration makes
from here; a test compares the two, row by row.
"""

from dataclasses import dataclass
from functools import cache

from tokenisation.states import AT_VENUE, BY_TWO, WITH_A_CASE, AccountKind, AssetState, EntryKind

# While an asset is live anything may be posted. Afterwards only what holds a holder to an order or pays one out.
LIVE = (AssetState.ISSUED,)
STANDING_ORDERS = (AssetState.ISSUED, AssetState.PAUSED, AssetState.MATURED, AssetState.DEFAULTED)


@dataclass(frozen=True)
class Rule:
    """One way in which units move. `elsewhere` is the account at another venue that a forced transfer may name."""

    kind: EntryKind
    source: AccountKind | None
    target: AccountKind | None
    states: tuple[AssetState, ...]
    event: str
    needs_standing: bool = False
    elsewhere: AccountKind | None = None

    @property
    def at_venue(self) -> bool:
        return self.source in AT_VENUE or self.target in AT_VENUE

    @property
    def by_two(self) -> bool:
        return self.kind in BY_TWO

    @property
    def with_a_case(self) -> bool:
        return self.kind in WITH_A_CASE


_A, _K = AccountKind, EntryKind

RULES = (
    Rule(_K.ISSUE, _A.SUPPLY, _A.TREASURY, LIVE, "units_issued"),
    Rule(_K.ALLOCATE, _A.TREASURY, _A.INVENTORY, LIVE, "units_allocated", needs_standing=True),
    Rule(_K.DISTRIBUTE, _A.INVENTORY, _A.CLIENTS, LIVE, "units_distributed", needs_standing=True),
    # From a venue that has lost its standing too: nothing reaches the public by it.
    Rule(_K.RETURN, _A.INVENTORY, _A.TREASURY, LIVE, "units_returned"),
    Rule(_K.FREEZE, _A.INVENTORY, _A.FROZEN_SHELF, STANDING_ORDERS, "units_frozen"),
    Rule(_K.FREEZE, _A.CLIENTS, _A.FROZEN_CLIENTS, STANDING_ORDERS, "units_frozen"),
    Rule(_K.UNFREEZE, _A.FROZEN_SHELF, _A.INVENTORY, LIVE, "units_unfrozen"),
    Rule(_K.UNFREEZE, _A.FROZEN_CLIENTS, _A.CLIENTS, LIVE, "units_unfrozen"),
    # Back to the treasury, or to the same side of another venue, which must then be in good standing.
    *(
        Rule(_K.FORCED, source, _A.TREASURY, STANDING_ORDERS, "units_forced", elsewhere=elsewhere)
        for source, elsewhere in (
            (_A.INVENTORY, _A.INVENTORY),
            (_A.FROZEN_SHELF, _A.INVENTORY),
            (_A.CLIENTS, _A.CLIENTS),
            (_A.FROZEN_CLIENTS, _A.CLIENTS),
        )
    ),
    # Frozen units are not paid out: an order moves them first.
    Rule(_K.REDEEM, _A.TREASURY, _A.SUPPLY, STANDING_ORDERS, "units_redeemed"),
    Rule(_K.REDEEM, _A.INVENTORY, _A.SUPPLY, STANDING_ORDERS, "units_redeemed"),
    Rule(_K.REDEEM, _A.CLIENTS, _A.SUPPLY, STANDING_ORDERS, "units_redeemed"),
    # The way back of the entry that it names, whole, whatever that was.
    Rule(_K.CORRECT, None, None, STANDING_ORDERS, "entry_corrected"),
)


@cache
def rule(kind: EntryKind, source: AccountKind | None = None) -> Rule | None:
    """The rule of a kind from an account; without an account, the kind's only rule. None when there is none."""
    found = [each for each in RULES if each.kind == kind and (source is None or each.source == source)]
    return found[0] if len(found) == 1 else None


# What a source account is said to be short of.
SHORT = {
    _A.TREASURY: "over_supply",
    _A.INVENTORY: "over_allocation",
    _A.CLIENTS: "over_holding",
    _A.FROZEN_SHELF: "over_frozen",
    _A.FROZEN_CLIENTS: "over_frozen",
}

REFUSALS = {
    "venue_not_in_good_standing": "The venue is not in good standing.",
    "not_authorised": "The venue is not authorised to distribute this asset.",
    "authorisation_not_active": "The venue's authorisation for this asset is not active.",
    "asset_not_issued": "The asset is not open for this entry.",
    "asset_in_default": "The issuer is in default: nothing more of this asset is issued or distributed.",
    "past_record_date": "Its record date has passed: until it is redeemed, units stay where they are.",
    "not_before_maturity": "A treasury bill is not redeemed before it matures.",
    "break_stands": "The ledger and another record of this asset differ. Close the break before issuing more.",
    "not_backed": "The reserve that is attested and in force does not cover these units after the haircut.",
    "over_cap": "More units than were authorised.",
    "over_supply": "More units than the treasury holds.",
    "over_limit": "More units than the venue's limit allows.",
    "over_class_limit": "The sub-limit of this class of assets leaves no room for this.",
    "over_venue_limit": "The programme's sub-limit of a venue leaves no room for these units.",
    "over_investor_limit": "By the venues' latest returns a class of investors holds more than its sub-limit.",
    "over_allocation": "More units than the venue has on its shelf.",
    "over_holding": "More units than the venue's clients hold.",
    "over_frozen": "More units than are frozen.",
    "settlement_not_permitted": "Nothing may be settled in this on that day.",
    "case_ref_missing": "Name the order, agreement or case behind this entry as its reference.",
    "not_correctable": "Name an entry of this asset that is no correction itself, and reverse it whole.",
    "already_corrected": "This entry has been corrected already.",
    "key_reused": "This idempotency key belongs to another entry.",
    "maker_is_checker": "Whoever approved this cannot carry it out.",
    "malformed": "An entry has a key, a whole positive number of units and the venue that its kind needs.",
    "wrong_isolation": "The ledger posts under READ COMMITTED only.",
}
