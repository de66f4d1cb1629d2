"""The page of a file of postings, for the debt office and for a venue alike: read, shown row by row, then posted."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from pvara.kernel.machine import MoveRefused
from pvara.kernel.web import explain_on, person, sent
from tokenisation.actions.ledger import post_file
from tokenisation.faces.lines import COLUMNS, LinesForm, Row, read
from tokenisation.models import DistributionAuthorisation

ROWS_SHOWN = 200


def file_page(
    request: HttpRequest,
    found: DistributionAuthorisation,
    *,
    template: str,
    back: str,
    columns: tuple[str, ...] = COLUMNS,
    **more: Any,
) -> HttpResponse:
    """Look a file through, with the verdict on every row; post it when it is confirmed. Nothing else writes.

    What is confirmed is the text that was shown. It is judged again as it is posted, so that no other act between the
    two can make a line pass that should not.
    """
    form = LinesForm(*sent(request), columns=columns)
    rows: list[Row] = []
    if request.method == "POST" and form.is_valid():
        confirmed = request.POST.get("confirmed") == "yes"
        try:
            rows = read(form.cleaned_data["text"], columns)
            lines = [row.line for row in rows if row.line is not None]
            if len(lines) == len(rows):
                answers = post_file(found, lines, by=person(request), at=timezone.now(), trial=not confirmed)
                rows = [
                    replace(row, answer=answer, wrong=answer.reason) for row, answer in zip(rows, answers, strict=True)
                ]
        except (ValidationError, MoveRefused) as refusal:
            explain_on(form, refusal)
        if rows and confirmed and not any(row.wrong for row in rows) and not form.errors:
            new = sum(not row.answer.replayed for row in rows if row.answer)
            again = f" {len(rows) - new:,} had been posted already." if new < len(rows) else ""
            messages.success(request, f"Posted: {new:,} entries.{again}")
            return redirect(back)
    wrong = sum(bool(row.wrong) for row in rows)
    if wrong:
        form.add_error(None, f"Nothing is posted: {wrong:,} of {len(rows):,} lines cannot be. Mend them and send all.")
    shown = {
        "authorisation": found,
        "form": form,
        # The faulty rows first, for the page shows so many and no more.
        "rows": sorted(rows, key=lambda row: not row.wrong)[:ROWS_SHOWN],
        "count": len(rows),
        "wrong": wrong,
        "ready": bool(rows) and not form.errors,
        "units": sum(row.line.units for row in rows if row.line),
        "text": form.cleaned_data.get("text", "") if form.is_bound and form.is_valid() else "",
        "back": back,
        "settles": "settlement" in columns,
        **more,
    }
    return render(request, template, shown, status=422 if form.errors else 200)
