"""The life of a licence for the regulator: proposing measures, what was found, renewals and variations, and panels."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing.access import ENFORCE, PROPOSE_RESTRICTION, READ_CASES, VERIFY_REMEDY
from licensing.actions import measures, surrender
from licensing.faces.staff.cases import case_page
from licensing.models import Licence, Measure, Renewal, Variation
from licensing.models.measures import STOPPING
from licensing.states import URGENT_GROUNDS, Activity, Ground, MeasureKind
from pvara.kernel.forms import SharedForm
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import explain_on, holding, person, sent
from pvara.kernel.widgets import DayInput

LONG = forms.Textarea(attrs={"rows": 4})


def _date(label: str, *, help_text: str = "", required: bool = True) -> forms.DateField:
    return forms.DateField(label=label, help_text=help_text, required=required, widget=DayInput)


class MeasureForm(forms.Form):
    """What a proposal says; which fields it has depends on its kind."""

    grounds = forms.MultipleChoiceField(label="Grounds", widget=forms.CheckboxSelectMultiple, choices=Ground.choices)
    activities = forms.MultipleChoiceField(label="Activities", widget=forms.CheckboxSelectMultiple, required=False)
    wording = forms.CharField(
        label="The restriction, as the public reads it",
        widget=LONG,
        required=False,
        help_text="Such as “No new clients are taken on.” It may be left out when activities are chosen.",
    )
    particulars = forms.CharField(
        label="The facts on which it rests", widget=LONG, help_text="The firm reads them in a show-cause notice."
    )
    starts_on = _date("First day", help_text="The day of the decision, when that comes later.")
    ends_on = _date("Last day", help_text="It ends nothing by itself: it brings the measure before the committee.")

    def __init__(self, kind: str, licence: Licence, data: Any = None) -> None:
        super().__init__(data)
        activities = self.fields["activities"]
        assert isinstance(activities, forms.MultipleChoiceField)
        activities.choices = [(code, Activity(code).label) for code in licence.activities]
        if kind not in (MeasureKind.RESTRICTION, *STOPPING):
            self._drop("activities")
        if kind != MeasureKind.RESTRICTION:
            self._drop("wording")
            activities.help_text = "Choose none for the whole licence."
        else:
            self._drop("grounds")
            self.fields["ends_on"].required = False
        if kind not in STOPPING:
            self._drop("starts_on")
        if kind in (MeasureKind.SHOW_CAUSE, MeasureKind.REVOCATION):
            self._drop("ends_on")
        if kind != MeasureKind.SHOW_CAUSE:
            self.fields["particulars"].help_text = "For those who decide; their letter gives reasons of its own."
        if kind == MeasureKind.URGENT_SUSPENSION:
            titles = "; ".join(str(each.label) for each in URGENT_GROUNDS)
            self.fields["grounds"].help_text = f"At least one of these: {titles}."

    def _drop(self, name: str) -> None:
        del self.fields[name]


class NoteForm(SharedForm):
    note = forms.CharField(
        label="What was examined, and what was found", widget=LONG, help_text="It is part of the record."
    )


class ReasonsForm(SharedForm):
    reasons = forms.CharField(label="Reasons", widget=LONG, help_text="They are part of the record.")


def _licence(request: HttpRequest, pk: int) -> Licence:
    found: Licence = get_object_or_404(Licence.objects.visible_to(request.user).select_related("firm"), pk=pk)
    return found


def _form_page(request: HttpRequest, licence: Licence, form: forms.Form, **shown: Any) -> HttpResponse:
    said = {"licence": licence, "firm": licence.firm, "form": form, **shown}
    return render(request, "staff/licence_form.html", said, status=422 if form.errors else 200)


# ── Measures ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@holding(ENFORCE, PROPOSE_RESTRICTION)
def measure_new(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Propose a measure; a move on the licence's page takes it."""
    if kind not in MeasureKind.values:
        raise Http404("There is no such measure.")
    if not request.user.has_perm(measures.proposer(kind)):
        raise PermissionDenied("This measure is proposed by another role.")
    licence = _licence(request, pk)
    form = MeasureForm(kind, licence, sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            made = measures.propose(licence, kind, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{made} is proposed. It takes effect by a move on this page.")
            return redirect(licence)
    title = str(MeasureKind(kind).label)
    lead = "A proposal has no effect: others decide on it."
    if kind == MeasureKind.SHOW_CAUSE:
        lead = "A draft has no effect; you issue it from the page of the licence."
    return _form_page(request, licence, form, title=f"{title}: propose", lead=lead, submit="Keep the proposal")


@require_POST
@holding(ENFORCE, PROPOSE_RESTRICTION)
def measure_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    measure = get_object_or_404(Measure.objects.visible_to(request.user).select_related("licence__firm"), pk=pk)
    try:
        measures.withdraw_proposal(measure, by=person(request), at=timezone.now())
    except ValidationError as refusal:
        for said in refusal.messages:
            messages.error(request, said)
    else:
        messages.success(request, f"{measure.reference} is withdrawn.")
    return redirect(measure.licence)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(PROPOSE_RESTRICTION)
def measure_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a restriction be lifted."""
    measure = get_object_or_404(Measure.objects.visible_to(request.user).select_related("licence__firm"), pk=pk)
    form = ReasonsForm(sent(request)[0], shows=measure.lifting)
    if request.method == "POST" and form.is_valid():
        try:
            measures.propose_lifting(measure, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, f"It is proposed to lift {measure.reference}; the committee decides.")
            return redirect(measure.licence)
    return _form_page(
        request,
        measure.licence,
        form,
        title=f"Lift {measure.reference}",
        lead=measure.public_text,
        submit="Propose the lifting",
    )


# ── What was found ───────────────────────────────────────────────────────────────────────────────────────────────────
def _remedy_noted(licence: Licence) -> dict[str, str]:
    return licence.remedy_noted


def _find_remedy(licence: Licence, note: str, *, seen: str, by: User, at: datetime) -> None:
    measures.verify_remedy(licence, note=note, seen=seen, by=by, at=at)


def _assets_noted(licence: Licence) -> dict[str, str]:
    return licence.open_surrender.assets_noted if licence.open_surrender else {}


def _find_assets(licence: Licence, note: str, *, seen: str, by: User, at: datetime) -> None:
    if licence.open_surrender is None:
        raise ValidationError("No surrender is asked for.")
    surrender.confirm_assets(licence.open_surrender, note=note, seen=seen, by=by, at=at)


FINDINGS: dict[str, tuple[str, str, Callable[[Licence], dict[str, str]], Callable[..., None]]] = {
    "remedy": (
        "The causes of the suspension are remedied",
        "Whoever verifies this does not reinstate the licence.",
        _remedy_noted,
        _find_remedy,
    ),
    "assets": (
        "The assets of clients are returned",
        "Whoever confirms this does not decide on the surrender.",
        _assets_noted,
        _find_assets,
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@holding(VERIFY_REMEDY)
def licence_finding(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """What the supervisor examined, on which a decision of others rests."""
    if what not in FINDINGS:
        raise Http404("There is no such finding.")
    title, lead, noted, find = FINDINGS[what]
    licence = _licence(request, pk)
    form = NoteForm(sent(request)[0], shows=noted(licence))
    if request.method == "POST" and form.is_valid():
        try:
            find(licence, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, f"{title}: recorded.")
            return redirect(licence)
    return _form_page(request, licence, form, title=title, lead=lead, submit="Record it")


# ── Renewals and variations ──────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@holding(READ_CASES)
def renewal(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Renewal.objects.visible_to(request.user).select_related("firm", "licence", "submitted_by", "decided_by")
    case = get_object_or_404(rows.prefetch_related("firm__mous"), pk=pk)
    opens = case.opens_on(timezone.now())
    return case_page(request, "staff/renewal.html", case, "FULL", opens_on=opens, invoice=case.fee_invoice)


@require_safe
@holding(READ_CASES)
def variation(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Variation.objects.visible_to(request.user).select_related(
        "firm", "licence__application__setup", "requested_by", "decided_by"
    )
    case = get_object_or_404(rows.prefetch_related("firm__mous"), pk=pk)
    return case_page(request, "staff/variation.html", case, "FULL", invoice=case.fee_invoice)
