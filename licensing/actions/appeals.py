"""P4: appeals: giving notice, leave, and naming the panel. What an outcome does stands in `outcomes.py`."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.access import READ_CASES, RECORD_APPEALS, SIGN
from licensing.actions.interests import require_no_interest
from licensing.models import Appeal, Firm
from licensing.models.appeals import decisions_of
from licensing.states import APPEAL_PENDING, AppealState
from pvara.kernel import audit
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import require_seen


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


def note_leave(
    appeal: Appeal, *, leave: str, by: User, at: datetime, tribunal_number: str = "", seen: str = ""
) -> Appeal:
    """Note by whom and why a late appeal was allowed, and the number under which the tribunal keeps it.

    `seen` is the mark of what was noted before. Raises ChangedMeanwhile where that is something else by now.
    """
    with transaction.atomic():
        appeal = _open(appeal, by=by, at=at)
        log = audit.history(appeal).filter(event__in=("noticed", "leave_noted"))
        require_seen(seen, appeal.noted, log=log)
        appeal.leave = leave.strip()
        appeal.tribunal_number = tribunal_number.strip() or appeal.tribunal_number
        _new_version(appeal, "leave", "tribunal_number")
        data = {"tribunal_number": appeal.tribunal_number}
        audit.record(appeal, event="leave_noted", by=by, at=at, note=appeal.leave, data=data)
        return appeal


def _new_version(appeal: Appeal, *changed: str) -> None:
    """Whoever is about to record or to decide an appeal is to look again."""
    appeal.version += 1
    appeal.save(update_fields=[*changed, "version"])


def name_panel(appeal: Appeal, members: Iterable[User], *, by: User, at: datetime, seen: str = "") -> Appeal:
    """Name who sits on the appeal: the regulator's people, none of whom took part in the decision.

    `seen` is the mark of who was named before. Raises ChangedMeanwhile where a colleague has named others.
    """
    chosen = list(members)
    with transaction.atomic():
        appeal = _open(appeal, by=by, at=at)
        require_seen(seen, appeal.named, log=audit.history(appeal).filter(event="panel_named"))
        took_part = appeal.participant_ids()
        wrong = [f"{each} does not read cases." for each in chosen if not each.has_perm(READ_CASES)]
        wrong += [f"{each} took part in the decision." for each in chosen if each.pk in took_part]
        wrong += [f"{each}: {said}" for each in chosen for said in appeal.firm.conflicts_of(each, at, case=appeal)]
        wrong += [f"{each} keeps the record of the appeal." for each in chosen if each.pk == by.pk]
        if wrong:
            raise ValidationError({"members": wrong})
        appeal.panel.set(chosen)
        _new_version(appeal)
        audit.record(appeal, event="panel_named", by=by, at=at, data={"members": [str(each) for each in chosen]})
        return appeal
