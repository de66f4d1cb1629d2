"""Stating the ownership and notifying a change of control: one form of many rows, and a change as it was notified."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing import ownership
from licensing.actions import ownership as actions
from licensing.faces.people import behind, changed, changes_of
from licensing.faces.portal.people import the_firm
from licensing.models import Firm, OwnershipStatement
from licensing.models.ownership import statement_in_effect
from pvara.kernel import audit
from pvara.kernel.web import applicants_only, explain_on, person
from pvara.kernel.widgets import DayInput

KINDS = [(each.value, words) for each, words in ownership.KINDS.items()]
RIGHTS = [(each.value, words) for each, words in ownership.RIGHTS.items()]
# The parts of a row, with the words above each; a screen reader hears the row's number too.
PARTS = {
    "holder": "Holder",
    "kind": "What the holder is",
    "country": "Nationality or country",
    "held": "Holds in",
    "right": "What is held",
    "percent": "Per cent",
}
ROWS_TO_BEGIN_WITH = 4
ROWS_MORE = 5

WORDS = {
    "notified": "We have received your notification. A case officer assesses it.",
    "assessed": "The change is assessed. The committee decides.",
    "no_objection": "We do not object. The new ownership is in effect for us.",
    "objected": "We object: the change may not be made. What you stated before stays in effect.",
    "withdrawn": "You withdrew the notification.",
}


@dataclass(frozen=True)
class Drawn:
    """A row of the form as the page draws it."""

    number: int
    fields: tuple[tuple[str, BoundField], ...]


class StatementForm(forms.Form):
    """The holdings, one a row; a row in which nothing is written is left out."""

    as_at = forms.DateField(label="Ownership as at", widget=DayInput)
    subsidiary_name = forms.CharField(
        label="Local subsidiary",
        max_length=200,
        required=False,
        help_text="When it is incorporated: state who holds it in a row of its own.",
    )

    def __init__(self, *args: Any, rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = rows
        for number in range(1, rows + 1):
            told: dict[str, Any] = {
                part: {"label": f"{words}, row {number}", "required": False} for part, words in PARTS.items()
            }
            self.fields |= {
                f"holder_{number}": forms.CharField(max_length=200, **told["holder"]),
                f"kind_{number}": forms.ChoiceField(choices=KINDS, **told["kind"]),
                f"country_{number}": forms.CharField(max_length=80, **told["country"]),
                f"held_{number}": forms.CharField(max_length=200, **told["held"]),
                f"right_{number}": forms.ChoiceField(choices=RIGHTS, **told["right"]),
                f"percent_{number}": forms.DecimalField(
                    max_digits=7,
                    decimal_places=4,
                    widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
                    **told["percent"],
                ),
            }

    def general(self) -> Iterator[BoundField]:
        """The fields above and below the rows."""
        return (field for field in self if not field.name.rpartition("_")[2].isdigit())

    def lines(self) -> list[Drawn]:
        return [
            Drawn(number, tuple((words, self[f"{part}_{number}"]) for part, words in PARTS.items()))
            for number in range(1, self.count + 1)
        ]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        rows = []
        for number in range(1, self.count + 1):
            holder, kind, country, held, right, percent = (said.get(f"{part}_{number}") for part in PARTS)
            if not (holder or held or percent):
                continue
            nameless = kind == ownership.Kind.DISPERSED
            for part, missing in (("holder", not holder and not nameless), ("held", not held)):
                if missing:
                    self.add_error(f"{part}_{number}", "Write a name.")
            if percent is None and right != ownership.Right.CONTROL and f"percent_{number}" not in self.errors:
                self.add_error(f"percent_{number}", "Write a percentage, such as 12.5.")
            rows.append(
                ownership.Row(
                    holder or "",
                    ownership.Kind(kind or "person"),
                    held or "",
                    percent if percent is not None else Decimal(0),
                    ownership.Right(right or "shares"),
                    country or "",
                )
            )
        self.rows = rows
        return said


class ChangeForm(StatementForm):
    """The ownership as it is to be, and why."""

    reason = forms.CharField(
        label="What changes, and why",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Who buys, who sells, when, and where the money comes from.",
    )


def _as_stated(firm: Firm, at: datetime) -> dict[str, Any]:
    """What the form shows at first: the statement in effect, or empty rows for the firm itself."""
    first: dict[str, Any] = {"as_at": timezone.localdate(at)}
    statement: OwnershipStatement | None = statement_in_effect(firm, at)
    if statement is None:
        return {**first, **{f"held_{number}": firm.legal_name for number in range(1, 3)}, "rows": ROWS_TO_BEGIN_WITH}
    countries = {each.name: each.country for each in statement.owners.all()}
    stated = statement.stated()
    for number, each in enumerate(stated.holdings, start=1):
        first |= {
            f"holder_{number}": each.holder,
            f"kind_{number}": stated.parties[each.holder].value,
            f"country_{number}": countries[each.holder],
            f"held_{number}": each.held,
            f"right_{number}": each.right.value,
            f"percent_{number}": "" if each.right == ownership.Right.CONTROL else ownership.shown(each.percent),
        }
    return {**first, "subsidiary_name": statement.subsidiary_name, "rows": len(stated.holdings) + 2}


def _rows_in(request: HttpRequest) -> int:
    said = request.POST.get("rows", "")
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 4 else ROWS_TO_BEGIN_WITH
    return max(1, min(number, actions.MOST_ROWS))


def _form(request: HttpRequest, kind: type[StatementForm], firm: Firm, at: datetime) -> StatementForm:
    """The form as it is to be shown: as stated, as sent, or as typed with more rows and nothing judged yet."""
    if request.method != "POST":
        first = _as_stated(firm, at)
        return kind(initial=first, rows=min(first.pop("rows"), actions.MOST_ROWS))
    rows = _rows_in(request)
    if request.POST.get("then") == "more":
        return kind(initial=request.POST.dict(), rows=min(rows + ROWS_MORE, actions.MOST_ROWS))
    return kind(request.POST, rows=rows)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """State the whole ownership. Adding rows keeps what is typed and judges nothing."""
    firm = the_firm(request, pk)
    at = timezone.now()
    form = _form(request, StatementForm, firm, at)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            kept = actions.submit_statement(
                firm,
                form.rows,
                by=person(request),
                at=at,
                as_at=said["as_at"],
                subsidiary_name=said["subsidiary_name"],
            )
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"Your ownership is stated: {kept.reference}.")
            return redirect("portal:people", pk=pk)
    shown = {"firm": firm, "form": form, "title": "State the ownership", "submit": "Submit the statement"}
    return render(request, "portal/statement.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def change_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Notify an intended change of control, with the ownership as it is to be."""
    firm = the_firm(request, pk)
    at = timezone.now()
    form = _form(request, ChangeForm, firm, at)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            notified = actions.notify_change(
                firm,
                form.rows,
                by=person(request),
                at=at,
                as_at=said["as_at"],
                subsidiary_name=said["subsidiary_name"],
                reason=said["reason"],
            )
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"The change is notified: {notified.reference}. Do not make it before we decide.")
            return redirect("portal:change", pk=notified.pk)
    shown = {"firm": firm, "form": form, "title": "Notify a change of control", "submit": "Notify the change"}
    return render(request, "portal/statement.html", shown, status=422 if form.errors else 200)


@require_safe
@applicants_only
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """A change of control as notified, where it stands, and the decision. The finding stays with the regulator."""
    found = get_object_or_404(changes_of(request.user), pk=pk)
    objection = audit.history(found).filter(event="object_to").last()
    shown = {
        "change": found,
        "firm": found.firm,
        "words": WORDS[found.state],
        "objection": objection,
        "differences": changed(found.replaces, found.statement),
        "after": behind(found.statement, timezone.now()),
    }
    return render(request, "portal/change.html", shown)
