"""The arithmetic of the compliance score: ratings, evidence and a day in; total, domains and verdicts out.

Pure: it knows no Django, reads no clock and no database. All sums are Decimals; gates compare unrounded values, and
rounding to two places, half up, happens only where a figure is shown. The rules are section 4 of the regime.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

PHASES = ("NOC", "SETUP", "FULL")

# Rating scale: 0 not met, 1 weak, 2 partial, 3 largely met, 4 fully met.
BEST = 4
# Without accepted evidence nothing counts as more than weak.
WITHOUT_EVIDENCE = 1
# With evidence that expired, past its grace, a criterion that is not mandatory counts as partial at most.
WITH_EXPIRED_EVIDENCE = 2
KNOCK_OUT_BAR = 3
MANDATORY_BAR = {"NOC": 2, "SETUP": 2, "FULL": 3}

NOT_APPLICABLE = "n/a"
Rating = int | str | None


class Mark(StrEnum):
    NONE = ""
    MANDATORY = "mandatory"
    KNOCK_OUT = "knock_out"


class EvidenceStanding(StrEnum):
    NONE = "none"
    VALID = "valid"
    IN_GRACE = "in_grace"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Criterion:
    code: str
    title: str
    domain: str
    points: Decimal
    applies_from: str
    mark: Mark = Mark.NONE


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
    """One bar of a gate that was missed: which, where the score stands and where it must stand."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Verdict:
    gate: Gate
    failed: tuple[Bar, ...]
    conditions_compulsory: bool

    @property
    def passed(self) -> bool:
        return not self.failed


def shown(value: Decimal) -> str:
    """A figure as people read it: two places, half up."""
    return str(value.quantize(Decimal("0.01"), ROUND_HALF_UP))


def exact(value: Decimal) -> str:
    """A figure to its last digit, written one way only: 75.00 and 75 are one number and must have one hash."""
    return f"{value.normalize():f}"


def below(value: Decimal, bar: Decimal) -> str:
    """A figure that misses a bar, as people read it: never rounded up to the very bar that it misses."""
    said = shown(value)
    return f"just below {shown(bar)}%" if Decimal(said) >= bar else f"{said}%"


def in_order(code: str) -> tuple[int, ...]:
    """Criteria in the order of their numbers: 9.3 before 10.1."""
    return tuple(int(part) if part.isdigit() else 0 for part in code.split("."))


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
            failed.append(Bar("total", f"The total is {below(total, gate.total)}; the bar is {shown(gate.total)}%."))
        for code, value in self.domains.items():
            floor = gate.floors.get(code, gate.other_floor)
            if floor is not None and value is not None and value < floor:
                name = f"{code} {self.framework.domains[code]}"
                failed.append(Bar(code, f"{name} stands at {below(value, floor)}; the floor is {shown(floor)}%."))
        failed += self._missed_marks()
        compulsory = gate.conditions_below is not None and total < gate.conditions_below
        return Verdict(gate, tuple(failed), compulsory)

    def clears(self, gate_code: str) -> bool:
        return self.verdict(gate_code).passed

    def _missed_marks(self) -> list[Bar]:
        """Mandatory criteria and knock-outs below their own bar; no points elsewhere make up for these.

        A knock-out that was found not applicable is missed: calling it so would be a way round it.
        """
        missed = []
        for line in sorted(self.lines, key=lambda each: in_order(each.criterion.code)):
            mark = line.criterion.mark
            if mark is Mark.NONE or (mark is Mark.MANDATORY and not line.counts):
                continue
            bar = KNOCK_OUT_BAR if mark is Mark.KNOCK_OUT else MANDATORY_BAR[self.phase]
            if line.effective < bar:
                kind = "a knock-out" if mark is Mark.KNOCK_OUT else "mandatory"
                stands = f"it counts {line.effective}" if line.counts else "it cannot be found not applicable"
                name = f"{line.criterion.code} {line.criterion.title}"
                missed.append(Bar(line.criterion.code, f"{name} is {kind}: {stands}, at least {bar} is needed."))
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
        return score(
            self.framework,
            self.phase,
            ratings=self.ratings,
            expiries=self.expiries,
            on=day,
            grace_days=self.grace_days,
        )

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


def faults(framework: Framework) -> list[str]:
    """What keeps a framework from being published, a sentence each; empty when it is sound."""
    said = []
    points = sum((each.points for each in framework.criteria), Decimal(0))
    if points != 100:
        said.append(f"The points of all criteria sum to {exact(points)}; they must sum to 100.")
    codes = [each.code for each in framework.criteria]
    said += [f"Criterion {code} is there more than once." for code in sorted(set(codes)) if codes.count(code) > 1]
    for each in framework.criteria:
        if each.points <= 0:
            said.append(f"Criterion {each.code} has {exact(each.points)} points; give it more than 0.")
        if each.domain not in framework.domains:
            said.append(f"Criterion {each.code} is in the domain {each.domain}, which is not there.")
        if each.applies_from not in PHASES:
            said.append(f"Criterion {each.code} applies from “{each.applies_from}”, which is no phase.")
    for gate in framework.gates.values():
        if gate.phase not in PHASES:
            said.append(f"Gate {gate.code} is at “{gate.phase}”, which is no phase.")
        said += [
            f"Gate {gate.code} has a floor for {code}, which is no domain."
            for code in gate.floors
            if code not in framework.domains
        ]
        bars = [gate.total, *gate.floors.values(), gate.other_floor, gate.conditions_below]
        said += [
            f"Gate {gate.code} has a bar of {exact(bar)}%; bars run from 0 to 100."
            for bar in bars
            if bar is not None and not 0 <= bar <= 100
        ]
    if not 0 <= framework.amber <= framework.green <= 100:
        said.append("The colours need 0 ≤ amber ≤ green ≤ 100.")
    return said


def latest_expiry(expiries: Iterable[date | None]) -> date | None:
    """The day on which the longest-lived piece expires; None without evidence, or when one piece never expires."""
    known = list(expiries)
    if not known or None in known:
        return None
    return max(day for day in known if day is not None)


def evidence_standing(expiries: Iterable[date | None], *, on: date, grace_days: int) -> EvidenceStanding:
    """Where a criterion's evidence stands. A piece is good through the day on which it expires, then in grace."""
    known = list(expiries)
    if not known:
        return EvidenceStanding.NONE
    last = latest_expiry(known)
    if last is None or on <= last:
        return EvidenceStanding.VALID
    return EvidenceStanding.IN_GRACE if on <= last + timedelta(days=grace_days) else EvidenceStanding.EXPIRED


def effective_rating(rating: Rating, mark: Mark, standing: EvidenceStanding) -> int:
    """What a rating counts after the rules of evidence; unrated counts nothing."""
    if not isinstance(rating, int):
        return 0
    if standing is EvidenceStanding.NONE:
        return min(rating, WITHOUT_EVIDENCE)
    if standing is EvidenceStanding.EXPIRED:
        return 0 if mark is not Mark.NONE else min(rating, WITH_EXPIRED_EVIDENCE)
    return rating


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

    `ratings` are 0 to 4, NOT_APPLICABLE, or None for unrated; `expiries` the expiry days of the accepted evidence of
    each criterion (None: never). Raises ValueError for a rating off the scale.
    """
    lines = []
    for criterion in framework.applicable(phase):
        rating = ratings.get(criterion.code)
        if isinstance(rating, bool) or (isinstance(rating, int) and not 0 <= rating <= BEST):
            raise ValueError(f"{criterion.code}: {rating} is not a rating from 0 to {BEST}.")
        if isinstance(rating, str) and rating != NOT_APPLICABLE:
            raise ValueError(f"{criterion.code}: “{rating}” is not a rating.")
        standing = evidence_standing(expiries.get(criterion.code, ()), on=on, grace_days=grace_days)
        lines.append(
            Line(
                criterion=criterion,
                rating=rating,
                effective=effective_rating(rating, criterion.mark, standing),
                evidence=standing,
                counts=rating != NOT_APPLICABLE,
            )
        )
    return Score(framework, phase, on, grace_days, tuple(lines), dict(ratings), dict(expiries))
