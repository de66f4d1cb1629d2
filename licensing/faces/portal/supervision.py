"""What a licensee files and reports: its returns, row by row and with their document, and its incidents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.actions import supervision
from licensing.faces.forms import DocumentForm
from licensing.faces.panels import Panel
from licensing.models import Document, Filing, Incident, Licence, ReturnKind
from licensing.models.supervision import return_kinds
from licensing.states import ENDED, FilingState, Frequency, IncidentState, Severity
from pvara.kernel import audit
from pvara.kernel.forms import SharedForm
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import applicants_only, explain_on, person, sent
from pvara.kernel.widgets import DayInput

# Where a return stands, as one would say it on the telephone.
WORDS = {
    "due": "Give the figures, attach the return itself, and file it.",
    "filed": "You have filed it; we look at it.",
    "queried": "We have a question. Answer it in the figures or with a document, and file the return again.",
    "accepted": "We have accepted this return.",
}
OPEN = (FilingState.DUE, FilingState.QUERIED)


class FiguresForm(SharedForm):
    """The rows that a return asks for; whether they fit is the return's to say."""

    def __init__(self, rows: list[dict[str, Any]], *, said: Mapping[str, Any], data: Any = None) -> None:
        super().__init__(data, shows=said)
        for row in rows:
            typed = {} if row["kind"] == "text" else {"inputmode": "decimal", "autocomplete": "off"}
            field = forms.CharField(
                label=row["label"],
                required=False,
                max_length=4000,
                widget=forms.Textarea(attrs={"rows": 3}) if row["kind"] == "text" else forms.TextInput(attrs=typed),
            )
            # An empty row is the return's own complaint; the page says “optional” of the others.
            field.needed = row.get("required", True)  # type: ignore[attr-defined]  # read by elements/field.html
            self.fields[row["key"]] = field


class EventForm(forms.Form):
    """Something that happened, and that the Authority is told of."""

    code = forms.ChoiceField(label="What happened", widget=forms.RadioSelect)
    happened_on = forms.DateField(label="On which day", widget=DayInput)

    def __init__(self, kinds: list[ReturnKind], data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.code, each.title) for each in kinds]


class IncidentForm(forms.Form):
    """What went wrong."""

    severity = forms.ChoiceField(label="Severity", widget=forms.RadioSelect, choices=Severity.choices)
    title = forms.CharField(label="In a few words", max_length=200)
    detail = forms.CharField(
        label="What happened, whom it touches, and what you have done",
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=20_000,
    )
    detected_at = forms.DateTimeField(
        label="When you found it",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
        error_messages={"invalid": "Give the day and the time, such as 2026-03-04T10:00."},
    )


class FollowUpForm(forms.Form):
    text = forms.CharField(
        label="What is new, or your answer", widget=forms.Textarea(attrs={"rows": 5}), max_length=20_000
    )


def event_kinds(at: datetime) -> list[ReturnKind]:
    """The returns that something that happened asks for, by the calendar in force."""
    return [each for each in return_kinds(timezone.localdate(at)) if each.frequency == Frequency.EVENT]


def supervision_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What is owed and was reported, with the way to report more."""
    if not isinstance(case, Licence):
        return None
    filed = list(Filing.objects.filter(licence=case).select_related("kind"))
    context = {
        "licence": case,
        "owed": [(each, each.is_overdue(at)) for each in filed if each.state in OPEN],
        "filed": [each for each in filed if each.state not in OPEN],
        "incidents": Incident.objects.filter(licence=case),
        "may_report": case.state not in ENDED,
    }
    return Panel("Returns and incidents", "returns", "portal/panels/supervision.html", context)


# ── Returns ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _filing(request: HttpRequest, pk: int) -> Any:
    rows = Filing.objects.visible_to(request.user).select_related("firm", "licence", "kind")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def filing(request: HttpRequest, pk: int) -> HttpResponse:
    """One return, with the form of its figures as long as they may be written."""
    found = _filing(request, pk)
    form = FiguresForm(found.kind.fields, said=found.given, data=sent(request)[0])
    if request.method == "POST" and form.is_valid():
        figures = {key: said for key, said in form.cleaned_data.items() if said}
        seen = figures.pop("seen", "")
        try:
            supervision.give_figures(found, figures, by=person(request), at=timezone.now(), seen=seen)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, "The figures are kept. Nothing is filed until you file the return.")
            return redirect("portal:filing", pk=pk)
    return _filing_page(request, found, form, DocumentForm())


@require_POST
@applicants_only
def filing_document(request: HttpRequest, pk: int) -> HttpResponse:
    """The return itself; a file that is refused leaves the rest of the page as it was."""
    found = _filing(request, pk)
    upload = DocumentForm(*sent(request))
    if upload.is_valid():
        try:
            supervision.attach_return(found, by=person(request), at=timezone.now(), **upload.cleaned_data)
        except ValidationError as refusal:
            explain_on(upload, refusal)
        else:
            messages.success(request, "The document is attached.")
            return redirect("portal:filing", pk=pk)
    return _filing_page(request, found, FiguresForm(found.kind.fields, said=found.given), upload)


def _filing_page(request: HttpRequest, found: Any, form: forms.Form, upload: forms.Form) -> HttpResponse:
    shown = {
        "filing": found,
        "words": WORDS[found.state],
        "overdue": found.is_overdue(timezone.now()),
        "may_write": found.state in OPEN,
        "figures": [(field["label"], found.figures.get(field["key"], "")) for field in found.kind.fields],
        "form": form,
        "upload": upload,
        "question": audit.history(found).filter(event="query").last() if found.state == FilingState.QUERIED else None,
        "documents": Document.objects.about(found).visible_to(request.user),
    }
    return render(request, "portal/filing.html", shown, status=422 if form.errors or upload.errors else 200)


# ── What happens, and what goes wrong ────────────────────────────────────────────────────────────────────────────────
def _licence(request: HttpRequest, pk: int) -> Licence:
    found: Licence = get_object_or_404(Licence.objects.visible_to(request.user).select_related("firm"), pk=pk)
    return found


def _form_page(request: HttpRequest, form: forms.Form, licence: Licence, **words: str) -> HttpResponse:
    shown = {"form": form, "licence": licence, **words}
    return render(request, "portal/licence_form.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def event_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the return that an event asks for."""
    licence = _licence(request, pk)
    at = timezone.now()
    form = EventForm(event_kinds(at), sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            made = supervision.open_event_return(licence, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"The return is opened under {made.reference}: give its figures and file it.")
            return redirect("portal:filing", pk=made.pk)
    return _form_page(
        request,
        form,
        licence,
        title="Tell us of an event",
        lead="Some things are told when they happen, and not by the calendar. Each is a return of its own.",
        submit="Open the return",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def incident_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Report that something went wrong."""
    licence = _licence(request, pk)
    form = IncidentForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            made = supervision.report_incident(licence, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"The incident is registered under {made.reference}.")
            return redirect("portal:incident", pk=made.pk)
    return _form_page(
        request,
        form,
        licence,
        title="Report an incident",
        lead="Tell us what you know now; you may add to it at any time. Times are those of Pakistan.",
        submit="Report the incident",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident, what was said of it since, and the form to say more."""
    rows = Incident.objects.visible_to(request.user).select_related("firm", "licence")
    found: Any = get_object_or_404(rows.prefetch_related("follow_ups__written_by"), pk=pk)
    form = FollowUpForm(sent(request)[0]) if found.state == IncidentState.REPORTED else None
    if request.method == "POST" and form is None:
        messages.error(request, "The incident is closed; report a new one if there is more.")
        return redirect("portal:incident", pk=pk)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            supervision.follow_up(found, form.cleaned_data["text"], by=person(request), at=timezone.now())
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "We read what you wrote.")
            return redirect("portal:incident", pk=pk)
    shown = {"incident": found, "form": form}
    return render(request, "portal/incident.html", shown, status=422 if form is not None and form.errors else 200)
