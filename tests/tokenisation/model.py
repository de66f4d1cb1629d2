"""The ledger as a person would keep it on paper: the pure model that the database's ledger is compared with."""

from dataclasses import dataclass, field

# kind -> the accounts it may take from, and where the units go; a venue's accounts are its own.
WAYS = {
    "allocate": {"treasury": "inventory"},
    "distribute": {"inventory": "clients"},
    "return": {"inventory": "treasury"},
    "freeze": {"inventory": "frozen_shelf", "clients": "frozen_clients"},
    "unfreeze": {"frozen_shelf": "inventory", "frozen_clients": "clients"},
    "forced": dict.fromkeys(["inventory", "clients", "frozen_shelf", "frozen_clients"], "treasury"),
    "redeem": {"inventory": "redeemed", "clients": "redeemed"},
}
SHORT = {"treasury": "over_supply", "inventory": "over_allocation", "clients": "over_holding"}
WHILE_PAUSED = {"freeze", "forced", "redeem", "correct"}


class Refusal(Exception):
    @property
    def code(self) -> str:
        return str(self)


@dataclass
class Shelf:
    """One venue's authorisation and its standing."""

    limit: int
    standing: bool = True
    active: bool = True


@dataclass
class Paper:
    venues: dict[int, Shelf]
    units: dict[tuple[str, int | None], int]
    issued: bool = True
    # How many units any venue may hold by the programme's sub-limit.
    most: int = 10**9
    # Whether retail clients hold more than theirs, by the venues' returns.
    retail_is_full: bool = False
    # key -> the act, and the way that its units went
    answered: dict[str, tuple[tuple, tuple]] = field(default_factory=dict)

    def held(self, venue: int) -> int:
        return sum(units for (_, where), units in self.units.items() if where == venue)

    def post(self, kind: str, source: str, venue: int, to_venue: int | None, units: int, key: str, of: str = "") -> int:
        """The number of the entry that answers the key; raises Refusal and changes nothing."""
        act = (kind, source, venue, to_venue, units, of)
        if key in self.answered:
            if self.answered[key][0] != act:
                raise Refusal("key_reused")
            return list(self.answered).index(key) + 2  # the issue was the first
        asks = venue if kind in ("allocate", "distribute") else to_venue if kind == "forced" else None
        if asks is not None and not self.venues[asks].standing:
            raise Refusal("venue_not_in_good_standing")
        if not self.issued and kind not in WHILE_PAUSED:
            raise Refusal("asset_not_issued")
        if kind == "correct":
            if any(done[5] == of for done, _ in self.answered.values()):
                raise Refusal("already_corrected")
            target, source_place = self.answered[of][1]
        else:
            same_side = {"frozen_shelf": "inventory", "frozen_clients": "clients"}.get(source, source)
            end = WAYS[kind][source] if to_venue is None else same_side
            source_place = (source, None if source == "treasury" else venue)
            target = (end, None if end in ("treasury", "redeemed") else venue if to_venue is None else to_venue)
        if units > self.units[source_place]:
            raise Refusal(SHORT.get(source_place[0], "over_frozen"))
        if kind == "distribute" and self.retail_is_full:
            raise Refusal("over_investor_limit")
        if asks is not None and not self.venues[asks].active:
            raise Refusal("authorisation_not_active")
        gains = target[1] if target[1] != source_place[1] else None
        if gains is not None and self.held(gains) + units > self.venues[gains].limit:
            raise Refusal("over_limit")
        if gains is not None and self.held(gains) + units > self.most:
            raise Refusal("over_venue_limit")
        self.units[source_place] -= units
        self.units[target] += units
        self.answered[key] = (act, (source_place, target))
        return len(self.answered) + 1
