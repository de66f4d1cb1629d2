"""Conditions, for the regulator: drafting them on a case, and one condition with its evidence and its moves."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing.access import DRAFT_DECISIONS, READ_CASES
from licensing.actions import conditions as actions
from licensing.faces.panels import Panel, made
from licensing.faces.staff.votes import votes_panel
from licensing.models import Condition, Document, LicenceApplication, NocApplication
from licensing.models.conditions import HasConditions, default_due
from licensing.states import ConditionKind, NocState
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.web import explain_on, holding, person, sent
from pvara.kernel.widgets import DayInput

KINDS: dict[str, type[Any]] = {"noc": NocApplication, "full": LicenceApplication}


class ConditionForm(forms.Form):
    """A condition as it is to be imposed."""

    kind = forms.ChoiceField(label="Kind", widget=forms.RadioSelect)
    text = forms.CharField(
        label="Condition",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the firm is to do, or not to do, as its letter will say.",
    )
    due_on = forms.DateField(
        label="To be met by",
        required=False,
        widget=DayInput,
        help_text="Leave it empty for a continuing condition that has no day.",
    )
    is_public = forms.BooleanField(label="The public register shows it", required=False)

    def __init__(self, *args: Any, case: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        # Nothing is granted after a NOC that a condition could precede.
        field.choices = [
            (value, label)
            for value, label in ConditionKind.choices
            if value != ConditionKind.PRECEDENT or isinstance(case, LicenceApplication)
        ]


def kind_of(case: Any) -> str:
    return "noc" if isinstance(case, NocApplication) else "full"


def case_to_decide(request: HttpRequest, kind: str, pk: int) -> Any:
    if kind not in KINDS:
        raise Http404(f"There is no application of the kind {kind}.")
    return get_object_or_404(KINDS[kind].objects.visible_to(request.user).select_related("firm"), pk=pk)


def conditions_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """The conditions that were imposed, and those that are drafted while the case waits for its decision."""
    if not isinstance(case, HasConditions):
        return None
    drafting = case.state == NocState.RECOMMENDED
    imposed = case.imposed_conditions
    if not imposed and not drafting:
        return None
    may_draft = drafting and user.has_perm(DRAFT_DECISIONS)
    shown = {
        "imposed": imposed,
        "drafted": case.drafted_conditions() if drafting else [],
        "drafting": drafting,
        "may_draft": may_draft,
        "href": reverse("staff:condition_new", args=[kind_of(case), case.pk]) if may_draft else "",
    }
    return Panel("Conditions", "conditions", "staff/panels/conditions.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(DRAFT_DECISIONS)
def condition_new(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Draft a condition on a case that waits for its decision."""
    case, at = case_to_decide(request, kind, pk), timezone.now()
    usual = ConditionKind.PRECEDENT if kind == "full" else ConditionKind.CONTINUING
    first = {"kind": usual, "due_on": default_due(usual, at), "is_public": True}
    form = ConditionForm(sent(request)[0], case=case, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            actions.draft_condition(case, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "The condition is drafted. Votes that were cast before count no more.")
            return redirect(f"{case.get_absolute_url()}#conditions")
    shown = {"case": case, "firm": case.firm, "form": form}
    return render(request, "staff/condition_new.html", shown, status=422 if form.errors else 200)


@require_POST
@holding(DRAFT_DECISIONS)
def condition_taken_back(request: HttpRequest, pk: int) -> HttpResponse:
    condition = get_object_or_404(Condition.objects.visible_to(request.user), pk=pk)
    case = condition.case
    try:
        actions.take_back(condition, by=person(request), at=timezone.now())
    except ValidationError as refusal:
        for said in refusal.messages:
            messages.error(request, said)
    else:
        messages.success(request, "The draft is taken back. Votes that were cast before count no more.")
    return redirect(f"{case.get_absolute_url()}#conditions")


@require_safe
@holding(READ_CASES)
def condition(request: HttpRequest, pk: int) -> HttpResponse:
    """One condition: what it says, what was handed in for it, and what may be done about it."""
    people = ("drafted_by", "submitted_by", "verified_by", "waived_by")
    rows = Condition.objects.visible_to(request.user).select_related("firm", "noc", "application", "licence", *people)
    found = get_object_or_404(rows, pk=pk)
    shown = {
        "condition": found,
        "firm": found.firm,
        "documents": Document.objects.about(found),
        "panels": made((votes_panel,), found, person(request), timezone.now()),
    }
    return render(request, "staff/condition.html", shown)
