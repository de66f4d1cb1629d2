"""Editing a draft of the framework: the version itself, its domains, its criteria and the bars of its gates."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.access import DRAFT_FRAMEWORKS
from licensing.actions import framework as actions
from licensing.faces.staff.frameworks import version_called
from licensing.models import Criterion, Domain, EvidenceKind, Framework, GateBar
from pvara.kernel.forms import SharedForm
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import explain_on, holding, person, sent
from pvara.kernel.widgets import DayInput


def number() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


def per_cent(label: str, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=5, decimal_places=2, help_text="In per cent.", widget=number(), **more
    )


class VersionForm(SharedForm):
    """What is said of a version as a whole."""

    edition = forms.CharField(label="Number", max_length=20, help_text="Such as 2.0.")
    effective_from = forms.DateField(label="Takes effect on", widget=DayInput, help_text="A day to come.")
    green = per_cent("Green from")
    amber = per_cent("Amber from")
    rated_twice = forms.BooleanField(
        label="Every criterion is rated twice",
        required=False,
        help_text="By two assessors, the second without having seen what the first gave.",
    )


class DomainForm(SharedForm):
    code = forms.CharField(label="Code", max_length=4, help_text="Such as D13.")
    title = forms.CharField(label="Title", max_length=100)


class CriterionForm(SharedForm):
    """What a criterion asks, what it counts, and what proves it."""

    code = forms.CharField(
        label="Code",
        max_length=6,
        help_text="Such as 1.9. Ratings and evidence belong to it: what asks something else has a code of its own.",
    )
    title = forms.CharField(label="What is asked", max_length=200)
    points = forms.DecimalField(
        label="Points", max_digits=5, decimal_places=2, help_text="All criteria together have 100.", widget=number()
    )
    applies_from = forms.ChoiceField(label="Applies from", choices=Criterion.PHASES, widget=forms.RadioSelect)
    mark = forms.ChoiceField(  # type: ignore[assignment]  # a field; the form's own mark stays what it is
        label="Mark",
        choices=Criterion.MARKS,
        required=False,
        widget=forms.RadioSelect,
        help_text="A mandatory criterion has a bar of its own; a knock-out has one that nobody overrides.",
    )
    waivable_by_committee = forms.BooleanField(
        label="The committee may waive it",
        required=False,
        help_text="For one firm, by its votes and with reasons; an assessor then cannot find it not applicable.",
    )
    evidence_wanted = forms.CharField(label="Evidence wanted, in words", max_length=200)
    kinds = forms.MultipleChoiceField(
        label="Kinds of evidence that it accepts", widget=forms.CheckboxSelectMultiple, required=False
    )
    validity_months = forms.IntegerField(
        label="Evidence is good for, in months",
        required=False,
        help_text="Empty: until something changes.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kinds"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(EvidenceKind.objects.values_list("code", "title"))
        # None is chosen by leaving it; the action says that at least one kind is needed.
        field.needed = True  # type: ignore[attr-defined]  # read by elements/field.html


class GateForm(SharedForm):
    """The bars of a gate; a field for each domain's floor."""

    title = forms.CharField(label="Title", max_length=100)
    total = per_cent("Total needed")
    other_floor = per_cent("Floor of every domain without one of its own", required=False)
    conditions_below = per_cent("Conditions are compulsory below", required=False)

    def __init__(self, *args: Any, gate: GateBar, domains: list[Domain], **kwargs: Any) -> None:
        said = gate.said
        floors = {f"floor_{code}": floor for code, floor in said["floors"].items()}
        super().__init__(*args, shows=said, initial={**said, **floors}, **kwargs)
        for domain in domains:
            self.fields[f"floor_{domain.code}"] = per_cent(f"Floor of {domain}", required=False)

    def typed(self) -> dict[str, Any]:
        """The bars as the action takes them, with the floors of all domains in one."""
        said = {name: value for name, value in self.cleaned_data.items() if not name.startswith("floor_")}
        floors = {name: value for name, value in self.cleaned_data.items() if name.startswith("floor_")}
        return {**said, "floors": {k.removeprefix("floor_"): v for k, v in floors.items() if v is not None}}

    def put(self, name: str, said: Any) -> None:
        if name != "floors":
            super().put(name, said)
            return
        for field in self.fields:
            if field.startswith("floor_"):
                super().put(field, said.get(field.removeprefix("floor_"), ""))

    def words_of(self, name: str, said: Any) -> str:
        if name != "floors":
            return super().words_of(name, said)
        return ", ".join(f"{code} {floor}" for code, floor in said.items()) or "none"


def _edited(
    request: HttpRequest,
    draft: Framework,
    form: SharedForm,
    write: Callable[..., Any],
    *,
    title: str,
    submit: str,
    lead: str = "",
    **more: Any,
) -> HttpResponse:
    """A form of a draft: what was written, or the page with the form and what is wrong with it."""
    if request.method == "POST" and form.is_valid():
        try:
            write(by=person(request), at=timezone.now(), **form.typed())
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, f"{title}: it is written into the draft.")
            return redirect(draft.get_absolute_url())
    shown = {"framework": draft, "form": form, "title": title, "submit": submit, "lead": lead, **more}
    return render(request, "staff/framework_form.html", shown, status=422 if form.errors else 200)


def _of(request: HttpRequest, pk: int, rows: Any, code: str) -> tuple[Framework, Any]:
    draft = version_called(request, pk)
    return draft, get_object_or_404(rows.filter(**{_path(rows.model): draft}), code=code)


def _path(model: Any) -> str:
    return "domain__framework" if model is Criterion else "framework"


@require_http_methods(["GET", "HEAD", "POST"])
@holding(DRAFT_FRAMEWORKS)
def framework_change(request: HttpRequest, pk: int) -> HttpResponse:
    draft = version_called(request, pk)
    form = VersionForm(sent(request)[0], shows=draft.said)
    return _edited(
        request, draft, form, lambda **said: actions.change_version(draft, **said), title=str(draft), submit="Save"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(DRAFT_FRAMEWORKS)
def domain_new(request: HttpRequest, pk: int) -> HttpResponse:
    draft = version_called(request, pk)
    form = DomainForm(sent(request)[0], shows=None)
    return _edited(
        request, draft, form, lambda **said: actions.add_domain(draft, **said), title="A new domain", submit="Add it"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(DRAFT_FRAMEWORKS)
def domain(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    draft, found = _of(request, pk, Domain.objects.all(), code)
    form = DomainForm(sent(request)[0], shows=found.said)
    return _edited(
        request,
        draft,
        form,
        lambda **said: actions.change_domain(found, **said),
        title=str(found),
        submit="Save",
        removal="staff:domain_removed",
        code=code,
        removes="Remove the domain",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(DRAFT_FRAMEWORKS)
def criterion_new(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    draft, found = _of(request, pk, Domain.objects.all(), code)
    form = CriterionForm(sent(request)[0], shows=None, initial={"applies_from": "FULL", "mark": ""})
    return _edited(
        request,
        draft,
        form,
        lambda **said: actions.add_criterion(found, **said),
        title=f"A new criterion of {found}",
        submit="Add it",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(DRAFT_FRAMEWORKS)
def criterion_change(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    draft, found = _of(request, pk, Criterion.objects.all(), code)
    form = CriterionForm(sent(request)[0], shows=found.said)
    return _edited(
        request,
        draft,
        form,
        lambda **said: actions.change_criterion(found, **said),
        title=str(found),
        submit="Save",
        removal="staff:criterion_removed",
        code=code,
        removes="Remove the criterion",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(DRAFT_FRAMEWORKS)
def gate_change(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    draft, found = _of(request, pk, GateBar.objects.all(), code)
    form = GateForm(sent(request)[0], gate=found, domains=list(draft.domains.all()))
    return _edited(
        request,
        draft,
        form,
        lambda **said: actions.change_gate(found, **said),
        title=f"Gate {found}",
        submit="Save",
        lead="A floor that is left empty is none: the domain then needs what every other domain needs.",
    )


@require_POST
@holding(DRAFT_FRAMEWORKS)
def domain_removed(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    draft, found = _of(request, pk, Domain.objects.all(), code)
    return _removed(request, draft, found, actions.remove_domain)


@require_POST
@holding(DRAFT_FRAMEWORKS)
def criterion_removed(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    draft, found = _of(request, pk, Criterion.objects.all(), code)
    return _removed(request, draft, found, actions.remove_criterion)


def _removed(request: HttpRequest, draft: Framework, found: Any, remove: Callable[..., None]) -> HttpResponse:
    try:
        remove(found, by=person(request), at=timezone.now())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, f"{found} is out of the draft.")
    return redirect(draft.get_absolute_url())
