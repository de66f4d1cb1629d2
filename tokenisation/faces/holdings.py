"""A venue's return of its clients' holdings as CSV: every row is read and every fault named.

Columns: asset, as_of, units_held, holders, retail_units, institutional_units, non_resident_units.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO

from django.core.exceptions import ValidationError

from tokenisation.actions.reconciliation import Holdings
from tokenisation.models import DistributionAuthorisation

FIGURES = ("units_held", "holders", "retail_units", "institutional_units", "non_resident_units")
COLUMNS = ("asset", "as_of", *FIGURES)
MOST_ROWS = 1_000
# The largest numbers that the columns hold.
MOST = dict.fromkeys(FIGURES, 2**63 - 1) | {"holders": 2**31 - 1}


@dataclass(frozen=True)
class HoldingsRow:
    """One row as it was read, and what is wrong with it."""

    number: int
    cells: tuple[str, ...]
    wrong: str
    filed: tuple[DistributionAuthorisation, date, Holdings] | None


def read(text: str, authorisations: Mapping[str, DistributionAuthorisation], *, today: date) -> list[HoldingsRow]:
    """Every row. `authorisations` are the venue's own, by their asset's code. Raises ValidationError for the file."""
    reader = csv.reader(StringIO(text.lstrip("\ufeff")), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in each]) for each in reader if any(map(str.strip, each))]
    except csv.Error as error:
        raise ValidationError(f"This is not a CSV file: row {reader.line_num}, {error}.") from error
    if not rows or tuple(name.lower() for name in rows[0][1]) != COLUMNS:
        raise ValidationError(f"The first row must name the columns: {','.join(COLUMNS)}.")
    if not 1 <= len(rows) - 1 <= MOST_ROWS:
        raise ValidationError(f"Hand in 1 to {MOST_ROWS:,} rows below the first one.")
    seen: set[tuple[str, str]] = set()
    found = []
    for number, cells in rows[1:]:
        found.append(_row(number, cells, authorisations, seen, today))
        seen.add((cells[0], cells[1] if len(cells) > 1 else ""))
    return found


def _row(
    number: int,
    cells: list[str],
    authorisations: Mapping[str, DistributionAuthorisation],
    seen: set[tuple[str, str]],
    today: date,
) -> HoldingsRow:
    if len(cells) != len(COLUMNS):
        return HoldingsRow(number, tuple(cells), f"It has {len(cells)} cells instead of {len(COLUMNS)}.", None)
    said, wrong = dict(zip(COLUMNS, cells, strict=True)), []
    authorisation = authorisations.get(said["asset"])
    if authorisation is None:
        wrong.append("You are not authorised for an asset of this code.")
    try:
        as_of = date.fromisoformat(said["as_of"])
    except ValueError:
        as_of = today
        wrong.append("Write the day as 2026-03-31.")
    if as_of > today:
        wrong.append("This day has not come.")
    if (said["asset"], said["as_of"]) in seen:
        wrong.append("A row above speaks of the same asset and day.")
    figures = {name: _whole(said[name], MOST[name]) for name in FIGURES}
    if bad := [name for name, figure in figures.items() if figure is None]:
        wrong.append(f"Give whole numbers, without separators: {', '.join(bad)}.")
        return HoldingsRow(number, tuple(cells), " ".join(wrong), None)
    holdings = Holdings(**{name: figure or 0 for name, figure in figures.items()})
    classes = holdings.retail_units + holdings.institutional_units + holdings.non_resident_units
    if classes != holdings.units_held:
        wrong.append(f"The three classes make {classes:,}, not {holdings.units_held:,}.")
    if (holdings.holders == 0) != (holdings.units_held == 0):
        wrong.append("Where there are units there are holders, and the other way round.")
    if wrong or authorisation is None:
        return HoldingsRow(number, tuple(cells), " ".join(wrong), None)
    return HoldingsRow(number, tuple(cells), "", (authorisation, as_of, holdings))


def _whole(text: str, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text[:20]) <= most else None
