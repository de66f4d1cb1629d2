"""A score: the sheet of one firm at one phase on one day, with its total, its domains and its verdict at each gate."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from licensing.scoring.frameworks import Criterion, Framework, Gate
from licensing.scoring.scale import (
    BEST,
    KNOCK_OUT_BAR,
    MANDATORY_BAR,
    NO_WAY_ROUND,
    NOT_COUNTED,
    EvidenceStanding,
    Mark,
    Rating,
    effective_rating,
    evidence_standing,
    latest_expiry,
)
from licensing.scoring.words import below, exact, in_order, shown


@dataclass(frozen=True)
class Line:
    """What one criterion came to. `rating` is as given, `effective` what counts after the rules of evidence."""

    criterion: Criterion
    rating: Rating
    effective: int
    evidence: EvidenceStanding
    counts: bool

    @property
    def possible(self) -> Decimal:
        return self.criterion.points if self.counts else Decimal(0)

    @property
    def gained(self) -> Decimal:
        return self.possible * self.effective / BEST

    @property
    def still_possible(self) -> Decimal:
        return self.possible - self.gained


@dataclass(frozen=True)
class Bar:
    """One bar of a gate that was missed: which, where the score stands and where it must stand.

    `code` is `total`, a domain, or a criterion; `lacks` is in per cent for the first two and in steps of the scale for
    a criterion.
    """

    code: str
    sentence: str
    lacks: Decimal


@dataclass(frozen=True)
class Verdict:
    gate: Gate
    failed: tuple[Bar, ...]
    conditions_compulsory: bool

    @property
    def passed(self) -> bool:
        return not self.failed


def percentage(lines: Iterable[Line]) -> Decimal | None:
    """100·Σ(w·r/4)/Σw over the lines that count; None when none does."""
    counted = [line for line in lines if line.counts]
    possible = sum((line.possible for line in counted), Decimal(0))
    return 100 * sum((line.gained for line in counted), Decimal(0)) / possible if possible else None


@dataclass(frozen=True)
class Score:
    """A score with all that led to it. Made by `score`."""

    framework: Framework
    phase: str
    on: date
    grace_days: int
    lines: tuple[Line, ...]
    ratings: Mapping[str, Rating]
    expiries: Mapping[str, tuple[date | None, ...]]

    @property
    def total(self) -> Decimal:
        """Per cent, unrounded; 0 when nothing counts."""
        return percentage(self.lines) or Decimal(0)

    @property
    def domains(self) -> dict[str, Decimal | None]:
        """Per cent by domain, unrounded; None where no criterion counts at this phase."""
        return {
            code: percentage(line for line in self.lines if line.criterion.domain == code)
            for code in self.framework.domains
        }

    def colour(self, value: Decimal | None) -> str:
        """Green, amber or red; empty for a domain that has no score."""
        if value is None:
            return ""
        if value >= self.framework.green:
            return "green"
        return "amber" if value >= self.framework.amber else "red"

    @property
    def unrated(self) -> list[Criterion]:
        return [line.criterion for line in self.lines if line.rating is None]

    @property
    def untouched_domains(self) -> list[str]:
        """Domains in which something applies and nothing is rated yet: their 0% is a beginning, not a judgement."""
        rated = {line.criterion.domain for line in self.lines if line.rating is not None}
        return [code for code, value in self.domains.items() if value is not None and code not in rated]

    @property
    def is_untouched(self) -> bool:
        """Whether nothing at all is rated yet."""
        return all(line.rating is None for line in self.lines)

    def verdict(self, gate_code: str) -> Verdict:
        """Every bar of a gate that this score misses. Raises ValueError for a gate of another phase."""
        gate = self.framework.gates[gate_code]
        if gate.phase != self.phase:
            raise ValueError(f"Gate {gate.code} asks for a score at {gate.phase}; this one is at {self.phase}.")
        total = self.total
        failed: list[Bar] = []
        if total < gate.total:
            said = f"The total is {below(total, gate.total)}; the bar is {shown(gate.total)}%."
            failed.append(Bar("total", said, gate.total - total))
        for code, value in self.domains.items():
            floor = gate.floors.get(code, gate.other_floor)
            if floor is not None and value is not None and value < floor:
                name = f"{code} {self.framework.domains[code]}"
                said = f"{name} stands at {below(value, floor)}; the floor is {shown(floor)}%."
                failed.append(Bar(code, said, floor - value))
        failed += self._missed_marks()
        compulsory = gate.conditions_below is not None and total < gate.conditions_below
        return Verdict(gate, tuple(failed), compulsory)

    def clears(self, gate_code: str) -> bool:
        return self.verdict(gate_code).passed

    def _missed_marks(self) -> list[Bar]:
        """Mandatory criteria and knock-outs below their own bar; no points elsewhere make up for these.

        A knock-out that was found not applicable, or waived, is missed: calling it so would be a way round it.
        """
        missed = []
        for line in sorted(self.lines, key=lambda each: in_order(each.criterion.code)):
            mark = line.criterion.mark
            if mark is Mark.NONE or (mark is Mark.MANDATORY and not line.counts):
                continue
            bar = KNOCK_OUT_BAR if mark is Mark.KNOCK_OUT else MANDATORY_BAR[self.phase]
            if line.effective < bar:
                kind = "a knock-out" if mark is Mark.KNOCK_OUT else "mandatory"
                stands = f"it counts {line.effective}" if line.counts else NO_WAY_ROUND[str(line.rating)]
                name = f"{line.criterion.code} {line.criterion.title}"
                said = f"{name} is {kind}: {stands}, at least {bar} is needed."
                missed.append(Bar(line.criterion.code, said, Decimal(bar - line.effective)))
        return missed

    def holds_until(self, gate_code: str) -> date | None:
        """The first day on which expiring evidence alone makes this score miss the gate; None if it never does."""
        if not self.clears(gate_code):
            return self.on
        turning = {
            latest + timedelta(days=self.grace_days + 1)
            for code in {line.criterion.code for line in self.lines}
            if (latest := latest_expiry(self.expiries.get(code, ()))) is not None
        }
        for day in sorted(each for each in turning if each > self.on):
            if not self.at(day).clears(gate_code):
                return day
        return None

    def at(self, day: date) -> "Score":
        """The same ratings and evidence on another day."""
        return self._again(on=day)

    def supposing(
        self,
        *,
        ratings: Mapping[str, Rating] | None = None,
        expiries: Mapping[str, tuple[date | None, ...]] | None = None,
    ) -> "Score":
        """The score that these ratings and expiry days would make in the place of those of the same criteria."""
        return self._again(ratings={**self.ratings, **(ratings or {})}, expiries={**self.expiries, **(expiries or {})})

    def _again(self, **changed: Any) -> "Score":
        given = {
            "ratings": self.ratings,
            "expiries": self.expiries,
            "on": self.on,
            "grace_days": self.grace_days,
            **changed,
        }
        return score(self.framework, self.phase, **given)

    def line(self, code: str) -> Line:
        """Raises KeyError for a criterion that does not apply at this phase."""
        for each in self.lines:
            if each.criterion.code == code:
                return each
        raise KeyError(code)

    def facts(self) -> dict[str, Any]:
        """The score with every input, fit for JSON, and a hash over all of it."""
        said: dict[str, Any] = {
            "framework": self.framework.version,
            "phase": self.phase,
            "on": self.on.isoformat(),
            "grace_days": self.grace_days,
            "total": exact(self.total),
            "domains": {code: None if value is None else exact(value) for code, value in self.domains.items()},
            "criteria": {
                line.criterion.code: {
                    "rating": line.rating,
                    "effective": line.effective,
                    "evidence": line.evidence.value,
                    "expires": self._expiries_said(line.criterion.code),
                }
                for line in self.lines
            },
        }
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return {**said, "hash": hashlib.sha256(canonical.encode()).hexdigest()}

    def _expiries_said(self, code: str) -> list[str | None]:
        """The last days of a criterion's evidence, the longest-lived last; None for a piece that never expires."""
        days = self.expiries.get(code, ())
        return [*sorted(day.isoformat() for day in days if day is not None), *(None for day in days if day is None)]


def score(
    framework: Framework,
    phase: str,
    *,
    ratings: Mapping[str, Rating],
    expiries: Mapping[str, tuple[date | None, ...]],
    on: date,
    grace_days: int,
) -> Score:
    """Score the criteria that apply at a phase.

    `ratings` are 0 to 4, NOT_APPLICABLE, WAIVED, or None for unrated; `expiries` the expiry days of the accepted
    evidence of each criterion (None: never). Raises ValueError for a rating off the scale.
    """
    lines = []
    for criterion in framework.applicable(phase):
        rating = ratings.get(criterion.code)
        if isinstance(rating, bool) or (isinstance(rating, int) and not 0 <= rating <= BEST):
            raise ValueError(f"{criterion.code}: {rating} is not a rating from 0 to {BEST}.")
        if isinstance(rating, str) and rating not in NOT_COUNTED:
            raise ValueError(f"{criterion.code}: “{rating}” is not a rating.")
        standing = evidence_standing(expiries.get(criterion.code, ()), on=on, grace_days=grace_days)
        lines.append(
            Line(
                criterion=criterion,
                rating=rating,
                effective=effective_rating(rating, criterion.mark, standing),
                evidence=standing,
                counts=rating not in NOT_COUNTED,
            )
        )
    return Score(framework, phase, on, grace_days, tuple(lines), dict(ratings), dict(expiries))
