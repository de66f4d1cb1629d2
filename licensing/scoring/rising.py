"""What would lift a score fastest: each criterion fully met and proved, by what that brings towards a gate."""

from dataclasses import dataclass
from decimal import Decimal

from licensing.scoring.frameworks import Criterion
from licensing.scoring.scale import BEST, NO_WAY_ROUND, EvidenceStanding, Mark
from licensing.scoring.sheets import Line, Score
from licensing.scoring.words import in_order


@dataclass(frozen=True)
class Lift:
    """One criterion, were it fully met with evidence in force.

    `total` and `domain` are what it would add, in per cent. `mends` are the bars of the gate that it would clear alone;
    `nearer` is by how much, in per cent over all missed totals and floors, it would close what is missing.
    """

    line: Line
    total: Decimal
    domain: Decimal
    mends: tuple[str, ...]
    nearer: Decimal

    @property
    def criterion(self) -> Criterion:
        return self.line.criterion

    @property
    def is_a_condition(self) -> bool:
        """Whether the gate asks for this very criterion: no points elsewhere make up for it."""
        return self.criterion.code in self.mends

    @property
    def wants(self) -> tuple[str, ...]:
        """What is missing, each in a few words."""
        said = []
        if self.line.evidence is EvidenceStanding.NONE:
            said.append("accepted evidence")
        elif self.line.evidence is EvidenceStanding.EXPIRED:
            said.append("newer evidence")
        if self.line.rating is None:
            said.append("a rating")
        elif isinstance(self.line.rating, int) and self.line.rating < BEST:
            said.append(f"a rating of {BEST} (it is {self.line.rating})")
        elif isinstance(self.line.rating, str):
            said.append(f"a rating: {NO_WAY_ROUND[self.line.rating]}")
        return tuple(said)


def lifts(score: Score, gate_code: str) -> list[Lift]:
    """Every criterion that could still give something, the fastest first.

    First what the gate asks for by name, then by how far it closes what is missing, then by points. Raises ValueError
    for a gate of another phase.
    """
    missing = {bar.code: bar.lacks for bar in score.verdict(gate_code).failed}
    found = [_lift(score, line, gate_code, missing) for line in score.lines if _can_rise(line)]
    return sorted(found, key=lambda each: (not each.is_a_condition, -each.nearer, -each.total, _place(each)))


def _place(lift: Lift) -> tuple[int, ...]:
    return in_order(lift.criterion.code)


def _can_rise(line: Line) -> bool:
    # A knock-out that was found not applicable is missed at every gate, so it can be put right.
    return line.effective < BEST and (line.counts or line.criterion.mark is Mark.KNOCK_OUT)


def _lift(score: Score, line: Line, gate_code: str, missing: dict[str, Decimal]) -> Lift:
    code, domain = line.criterion.code, line.criterion.domain
    best = score.supposing(ratings={code: BEST}, expiries={code: (None,)})
    still = {bar.code: bar.lacks for bar in best.verdict(gate_code).failed}
    sums = [each for each in missing if each == "total" or each in score.framework.domains]
    return Lift(
        line=line,
        total=best.total - score.total,
        domain=(best.domains[domain] or Decimal(0)) - (score.domains[domain] or Decimal(0)),
        mends=tuple(each for each in missing if each not in still),
        nearer=sum((missing[each] - still.get(each, Decimal(0)) for each in sums), Decimal(0)),
    )
