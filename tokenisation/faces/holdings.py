"""A venue's return of its clients' holdings as CSV: every row is read and every fault named.

Columns: asset, as_of, units_held, holders, retail_units, institutional_units, non_resident_units; then, as far as the
venue can tell, retail_holders, largest_holding and transferred_units. What a row leaves out is said beside it, with
the condition of the asset that cannot be tested without it.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO

from django.core.exceptions import ValidationError

from tokenisation.actions.reconciliation import Holdings
from tokenisation.conditions import FIGURE, held_to
from tokenisation.models import Asset, DistributionAuthorisation

FIGURES = ("units_held", "holders", "retail_units", "institutional_units", "non_resident_units")
COLUMNS = ("asset", "as_of", *FIGURES)
# Returns that were written before these were asked for go on being taken.
MAY_BE_LEFT_OUT = ("retail_holders", "largest_holding", "transferred_units")
ALL_COLUMNS = (*COLUMNS, *MAY_BE_LEFT_OUT)
MOST_ROWS = 1_000
# The largest numbers that the columns hold.
MOST = dict.fromkeys((*FIGURES, *MAY_BE_LEFT_OUT), 2**63 - 1) | dict.fromkeys(("holders", "retail_holders"), 2**31 - 1)


@dataclass(frozen=True)
class HoldingsRow:
    """One row as it was read, what is wrong with it, and what it does not say. `cells` are of all columns, unless
    there are too many or too few to know which is which."""

    number: int
    cells: tuple[str, ...]
    wrong: str
    filed: tuple[DistributionAuthorisation, date, Holdings] | None
    missing: str = ""


def read(text: str, authorisations: Mapping[str, DistributionAuthorisation], *, today: date) -> list[HoldingsRow]:
    """Every row. `authorisations` are the venue's own, by their asset's code. Raises ValidationError for the file."""
    reader = csv.reader(StringIO(text.lstrip("\ufeff")), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in each]) for each in reader if any(map(str.strip, each))]
    except csv.Error as error:
        raise ValidationError(f"This is not a CSV file: row {reader.line_num}, {error}.") from error
    names = columns_of(rows[0][1]) if rows else ()
    if not names:
        raise ValidationError(
            f"The first row must name the columns: {','.join(ALL_COLUMNS)}. "
            f"May be left out: {', '.join(MAY_BE_LEFT_OUT)}."
        )
    if not 1 <= len(rows) - 1 <= MOST_ROWS:
        raise ValidationError(f"Hand in 1 to {MOST_ROWS:,} rows below the first one.")
    seen: set[tuple[str, str]] = set()
    found = []
    for number, cells in rows[1:]:
        found.append(_row(number, cells, names, authorisations, seen, today))
        seen.add((cells[0], cells[1] if len(cells) > 1 else ""))
    return found


def columns_of(first: Sequence[str]) -> tuple[str, ...]:
    """The columns that a file's first row names; none where it is not one of ours."""
    said = tuple(name.lower() for name in first)
    wanted = tuple(name for name in ALL_COLUMNS if name in COLUMNS or name in said)
    return said if said == wanted else ()


def _row(
    number: int,
    cells: list[str],
    names: tuple[str, ...],
    authorisations: Mapping[str, DistributionAuthorisation],
    seen: set[tuple[str, str]],
    today: date,
) -> HoldingsRow:
    if len(cells) != len(names):
        return HoldingsRow(number, tuple(cells), f"It has {len(cells)} cells instead of {len(names)}.", None)
    said, wrong = dict(zip(names, cells, strict=True)), []
    cells = [said.get(name, "") for name in ALL_COLUMNS]
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
    # An empty cell of a column that may be left out says nothing, as a file without the column does.
    given = [*FIGURES, *(name for name in MAY_BE_LEFT_OUT if said.get(name))]
    figures = {name: _whole(said[name], MOST[name]) for name in given}
    if bad := [name for name, figure in figures.items() if figure is None]:
        wrong.append(f"Give whole numbers, without separators: {', '.join(bad)}.")
        return HoldingsRow(number, tuple(cells), " ".join(wrong), None)
    holdings = Holdings(**{name: figure or 0 for name, figure in figures.items()})
    wrong += contradictions(holdings)
    if wrong or authorisation is None:
        return HoldingsRow(number, tuple(cells), " ".join(wrong), None)
    missing = " ".join(untested(authorisation.asset, as_of, holdings))
    return HoldingsRow(number, tuple(cells), "", (authorisation, as_of, holdings), missing)


def contradictions(said: Holdings) -> list[str]:
    """What of a return cannot be true together, one sentence each."""
    wrong = []
    classes = said.retail_units + said.institutional_units + said.non_resident_units
    if classes != said.units_held:
        wrong.append(f"The three classes make {classes:,}, not {said.units_held:,}.")
    if (said.holders == 0) != (said.units_held == 0):
        wrong.append("Where there are units there are holders, and the other way round.")
    retail, largest = said.retail_holders, said.largest_holding
    if retail is not None and ((retail == 0) != (said.retail_units == 0) or retail > said.holders):
        wrong.append("Where there are retail units there are retail holders, and no more than all holders.")
    if largest is not None and not largest <= said.units_held <= largest * said.holders:
        wrong.append("The largest holding is at most all units, at least an equal share of them.")
    return wrong


def untested(asset: Asset, as_of: date, said: Holdings) -> list[str]:
    """Which conditions of the asset cannot be tested on the end of a day, and what the return would have to say."""
    binding = held_to(asset, said, since=as_of - timedelta(days=1))
    return [
        f"{each.against.label} cannot be tested: {FIGURE[each.against]} is not said."
        for each in binding
        if each.found is None
    ]


def _whole(text: str, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text[:20]) <= most else None
