"""Why a score is another than it was: what changed between two sheets of one firm, and how many points each brought."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from licensing.scoring.frameworks import Criterion, Framework
from licensing.scoring.scale import (
    BEST,
    KNOCK_OUT_BAR,
    NOT_APPLICABLE,
    NOT_COUNTED,
    WAIVED,
    EvidenceStanding,
    Mark,
    Rating,
    effective_rating,
)
from licensing.scoring.sheets import Bar, Line, Score
from licensing.scoring.words import in_order

E = EvidenceStanding

# What became of a criterion's evidence, by where it stood and where it stands.
BECAME = {
    (E.NONE, E.VALID): "evidence accepted",
    (E.NONE, E.IN_GRACE): "evidence accepted that has expired and is in its grace",
    (E.NONE, E.EXPIRED): "evidence accepted that has expired",
    (E.VALID, E.IN_GRACE): "evidence expired, in its grace",
    (E.VALID, E.EXPIRED): "evidence expired",
    (E.IN_GRACE, E.EXPIRED): "evidence expired, its grace is over",
    (E.IN_GRACE, E.VALID): "evidence renewed",
    (E.EXPIRED, E.VALID): "evidence renewed",
    (E.EXPIRED, E.IN_GRACE): "evidence in its grace again",
    (E.VALID, E.NONE): "evidence rejected",
    (E.IN_GRACE, E.NONE): "evidence rejected",
    (E.EXPIRED, E.NONE): "evidence rejected",
}


@dataclass(frozen=True)
class Held:
    """One criterion of a sheet: what was rated, how its evidence stands, what that counts, and its points."""

    code: str
    rating: Rating
    evidence: EvidenceStanding
    effective: int
    points: Decimal

    @property
    def possible(self) -> Decimal:
        return Decimal(0) if self.rating in NOT_COUNTED else self.points

    @property
    def gained(self) -> Decimal:
        return self.possible * self.effective / BEST


def missed(held: Mapping[str, Held], framework: Framework, phase: str, *, on: date) -> dict[str, tuple[Bar, ...]]:
    """The bars of each gate of the phase that a sheet misses."""
    lines = [
        Line(criterion, of_it.rating, of_it.effective, of_it.evidence, of_it.rating not in NOT_COUNTED)
        for criterion in framework.applicable(phase)
        if (of_it := held.get(criterion.code)) is not None
    ]
    # The evidence is in the lines by now: without its days a score tells its verdicts, but nothing of tomorrow.
    score = Score(framework, phase, on, 0, tuple(lines), {}, {})
    return {code: score.verdict(code).failed for code, gate in framework.gates.items() if gate.phase == phase}


def knocked_out(held: Collection[Held], framework: Framework) -> bool:
    """Whether any knock-out is missed."""
    marks = {each.code: each.mark for each in framework.criteria}
    return any(marks[each.code] is Mark.KNOCK_OUT and each.effective < KNOCK_OUT_BAR for each in held)


@dataclass(frozen=True)
class Cause:
    """One thing that changed. `points` is what it brought; none where it was all of the rules, or the beginning."""

    code: str
    sentence: str
    points: Decimal | None = None


def causes(
    before: Mapping[str, Held] | None, after: Mapping[str, Held], *, framework: Framework, was: str = ""
) -> list[Cause]:
    """What led from one sheet to the next, by the rules of the later one; `was` is the version of the earlier.

    Under one version, the points of the causes sum to the difference of what the two sheets gained.
    """
    if before is None:
        return [Cause("", "Scored for the first time.")]
    found = []
    if was != framework.version:
        found.append(Cause("", f"Framework {framework.version} in force (was {was})."))
    criteria = {each.code: each for each in framework.criteria}
    for code in sorted(before.keys() & after.keys(), key=in_order):
        found += _of_one(before[code], after[code], criteria[code], framework)
    return found


def _of_one(before: Held, after: Held, criterion: Criterion, framework: Framework) -> list[Cause]:
    """The rating first, by the evidence as it stood; then the evidence."""
    found = []
    domain = f"{criterion.domain} {framework.domains[criterion.domain]}"
    at_first = _gained(before.rating, before.evidence, criterion)
    rated = _gained(after.rating, before.evidence, criterion)
    if before.rating != after.rating:
        said = f"{criterion.code} {criterion.title} {_rated(before.rating, after.rating)}"
        found.append(Cause(criterion.code, f"{said}: {_signed(rated - at_first)} in {domain}.", rated - at_first))
    if before.evidence != after.evidence:
        brought = _gained(after.rating, after.evidence, criterion) - rated
        said = f"{criterion.code} {criterion.title}: {BECAME[before.evidence, after.evidence]}"
        found.append(Cause(criterion.code, f"{said}: {_signed(brought)} in {domain}.", brought))
    return found


def _gained(rating: Rating, evidence: EvidenceStanding, criterion: Criterion) -> Decimal:
    return criterion.points * effective_rating(rating, criterion.mark, evidence) / BEST


def _rated(before: Rating, after: Rating) -> str:
    was = "" if before is None else f" (was {before})"
    if after is None:
        return f"no longer rated{was}"
    if after == WAIVED:
        return f"waived by the committee{was}"
    return f"found not applicable{was}" if after == NOT_APPLICABLE else f"rated {after}{was}"


def _signed(points: Decimal) -> str:
    """Points with their sign, as people write it."""
    if not points:
        return "no change"
    return f"{points:+.2f}".replace("-", "−")
