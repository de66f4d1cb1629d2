"""Reading the bank's file: what is no statement is refused whole, saying what to do; every row is read by itself.

Nothing here writes or asks the database.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO

from django.core.exceptions import ValidationError

# A technical bound, no figure of the regime: one import is one transaction, and one page to look through.
MOST_ROWS = 1000
MOST_BYTES = 2 * 1024 * 1024

# What each column may be called, written in small letters and with single spaces.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "paid_on": ("date", "value date", "booking date", "posting date", "transaction date"),
    "amount": ("amount", "credit", "credit amount", "amount credited", "deposit"),
    "currency": ("currency", "ccy"),
    "bank_reference": (
        "bank reference",
        "reference",
        "reference no",
        "transaction id",
        "transaction no",
        "transaction reference",
    ),
    "details": ("details", "description", "narration", "narrative", "particulars", "remarks", "payment details"),
    "account": ("account", "account no", "account number", "credited account", "iban"),
}
TITLES = {
    "paid_on": "Date",
    "amount": "Amount",
    "currency": "Currency",
    "bank_reference": "Bank reference",
    "details": "Details",
    "account": "Account",
}

# Banks drop or change the strokes, but keep the letters and digits.
INVOICE_NUMBER = re.compile(r"PVARA[\s/.-]*INV[\s/.-]*(\d{4})[\s/.-]*(\d{5})(?!\d)", re.I)
AMOUNT = re.compile(r"(?P<minus>[-(]?)(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<paisa>\.\d{1,2})?\)?")
# The day first, as banks in Pakistan write it; 03/04/2026 is the third of April.
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d-%b-%Y", "%d %b %Y")


@dataclass(frozen=True)
class Line:
    """A row of the file: its cells as they stand and what they say; `fault` where they say nothing."""

    number: int
    cells: dict[str, str]
    fault: str = ""
    paid_on: date | None = None
    amount: Decimal | None = None
    currency: str = ""
    bank_reference: str = ""
    account: str = ""
    numbers: tuple[str, ...] = ()


def read(content: bytes) -> list[Line]:
    """The rows of a statement. Raises ValidationError on `file` for what cannot be read as one."""
    if len(content) > MOST_BYTES:
        raise _refused(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Export a shorter period.")
    text = _text_of(content)
    try:
        rows = [(number, row) for number, row in _rows(text) if any(cell.strip() for cell in row)]
    except csv.Error as fault:
        raise _refused(f"The file is not CSV: {fault}. Export it from the bank's site again.") from None
    if not rows:
        raise _refused("The file is empty. Choose another one.")
    (_, head), *body = rows
    places = _places(head)
    if not body:
        raise _refused("The file has a header and no rows. Choose another one.")
    if len(body) > MOST_ROWS:
        raise _refused(f"The file has {len(body):,} rows; {MOST_ROWS:,} at most. Export a shorter period.")
    return [_line(number, row, head, places) for number, row in body]


def _refused(said: str) -> ValidationError:
    return ValidationError({"file": said})


def _text_of(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _refused("The file is written in UTF-16. Save it as “CSV UTF-8” and upload that.")
    if content[:4] == b"PK\x03\x04" or content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _refused("This is an Excel workbook. Save it as “CSV UTF-8” and upload that.")
    if content[:5] == b"%PDF-":
        raise _refused("This is a PDF. Export the statement from the bank's site as CSV.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise _refused(
            f"Line {line} holds a sign that is not UTF-8. Save the file as “CSV UTF-8” and upload that."
        ) from None
    if "\0" in text:
        raise _refused("The file holds signs that no text has. Export it from the bank's site as CSV.")
    return text


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """The rows with the line that each ends in: a quoted cell may run over several."""
    found = csv.reader(StringIO(text, newline=""), strict=True)
    return [(found.line_num, row) for row in found]


def _plain(title: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", title.casefold()).split())


def _places(head: list[str]) -> dict[str, int]:
    """Where each column stands. A column that is there twice, or under no name that we know, is asked for."""
    if len(head) == 1:
        for sign, words in ((";", "semicolons"), ("\t", "tabs"), ("|", "strokes")):
            if sign in head[0]:
                raise _refused(
                    f"The columns are separated by {words}. Save the file with commas between them "
                    "(“CSV, comma delimited”) and upload that."
                )
    titles = [_plain(each) for each in head]
    places, wrong = {}, []
    for column, names in COLUMNS.items():
        there = [place for place, title in enumerate(titles) if title in names]
        if not there:
            wrong.append(f"There is no column “{TITLES[column]}”; it may also be called {', '.join(names[1:])}.")
        elif len(there) > 1:
            both = " and ".join(f"“{head[place].strip()}”" for place in there)
            wrong.append(f"{both} could each be the column “{TITLES[column]}”. Leave one of them out.")
        else:
            places[column] = there[0]
    if wrong:
        raise ValidationError({"file": [*wrong, "The first line of the file must be its header."]})
    return places


def _line(number: int, row: list[str], head: list[str], places: dict[str, int]) -> Line:
    cells = {column: row[place].strip() if place < len(row) else "" for column, place in places.items()}
    if len(row) != len(head):
        return Line(number, cells, f"It has {len(row)} cells where the header has {len(head)}.")
    paid_on, amount = _date_of(cells["paid_on"]), _amount_of(cells["amount"])
    reference = " ".join(cells["bank_reference"].split())
    faults = [
        said
        for wrong, said in (
            (paid_on is None, f"“{cells['paid_on']}” is no date, such as 2026-03-04 or 04/03/2026."),
            (amount is None, f"“{cells['amount']}” is no amount, such as 76,000.00."),
            (not reference, "The bank's reference is missing."),
            (len(reference) > 100, "The bank's reference is longer than 100 signs."),
        )
        if wrong
    ]
    return Line(
        number,
        cells,
        " ".join(faults),
        paid_on,
        amount,
        cells["currency"].upper(),
        reference[:100],
        "".join(cells["account"].split()).upper(),
        numbers_in(cells["details"]),
    )


def numbers_in(details: str) -> tuple[str, ...]:
    """The numbers of invoices that the payer wrote, each once, as we write them."""
    return tuple(dict.fromkeys(f"PVARA/INV/{year}/{number}" for year, number in INVOICE_NUMBER.findall(details)))


def _date_of(said: str) -> date | None:
    for shape in DATES:
        try:
            return datetime.strptime(said, shape).date()  # a day on paper has no hour and no zone
        except ValueError:
            continue
    return None


def _amount_of(said: str) -> Decimal | None:
    found = AMOUNT.fullmatch(said.replace(" ", ""))
    # Twenty-four digits are more than the database keeps, and than there are rupees.
    if found is None or len(found["digits"].replace(",", "")) > 20:
        return None
    amount = Decimal(found["digits"].replace(",", "") + (found["paisa"] or ""))
    return -amount if found["minus"] else amount
