"""Tables as files: what a cell says, that rows are written as they come, and that what is read back was said."""

import csv
import json
from datetime import date
from io import StringIO
from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvara.kernel.downloads import AT_ONCE, cell, csv_lines, json_lines, streamed

COLUMNS = ("name", "units")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (-5, "-5"),
        (date(2026, 3, 4), "2026-03-04"),
        ("Indus", "Indus"),
        ("", ""),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
    ],
)
def test_a_cell_is_no_formula(value, said):
    assert cell(value) == said


def test_a_table_has_one_header_and_crlf():
    lines = [{"name": 'He said "no"', "units": 1}, {"name": "a,b", "units": None}]
    assert "".join(csv_lines(COLUMNS, lines)) == 'name,units\r\n"He said ""no""",1\r\n"a,b",\r\n'
    assert json.loads("".join(json_lines(COLUMNS, lines))) == lines
    assert ("".join(csv_lines(COLUMNS, [])), json.loads("".join(json_lines(COLUMNS, [])))) == ("name,units\r\n", [])


@pytest.mark.parametrize("form", ["csv", "json"])
def test_rows_are_written_as_they_come(form):
    """A table without an end has a first part all the same, made of as many rows as go out together."""
    seen = []

    def endless():
        for number in count():
            seen.append(number)
            yield {"name": "Ünit", "units": number}

    answer = streamed("ledger-7", form, COLUMNS, endless())
    assert answer["Content-Disposition"] == f'attachment; filename="ledger-7.{form}"'
    parts = list(islice(answer.streaming_content, 3))
    assert "Ünit".encode() in parts[0]
    assert 3 * AT_ONCE - 1 <= len(seen) <= 3 * AT_ONCE


@given(st.lists(st.fixed_dictionaries({"name": st.text(), "units": st.integers()}), max_size=20))
def test_what_is_written_is_read_back(lines):
    assert json.loads("".join(json_lines(COLUMNS, lines))) == lines
    # A carriage return or a NUL is the csv module's own matter.
    plain = [each for each in lines if not set(each["name"]) & set("\r\n\0")]
    read = list(csv.DictReader(StringIO("".join(csv_lines(COLUMNS, plain)), newline="")))
    assert [each["units"] for each in read] == [str(each["units"]) for each in plain]
    assert [each["name"].removeprefix("'") for each in read] == [each["name"].removeprefix("'") for each in plain]
