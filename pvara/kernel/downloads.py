"""What is handed out as a file: tables row by row, as CSV of RFC 4180 that no spreadsheet runs as a formula or as JSON,
and what somebody uploaded.

Rows are written as they come, so that a file of a million rows takes no more memory than one of ten. Whoever makes the
rows says which columns there are; nothing is looked up here.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, StreamingHttpResponse

FORMS = ("csv", "json")
TYPES = {"csv": "text/csv; charset=utf-8; header=present", "json": "application/json"}
# Rows that go out together: one by one would cost more than the rows themselves.
AT_ONCE = 500

Line = Mapping[str, Any]


def cell(value: Any) -> str:
    """A cell as text; words that a spreadsheet would take for a formula are kept from being one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    said = str(value)
    return f"'{said}" if isinstance(value, str) and said[:1] in "=+-@\t\r" and said else said


class _Pen:
    """What the writer of the csv module writes to; a line is handed back instead of kept."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[str], lines: Iterable[Line]) -> Iterator[str]:
    """One header line and a line for each row, with CRLF."""
    writer = csv.writer(_Pen())
    yield writer.writerow(columns)
    for line in lines:
        yield writer.writerow([cell(line[name]) for name in columns])


def json_lines(columns: Sequence[str], lines: Iterable[Line]) -> Iterator[str]:
    """An array with an object for each row, a row a line."""
    before = "[\n"
    for line in lines:
        said = {name: line[name] for name in columns}
        yield before + json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def streamed(name: str, form: str, columns: Sequence[str], lines: Iterable[Line]) -> StreamingHttpResponse:
    """A file to keep, of one of the `FORMS`; `name` is without its ending."""
    written = (csv_lines if form == "csv" else json_lines)(columns, lines)
    answer = StreamingHttpResponse(_together(written), content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def handed_out(file: FieldFile, name: str) -> FileResponse:
    """Always a download of no particular type: a browser is never to open what somebody else uploaded."""
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")


def _together(written: Iterator[str]) -> Iterator[bytes]:
    waiting: list[str] = []
    for each in written:
        waiting.append(each)
        if len(waiting) == AT_ONCE:
            yield "".join(waiting).encode()
            waiting.clear()
    if waiting:
        yield "".join(waiting).encode()
