"""What pages say of the dated tables: each entry with what holds now, what is to come and what is proposed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from licensing import letters
from licensing.models import TableChange
from licensing.models.tables import DatedTable, Entry
from licensing.states import SettingChangeState


@dataclass(frozen=True)
class Line:
    """An entry in the list of its table."""

    entry: Entry
    now: Any
    to_come: Any
    proposed: TableChange | None


@dataclass(frozen=True)
class Said:
    """One version of an entry: its row, whether it holds, and every column with its lines."""

    row: Any
    standing: str
    columns: list[tuple[str, list[str]]]

    @property
    def title(self) -> str:
        return f"{self.standing}, from {self.row.effective_from:%-d %B %Y}"

    @property
    def is_over(self) -> bool:
        return bool(getattr(self.row, "ended", False))


def open_changes(table: DatedTable) -> list[TableChange]:
    rows = TableChange.objects.filter(table=table.name, state=SettingChangeState.PROPOSED)
    return list(rows.select_related("proposed_by"))


def lines_of(table: DatedTable, today: date) -> list[Line]:
    """Every entry of a table; two queries."""
    proposed = {each.code: each for each in open_changes(table)}
    return [Line(each, each.on(today), each.to_come(today), proposed.get(each.code)) for each in table.entries()]


def versions_of(entry: Entry, today: date) -> list[Said]:
    """Every version of an entry, the newest first: to come, in force, or of the past."""
    in_force = next((row for row in entry.versions if row.effective_from <= today), None)
    found = []
    for row in entry.versions:
        standing = "To come" if row.effective_from > today else "In force" if row is in_force else "Past"
        content = entry.table.content(row)
        found.append(Said(row, standing, [(each.title, each.lines(content)) for each in entry.table.columns]))
    return found


def specimen_of(table: DatedTable, code: str, content: dict[str, Any], on: date) -> letters.LetterContent | None:
    """How a letter in this wording would read; None for a table that is none of wordings."""
    if table.name != "letters":
        return None
    return letters.specimen(table.model(code=code, effective_from=on, **content), on)
