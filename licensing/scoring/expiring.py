"""What is about to expire, from which day on that costs anything, and what it will cost."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from licensing.scoring.frameworks import Criterion
from licensing.scoring.scale import latest_expiry
from licensing.scoring.sheets import Line, Score
from licensing.scoring.words import in_order


@dataclass(frozen=True)
class Ending:
    """The last piece of evidence of one criterion runs out, and nothing else changes.

    `total` and `domain` are what that takes away, in per cent; `shuts` are the gates that it alone would shut.
    """

    line: Line
    last_day: date
    costs_from: date
    total: Decimal
    domain: Decimal
    shuts: tuple[str, ...]

    @property
    def criterion(self) -> Criterion:
        return self.line.criterion


def endings(score: Score, *, days: int) -> list[Ending]:
    """What expires within so many days, or has and is still in its grace; the first to cost something first."""
    horizon = score.on + timedelta(days=days)
    found = []
    for line in score.lines:
        last_day = latest_expiry(score.expiries.get(line.criterion.code, ()))
        if last_day is None or last_day > horizon or not line.counts:
            continue
        costs_from = last_day + timedelta(days=score.grace_days + 1)
        if costs_from > score.on:
            found.append(_ending(score, line, last_day, costs_from))
    return sorted(found, key=lambda each: (each.costs_from, in_order(each.criterion.code)))


def _ending(score: Score, line: Line, last_day: date, costs_from: date) -> Ending:
    code, domain = line.criterion.code, line.criterion.domain
    # Everything else stays: only this one criterion is taken as expired, past its grace, today.
    over = score.on - timedelta(days=score.grace_days + 1)
    without = score.supposing(expiries={code: (over,)})
    gates = sorted(code for code, gate in score.framework.gates.items() if gate.phase == score.phase)
    return Ending(
        line=line,
        last_day=last_day,
        costs_from=costs_from,
        total=score.total - without.total,
        domain=(score.domains[domain] or Decimal(0)) - (without.domains[domain] or Decimal(0)),
        shuts=tuple(each for each in gates if score.clears(each) and not without.clears(each)),
    )
