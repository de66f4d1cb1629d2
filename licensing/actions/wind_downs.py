"""A wind-down: opened with the end of a licence, planned by the firm, held while an appeal stays the revocation."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from licensing.access import REPRESENT
from licensing.actions.applications import require
from licensing.actions.documents import attach
from licensing.actions.notices import tell_firm
from licensing.models import Appeal, Document, Licence, WindDown
from licensing.states import WindDownState
from pvara.kernel import audit, clock, deadlines, figures
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import require_seen


# ── Beginning and end ────────────────────────────────────────────────────────────────────────────────────────────────
def open_wind_down(licence: Licence, *, at: datetime) -> WindDown:
    """Open the wind-down of a licence that ends now; both of its clocks start."""
    winding = WindDown.objects.create(
        firm_id=licence.firm_id,
        licence=licence,
        opened_at=at,
        due_on=figures.last_day("wind_down.finish", timezone.localdate(at)),
    )
    audit.record(winding, event="opened", by=None, at=at, to_state=winding.state)
    for rule in winding.clocks:
        clock.start(winding, rule.name, at=at, reason=f"{licence.reference} is {licence.get_state_display().lower()}")
    return winding


def end_wind_down(licence: Licence, *, at: datetime, note: str) -> None:
    """End what is open for a licence that its holder has again."""
    for winding in WindDown.objects.filter(licence=licence).exclude(state__in=WindDown.closed_states):
        perform(winding, "end_with_appeal", by=None, at=at, expected_version=winding.version, note=note)


# ── The plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _awaiting_its_plan(winding: WindDown, *, by: User) -> WindDown:
    require(by, REPRESENT, winding)
    winding = WindDown.objects.select_for_update(of=("self",), no_key=True).get(pk=winding.pk)
    if winding.state != WindDownState.AWAITING_PLAN:
        raise ValidationError("The plan is submitted, or the wind-down closed: nothing is changed or added now.")
    return winding


def write_plan(winding: WindDown, plan: str, *, by: User, at: datetime, seen: str = "") -> WindDown:
    """Keep the firm's plan until a signatory submits it; the log keeps every wording. Raises ValidationError.

    `seen` is the mark of the plan that it takes the place of. Raises ChangedMeanwhile where that is another by now.
    """
    if not plan.strip():
        raise ValidationError({"plan": "Say how clients get their assets back, by when, and who sees to it."})
    with transaction.atomic():
        winding = _awaiting_its_plan(winding, by=by)
        require_seen(seen, winding.planned, log=audit.history(winding).filter(event="plan_written"))
        winding.plan = plan.strip()
        winding.save(update_fields=["plan"])
        audit.record(winding, event="plan_written", by=by, at=at, note=winding.plan)
        return winding


@transaction.atomic
def attach_to_plan(winding: WindDown, file: UploadedFile, *, title: str, by: User, at: datetime) -> Document:
    """Attach a document to a plan that is not submitted. Raises ValidationError, saying what to do."""
    winding = _awaiting_its_plan(winding, by=by)
    return attach(winding, file, firm=winding.firm, title=title, by=by, at=at)


@follows(WindDown, "approve_plan", "send_plan_back", "confirm_finished")
def tell_the_firm(winding: WindDown, *, by: User, at: datetime, entry: AuditEntry) -> None:
    tell_firm(
        winding.firm,
        subject=f"{winding.reference}: {winding.get_state_display().lower()}",
        template="wind_down",
        context={"winding": winding, "note": entry.note if entry.event == "send_plan_back" else ""},
        key=f"wind-down:{winding.pk}:{winding.version}",
        at=at,
    )


# ── Stays ────────────────────────────────────────────────────────────────────────────────────────────────────────────
Turn = Callable[..., Any]


def _turn(appeal: Appeal, turn: Turn, *, which: str, at: datetime, reason: str) -> None:
    """Stop, or let go, the clocks of the wind-down that follows from the decision under appeal."""
    if appeal.subject_type != "licensing.licence" or appeal.decision.event != "revoke":
        return
    open_ones = WindDown.objects.filter(licence=appeal.subject_id).exclude(state__in=WindDown.closed_states)
    for winding in open_ones.select_for_update(of=("self",), no_key=True):
        for ticking in deadlines.of(winding, at):
            if ticking.reading.status == which:
                turn(winding, ticking.rule.name, at=at, reason=reason)
        finish = next(each.reading for each in deadlines.of(winding, at) if each.rule.name == "finish")
        if finish.due_on is not None:
            winding.due_on = finish.due_on
            winding.save(update_fields=["due_on"])


@follows(Appeal, "stay")
def hold_the_wind_down(appeal: Appeal, *, by: User, at: datetime, entry: AuditEntry) -> None:
    _turn(appeal, clock.pause, which="running", at=at, reason=f"{appeal.reference} stays the revocation")


@follows(Appeal, "lift_stay", "uphold", "vary_decision", "remit", "set_aside", "withdraw")
def go_on_with_the_wind_down(appeal: Appeal, *, by: User, at: datetime, entry: AuditEntry) -> None:
    if entry.from_state == "stayed":
        _turn(appeal, clock.resume, which="paused", at=at, reason=f"The stay of {appeal.reference} has ended")
