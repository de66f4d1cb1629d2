"""Good standing: the only door between licensing and the registry of tokenised assets.

A venue may distribute while its licence is in force, in term and covers exchange, while nothing restricts or suspends
exchange in particular, and while its score clears gate G6.
The answer is kept in one row per licence; whatever may change it calls `refresh` in its own transaction, and the
registry is told there and then through the functions registered with `@follower`.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from licensing.history.entries import record_firm
from licensing.history.scored import Scored, verdicts, who_clear
from licensing.models import Firm, Licence, VenueStanding
from licensing.models.assessed import frameworks
from licensing.models.measures import STOPPING
from licensing.states import ENDED, IN_FORCE, Activity, LicenceState, MeasureKind
from pvara.kernel import audit
from pvara.kernel.models import User

GATE, PHASE = "G6", "FULL"

Follower = Callable[..., None]
_followers: list[Follower] = []
_bringers: list[Follower] = []


def follower(function: Follower) -> Follower:
    """Register what must happen in the same transaction as a change: `fn(standing, *, by, at)`."""
    _followers.append(function)
    return function


def brings_back(function: Follower) -> Follower:
    """Register what sets going again what certain measures stopped: `fn(standing, versions, *, at)`."""
    _bringers.append(function)
    return function


def bring_back(standing: VenueStanding, versions: set[int], *, at: datetime) -> None:
    """After a reinstatement: set going again what was stopped at these versions of the standing, and nothing else.

    Does nothing as long as the venue is not in good standing for another reason.
    """
    if versions and may_distribute(standing, at):
        for each in _bringers:
            each(standing, versions, at=at)


def refresh(licence: Licence, *, by: User | None, at: datetime) -> VenueStanding:
    """Work the standing out afresh and, if it changed, write it and tell the followers, all in one transaction."""
    with transaction.atomic():
        # Whoever changes the licence or the score waits for the other here, so the last to write has read it all.
        licence = Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=licence.pk)
        reasons, holds_until = _work_out(licence, at)
        standing = VenueStanding.objects.select_related("licence", "firm").filter(licence=licence).first()
        if standing is None:
            # Opened shut: the change below is then recorded like every later one.
            standing = VenueStanding.objects.create(
                firm_id=licence.firm_id, licence=licence, changed_at=at, reasons=["Not assessed yet."]
            )
        said = (standing.may_distribute, standing.holds_until, standing.reasons)
        if said == (not reasons, holds_until, reasons):
            return standing
        standing.may_distribute = not reasons
        standing.holds_until = holds_until
        standing.reasons = reasons
        standing.standing_version += 1
        standing.changed_at = at
        # Never the key columns: naming them would lock the row against postings in flight (`standing_sql.py`).
        standing.save(update_fields=["may_distribute", "holds_until", "reasons", "standing_version", "changed_at"])
        audit.record(
            licence,
            event="standing_changed",
            by=by,
            at=at,
            data={
                "may_distribute": standing.may_distribute,
                "holds_until": holds_until.isoformat() if holds_until else None,
                "reasons": reasons,
                "standing_version": standing.standing_version,
            },
        )
        for each in _followers:
            each(standing, by=by, at=at)
        return standing


def lock_firm(firm_id: int) -> None:
    """Let a change of a firm's score and the grant of its licence take turns; taken before the licence's own lock."""
    Firm.objects.select_for_update(no_key=True).get(pk=firm_id)


def refresh_firm(firm: Firm, *, by: User | None, at: datetime) -> None:
    """Write what changed in the firm's scores, and refresh the standing of its live licence, if it has one.

    Whatever may change a firm's score calls this in its own transaction.
    """
    # A licence that is just being granted to the firm is not to be seen yet: wait for it.
    lock_firm(firm.pk)
    record_firm(firm.pk, at=at)
    for licence in Licence.objects.live().filter(firm=firm):
        refresh(licence, by=by, at=at)


def outdated(at: datetime) -> list[Licence]:
    """The live licences whose standing is not, or no longer, what working it out now would make of it.

    One question about the scores of all, and two more about the days until which standings are said to hold; so the
    night writes only where time has changed something.
    """
    on = timezone.localdate(at)
    licences = list(Licence.objects.live().select_related("standing").prefetch_related("measures", "renewals"))
    by = frameworks(on)
    subject_of = {each.pk: Scored(each.firm_id, PHASE, by(each.firm_id, PHASE).pk) for each in licences}
    asked = verdicts(list(subject_of.values()), on=on)
    found, claimed = [], []
    for licence in licences:
        said = getattr(licence, "standing", None)
        missed = asked.get(subject_of[licence.pk].key, {}).get(GATE)
        # To whom nothing applies, there is no verdict in SQL; the engine gives one, a licence at a time.
        if said is None or missed is None:
            found.append(licence)
            continue
        reasons = [*_in_law(licence, at), *_below_bar(missed.bars)]
        if said.reasons != reasons or said.may_distribute == bool(reasons):
            found.append(licence)
        elif not reasons:
            claimed.append(licence)
    return found + _holding_otherwise(claimed, subject_of, on=on)


def _holding_otherwise(licences: list[Licence], subject_of: dict[int, Scored], *, on: date) -> list[Licence]:
    """Those in good standing whose `holds_until` is not the moment at which their term or their evidence ends."""
    last_good, first_bad = {}, {}
    found = []
    for each in licences:
        claim, term = each.standing.holds_until, _end_of_term(each)
        if term is not None and (claim is None or claim > term):
            found.append(each)
            continue
        # Evidence only ever runs out: who clears the gate on a day cleared it on every day before.
        last_good[each] = date.max if claim is None else timezone.localdate(claim) - timedelta(days=1)
        if claim != term and claim is not None:
            first_bad[each] = timezone.localdate(claim)
    clear = _who_clear(last_good, subject_of, on=on)
    still_clear = _who_clear(first_bad, subject_of, on=on)
    return found + [each for each in last_good if each not in clear or each in still_clear]


def _who_clear(days: dict[Licence, date], subject_of: dict[int, Scored], *, on: date) -> set[Licence]:
    clear = who_clear(GATE, [subject_of[each.pk] for each in days], list(days.values()), on=on)
    return {each for each in days if subject_of[each.pk].key in clear}


def _work_out(licence: Licence, at: datetime) -> tuple[list[str], datetime | None]:
    """Why the venue may not distribute (empty when it may), and until when it may if nothing else changes."""
    score = licence.score(at)
    reasons = [*_in_law(licence, at), *_below_bar([bar.code for bar in score.verdict(GATE).failed])]
    if reasons:
        return reasons, None
    evidence_ends = score.holds_until(GATE)
    ends = [_end_of_term(licence), _start_of_day(evidence_ends) if evidence_ends else None]
    return [], min((each for each in ends if each), default=None)


def _in_law(licence: Licence, at: datetime) -> list[str]:
    """Why the licence itself does not let its holder distribute, whatever the score."""
    reasons = []
    stopped = licence.stopped(Activity.EXCHANGE)
    in_part = licence.state == LicenceState.SUSPENDED and licence.suspended_activities
    if licence.state not in IN_FORCE and not in_part:
        reasons.append(f"The licence is {licence.get_state_display().lower()}.")
    elif any(each.kind in STOPPING for each in stopped):
        reasons.append("Exchange is suspended.")
    if any(each.kind == MeasureKind.RESTRICTION for each in stopped):
        reasons.append("Exchange is restricted.")
    if not licence.is_in_term(at):
        reasons.append(f"The term of the licence runs from {licence.valid_from} to {licence.valid_to}.")
    if Activity.EXCHANGE not in licence.activities:
        reasons.append("The licence does not cover exchange.")
    return reasons


def _below_bar(bars: Iterable[str]) -> list[str]:
    """The firm reads these, and the regime shows a firm its weak places, not its figures."""
    return [
        f"{'The total score' if code == 'total' else code} is below the bar for distribution (gate {GATE})."
        for code in bars
    ]


def _end_of_term(licence: Licence) -> datetime | None:
    """None when a renewal that was asked for in time carries the licence past the end of its term."""
    return None if licence.renewal_is_pending() else _start_of_day(licence.valid_to + timedelta(days=1))


def _start_of_day(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def standing_of(licence: Licence) -> VenueStanding | None:
    return VenueStanding.objects.filter(licence=licence).first()


def may_distribute(standing: VenueStanding, at: datetime) -> bool:
    """For a page or a public answer. A posting asks again inside the database, under the venue's lock."""
    return standing.may_distribute and (standing.holds_until is None or at < standing.holds_until)


def has_ended(standing: VenueStanding) -> bool:
    """Whether the licence is over for good: revoked, surrendered or expired."""
    return standing.licence.state in ENDED


def venues() -> "models.QuerySet[VenueStanding]":
    """Every licensed venue, in good standing or not."""
    return VenueStanding.objects.select_related("licence", "firm")


def venues_for(user: Any) -> "models.QuerySet[VenueStanding]":
    """The venues that a person may see: all of them for staff, their own for an applicant."""
    return VenueStanding.objects.visible_to(user).select_related("licence", "firm")


def acts_for(user: Any, standing: VenueStanding) -> bool:
    """Whether a person acts for the firm behind a venue."""
    return bool(user.has_perm("licensing.represent_firm", standing.firm))
