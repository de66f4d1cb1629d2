"""The people and owners of a firm, for the regulator: one person with their checks, and a change of control."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.access import READ_CASES, VET_INDIVIDUALS
from licensing.actions import people as actions
from licensing.faces.panels import Panel, made
from licensing.faces.people import behind, changed, changes_of, ownership_now, people_shown, since_the_noc
from licensing.faces.staff.votes import votes_panel
from licensing.models import ChangeOfControl, Firm, KeyIndividual, Licence, LicenceApplication, NocApplication, SetUp
from licensing.models.ownership import ownership_faults
from licensing.models.people import individuals_outstanding
from licensing.states import CheckKind, CheckResult, MilestoneCode
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.web import explain_on, holding, person, sent
from pvara.kernel.widgets import DayInput


class CheckForm(forms.Form):
    """What came of one check."""

    kind = forms.ChoiceField(label="What was checked", choices=[("", "Choose"), *CheckKind.choices])
    result = forms.ChoiceField(label="Result", widget=forms.RadioSelect, choices=CheckResult.choices)
    made_on = forms.DateField(
        label="Date of the check",
        widget=DayInput,
        help_text="From this day on it is good for as long as the regime says.",
    )
    note = forms.CharField(
        label="What was found",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text="Needed unless the result is clear.",
    )


@require_safe
@holding(READ_CASES)
def firm_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody in a key role, everybody behind the firm, and what is wanting."""
    firm = get_object_or_404(Firm.objects.visible_to(request.user).prefetch_related("mous"), pk=pk)
    at = timezone.now()
    shown = {
        "firm": firm,
        "individuals": people_shown(firm),
        "wanting": individuals_outstanding(firm, at),
        "faults": ownership_faults(firm, at),
        "ownership": ownership_now(firm, at),
        "changes": ChangeOfControl.objects.filter(firm=firm).select_related("firm"),
    }
    return render(request, "staff/people.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def individual(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: particulars, checks, the decision. Who vets reads the number of the document and records checks."""
    rows = KeyIndividual.objects.visible_to(request.user).select_related(
        "firm", "nominated_by", "vetted_by", "decided_by"
    )
    found = get_object_or_404(rows.prefetch_related("firm__mous", "checks__recorded_by"), pk=pk)
    at = timezone.now()
    vets = request.user.has_perm(VET_INDIVIDUALS)
    may_check = vets and found.state in actions.CHECKED_IN and found.decided_by_id != request.user.pk
    # Whoever sends the form all the same is told why they take no part.
    if may_check and request.method != "POST":
        may_check = not found.firm.conflicts_of(person(request), at, case=found)
    form = CheckForm(sent(request)[0], initial={"made_on": timezone.localdate(at)}) if may_check else None
    if request.method == "POST" and form is None:
        messages.error(request, "Checks are recorded by case officers, while a person is vetted or in their role.")
        return redirect("staff:individual", pk=pk)
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            check = actions.record_check(found, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{check.get_kind_display()}: {check.get_result_display().lower()}. Recorded.")
            return redirect("staff:individual", pk=pk)
    latest = {each.pk for each in found.latest_checks().values()}
    shown = {
        "individual": found,
        "firm": found.firm,
        "number": found.document_number if vets else found.masked_number,
        "masked": not vets,
        "checks": [(each, each.pk in latest, _is_over(each, at)) for each in reversed(found.checks.all())],
        "form": form,
    }
    return render(request, "staff/individual.html", shown, status=422 if form is not None and form.errors else 200)


def _is_over(check: Any, at: datetime) -> bool:
    return check.expires_on is not None and check.expires_on < timezone.localdate(at)


@require_safe
@holding(READ_CASES)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """A change of control: what changes, who would be behind the firm, the finding and the decision."""
    found = get_object_or_404(changes_of(request.user), pk=pk)
    at = timezone.now()
    shown = {
        "change": found,
        "firm": found.firm,
        "differences": changed(found.replaces, found.statement),
        "before": behind(found.replaces, at),
        "after": behind(found.statement, at),
        "panels": made((votes_panel,), found, person(request), at),
    }
    return render(request, "staff/change.html", shown)


# ── On the pages of cases ────────────────────────────────────────────────────────────────────────────────────────────
def people_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What is wanting of a firm's people and owners."""
    if not isinstance(case, NocApplication | SetUp | LicenceApplication | Licence):
        return None
    context = {
        "firm": case.firm,
        "wanting": [*individuals_outstanding(case.firm, at), *ownership_faults(case.firm, at)],
    }
    return Panel("People and ownership", "people", "staff/panels/people.html", context)


def owners_since_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """Milestone M9: whether the owners are those of the NOC."""
    if not isinstance(case, SetUp):
        return None
    milestone = next((each for each in case.milestones.all() if each.code == MilestoneCode.M9), None)
    since = None if milestone is None else since_the_noc(milestone.owners_since_the_noc(at))
    if since is None:
        return None
    context = {"firm": case.firm, "since": since}
    return Panel("Owners now and at the NOC (M9)", "owners", "staff/panels/owners.html", context)
