"""The numbers of the regime, looked up by key and date: `figures.value("noc.validity_months", on=today)`.

No number that staff may change is a constant in code. What a number is used for stands where it is used; the rows come
from `fixtures/figures.json` and from staff.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from pvara.kernel import clock, looks
from pvara.kernel.clock import Limit
from pvara.kernel.models.figures import Figure

FIXTURE = Path(settings.BASE_DIR) / "fixtures" / "figures.json"


class UnknownFigure(LookupError):
    """No row of this key is in force on that date."""

    def __init__(self, key: str, on: date) -> None:
        super().__init__(
            f"The figure “{key}” has no value on {on:%d %B %Y}. Add a row with this key, or run "
            "`manage.py load_figures` when none were loaded yet."
        )


def figure(key: str, on: date) -> Figure:
    """The row in force on a date. Raises UnknownFigure."""
    # A page asks for many figures: then the whole table, some hundred rows, is one question.
    rows = _by_key().get(key, []) if looks.is_open() else Figure.objects.filter(key=key, effective_from__lte=on)
    found = max((row for row in rows if row.effective_from <= on), key=lambda row: row.effective_from, default=None)
    if found is None:
        raise UnknownFigure(key, on)
    return found


@looks.remembered
def _by_key() -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = defaultdict(list)
    for row in Figure.objects.all():
        found[row.key].append(row)
    return found


def value(key: str, on: date) -> Any:
    """The value in force on a date: a Decimal for numbers (percentages as 51 for 51%), else a bool, text or list."""
    return figure(key, on).amount


def values(prefix: str, on: date) -> dict[str, Any]:
    """Every figure whose key begins with the prefix, as in force on a date; one query."""
    if looks.is_open():
        rows = [row for key, rows in _by_key().items() if key.startswith(prefix) for row in rows]
    else:
        rows = list(Figure.objects.filter(key__startswith=prefix, effective_from__lte=on))
    in_force = [row for row in rows if row.effective_from <= on]
    return {row.key: row.amount for row in sorted(in_force, key=lambda row: row.effective_from)}


def limit(key: str, on: date) -> Limit:
    """The term in force on a date. Raises UnknownFigure, or ValueError for a figure that is not counted in days."""
    return term(figure(key, on))


def term(row: Figure) -> Limit:
    """The term that a figure sets. Raises ValueError when it is not counted in days."""
    match row.unit:
        case "working_days":
            return Limit(int(row.amount), "working_days")
        case "days":
            return Limit(int(row.amount), "days")
    raise ValueError(f"The figure “{row.key}” is counted in {row.get_unit_display()}, not in days.")


def last_day(key: str, first: date, *, on: date | None = None, more: int = 0) -> date:
    """The last day of a term that is counted from `first`, by the figure of that day, or of the one given.

    `more` is what was added to it, in its own unit. Raises as `limit` does.
    """
    found = limit(key, on=on or first)
    return clock.calendar().add(first, found.length + more, found.unit)


def load(rows: Iterable[dict[str, Any]]) -> list[Figure]:
    """Add the rows that are missing and return them; a row that is there is never overwritten."""
    given = [Figure(**{**row, "effective_from": date.fromisoformat(row["effective_from"])}) for row in rows]
    there = set(Figure.objects.values_list("key", "effective_from"))
    missing = [row for row in given if (row.key, row.effective_from) not in there]
    # Two loaders may start at once, so the database has the last word on what is there.
    Figure.objects.bulk_create(missing, ignore_conflicts=True)
    return missing


def shipped() -> list[dict[str, Any]]:
    """The rows that come with the project."""
    content: dict[str, Any] = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return [{"effective_from": content["effective_from"], **row} for row in content["figures"]]
