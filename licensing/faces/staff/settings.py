"""The settings of the regime for the regulator: all of them, the history of one, and a change from proposal on."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.access import PROPOSE_SETTINGS, READ_CASES
from licensing.actions import settings as actions
from licensing.faces.settings import sections
from licensing.models import SettingChange
from licensing.models.settings import Setting, clocks_of, setting_called
from licensing.states import SettingChangeState
from pvara.kernel.models import Figure
from pvara.kernel.web import explain_on, holding, person, sent
from pvara.kernel.widgets import DayInput

DAYS = (Figure.Unit.WORKING_DAYS, Figure.Unit.DAYS)


class ChangeForm(forms.Form):
    """What a setting is to say, from which day, and why."""

    effective_from = forms.DateField(label="Takes effect on", widget=DayInput, help_text="A day to come.")
    source = forms.CharField(
        label="Decided by", max_length=500, help_text="The decision, rule or notification, with its number and date."
    )
    reasons = forms.CharField(label="Reasons", widget=forms.Textarea(attrs={"rows": 3}))
    field_order = ("value", "unit", "effective_from", "source", "reasons")

    def __init__(self, setting: Setting, data: Any = None) -> None:
        super().__init__(data)
        newest = setting.newest
        self.fields["value"] = _field_for(setting)
        if newest.unit in DAYS and clocks_of(setting.key):
            self.fields["unit"] = forms.ChoiceField(
                label="Counted in", choices=[(each.value, each.label) for each in DAYS], initial=newest.unit
            )
        self.order_fields(self.field_order)


def _field_for(setting: Setting) -> forms.Field:
    newest = setting.newest
    told: dict[str, Any] = {"label": "New value", "initial": newest.value}
    if newest.unit == Figure.Unit.SWITCH:
        choices = [("on", "On"), ("off", "Off")]
        return forms.ChoiceField(
            label="New value", choices=choices, initial="on" if newest.value else "off", widget=forms.RadioSelect
        )
    if newest.unit == Figure.Unit.WORDS:
        if not isinstance(newest.value, list):
            return forms.CharField(max_length=500, **told)
        told["initial"] = "\n".join(newest.value)
        rows = len(newest.value) + 2
        return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), help_text="One entry a line.", **told)
    if newest.unit == Figure.Unit.DAY:
        return forms.DateField(widget=DayInput, required=False, help_text="Empty: no day yet.", **told)
    number = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    unit = str(Figure.Unit(newest.unit).label)
    return forms.CharField(widget=number, help_text=f"In {unit}." if newest.unit != "count" else "", **told)


@require_safe
@holding(READ_CASES)
def settings(request: HttpRequest) -> HttpResponse:
    """Every number, switch and list that staff may change, in sections."""
    return render(request, "staff/settings.html", {"sections": sections(timezone.localdate())})


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def setting(request: HttpRequest, key: str) -> HttpResponse:
    """One setting: what it says and said, whom a change would reach, and the form that proposes one."""
    found = setting_called(key)
    if found is None:
        raise Http404(f"There is no setting “{key}”.")
    waiting = SettingChange.objects.filter(key=key, state=SettingChangeState.PROPOSED).first()
    may = request.user.has_perm(PROPOSE_SETTINGS)
    if request.method == "POST" and not may:
        messages.error(request, "A change is proposed by supervisors, legal and finance officers.")
        return redirect(found.get_absolute_url())
    form = ChangeForm(found, sent(request)[0]) if may and (waiting is None or request.method == "POST") else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            change = actions.propose(key, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{change.reference} is proposed; a member of the board publishes or refuses it.")
            return redirect(change.get_absolute_url())
    today = timezone.localdate()
    shown = {
        "setting": found,
        "now": found.on(today),
        "to_come": found.to_come(today),
        "governed": clocks_of(key),
        "waiting": waiting,
        "changes": SettingChange.objects.filter(key=key).select_related("proposed_by", "published_by", "refused_by"),
        "form": form,
    }
    return render(request, "staff/setting.html", shown, status=422 if form is not None and form.errors else 200)


@require_safe
@holding(READ_CASES)
def setting_change(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: what would change, for whom, and its moves."""
    rows = SettingChange.objects.visible_to(request.user).select_related("proposed_by", "published_by", "refused_by")
    found: Any = get_object_or_404(rows, pk=pk)
    shown = {
        "change": found,
        "governed": clocks_of(found.key),
        "setting_href": reverse("staff:setting", args=[found.key]),
    }
    return render(request, "staff/setting_change.html", shown)
