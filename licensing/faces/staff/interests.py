"""Conflicts of interest: who is removed from a firm's cases, declaring an interest, lifting one, stepping back."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.access import LIFT_INTERESTS, READ_CASES
from licensing.actions import interests
from licensing.faces.panels import Panel
from licensing.models import Firm, Interest
from licensing.models.conflicts import removed_from
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.web import explain_on, holding, machine_called, person, sent, way_back
from pvara.kernel.widgets import DayInput


class InterestForm(forms.Form):
    """What ties me to this firm."""

    nature = forms.ChoiceField(label="What ties you to the firm", choices=(("", "Choose"), *interests.DECLARABLE))
    since = forms.DateField(label="Since", required=False, widget=DayInput)
    until = forms.DateField(
        label="Last day",
        required=False,
        widget=DayInput,
        help_text="Leave it empty as long as the tie holds.",
    )
    explanation = forms.CharField(
        label="Explanation",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Your colleagues read it; the firm does not.",
    )


class ReasonsForm(forms.Form):
    reasons = forms.CharField(
        label="Reasons", widget=forms.Textarea(attrs={"rows": 3}), help_text="They are part of the record."
    )


def conflicts_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """Who takes no part in the case and why, with the way to step back oneself."""
    firm = case.access_anchor
    if not isinstance(firm, Firm):
        return None
    removed = removed_from(firm, at, case=case)
    shown = {
        "removed": removed,
        "firm": firm,
        "may_lift": user.has_perm(LIFT_INTERESTS),
        "is_removed": any(each.person == user for each in removed),
        "recuse_href": reverse("staff:recuse", args=[case._meta.label_lower, case.pk]),
    }
    return Panel("Conflicts of interest", "conflicts", "staff/panels/conflicts.html", shown)


def firm_for(request: HttpRequest, pk: int) -> Firm:
    return get_object_or_404(Firm.objects.visible_to(request.user).prefetch_related("mous"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def interests_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody who is removed from the firm's cases today, the whole record, and the form for one's own interest."""
    firm = firm_for(request, pk)
    form = InterestForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            interests.declare(firm, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"Your interest is on record. You take no part in the cases of {firm} from now.")
            return redirect("staff:interests", pk=firm.pk)
    record = Interest.objects.filter(firm=firm).select_related("person", "lifting__lifted_by")
    shown = {
        "firm": firm,
        "form": form,
        "removed": removed_from(firm, timezone.now()),
        "record": record,
        "may_lift": request.user.has_perm(LIFT_INTERESTS),
    }
    return render(request, "staff/interests.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(LIFT_INTERESTS)
def interest_lift(request: HttpRequest, pk: int, who: int, nature: str) -> HttpResponse:
    """Lift what removes one person from the firm's cases, for one nature of interest."""
    firm = firm_for(request, pk)
    whose = get_object_or_404(User, pk=who)
    if nature not in Interest.Nature.values:
        raise Http404(f"There is no interest of the kind {nature}.")
    form = ReasonsForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            interests.lift(firm, whose, by=person(request), at=timezone.now(), nature=nature, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"The interest of {whose} is lifted.")
            return redirect("staff:interests", pk=firm.pk)
    standing = [
        each
        for removed in removed_from(firm, timezone.now())
        if removed.person == whose
        for each in removed.grounds
        if each.nature == nature
    ]
    shown = {"firm": firm, "whose": whose, "standing": standing, "form": form}
    return render(request, "staff/interest_lift.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def recuse(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Step back from one case."""
    model: Any = machine_called(kind)
    case = get_object_or_404(model.objects.visible_to(request.user), pk=pk)
    if not isinstance(case.access_anchor, Firm):
        raise Http404("This is not a firm's.")
    form = ReasonsForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            interests.recuse(case, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"You take no part in {case.reference} from now.")
            return redirect(way_back(request, case.get_absolute_url()))
    shown = {"case": case, "firm": case.access_anchor, "form": form}
    return render(request, "staff/recuse.html", shown, status=422 if form.errors else 200)
