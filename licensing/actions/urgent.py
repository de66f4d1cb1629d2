"""Suspensions that do not wait for a hearing: what the board's votes on them do, or their absence.

Its timer runs after the one that raises flags, in the order of their names: that nobody voted in time is told first.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.actions.licences import (
    bring_back,
    change_standing,
    drop_proposals,
    end_measures,
    forget_who_acted,
    overtake_surrender,
    take,
)
from licensing.actions.notices import holders_of, tell_people
from licensing.actions.timers import each_row, timer
from licensing.models import Licence, NocApplication
from licensing.models.measures import STOPPING
from licensing.states import LicenceState, MeasureKind, NocState
from pvara.kernel import figures
from pvara.kernel.machine import follows, perform, unmet
from pvara.kernel.models import AuditEntry, User


# ── Licences ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(Licence, "urgent_suspend")
def suspend_urgently(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    taken = take(licence, MeasureKind.URGENT_SUSPENSION, by=by, at=at, hear="suspension.hearing")
    taken.ratify_by = figures.last_day("suspension.ratification", timezone.localdate(at))
    taken.save(update_fields=["ratify_by"])
    overtake_surrender(licence, at=at)
    change_standing(licence, taken, by=by, at=at)
    _tell_the_board(licence, at=at)


@follows(Licence, "ratify_suspension")
def note_the_ratification(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    for each in licence.suspensions:
        if each.waits_for_ratification:
            each.ratified_by, each.ratified_at = by, at
            each.save(update_fields=["ratified_by", "ratified_at"])


@follows(Licence, "lift_unratified", "lift_unratified_restricted", "lift_unratified_noticed")
def lift(licence: Licence, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """As if it had not been made: a notice that it interrupted goes on. A wish to surrender is to be declared anew."""
    over = licence.suspensions
    end_measures(over, "Not ratified by the board", by=by, at=at)
    if notice := licence.show_cause:
        if notice.heard_at is None:
            notice.hear_by = figures.last_day("show_cause.reply", timezone.localdate(at))
            notice.save(update_fields=["hear_by"])
    else:
        drop_proposals(licence, *STOPPING, MeasureKind.REVOCATION, by=by, at=at)
    forget_who_acted(licence, "suspended_by")
    bring_back(licence, over, by=by, at=at)


# ── Certificates ─────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(NocApplication, "suspend_noc_urgently")
def date_the_suspension(noc: NocApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """By when the board ratifies it, and by when its holder is heard."""
    today = timezone.localdate(at)
    noc.ratify_by = figures.last_day("suspension.ratification", today, on=noc.began_on)
    noc.hear_by = figures.last_day("suspension.hearing", today, on=noc.began_on)
    noc.save(update_fields=["ratify_by", "hear_by"])
    _tell_the_board(noc, at=at)


@follows(NocApplication, "hold_hearing")
def note_the_hearing(noc: NocApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    noc.hear_by = None
    noc.save(update_fields=["hear_by"])


@follows(NocApplication, "lift_unratified", "reinstate_noc", "restore_noc")
def forget_the_urgency(noc: NocApplication, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """The episode is over: what it waited for, and who ratified it, stands in the log."""
    noc.ratify_by, noc.ratified_by, noc.hear_by = None, None, None
    changed = ["ratify_by", "ratified_by", "hear_by"]
    if entry.event == "lift_unratified":
        noc.suspended_by = None
        changed.append("suspended_by")
    noc.save(update_fields=changed)


# ── Without the votes ────────────────────────────────────────────────────────────────────────────────────────────────
def _tell_the_board(case: Any, *, at: datetime) -> None:
    waiting = case.to_be_ratified()
    tell_people(
        holders_of("board_member"),
        subject=f"{case.reference}: an urgent suspension is to be ratified",
        template="suspension_to_ratify",
        context={"case": case, "waiting": waiting},
        key=f"to-ratify:{case._meta.label_lower}:{case.pk}:{case.version}",
        at=at,
    )


@timer
def lift_what_is_not_ratified(at: datetime) -> int:
    """An urgent suspension ends that the board voted down or did not ratify in time; time ratifies none."""
    licences = Licence.objects.filter(
        state=LicenceState.SUSPENDED,
        measures__ratify_by__isnull=False,
        measures__ratified_at=None,
        measures__ended_at=None,
    )
    nocs = NocApplication.objects.filter(state=NocState.SUSPENDED, ratify_by__isnull=False, ratified_by=None)
    return each_row(licences.order_by("pk"), _lift, at) + each_row(nocs.order_by("pk"), _lift, at)


def _lift(case: Any, at: datetime) -> bool:
    name = case.way_out_unratified
    if unmet(case, name, by=None, at=at):
        return False
    waiting = case.to_be_ratified()
    in_time = timezone.localdate(at) <= waiting.last_day
    why = "voted against its ratification" if in_time else f"did not ratify it by {waiting.last_day:%-d %B %Y}"
    perform(case, name, by=None, at=at, expected_version=case.version, note=f"The board {why}.")
    return True
