"""A file of postings as people hand it in: CSV, read row by row, every fault named by its row.

The first row names the columns: `key`, `units` and, if wanted, `reference` and, of placements, `settlement`: the code
of what was paid in. A key is the sender's own name for a line, so that a file can be sent again without anything being
posted twice.
"""

import csv
import re
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenisation.ledger import Answer, Line

# What one call of the database takes in well under its time limit; more lines go into another file.
MOST_LINES = 5_000
MOST_BYTES = 2_000_000
# The largest number that the database's bigint columns hold.
LARGEST = 2**63 - 1
COLUMNS = ("key", "units", "reference")
# A placement is settled in something; an allocation is not.
COLUMNS_OF_PLACEMENTS = (*COLUMNS, "settlement")
KEY = re.compile(r"[\x21-\x7e]{1,100}")
CODE = re.compile(r"[A-Z0-9]{0,10}")


@dataclass(frozen=True)
class Row:
    """One row of a file as it was read: its number in the file, its line, and what is wrong with it."""

    number: int
    key: str
    units: str
    reference: str
    wrong: str
    line: Line | None
    settlement: str = ""
    answer: Answer | None = None


def read(text: str, columns: tuple[str, ...] = COLUMNS) -> list[Row]:
    """Every row of a file of these columns, of which all but key and units may be left out.

    Raises ValidationError for what is wrong with the file as a whole.
    """
    reader = csv.reader(StringIO(text.lstrip("\ufeff")), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in each]) for each in reader if any(map(str.strip, each))]
    except csv.Error as error:
        raise ValidationError(f"This is not a CSV file: row {reader.line_num}, {error}.") from error
    names = [name.lower() for name in rows[0][1]] if rows else []
    wanted = [name for name in columns if name in names]
    if names[:2] != list(COLUMNS[:2]) or names != wanted:
        words = f"The {' and the '.join(columns[2:])} may be left out."
        raise ValidationError(f"The first row must name the columns: {','.join(columns)}. {words}")
    if not rows[1:]:
        raise ValidationError("There is no line below the first row. Write one line for each posting.")
    if len(rows) - 1 > MOST_LINES:
        raise ValidationError(f"The file has {len(rows) - 1:,} lines. Split it into files of at most {MOST_LINES:,}.")
    return [_row(number, cells, names) for number, cells in rows[1:]]


def _row(number: int, cells: list[str], names: list[str]) -> Row:
    said = dict(zip(names, [*cells, *[""] * len(names)], strict=False))
    key, units, reference = said["key"], said["units"], said.get("reference", "")
    settlement = said.get("settlement", "").upper()
    wrong = []
    if len(cells) > len(names):
        wrong.append(f"It has {len(cells)} cells instead of {len(names)}: put a text with a comma into quotes.")
    if not KEY.fullmatch(key):
        wrong.append("Give a key of 1 to 100 letters, digits or signs, without spaces.")
    if not (units.isascii() and units.isdigit() and 0 < int(units[:20]) <= LARGEST):
        wrong.append("Give the units as a whole number above zero, without thousands separators.")
    if len(reference) > 120 or not reference.isprintable():
        wrong.append("Keep the reference to 120 printable characters.")
    if not CODE.fullmatch(settlement):
        wrong.append("Give the settlement by its code, or leave it empty for the default.")
    line = None if wrong else Line(key, int(units), reference, settlement)
    return Row(number, key, units, reference, " ".join(wrong), line, settlement)


class LinesForm(forms.Form):
    """A file, or its text. What was read from the file comes back as text, so that nothing has to be chosen again."""

    file = forms.FileField(label="CSV file", required=False)
    text = forms.CharField(
        label="Or the lines themselves",
        required=False,
        strip=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="The first line names the columns. A file that is chosen goes before what is written here.",
    )

    def __init__(self, *args: Any, columns: tuple[str, ...] = COLUMNS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = f"In UTF-8, with the columns {','.join(columns)}."

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if file := said.get("file"):
            if file.size > MOST_BYTES:
                raise ValidationError(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it.")
            try:
                said["text"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise ValidationError("The file is not in UTF-8. Save it as “CSV UTF-8”.") from error
            # Shown again as text: a browser does not keep a file.
            self.data = {"text": said["text"]}
        if not said.get("text", "").strip() and not self.errors:
            raise ValidationError("Choose a file, or write the lines.")
        if "\0" in said.get("text", ""):
            raise ValidationError("The file holds a NUL; it is not a text. Save it as “CSV UTF-8”.")
        return said
