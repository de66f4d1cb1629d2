"""Refusals in the making, for the regulator: grounds, the notice, what the firm says to it, and what came of that."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.access import DECIDE, DRAFT_DECISIONS, READ_CASES
from licensing.actions import refusals as actions
from licensing.faces.panels import Panel
from licensing.faces.staff.conditions import case_to_decide, kind_of
from licensing.models import Document, RefusalGround, Representation
from licensing.models.framework import as_rules
from licensing.models.refusals import MayBeRefused
from licensing.states import NocState
from pvara.kernel import audit
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.web import explain_on, holding, person, sent

# Where a refusal is prepared, given notice of, or made.
SHOWN_IN = (
    *(NocState.RECOMMENDED, NocState.MINDED_TO_REFUSE, NocState.REFUSED),
    *(NocState.GRANTED, NocState.SUSPENDED, NocState.REVOKED),
)


class GroundForm(forms.Form):
    """What a refusal rests on."""

    about = forms.ChoiceField(label="Criterion or section of the form")
    text = forms.CharField(
        label="What is wrong there",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The firm reads it in the notice, and answers it.",
    )

    def __init__(self, *args: Any, case: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        criteria = as_rules(case.framework_at(at)).applicable(case.phase)
        field = self.fields["about"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "Choose"),
            ("Criteria", [(each.code, f"{each.code} {each.title}") for each in criteria]),
            ("Sections of the form", [(each.key, each.title) for each in case.form]),
        ]


class ConsiderationForm(forms.Form):
    """What came of a representation."""

    note = forms.CharField(
        label="What was considered, and what came of it",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="It is part of the record of the decision.",
    )


def refusal_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """The grounds that are drafted, every notice with its grounds, and what the firm said to it."""
    if not isinstance(case, MayBeRefused) or case.state not in SHOWN_IN:
        return None
    given = any(event.startswith("notify_") for event, _, _ in audit.outline(case))
    notices = list(case.refusalnotices.order_by("number")) if given else []  # type: ignore[attr-defined]
    may_draft = case.may_draft_grounds and user.has_perm(DRAFT_DECISIONS)
    grounds: dict[int | None, list[RefusalGround]] = {}
    for each in case.grounds():
        grounds.setdefault(each.notice_id, []).append(each)
    said: dict[int, list[Representation]] = {}
    if notices:
        rows = Representation.objects.filter(notice__in=notices)
        for made in rows.select_related("made_by", "consideration__considered_by"):
            said.setdefault(made.notice_id, []).append(made)
    if not notices and not grounds and not may_draft:
        return None
    shown = {
        "drafted": grounds.get(None, []),
        "notices": [(each, grounds.get(each.pk, []), said.get(each.pk, [])) for each in notices],
        "may_draft": may_draft,
        "href": reverse("staff:ground_new", args=[kind_of(case), case.pk]) if may_draft else "",
    }
    title = "Notices and their grounds" if case.state in (NocState.GRANTED, NocState.SUSPENDED) else "Refusal"
    return Panel(title, "refusal", "staff/panels/refusal.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(DRAFT_DECISIONS)
def ground_new(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Draft a ground for refusing a case."""
    case, at = case_to_decide(request, kind, pk), timezone.now()
    form = GroundForm(sent(request)[0], case=case, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            actions.draft_ground(case, by=person(request), at=at, **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "The ground is drafted. Votes that were cast before count no more.")
            return redirect(f"{case.get_absolute_url()}#refusal")
    shown = {"case": case, "firm": case.firm, "form": form}
    return render(request, "staff/ground_new.html", shown, status=422 if form.errors else 200)


@require_POST
@holding(DRAFT_DECISIONS)
def ground_taken_back(request: HttpRequest, pk: int) -> HttpResponse:
    ground = get_object_or_404(RefusalGround.objects.visible_to(request.user), pk=pk)
    case = ground.case
    try:
        actions.take_back_ground(ground, by=person(request), at=timezone.now())
    except ValidationError as refusal:
        for said in refusal.messages:
            messages.error(request, said)
    else:
        messages.success(request, "The draft is taken back. Votes that were cast before count no more.")
    return redirect(f"{case.get_absolute_url()}#refusal")


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def representation(request: HttpRequest, pk: int) -> HttpResponse:
    """What the firm said, with its documents; and, for those who decide, the form that records what came of it."""
    rows = Representation.objects.visible_to(request.user).select_related(
        "made_by", "notice__firm", "notice__noc", "notice__application", "consideration__considered_by"
    )
    found = get_object_or_404(rows, pk=pk)
    case = found.notice.case
    consideration = getattr(found, "consideration", None)
    waits = consideration is None and case.notice_that_waits() == found.notice
    form = ConsiderationForm(sent(request)[0]) if waits and request.user.has_perm(DECIDE) else None
    if request.method == "POST" and form is None:
        messages.error(request, "It is considered once, by those who decide, before anything is decided on the notice.")
        return redirect("staff:representation", pk=pk)
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            actions.consider(found, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "It is on record that this was considered.")
            return redirect(f"{case.get_absolute_url()}#refusal")
    shown = {
        "made": found,
        "case": case,
        "firm": found.notice.firm,
        "grounds": found.notice.grounds.select_related("criterion", "noc", "application"),
        "documents": Document.objects.about(found),
        "consideration": consideration,
        "form": form,
    }
    return render(request, "staff/representation.html", shown, status=422 if form is not None and form.errors else 200)
