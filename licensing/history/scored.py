"""Who is scored on a day, at which phases and by which framework; and their figures, all of them in one query."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import CharField, Value

from licensing import scoring, scoring_sql
from licensing.models import Licence, LicenceApplication, NocApplication, SetUp
from licensing.models.assessed import frameworks
from licensing.scoring import EvidenceStanding, Held, Rating
from licensing.states import SetUpState
from pvara.kernel import figures

# Points are counted in hundredths, gains in quarters of those.
HUNDREDTHS, QUARTERS = 100, 400
# What the numbers beside 0 to 4 stand for.
WORDS = {
    scoring_sql.UNRATED: None,
    scoring_sql.WAIVED: scoring.WAIVED,
    scoring_sql.NOT_APPLICABLE: scoring.NOT_APPLICABLE,
}


@dataclass(frozen=True)
class Scored:
    """One firm at one phase, and the version by which it is scored."""

    firm_id: int
    phase: str
    framework_id: int

    @property
    def key(self) -> tuple[int, str]:
        return self.firm_id, self.phase


@dataclass(frozen=True)
class Total:
    gained: Decimal
    possible: Decimal
    digest: int

    @property
    def percent(self) -> Decimal:
        return 100 * self.gained / self.possible if self.possible else Decimal(0)


@dataclass(frozen=True)
class Missed:
    """The bars of one gate that are missed, in the order of the engine: total, domains, then marks by their numbers."""

    gate: str
    bars: tuple[str, ...]
    knocked_out: bool
    conditions_compulsory: bool


def scored(on: date, *, firms: Collection[int] | None = None) -> list[Scored]:
    """Every firm with a submitted case that is not decided or a licence that is not over, or those among `firms`."""
    open_ones = (
        ("NOC", NocApplication.objects.exclude(state__in=[*NocApplication.closed_states, "draft"])),
        ("SETUP", SetUp.objects.filter(state=SetUpState.OPEN)),
        ("FULL", LicenceApplication.objects.exclude(state__in=[*LicenceApplication.closed_states, "draft"])),
        ("FULL", Licence.objects.live()),
    )
    parts = [
        (rows if firms is None else rows.filter(firm__in=firms))
        .order_by()
        .annotate(at_phase=Value(phase, output_field=CharField()))
        .values_list("firm_id", "at_phase")
        for phase, rows in open_ones
    ]
    found = list(parts[0].union(*parts[1:]))
    if not found:
        return []
    by = frameworks(on)
    return [Scored(firm_id, phase, by(firm_id, phase).pk) for firm_id, phase in sorted(found)]


def totals(subjects: Sequence[Scored], *, on: date) -> dict[tuple[int, str], Total]:
    """The total of each, exact, and the digest of its whole sheet; without those to whom nothing applies."""
    return {
        key: Total(Decimal(gained) / QUARTERS, Decimal(possible) / HUNDREDTHS, digest)
        for key, gained, possible, digest in _ask(scoring_sql.TOTALS, subjects, on)
    }


def domains(subjects: Sequence[Scored], *, on: date) -> dict[tuple[int, str], dict[str, tuple[Decimal, Decimal]]]:
    """Of each, by domain, the points that it gained and could have gained; without those in which nothing applies."""
    found: dict[tuple[int, str], dict[str, tuple[Decimal, Decimal]]] = {}
    for key, code, gained, possible in _ask(scoring_sql.DOMAINS, subjects, on):
        found.setdefault(key, {})[code] = Decimal(gained) / QUARTERS, Decimal(possible) / HUNDREDTHS
    return found


@dataclass
class Sheet:
    """What every criterion came to, by its code, and the digest of it all."""

    held: dict[str, Held]
    digest: int = 0


def sheets(subjects: Sequence[Scored], *, on: date) -> dict[tuple[int, str], Sheet]:
    """The whole sheet of each; without those to whom nothing applies."""
    found: dict[tuple[int, str], Sheet] = {}
    for key, code, rating, standing, effective, points, digest in _ask(scoring_sql.LINES, subjects, on):
        sheet = found.setdefault(key, Sheet({}))
        sheet.digest ^= digest
        sheet.held[code] = Held(
            code=code,
            rating=_rating(rating),
            evidence=EvidenceStanding(scoring_sql.STANDINGS[standing]),
            effective=effective,
            points=Decimal(points) / HUNDREDTHS,
        )
    return found


def verdicts(subjects: Sequence[Scored], *, on: date) -> dict[tuple[int, str], dict[str, Missed]]:
    """Of each, every gate of its phase."""
    found: dict[tuple[int, str], dict[str, Missed]] = {}
    asked = _ask(scoring_sql.VERDICTS, subjects, on)
    for key, gate, total, by_domain, marks, knocked_out, compulsory in asked:
        marked = sorted((marks or "").split(), key=scoring.in_order)
        bars = (*(["total"] if total else []), *(by_domain or ()), *marked)
        found.setdefault(key, {})[gate] = Missed(gate, bars, knocked_out, bool(compulsory))
    return found


def who_clear(gate: str, subjects: Sequence[Scored], days: Sequence[date], *, on: date) -> set[tuple[int, str]]:
    """Those who clear a gate of their phase on their own day, each by what is known now and by the rules of `on`."""
    if len(subjects) != len(days):
        raise ValueError("Every subject has its own day.")
    asked = _ask(scoring_sql.VERDICTS, subjects, on, days)
    return {
        key for key, code, total, by_domain, marks, *_ in asked if code == gate and not (total or by_domain or marks)
    }


def _rating(number: int) -> Rating:
    return WORDS.get(number, number)


def _ask(
    sql: str, subjects: Sequence[Scored], on: date, days: Sequence[date] | None = None
) -> Iterator[tuple[Any, ...]]:
    """The rows of an answer, each with the key of its subject in front. `days` may give each a day of its own."""
    if not subjects:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "days": [on] * len(subjects) if days is None else list(days),
                "grace": int(figures.value("evidence.grace_days", on=on)),
                "firms": [each.firm_id for each in subjects],
                "phases": [each.phase for each in subjects],
                "frameworks": [each.framework_id for each in subjects],
            },
        )
        for number, *said in cursor:
            yield subjects[number - 1].key, *said
