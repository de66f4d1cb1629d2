"""P4: what each move of a licence does in the same transaction: to its measures, its standing, and what hangs on it."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from licensing import standing
from licensing.actions.letters import ask_for_letter
from licensing.actions.notices import holders_of, tell_people
from licensing.actions.timers import each_of, each_row, timer
from licensing.actions.wind_downs import end_wind_down, open_wind_down
from licensing.models import Licence, Measure, Renewal, Surrender, Variation
from licensing.models.measures import STOPPING
from licensing.states import ENDED, LicenceState, MeasureKind, RenewalState, SurrenderOutcome, VariationState
from pvara.kernel import audit, figures
from pvara.kernel.machine import follows, perform, unmet
from pvara.kernel.models import AuditEntry, User


def change_standing(licence: Licence, *measures: Measure, by: User | None, at: datetime) -> None:
    """Work the standing out; a measure that took it away keeps the number of that change, for what is given back."""
    before = standing.standing_of(licence)
    had = before is not None and before.may_distribute
    now = standing.refresh(licence, by=by, at=at)
    if had and not now.may_distribute:
        for each in measures:
            each.standing_version = now.standing_version
            each.save(update_fields=["standing_version"])


# ── Measures ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def take(licence: Licence, kind: str, *, by: User, at: datetime, hear: str = "") -> Measure:
    """Put the proposal of a kind into force; the gates of the move have asked whether there is one."""
    measure = licence.proposed(kind)
    if measure is None:
        raise LookupError(f"Nothing of the kind {kind} is proposed.")
    measure.decided_by, measure.decided_at = by, at
    if kind in (MeasureKind.RESTRICTION, *STOPPING):
        measure.starts_on = timezone.localdate(at)
    if hear:
        measure.hear_by = figures.last_day(hear, timezone.localdate(at))
    measure.save(update_fields=["decided_by", "decided_at", "starts_on", "hear_by"])
    return measure


def end_measures(measures: Iterable[Measure], why: str, *, by: User | None, at: datetime) -> None:
    for each in measures:
        each.ended_by, each.ended_at, each.ended_why = by, at, why
        each.save(update_fields=["ended_by", "ended_at", "ended_why"])


def drop_proposals(licence: Licence, *kinds: str, by: User | None, at: datetime) -> None:
    """What was proposed and is overtaken waits for nobody any more."""
    waiting = Measure.objects.filter(licence=licence, kind__in=kinds, decided_at=None, withdrawn_at=None)
    waiting.update(withdrawn_at=at, withdrawn_by=by)


def forget_who_acted(licence: Licence, *fields: str) -> None:
    """The episode is over: who acted in it stands in the measures and in the log."""
    for field in fields:
        setattr(licence, field, None)
    licence.save(update_fields=list(fields))


@follows(Licence, "impose_restriction")
def impose_restriction(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    change_standing(licence, take(licence, MeasureKind.RESTRICTION, by=by, at=at), by=by, at=at)


@follows(Licence, "lift_restriction", "ease_restrictions")
def lift_restrictions(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    lifted = [each for each in licence.restrictions if each.lifting_proposed_by_id is not None]
    end_measures(lifted, "Lifted", by=by, at=at)
    bring_back(licence, lifted, by=by, at=at)


@follows(Licence, "lift_after_appeal", "ease_after_appeal")
def lift_what_an_appeal_took_away(licence: Licence, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    for each, appeal in licence.restrictions_taken_away().items():
        end_measures([each], f"Taken away by {appeal.reference}", by=by, at=at)
    bring_back(licence, licence.measures.filter(kind=MeasureKind.RESTRICTION, ended_at=at), by=by, at=at)


def end_restrictions(licence: Licence, measures: list[Measure], why: str, *, entry: AuditEntry, at: datetime) -> None:
    """End restrictions that an appeal took away from a licence whose state something else decides."""
    end_measures(measures, why, by=None, at=at)
    if licence.state not in ENDED:
        ask_for_letter("L41", licence, entry=entry, at=at)
    bring_back(licence, measures, by=None, at=at)


@follows(Licence, "issue_show_cause")
def give_notice(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    take(licence, MeasureKind.SHOW_CAUSE, by=by, at=at, hear="show_cause.reply")


@follows(Licence, "dismiss_show_cause", "dismiss_show_cause_restricted")
def dismiss_notice(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    end_measures(licence.in_force(MeasureKind.SHOW_CAUSE), "Dismissed", by=by, at=at)
    drop_proposals(licence, MeasureKind.SUSPENSION, MeasureKind.REVOCATION, by=by, at=at)
    forget_who_acted(licence, "show_cause_by")


@follows(Licence, "suspend")
def suspend(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    end_measures(licence.in_force(MeasureKind.SHOW_CAUSE), "Suspension decided", by=by, at=at)
    change_standing(licence, take(licence, MeasureKind.SUSPENSION, by=by, at=at), by=by, at=at)


@follows(Licence, "prolong_suspension")
def prolong_suspension(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """A new period, perhaps of another scope, takes the place of the old one and of what that stopped."""
    former = licence.suspensions
    longer = take(licence, MeasureKind.SUSPENSION, by=by, at=at)
    # Whoever verified a remedy of the old one may sit on the committee that prolongs it: it was not accepted.
    Measure.objects.filter(pk__in=[each.pk for each in former]).update(
        ended_at=at, ended_why=f"Prolonged by {longer.reference}"
    )
    longer.standing_version = max((each.standing_version or 0 for each in former), default=0) or None
    longer.save(update_fields=["standing_version"])
    change_standing(licence, longer, by=by, at=at)


@follows(Licence, "hold_hearing")
def note_the_hearing(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    for each in licence.suspensions:
        if each.hear_by is not None and each.heard_at is None:
            each.heard_at = at
            each.save(update_fields=["heard_at"])


@follows(Licence, "reinstate", "reinstate_restricted")
def reinstate(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    over = [*licence.suspensions, *licence.in_force(MeasureKind.SHOW_CAUSE)]
    end_measures(over, "Reinstated", by=by, at=at)
    drop_proposals(licence, *STOPPING, MeasureKind.REVOCATION, by=by, at=at)
    if entry.event == "reinstate_restricted" and licence.proposed(MeasureKind.RESTRICTION):
        take(licence, MeasureKind.RESTRICTION, by=by, at=at)
    forget_who_acted(licence, "show_cause_by", "suspended_by")
    bring_back(licence, over, by=by, at=at)


def bring_back(licence: Licence, measures: Iterable[Measure], *, by: User | None, at: datetime) -> None:
    """Give the standing back and, where it is regained at once, what these measures stopped."""
    change_standing(licence, by=by, at=at)
    versions = {each.standing_version for each in measures if each.standing_version is not None}
    if venue := standing.standing_of(licence):
        standing.bring_back(venue, versions, at=at)


# ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(Licence, "revoke")
def revoke(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    take(licence, MeasureKind.REVOCATION, by=by, at=at)
    end_measures(licence.in_force(MeasureKind.SHOW_CAUSE), "Revocation decided", by=by, at=at)


@follows(Licence, "accept_surrender", "refuse_surrender", "refuse_surrender_restricted")
def close_surrender(licence: Licence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    surrender = Surrender.objects.get(licence=licence, outcome="")
    accepted = entry.event == "accept_surrender"
    surrender.outcome = SurrenderOutcome.ACCEPTED if accepted else SurrenderOutcome.REFUSED
    surrender.decided_by, surrender.decided_at = by, at
    surrender.save(update_fields=["outcome", "decided_by", "decided_at"])


def overtake_surrender(licence: Licence, *, at: datetime) -> None:
    open_one = Surrender.objects.filter(licence=licence, outcome="")
    open_one.update(outcome=SurrenderOutcome.OVERTAKEN, decided_at=at)


@follows(Licence, "revoke", "expire")
def wind_down(licence: Licence, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """The business ends in good order, by a day, and somebody looks whether it did."""
    overtake_surrender(licence, at=at)
    open_wind_down(licence, at=at)


@follows(Licence, "revoke", "expire", "accept_surrender")
def end_what_hangs_on_it(licence: Licence, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """Proposals, renewal, variation and standing end with the licence, in this transaction."""
    drop_proposals(licence, *MeasureKind.values, by=by, at=at)
    note = f"{licence.reference} is {licence.get_state_display().lower()}."
    open_renewals = Renewal.objects.exclude(state__in=(RenewalState.RENEWED, RenewalState.FAILED))
    open_variations = Variation.objects.filter(state=VariationState.REQUESTED)
    hanging: list[Renewal | Variation] = [
        *open_renewals.filter(licence=licence),
        *open_variations.filter(licence=licence),
    ]
    for each in hanging:
        perform(each, "end_with_licence", by=None, at=at, expected_version=each.version, note=note)
    change_standing(licence, by=by, at=at)


@follows(Licence, "restore", "restore_restricted", "restore_suspended")
def restore(licence: Licence, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """An appeal took the decision away: what rested on it ends, and the renewal of the term is open again."""
    end_measures(licence.in_force(MeasureKind.REVOCATION), "Taken away on appeal", by=by, at=at)
    end_wind_down(licence, at=at, note=entry.note)
    forget_who_acted(licence, "revoked_by", "show_cause_by")
    if licence.state != LicenceState.SUSPENDED:
        end_measures(licence.in_force(MeasureKind.SHOW_CAUSE), "The licence was restored on appeal", by=by, at=at)
        forget_who_acted(licence, "suspended_by")
    _renew_again(licence, entry, at=at)
    if entry.from_state == LicenceState.REVOKED and licence.state != LicenceState.SUSPENDED:
        # The certificate was revoked with the licence; the holder gets another.
        ask_for_letter("L42", licence, entry=entry, at=at)
    # What the appeal ended on its way here: an overturned suspension gives back what it stopped.
    overturned = licence.measures.filter(ended_at=at, kind__in=STOPPING)
    bring_back(licence, list(overturned), by=by, at=at)


def _renew_again(licence: Licence, entry: AuditEntry, *, at: datetime) -> None:
    """The term has one renewal: that which ended with the licence begins again; one that was refused stays refused."""
    there = Renewal.objects.filter(licence=licence, term_ends=licence.valid_to).first()
    if there is None:
        open_renewal(licence, at=at)
    elif there.state == RenewalState.FAILED and not unmet(there, "begin_again", by=None, at=at):
        perform(there, "begin_again", by=None, at=at, expected_version=there.version, note=entry.note)


def open_renewal(licence: Licence, *, at: datetime) -> Renewal:
    """The row of one term; it says “not due” until the window opens."""
    renewal = Renewal.objects.create(firm_id=licence.firm_id, licence=licence, term_ends=licence.valid_to, opened_at=at)
    audit.record(renewal, event="opened", by=None, at=at, to_state=renewal.state)
    return renewal


# ── What only time does ──────────────────────────────────────────────────────────────────────────────────────────────
@timer
def expire_licences(at: datetime) -> int:
    """A licence that was not renewed ends when its term and the grace after it have passed."""

    def expire(licence: Licence, at: datetime) -> bool:
        if timezone.localdate(at) <= licence.last_day_of_grace() or licence.renewal_is_pending():
            return False
        if licence.stays_of_the_renewal():
            return False
        perform(licence, "expire", by=None, at=at, expected_version=licence.version)
        return True

    ended = Licence.objects.live().filter(valid_to__lt=timezone.localdate(at))
    return each_row(ended.order_by("pk"), expire, at)


@timer
def tell_of_measures_that_end(at: datetime) -> int:
    """The last day of a measure ends nothing by itself: it brings the measure before the committee."""

    def tell(measure: Measure, at: datetime) -> None:
        measure.end_told_at = at
        measure.save(update_fields=["end_told_at"])
        audit.record(measure.licence, event="period_ended", by=None, at=at, data={"measure": measure.reference})
        tell_people(
            holders_of("committee_member"),
            subject=f"{measure.licence.reference}: the period of {measure.reference} has ended",
            template="measure_ends",
            context={"measure": measure, "licence": measure.licence},
            key=f"measure-ends:{measure.pk}",
            at=at,
        )

    over = Measure.objects.filter(
        decided_at__isnull=False, ended_at=None, end_told_at=None, ends_on__lt=timezone.localdate(at)
    ).exclude(licence__state__in=ENDED)
    return each_row(over.select_related("licence__firm").order_by("pk"), tell, at)


def refresh_every_standing(*, at: datetime) -> int:
    """What only time changes: terms that end and evidence that expires. Returns how many standings it changed."""

    def refresh(licence: Licence, at: datetime) -> bool:
        before = standing.standing_of(licence)
        after = standing.refresh(licence, by=None, at=at)
        return before is None or before.standing_version != after.standing_version

    return each_of(standing.outdated(at), refresh, at)
