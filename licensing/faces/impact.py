"""What a version of the framework would do, for pages, programs and spreadsheets: each case and gate, and the sums."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from licensing.models import Framework
from licensing.models.impact import Impact
from licensing.scoring import shown
from pvara.kernel.downloads import cell

COLUMNS = (
    "case",
    "firm",
    "kind",
    "state",
    "phase",
    "judged_by",
    "keeps_its_version",
    "total_now",
    "total_then",
    "colour_now",
    "colour_then",
    "gate",
    "passes_now",
    "passes_then",
)


@dataclass(frozen=True)
class Sums:
    """How many would pass, fail, or change colour of those whom the version would judge, and how many it would not."""

    judged: int
    passing: int
    failing: int
    recoloured: int
    keeping: int


def sums_of(impacts: Iterable[Impact]) -> Sums:
    rows = list(impacts)
    judged = [each for each in rows if not each.keeps]
    return Sums(
        judged=len(judged),
        passing=sum(bool(each.turns_to("passes")) for each in judged),
        failing=sum(bool(each.turns_to("fails")) for each in judged),
        recoloured=sum(each.changes_colour for each in judged),
        keeping=len(rows) - len(judged),
    )


def makes_a_difference(each: Impact) -> bool:
    return each.changes_colour or each.now.total != each.then.total or any(gate.turns for gate in each.gates)


def as_lines(impacts: Iterable[Impact]) -> Iterator[dict[str, Any]]:
    """A line for each case and gate, by the names of the columns."""
    for each in impacts:
        before, after = each.colours
        for gate in each.gates:
            yield {
                "case": each.case.reference,
                "firm": str(each.case.firm),
                "kind": str(each.case._meta.verbose_name),
                "state": each.case.state,
                "phase": each.phase,
                "judged_by": each.now.framework.version,
                "keeps_its_version": bool(each.keeps),
                "total_now": shown(each.now.total),
                "total_then": shown(each.then.total),
                "colour_now": before,
                "colour_then": after,
                "gate": gate.code,
                "passes_now": gate.now,
                "passes_then": gate.then,
            }


def as_csv(framework: Framework, impacts: Iterable[Impact]) -> HttpResponse:
    """One header line, CRLF, a row for each case and gate; switches as true and false."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8; header=present")
    answer["Content-Disposition"] = f'attachment; filename="framework-{framework.pk}-impact.csv"'
    writer = csv.writer(answer)
    writer.writerow(COLUMNS)
    writer.writerows([cell(line[name]) for name in COLUMNS] for line in as_lines(impacts))
    return answer
