"""Appeals for the regulator: recording one, its leave and panel, and the panel on the pages of cases."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.access import DECIDE, GRANT_LICENCE, READ_CASES, RECORD_APPEALS
from licensing.actions import appeals as actions
from licensing.faces import clocks
from licensing.faces.staff.cases import letters_about
from licensing.models import Appeal, Firm
from licensing.models.appeals import decisions_of, title_of
from licensing.states import APPEAL_PENDING, AppealState
from pvara.kernel import roles
from pvara.kernel.forms import SharedForm
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import explain_on, holding, person, sent
from pvara.kernel.widgets import DayInput


class AppealForm(forms.Form):
    """A decision, and why it is appealed."""

    decision = forms.ChoiceField(label="Which decision")
    grounds = forms.CharField(
        label="Why the decision is wrong", widget=forms.Textarea(attrs={"rows": 6}), max_length=20_000
    )

    def __init__(self, decisions: list[AuditEntry], data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.decisions = {str(each.pk): each for each in decisions}
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose"), *((key, title_of(each)) for key, each in self.decisions.items())]

    def clean_decision(self) -> AuditEntry:
        return self.decisions[self.cleaned_data["decision"]]


class RecordedAppealForm(AppealForm):
    """An appeal as the tribunal's recorder enters it."""

    filed_on = forms.DateField(label="Filed on", widget=DayInput)
    tribunal_number = forms.CharField(label="Tribunal's number", max_length=60, required=False)
    leave = forms.CharField(
        label="Leave to appeal late",
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text="By whom and why, when the time to appeal had ended.",
    )


class LeaveForm(SharedForm):
    """What is noted before the appeal is recorded."""

    tribunal_number = forms.CharField(label="Tribunal's number", max_length=60, required=False)
    leave = forms.CharField(label="Leave to appeal late", widget=forms.Textarea(attrs={"rows": 2}), required=False)


class PanelForm(SharedForm):
    """Who sits on the appeal."""

    members = forms.MultipleChoiceField(label="Members of the panel", widget=forms.CheckboxSelectMultiple)

    def __init__(self, people: list[User], data: Any, *, shows: dict[str, list[User]]) -> None:
        super().__init__(data, shows=shows, initial={"members": [str(each.pk) for each in shows["members"]]})
        self.people = {str(each.pk): each for each in people}
        field = self.fields["members"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(key, str(each)) for key, each in self.people.items()]

    def clean_members(self) -> list[User]:
        return [self.people[key] for key in self.cleaned_data["members"]]


def eligible(appeal: Appeal, *, but: User) -> list[User]:
    """Members of the committee and of the board who took no part in the decision."""
    codes = [each.code for each in roles.ROLES.values() if {DECIDE, GRANT_LICENCE} & each.permissions]
    people = User.objects.filter(role_assignments__role__in=codes, is_active=True).distinct().order_by("name", "pk")
    took_part = appeal.participant_ids()
    return [each for each in people if each.pk not in took_part and each != but]


@require_http_methods(["GET", "HEAD", "POST"])
@holding(RECORD_APPEALS)
def appeal_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter an appeal that reached the tribunal."""
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    form = RecordedAppealForm(decisions_of(firm), sent(request)[0], initial={"filed_on": timezone.localdate(at)})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.give_notice(firm, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{made.reference} is entered; record it when its time, or its leave, is clear.")
            return redirect(made)
    shown = {"firm": firm, "form": form}
    return render(request, "staff/appeal_new.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal: the decision, the grounds, the panel, and what may be recorded."""
    rows = Appeal.objects.visible_to(request.user).select_related("firm", "decision", "noticed_by", "recorded_by")
    found = get_object_or_404(rows.prefetch_related("firm__mous", "panel"), pk=pk)
    at = timezone.now()
    keeps = request.user.has_perm(RECORD_APPEALS) and found.state in (AppealState.NOTICED, *APPEAL_PENDING)
    data = sent(request)[0]
    which = data.get("form") if data is not None else None
    leave_form = panel_form = None
    if keeps:
        leave_form = LeaveForm(data if which == "leave" else None, shows=found.noted)
        people = eligible(found, but=person(request))
        panel_form = PanelForm(people, data if which == "panel" else None, shows=found.named)
    form: Any = {"leave": leave_form, "panel": panel_form}.get(which or "")
    if request.method == "POST" and form is None:
        messages.error(request, "The record of an appeal is kept by the tribunal's recorder and by legal officers.")
        return redirect(found)
    if form is not None and form.is_valid():
        act = actions.note_leave if which == "leave" else actions.name_panel
        try:
            act(found, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, "Noted." if which == "leave" else "The panel is named.")
            return redirect(found)
    shown = {
        "appeal": found,
        "firm": found.firm,
        "subject": found.subject,
        "last_day": found.last_day(),
        "leave_form": leave_form,
        "panel_form": panel_form,
        "form": form,
        "letters": letters_about(found),
        "clocks": clocks.for_staff(Appeal, [found], at)[found.pk],
    }
    return render(request, "staff/appeal.html", shown, status=422 if form is not None and form.errors else 200)
