"""Agreements of the state, for the regulator: the list, one with its team and what was promised, and their forms."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing.access import KEEP_AGREEMENTS, READ_CASES
from licensing.actions import agreements as actions
from licensing.faces.forms import DocumentForm
from licensing.models import Deliverable, Document, Firm, Mou, MouMember
from licensing.states import DeliverableKind, MouState
from pvara.kernel.forms import SharedForm
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import explain_on, holding, page_of, person, sent
from pvara.kernel.widgets import DayInput


class TermsForm(SharedForm):
    """What an agreement says."""

    title = forms.CharField(label="Title", max_length=200)
    state_party = forms.CharField(label="For the state", max_length=200, help_text="Such as “Ministry of Finance”.")
    scope = forms.CharField(label="Scope", widget=forms.Textarea(attrs={"rows": 4}))
    signed_on = forms.DateField(label="Signed on", required=False, widget=DayInput)
    in_force_from = forms.DateField(
        label="In force from", required=False, widget=DayInput, help_text="Empty: from the signing."
    )
    in_force_to = forms.DateField(
        label="In force until", required=False, widget=DayInput, help_text="Empty: no last day."
    )
    non_binding = forms.BooleanField(label="It binds neither side", required=False, initial=True)
    source = forms.URLField(label="Source", required=False, max_length=200, assume_scheme="https")


class DraftForm(TermsForm):
    """A new agreement: with whom, and what it says."""

    party = forms.CharField(
        label="The other party", max_length=200, help_text="In the name that stands in the agreement."
    )
    firm = forms.ModelChoiceField(
        label="Firm that it belongs to",
        queryset=Firm.objects.all(),
        required=False,
        empty_label="None of those registered",
        help_text="Its cases show the conflict of interest.",
    )
    field_order = ("title", "party", "firm")


class TeamForm(forms.Form):
    """Somebody who works on the agreement for the state."""

    person = forms.ModelChoiceField(
        label="Person",
        queryset=User.objects.filter(role_assignments__isnull=False, is_active=True).distinct().order_by("name", "pk"),
        help_text="They take no part in the cases of the other party, from now until the cool-off time is over.",
    )


class PromiseForm(forms.Form):
    """Something that was promised."""

    kind = forms.ChoiceField(label="Kind", choices=[("", "Choose"), *DeliverableKind.choices])
    title = forms.CharField(label="Title", max_length=200)
    description = forms.CharField(label="Description", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    due_on = forms.DateField(label="Due on", required=False, widget=DayInput)


def _crumbs(mou: Mou | None = None) -> list[tuple[str, str]]:
    first = ("Agreements", reverse("staff:agreements"))
    return [first] if mou is None else [first, (mou.title, mou.get_absolute_url())]


def _form_page(request: HttpRequest, form: forms.Form, title: str, submit: str, mou: Mou | None = None) -> HttpResponse:
    crumbs = _crumbs(mou)
    shown = {
        "form": form,
        "title": title,
        "submit": submit,
        "crumbs": crumbs,
        "cancel": crumbs[-1][1],
        "above": mou or "",
    }
    return render(request, "staff/form.html", shown, status=422 if form.errors else 200)


@require_safe
@holding(READ_CASES)
def agreements(request: HttpRequest) -> HttpResponse:
    """Every agreement, with what is promised and what of it is late."""
    today = timezone.localdate()
    late = Q(deliverables__state="promised", deliverables__due_on__lt=today)
    rows = Mou.objects.visible_to(request.user).prefetch_related("parties__firm")
    rows = rows.annotate(promised=Count("deliverables"), late=Count("deliverables", filter=late))
    # What is grouped forgets its order.
    rows = rows.order_by(F("signed_on").desc(nulls_first=True), "-pk")
    shown = {"page": page_of(rows, request), "may_keep": request.user.has_perm(KEEP_AGREEMENTS)}
    return render(request, "staff/agreements.html", shown)


@require_safe
@holding(READ_CASES)
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """One agreement: its terms and parties, the conflicts of interest it makes, its team, and what was promised."""
    rows = Mou.objects.visible_to(request.user).prefetch_related("parties__firm", "deliverables")
    mou = get_object_or_404(rows.select_related("recorded_by", "ended_by"), pk=pk)
    at = timezone.now()
    keeps = request.user.has_perm(KEEP_AGREEMENTS)
    shown = {
        "mou": mou,
        "parties": mou.parties.all(),
        "flagged": [each.firm for each in mou.parties.all() if each.firm_id and mou.is_signed],
        "in_force": mou.is_in_force(at),
        "team": mou.team.select_related("person"),
        "deliverables": [(each, each.is_late(at)) for each in mou.deliverables.all()],
        "may_keep": keeps,
        "may_change": keeps and mou.state == MouState.DRAFT,
        "may_promise": keeps and mou.state != MouState.ENDED,
    }
    return render(request, "staff/agreement.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(KEEP_AGREEMENTS)
def agreement_new(request: HttpRequest) -> HttpResponse:
    form = DraftForm(sent(request)[0], shows=None)
    if request.method == "POST" and form.is_valid():
        terms = dict(form.cleaned_data)
        party = (terms.pop("party"), terms.pop("firm"))
        try:
            mou = actions.draft_agreement([party], by=person(request), at=timezone.now(), **terms)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{mou.reference} is in the list; record its signing when it is signed.")
            return redirect(mou.get_absolute_url())
    return _form_page(request, form, "Record an agreement", "Record the agreement")


@require_http_methods(["GET", "HEAD", "POST"])
@holding(KEEP_AGREEMENTS)
def agreement_change(request: HttpRequest, pk: int) -> HttpResponse:
    """The terms of a draft."""
    mou = get_object_or_404(Mou.objects.visible_to(request.user), pk=pk)
    form = TermsForm(sent(request)[0], shows=mou.terms)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_terms(mou, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, "The terms are changed.")
            return redirect(mou.get_absolute_url())
    return _form_page(request, form, "Change the terms", "Save the terms", mou)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(KEEP_AGREEMENTS)
def team_join(request: HttpRequest, pk: int) -> HttpResponse:
    mou = get_object_or_404(Mou.objects.visible_to(request.user), pk=pk)
    form = TeamForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            member = actions.join_team(mou, form.cleaned_data["person"], by=person(request), at=timezone.now())
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{member.person} works on the agreement from today.")
            return redirect(mou.get_absolute_url())
    return _form_page(request, form, "Add somebody to the team", "Add to the team", mou)


@require_POST
@holding(KEEP_AGREEMENTS)
def team_leave(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(MouMember.objects.select_related("mou"), pk=pk)
    try:
        left = actions.leave_team(member, by=person(request), at=timezone.now())
    except (ValidationError, PermissionDenied) as refusal:
        said = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
        for each in said:
            messages.error(request, each)
    else:
        messages.success(request, f"{left.person} no longer works on the agreement; the cool-off time runs.")
    return redirect(member.mou.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@holding(KEEP_AGREEMENTS)
def deliverable_new(request: HttpRequest, pk: int) -> HttpResponse:
    mou = get_object_or_404(Mou.objects.visible_to(request.user), pk=pk)
    form = PromiseForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.promise(mou, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"“{made.title}” is written down.")
            return redirect(mou.get_absolute_url())
    return _form_page(request, form, "Write down what was promised", "Write it down", mou)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def deliverable(request: HttpRequest, pk: int) -> HttpResponse:
    """One promise: where it stands, the documents that show the delivery, and the form for another."""
    rows = Deliverable.objects.visible_to(request.user).select_related(
        "mou", "recorded_by", "delivery_recorded_by", "accepted_by", "dropped_by"
    )
    found: Any = get_object_or_404(rows, pk=pk)
    keeps = request.user.has_perm(KEEP_AGREEMENTS) and found.state in ("promised", "delivered")
    form = DocumentForm(*sent(request)) if keeps else None
    if request.method == "POST" and form is None:
        messages.error(request, "Documents are added by those who keep the agreements, until the delivery is accepted.")
        return redirect(found.get_absolute_url())
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            actions.document_delivery(found, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "The document is attached.")
            return redirect(found.get_absolute_url())
    shown = {
        "deliverable": found,
        "mou": found.mou,
        "late": found.is_late(timezone.now()),
        "documents": Document.objects.about(found),
        "form": form,
    }
    return render(request, "staff/deliverable.html", shown, status=422 if form is not None and form.errors else 200)
