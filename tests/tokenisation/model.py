"""The ledger as a person would keep it on paper: the pure model that the database's ledger is compared with."""

from dataclasses import dataclass, field


class Refusal(Exception):
    @property
    def code(self) -> str:
        return str(self)


@dataclass
class Shelf:
    """One venue's authorisation, its standing and its units."""

    limit: int
    shelf: int = 0
    clients: int = 0
    standing: bool = True
    active: bool = True


@dataclass
class Paper:
    treasury: int
    venues: dict[int, Shelf]
    issued: bool = True
    answered: dict[str, tuple[str, int, int, int]] = field(default_factory=dict)

    def post(self, kind: str, venue: int, units: int, key: str) -> int:
        """The number of the entry that answers the key; raises Refusal and changes nothing."""
        if key in self.answered:
            number, *act = self.answered[key]
            if act != [kind, venue, units]:
                raise Refusal("key_reused")
            return int(number)
        at = self.venues[venue]
        if kind != "return" and not at.standing:
            raise Refusal("venue_not_in_good_standing")
        if kind != "return" and not self.issued:
            raise Refusal("asset_not_issued")
        if kind == "allocate" and units > self.treasury:
            raise Refusal("over_supply")
        # The asset's own shelves are looked at before the venue's.
        if kind != "allocate" and units > sum(each.shelf for each in self.venues.values()):
            raise Refusal("over_allocation")
        if kind != "return" and not at.active:
            raise Refusal("authorisation_not_active")
        if kind == "allocate" and at.shelf + at.clients + units > at.limit:
            raise Refusal("over_limit")
        if kind != "allocate" and units > at.shelf:
            raise Refusal("over_allocation")
        match kind:
            case "allocate":
                self.treasury, at.shelf = self.treasury - units, at.shelf + units
            case "distribute":
                at.shelf, at.clients = at.shelf - units, at.clients + units
            case "return":
                at.shelf, self.treasury = at.shelf - units, self.treasury + units
        number = len(self.answered) + 2  # the issue was the first
        self.answered[key] = (number, kind, venue, units)
        return number
