"""One version of the rules: criteria, domains and the bars of gates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from licensing.scoring.scale import PHASES, Mark


@dataclass(frozen=True)
class Criterion:
    code: str
    title: str
    domain: str
    points: Decimal
    applies_from: str
    mark: Mark = Mark.NONE
    # The kinds of evidence that it accepts, by their codes; nothing is reckoned with them.
    kinds: tuple[str, ...] = ()
    # Whether the committee may waive it for a firm. Nothing is reckoned with it: what was waived is in the ratings.
    waivable: bool = False


@dataclass(frozen=True)
class Gate:
    """Bars in per cent. `other_floor` holds for every domain without a floor of its own."""

    code: str
    title: str
    phase: str
    total: Decimal
    floors: Mapping[str, Decimal] = field(default_factory=dict)
    other_floor: Decimal | None = None
    conditions_below: Decimal | None = None


@dataclass(frozen=True)
class Framework:
    """One version of the rules; `criteria` in any order."""

    version: str
    domains: Mapping[str, str]
    criteria: tuple[Criterion, ...]
    gates: Mapping[str, Gate]
    green: Decimal = Decimal(80)
    amber: Decimal = Decimal(65)

    def applicable(self, phase: str) -> list[Criterion]:
        """The criteria that apply at a phase: each applies from its own phase on."""
        return [each for each in self.criteria if PHASES.index(each.applies_from) <= PHASES.index(phase)]
