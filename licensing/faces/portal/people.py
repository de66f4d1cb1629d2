"""A firm's own people and owners: whom it has nominated, who has left, and what it stated of its ownership."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.actions import people as actions
from licensing.actions.ownership import is_held_to_its_statement
from licensing.faces.forms import YES_NO
from licensing.faces.panels import Panel
from licensing.faces.people import ownership_now, people_shown
from licensing.models import ChangeOfControl, KeyIndividual, LicenceApplication, NocApplication
from licensing.models.firms import firms_of
from licensing.models.ownership import statement_in_effect
from licensing.models.people import officers_outstanding
from licensing.states import KeyIndividualState, KeyRole
from pvara.kernel import audit, figures
from pvara.kernel.machine import MoveRefused, StaleVersion, Stateful
from pvara.kernel.models import User
from pvara.kernel.web import applicants_only, explain_on, person, sent
from pvara.kernel.widgets import DayInput

# Where a person stands, as one would say it on the telephone.
WORDS = {
    "nominated": "We have received the nomination. A case officer takes up the vetting.",
    "vetting": "We are making the fit-and-proper checks. Then somebody else decides.",
    "approved": "We have approved this person.",
    "approved_conditional": "We have approved this person with conditions.",
    "objected": "We object to this person. They may not hold the role; report their departure.",
    "departed": "This person has left.",
}


class NominationForm(forms.Form):
    """Somebody for one or more key roles."""

    full_name = forms.CharField(label="Full name", max_length=200, help_text="As in the identity document.")
    roles = forms.MultipleChoiceField(
        label="Roles", choices=KeyRole.choices, widget=forms.CheckboxSelectMultiple, help_text="Choose all that apply."
    )
    nationality = forms.CharField(label="Nationality", max_length=80)
    born_on = forms.DateField(label="Date of birth", widget=DayInput)
    document_kind = forms.ChoiceField(
        label="Identity document", choices=[("", "Choose"), *KeyIndividual.Document.choices]
    )
    document_number = forms.CharField(
        label="Number of the document", max_length=40, help_text="Only those who vet the person see it in full."
    )
    residence = forms.CharField(label="Country of residence", max_length=80)
    in_house = forms.ChoiceField(
        label="Is the person employed by the firm itself?",
        choices=YES_NO,
        widget=forms.RadioSelect,
        help_text="The MLRO must be: the function may not be outsourced.",
    )
    employer = forms.CharField(
        label="Employer", max_length=200, required=False, help_text="Of who is employed elsewhere."
    )
    appointed_on = forms.DateField(
        label="Date of the appointment",
        widget=DayInput,
        help_text="Or the day on which it is to begin.",
    )

    def clean_in_house(self) -> bool:
        return bool(self.cleaned_data["in_house"] == "yes")


class DepartureForm(forms.Form):
    """That a person has left."""

    departed_on = forms.DateField(label="Last day in the role", widget=DayInput)
    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput)


def the_firm(request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(firms_of(request.user), pk=pk)


@require_safe
@applicants_only
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody in a key role, the ownership as stated, and what may be done about either."""
    firm = the_firm(request, pk)
    at = timezone.now()
    shown = {
        "firm": firm,
        "individuals": people_shown(firm),
        "vacant": officers_outstanding(firm, at),
        "ownership": ownership_now(firm, at),
        "held": is_held_to_its_statement(firm),
        "changes": ChangeOfControl.objects.filter(firm=firm).select_related("firm"),
    }
    return render(request, "portal/people.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def nominate(request: HttpRequest, pk: int) -> HttpResponse:
    firm = the_firm(request, pk)
    form = NominationForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            named = actions.nominate(firm, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{named} is nominated. A case officer takes up the vetting.")
            return redirect("portal:people", pk=pk)
    return render(request, "portal/nominate.html", {"firm": firm, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def individual(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: where they stand, the conditions or the objection, and the report of their departure."""
    rows = KeyIndividual.objects.visible_to(request.user).select_related("firm", "nominated_by")
    found = get_object_or_404(rows, pk=pk)
    at = timezone.now()
    first = {"departed_on": timezone.localdate(at), "version": found.version}
    form = None if found.state == KeyIndividualState.DEPARTED else DepartureForm(sent(request)[0], initial=first)
    if request.method == "POST" and form is None:
        messages.error(request, f"The departure of {found} is reported already.")
        return redirect("portal:individual", pk=pk)
    if request.method == "POST" and form is not None and form.is_valid() and _left(request, found, form, at):
        messages.success(request, f"The departure of {found} is reported.")
        return redirect("portal:people", pk=found.firm_id)
    objection = audit.history(found).filter(event="object_to").last()
    shown = {
        "individual": found,
        "firm": found.firm,
        "number": found.masked_number,
        "words": WORDS[found.state],
        "objection": objection,
        "form": form,
    }
    return render(request, "portal/individual.html", shown, status=422 if form is not None and form.errors else 200)


def _left(request: HttpRequest, found: KeyIndividual, form: DepartureForm, at: datetime) -> bool:
    said = dict(form.cleaned_data)
    try:
        actions.report_departure(found, by=person(request), at=at, expected_version=said.pop("version"), **said)
    except (ValidationError, MoveRefused) as refusal:
        explain_on(form, refusal)
    except StaleVersion:
        found.refresh_from_db()
        form.add_error(None, f"Meanwhile {found} is {found.get_state_display().lower()}. Report the departure again.")
        # What was typed stays; the version is the one that the person now sees.
        form.data = {**request.POST.dict(), "version": found.version}
    return not form.errors


def people_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What an application still needs to hear of the firm's people and owners; nothing of what was found."""
    if not isinstance(case, NocApplication | LicenceApplication):
        return None
    there = {
        role
        for each in people_shown(case.firm)
        if each.state not in (KeyIndividualState.DEPARTED, KeyIndividualState.OBJECTED)
        for role in each.roles
    }
    context = {
        "firm": case.firm,
        "unnamed": [KeyRole(role).label for role in _required(at) if role not in there],
        "statement": statement_in_effect(case.firm, at),
    }
    return Panel("Key individuals and ownership", "people", "portal/panels/people.html", context)


def _required(at: datetime) -> list[str]:
    return list(figures.value("key_individuals.required_roles", on=timezone.localdate(at)))
