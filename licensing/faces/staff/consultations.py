"""Consultation of other agencies, for the regulator alone: asking, taking down a reply, and the board's votes."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.access import CONSULT, READ_CASES
from licensing.actions import consultations as actions
from licensing.faces import clocks
from licensing.faces.panels import Panel, made
from licensing.faces.staff.votes import votes_panel
from licensing.models import Consultation, Document, Letter, LicenceApplication, NocApplication
from licensing.states import ReplyVerdict
from pvara.kernel import deadlines
from pvara.kernel.forms import SharedForm
from pvara.kernel.machine import MoveRefused, Stateful
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import explain_on, holding, person, sent
from pvara.kernel.widgets import DayInput

KINDS: dict[str, Any] = {"noc": NocApplication, "full": LicenceApplication}


class AskForm(forms.Form):
    """Which agencies are asked, and what they are asked to look at."""

    agencies = forms.MultipleChoiceField(label="Agencies", widget=forms.CheckboxSelectMultiple)
    points = forms.CharField(
        label="What we ask them to look at",
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        max_length=4000,
        help_text="It stands in the letter. Leave it empty to ask for their views in general.",
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agencies"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices


class ReplyForm(SharedForm):
    """What an agency said."""

    verdict = forms.ChoiceField(label="The agency says", widget=forms.RadioSelect, choices=ReplyVerdict.choices)
    received_on = forms.DateField(label="Received on", widget=DayInput)
    text = forms.CharField(
        label="In its own words",
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text="Needed for comments and for an objection.",
    )
    file = forms.FileField(
        label="Its letter", required=False, help_text="PDF, Word, Excel, PNG, JPEG, text or CSV, 10 MB at most."
    )


def consultation_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """Every agency that this phase consults: whether it was asked, until when, and what it said."""
    if not isinstance(case, NocApplication | LicenceApplication) or case.state == "draft":
        return None
    people = ("agency", "noc", "full", "reply__override__overridden_by")
    asked = {each.agency_id: each for each in case.consultations.select_related(*people)}
    # Of a case that is closed, those count that were asked.
    is_open = case.state not in case.closed_states
    agencies = (
        case.agencies() if is_open else sorted((each.agency for each in asked.values()), key=lambda each: each.code)
    )
    ticking = deadlines.of_rows(Consultation, asked.values(), at) if asked else {}
    rows = [
        (agency, asked.get(agency.pk), ticking.get(asked[agency.pk].pk) if agency.pk in asked else None)
        for agency in agencies
    ]
    may_ask = user.has_perm(CONSULT) and case.state in actions.CONSULTED_IN and len(asked) < len(agencies)
    kind = "noc" if isinstance(case, NocApplication) else "full"
    context = {"rows": rows, "may_ask": may_ask, "case": case, "kind": kind}
    return Panel("Consultation of other agencies", "consultation", "staff/panels/consultations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(CONSULT)
def ask(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Ask the agencies of a case that were not asked yet."""
    if kind not in KINDS:
        raise Http404(f"There are no cases of the kind {kind}.")
    case = get_object_or_404(KINDS[kind].objects.visible_to(request.user).select_related("firm"), pk=pk)
    asked = set(case.consultations.values_list("agency", flat=True))
    choices = [(each.code, each.name) for each in case.agencies() if each.pk not in asked]
    form = AskForm(sent(request)[0], choices=choices, initial={"agencies": [code for code, _ in choices]})
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            sent_to = actions.ask_agencies(case, said.pop("agencies"), by=person(request), at=timezone.now(), **said)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            count = len(sent_to)
            messages.success(request, f"{count} agenc{'y is' if count == 1 else 'ies are'} asked; the letters follow.")
            return redirect(case.get_absolute_url())
    shown = {"case": case, "firm": case.firm, "form": form, "nobody_left": not choices}
    return render(request, "staff/consult.html", shown, status=422 if form.errors else 200)


def _found(request: HttpRequest, pk: int) -> Any:
    rows = Consultation.objects.visible_to(request.user).select_related(
        "firm", "agency", "noc", "full", "requested_by", "reply__override__overridden_by"
    )
    return get_object_or_404(rows.prefetch_related("firm__mous"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """One agency's consultation: the request, every reply, the board's decision; and the form for a reply."""
    found = _found(request, pk)
    at = timezone.now()
    initial = {"received_on": timezone.localdate(at)}
    keeps = request.user.has_perm(CONSULT)
    form = ReplyForm(*sent(request), shows=found.replied, initial=initial) if keeps else None
    if request.method == "POST" and form is None:
        messages.error(request, "What agencies reply is recorded by case officers.")
        return redirect(found.get_absolute_url())
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            reply = actions.record_reply(found, by=person(request), at=at, **form.cleaned_data)
        except (ValidationError, MoveRefused) as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, f"{reply.get_verdict_display()}: recorded.")
            return redirect(found.get_absolute_url())
    subject = {"subject_type": found._meta.label_lower, "subject_id": found.pk}
    shown = {
        "consultation": found,
        "firm": found.firm,
        "case": found.case,
        "replies": found.replies.select_related("recorded_by", "override__overridden_by"),
        "documents": Document.objects.filter(**subject),
        "letters": Letter.objects.filter(**subject),
        "clocks": clocks.for_staff(Consultation, [found], at)[found.pk],
        "panels": made((votes_panel,), found, person(request), at),
        "form": form,
    }
    return render(request, "staff/consultation.html", shown, status=422 if form is not None and form.errors else 200)
