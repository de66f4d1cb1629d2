"""P4: appeals: giving notice, naming the panel, and what an outcome does to the decision that was appealed."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.access import READ_CASES, RECORD_APPEALS, SIGN
from licensing.actions.interests import require_no_interest
from licensing.models import Appeal, Firm, Licence, LicenceApplication, Measure, NocApplication
from licensing.models.appeals import decisions_of
from licensing.states import APPEAL_PENDING, AppealState, LicenceState
from pvara.kernel import audit
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User

# Which measure a decision put into force, as far as taking the decision away ends it.
ENDS = {
    "suspend": "suspension",
    "prolong_suspension": "suspension",
    "urgent_suspend": "urgent_suspension",
    "revoke": "revocation",
}


def give_notice(
    firm: Firm,
    decision: AuditEntry,
    *,
    grounds: str,
    filed_on: date,
    by: User,
    at: datetime,
    tribunal_number: str = "",
    leave: str = "",
) -> Appeal:
    """Give notice of an appeal against a decision: the firm's signatory for it, or whoever keeps the tribunal's record.

    Raises ValidationError for what is no decision on the firm that can be appealed, and for a second appeal.
    """
    keeps_the_record = by.has_perm(RECORD_APPEALS)
    if not keeps_the_record and not by.has_perm(SIGN, firm):
        raise PermissionDenied("You do not sign for this firm.")
    if keeps_the_record:
        require_no_interest(by, firm, at=at)
    if decision.pk not in {each.pk for each in decisions_of(firm)}:
        raise ValidationError({"decision": "Choose a decision that is not under appeal."})
    today = timezone.localdate(at)
    if filed_on > today or filed_on < timezone.localdate(decision.at):
        raise ValidationError({"filed_on": "An appeal is filed after the decision, and not on a day to come."})
    if not keeps_the_record and filed_on != today:
        raise ValidationError({"filed_on": "Notice through the portal is given on the day of sending it."})
    if not grounds.strip():
        raise ValidationError({"grounds": "Say why the decision is wrong."})
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(
                firm=firm,
                subject_type=decision.subject_type,
                subject_id=decision.subject_id,
                decision=decision,
                grounds=grounds.strip(),
                filed_on=filed_on,
                tribunal_number=tribunal_number.strip(),
                # Leave is the tribunal's to give; a firm cannot write it down for itself.
                leave=leave.strip() if keeps_the_record else "",
                noticed_by=by,
                noticed_at=at,
            )
            audit.record(
                appeal,
                event="noticed",
                by=by,
                at=at,
                to_state=appeal.state,
                note=appeal.grounds,
                data={"decision": decision.pk, "event": decision.event, "filed_on": str(filed_on)},
            )
            return appeal
    except IntegrityError as twin:
        raise ValidationError({"decision": "This decision is under appeal already."}) from twin


def _open(appeal: Appeal, *, by: User, at: datetime) -> Appeal:
    """The row, locked, as long as something can be noted on it."""
    if not by.has_perm(RECORD_APPEALS):
        raise PermissionDenied("This belongs to another role.")
    require_no_interest(by, appeal.firm, at=at, case=appeal)
    locked = Appeal.objects.select_for_update(of=("self",), no_key=True).get(pk=appeal.pk)
    if locked.state not in (AppealState.NOTICED, *APPEAL_PENDING):
        raise ValidationError("The appeal is closed.")
    return locked


def note_leave(appeal: Appeal, *, leave: str, by: User, at: datetime, tribunal_number: str = "") -> Appeal:
    """Note by whom and why a late appeal was allowed, and the number under which the tribunal keeps it."""
    with transaction.atomic():
        appeal = _open(appeal, by=by, at=at)
        appeal.leave = leave.strip()
        appeal.tribunal_number = tribunal_number.strip() or appeal.tribunal_number
        appeal.save(update_fields=["leave", "tribunal_number"])
        data = {"tribunal_number": appeal.tribunal_number}
        audit.record(appeal, event="leave_noted", by=by, at=at, note=appeal.leave, data=data)
        return appeal


def name_panel(appeal: Appeal, members: Iterable[User], *, by: User, at: datetime) -> Appeal:
    """Name who sits on the appeal: the regulator's people, none of whom took part in the decision."""
    chosen = list(members)
    with transaction.atomic():
        appeal = _open(appeal, by=by, at=at)
        took_part = appeal.participant_ids()
        wrong = [f"{each} does not read cases." for each in chosen if not each.has_perm(READ_CASES)]
        wrong += [f"{each} took part in the decision." for each in chosen if each.pk in took_part]
        wrong += [f"{each}: {said}" for each in chosen for said in appeal.firm.conflicts_of(each, at, case=appeal)]
        wrong += [f"{each} keeps the record of the appeal." for each in chosen if each.pk == by.pk]
        if wrong:
            raise ValidationError({"members": wrong})
        appeal.panel.set(chosen)
        audit.record(appeal, event="panel_named", by=by, at=at, data={"members": [str(each) for each in chosen]})
        return appeal


# ── What an outcome does ─────────────────────────────────────────────────────────────────────────────────────────────
@follows(Appeal, "set_aside", "remit")
def take_the_decision_away(appeal: Appeal, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """In the transaction of the outcome: a refusal goes back for a new decision, a licence gets back what it lost.

    What cannot be undone (a venue's authorisations that ended, a case of the firm that is open meanwhile) is said by
    the gates of the moves below: the outcome is then not recorded until they are open.
    """
    subject, note = appeal.subject, f"{appeal.reference}: {entry.note}"
    if isinstance(subject, NocApplication | LicenceApplication) and subject.state == "refused":
        perform(subject, "remit", by=None, at=at, expected_version=subject.version, note=note)
    elif isinstance(subject, Licence):
        _give_back(subject, appeal, note, at=at)
    appeal.effect_given_at = at
    appeal.save(update_fields=["effect_given_at"])


def _give_back(licence: Licence, appeal: Appeal, note: str, *, at: datetime) -> None:
    event = appeal.decision.event
    kind = ENDS.get(event)
    if kind is None:
        return
    if event != "revoke":
        Measure.objects.filter(licence=licence, kind=kind, decided_at=appeal.decision.at, ended_at=None).update(
            ended_at=at, ended_why=f"Taken away by {appeal.reference}"
        )
    suspended = bool(licence.suspensions)
    if licence.state == LicenceState.REVOKED and event == "revoke":
        name = "restore_suspended" if suspended else "restore_restricted" if licence.restrictions else "restore"
    elif licence.state == LicenceState.SUSPENDED and not suspended:
        name = "restore_restricted" if licence.restrictions else "restore"
    else:
        # It was reinstated, prolonged or revoked meanwhile: nothing of the decision is left to take away.
        return
    perform(licence, name, by=None, at=at, expected_version=licence.version, note=note)


@follows(NocApplication, "remit")
@follows(LicenceApplication, "remit")
def others_decide(case: NocApplication | LicenceApplication, *, by: None, at: datetime, entry: AuditEntry) -> None:
    case.remitted_at = at
    case.save(update_fields=["remitted_at"])
