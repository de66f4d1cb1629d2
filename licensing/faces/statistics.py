"""The statistics as faces need them: which year is asked for, its rows by phase, and the CSV of RFC 4180."""

import csv
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from licensing import statistics
from licensing.statistics import DEED_COLUMNS, OUTCOMES, PHASES, DeedRow, Row, deed_as_line, deeds_of_year
from pvara.kernel import figures
from pvara.kernel.machine import machines

# No case is older than the Ordinance.
FIRST_YEAR = 2025


def year_asked(request: HttpRequest) -> int:
    """The year that the address asks for; this one when it asks for nonsense."""
    today, said = timezone.localdate(), request.GET.get("year", "")
    wanted = int(said) if said.isascii() and said.isdigit() and len(said) == 4 else today.year
    return wanted if FIRST_YEAR <= wanted <= today.year else today.year


def rows_of(year: int, *, public: bool) -> list[Row]:
    today = timezone.localdate()
    rows = statistics.of_year(year, until=today)
    if public:
        least = int(figures.value("statistics.public_least", on=today))
        return statistics.published(rows, least=least)
    return rows


def deeds_of(year: int, *, public: bool) -> list[DeedRow]:
    return deeds_of_year(year, until=timezone.localdate(), public=public)


def shown(year: int, *, public: bool) -> dict[str, Any]:
    rows, deeds = rows_of(year, public=public), deeds_of(year, public=public)
    begun = len(deeds[0].months)
    return {
        "year": year,
        "year_text": str(year),
        "years": [(each, each == year) for each in range(timezone.localdate().year, FIRST_YEAR - 1, -1)],
        "outcomes": list(OUTCOMES.values()),
        "phases": [
            (phase, [(row, list(row.outcomes.values())) for row in rows if row.phase is phase]) for phase in PHASES
        ],
        "deeds": deeds,
        "months": [date(year, number, 1) for number in range(1, begun + 1)],
        "least": int(figures.value("statistics.public_least", on=timezone.localdate())) if public else None,
    }


def as_csv(year: int, *, public: bool) -> HttpResponse:
    """One header line, CRLF, a row for each phase and month and one for each phase's year."""
    lines = (statistics.as_line(row, year) for row in rows_of(year, public=public))
    return _csv(f"statistics-{year}", statistics.COLUMNS, lines)


def deeds_as_csv(year: int, *, public: bool) -> HttpResponse:
    """One header line, CRLF, a row for each deed and month and one for each deed's year."""
    lines = (line for row in deeds_of(year, public=public) for line in deed_as_line(row, year))
    return _csv(f"statistics-{year}-deeds", DEED_COLUMNS, lines)


def _csv(name: str, columns: Iterable[str], lines: Iterable[Iterable[Any]]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8; header=present")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(answer)
    writer.writerow(columns)
    writer.writerows(lines)
    return answer


def published_clocks(on: date) -> list[tuple[str, str, str, str]]:
    """Every clock of the regime: whose machine, its title, its term in force, and whether we or the firm are bound."""
    found = []
    for model in machines():
        for rule in model.clocks:
            whose = "the Authority" if rule.tells else "the applicant"
            name = str(model._meta.verbose_name)
            term = str(figures.limit(rule.figure, on))
            found.append((f"{name[:1].upper()}{name[1:]}", rule.title, term, whose))
    return found
