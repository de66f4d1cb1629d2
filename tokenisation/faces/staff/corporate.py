"""Corporate actions: the list, the page of one, the rates of floating periods and the evidence of payments."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from pvara.kernel import deadlines, flags
from pvara.kernel.machine import MoveRefused
from pvara.kernel.web import explain_on, holding, page_of, person
from tokenisation.access import PROPOSE_ACTION, VIEW
from tokenisation.actions import corporate as actions
from tokenisation.faces.corporate_forms import EventForm, EvidenceForm, FixingForm, PartialForm
from tokenisation.faces.staff.assets import acted, the_asset
from tokenisation.models import CorporateAction, RateFixing
from tokenisation.states import ActionState


@require_safe
@holding(VIEW)
def corporate_actions(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = CorporateAction.objects.visible_to(request.user).select_related("asset")
    if state in ActionState.values:
        found = found.filter(state=state)
    shown = {"page": page_of(found.by_date(), request), "state": state, "states": ActionState.choices}
    return render(request, "staff/corporate_actions.html", shown)


def the_action(request: HttpRequest, pk: int) -> CorporateAction:
    found = CorporateAction.objects.visible_to(request.user).select_related("asset", "snapshot")
    return get_object_or_404(found.select_related("proposed_by", "decided_by", "confirmed_by"), pk=pk)


@require_safe
@holding(VIEW)
def corporate_action(request: HttpRequest, pk: int) -> HttpResponse:
    return _action(request, the_action(request, pk))


def _action(request: HttpRequest, found: CorporateAction, *, bound: forms.BaseForm | None = None) -> HttpResponse:
    may = request.user.has_perm(PROPOSE_ACTION)
    due = found.state in (ActionState.DUE, ActionState.MISSED)
    offered: dict[str, tuple[bool, type[forms.BaseForm]]] = {
        "fixing_form": (may and found.awaits_rate, FixingForm),
        "evidence_form": (may and due, EvidenceForm),
    }
    shown: dict[str, Any] = {
        name: (bound if isinstance(bound, kind) else kind()) if allowed else None
        for name, (allowed, kind) in offered.items()
    }
    shown |= {
        "action": found,
        "fixings": found.fixings.select_related("proposed_by", "decided_by"),
        "evidence": found.evidence.select_related("recorded_by"),
        "dues": found.dues,
        "clocks": _clocks(found, timezone.now()),
        "form": bound,
    }
    return render(request, "staff/corporate_action.html", shown, status=422 if bound is not None else 200)


def _clocks(action: CorporateAction, at: datetime) -> dict[str, Any]:
    """The clocks of a payment, each with the newest flag that stands on it, and where they are explained."""
    ticking = deadlines.of(action, at)
    raised = flags.of_rows(CorporateAction, {action.pk: ticking})
    return {
        "clocks": [{"ticking": each, "flag": raised.get((action.pk, each.rule.name), [None])[-1]} for each in ticking],
        "href": reverse("staff:clocks", args=[action._meta.label_lower, action.pk]),
    }


@require_POST
@holding(PROPOSE_ACTION)
def fixing_new(request: HttpRequest, pk: int) -> HttpResponse:
    done = "The rate is proposed. Another person of the debt office fixes it."
    return _done(request, pk, FixingForm(request.POST), actions.propose_rate, done)


@require_POST
@holding(PROPOSE_ACTION)
def evidence_new(request: HttpRequest, pk: int) -> HttpResponse:
    done = "The evidence is recorded. Another person of the debt office confirms the payment by it."
    return _done(request, pk, EvidenceForm(request.POST), actions.record_payment, done)


def _done(request: HttpRequest, pk: int, form: forms.Form, act: Callable[..., Any], done: str) -> HttpResponse:
    found = the_action(request, pk)
    if form.is_valid():
        try:
            act(found, **form.cleaned_data, by=person(request), at=timezone.now())
        except (MoveRefused, ValidationError) as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, done)
            return redirect(found)
    return _action(request, the_action(request, pk), bound=form)


@require_safe
@holding(VIEW)
def rate_fixing(request: HttpRequest, pk: int) -> HttpResponse:
    rows = RateFixing.objects.visible_to(request.user).select_related("action__asset", "proposed_by", "decided_by")
    return render(request, "staff/rate_fixing.html", {"fixing": get_object_or_404(rows, pk=pk)})


# ── Proposed on an asset's page ──────────────────────────────────────────────────────────────────────────────────────
@require_POST
@holding(PROPOSE_ACTION)
def partial_new(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = the_asset(request, pk), PartialForm(request.POST)
    done = "The partial redemption is proposed. Another person of the debt office announces it."
    return acted(request, found, form, actions.propose_partial, done)


@require_POST
@holding(PROPOSE_ACTION)
def event_new(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = the_asset(request, pk), EventForm(request.POST)
    done = "The event is proposed. Another person of the debt office establishes it."
    return acted(request, found, form, actions.propose_event, done)
