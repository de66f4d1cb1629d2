"""Consulting other agencies on a case: asking them, taking down what they say, reminding them, going on over them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from licensing.access import CONSULT
from licensing.actions.documents import attach
from licensing.actions.interests import require_no_interest
from licensing.actions.letters import ask_for_letter
from licensing.actions.timers import each_row, timer
from licensing.models import Agency, AgencyReply, Consultation, LicenceApplication, NocApplication, ObjectionOverride
from licensing.states import ConsultationState, FullState, ReplyVerdict
from pvara.kernel import audit, clock
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import require_seen

Case = NocApplication | LicenceApplication

# While a case is assessed; before, nobody knows whether it is complete, and after, it is decided. A NOC case has the
# same words for its states, and no inspection.
CONSULTED_IN = (FullState.UNDER_ASSESSMENT, FullState.RFI, FullState.INSPECTION)


def _locked(case: Case) -> Any:
    """The case, locked: what agencies say and what is decided on it take turns."""
    return type(case)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=case.pk)


def ask_agencies(case: Case, codes: Iterable[str], *, by: User, at: datetime, points: str = "") -> list[Consultation]:
    """Ask some of the case's agencies for their views; each gets a letter, and its time to reply begins.

    Raises ValidationError for an agency that is not consulted in this phase or was asked already.
    """
    if not by.has_perm(CONSULT):
        raise PermissionDenied("Only case officers consult other agencies.")
    require_no_interest(by, case.firm, at=at, case=case)
    wanted = set(codes)
    with transaction.atomic():
        case = _locked(case)
        if case.state not in CONSULTED_IN:
            raise ValidationError("Agencies are consulted while the case is assessed.")
        consulted = {each.code: each for each in case.agencies()}
        asked = {each.agency.code for each in case.consultations.select_related("agency")}
        if unknown := sorted(wanted - set(consulted)):
            raise ValidationError({"agencies": f"Not consulted in this phase: {', '.join(unknown)}."})
        if again := sorted(wanted & asked):
            raise ValidationError({"agencies": f"Asked already: {', '.join(again)}."})
        if not wanted:
            raise ValidationError({"agencies": "Choose at least one agency."})
        return [_ask(case, agency, points.strip(), by, at) for code, agency in consulted.items() if code in wanted]


def _ask(case: Case, agency: Agency, points: str, by: User, at: datetime) -> Consultation:
    consultation = Consultation.objects.create(
        firm_id=case.firm_id,
        noc=case if isinstance(case, NocApplication) else None,
        full=case if isinstance(case, LicenceApplication) else None,
        agency=agency,
        points=points,
        requested_by=by,
        requested_at=at,
    )
    entry = audit.record(
        consultation,
        event="requested",
        by=by,
        at=at,
        to_state=consultation.state,
        note=points,
        data={"case": case.reference, "agency": agency.code},
    )
    clock.start(consultation, "reply", at=at, reason="Agency asked")
    ask_for_letter("L06", consultation, entry=entry, at=at)
    return consultation


def record_reply(
    consultation: Consultation,
    *,
    by: User,
    at: datetime,
    verdict: str,
    received_on: date,
    text: str = "",
    file: UploadedFile | None = None,
    seen: str = "",
) -> AgencyReply:
    """Take down what an agency said, with its letter; a later reply takes the place of an earlier one, which is kept.

    `seen` is the mark of the reply that counted before. Raises ValidationError for a day that is yet to come or before
    we asked, and for comments or an objection without their words; ChangedMeanwhile where another reply counts by now.
    """
    if not by.has_perm(CONSULT):
        raise PermissionDenied("Only case officers record what agencies reply.")
    require_no_interest(by, consultation.firm, at=at, case=consultation.case)
    if verdict not in ReplyVerdict.values:
        raise ValidationError({"verdict": "Choose what the agency says."})
    if verdict != ReplyVerdict.NO_OBJECTION and not text.strip():
        raise ValidationError({"text": "Write down what the agency says."})
    if received_on > timezone.localdate(at):
        raise ValidationError({"received_on": "This day is yet to come."})
    if received_on < timezone.localdate(consultation.requested_at):
        raise ValidationError({"received_on": "The agency was not asked yet on this day."})
    with transaction.atomic():
        _locked(consultation.case)
        consultation = Consultation.objects.select_for_update(of=("self",), no_key=True).get(pk=consultation.pk)
        log = audit.history(consultation).filter(event__in=("record_reply", "replied_again"))
        require_seen(seen, consultation.replied, log=log)
        reply = AgencyReply.objects.create(
            consultation=consultation,
            verdict=verdict,
            text=text.strip(),
            received_on=received_on,
            recorded_by=by,
            recorded_at=at,
        )
        if file is not None:
            title = f"Reply of {consultation.agency}, {received_on:%-d %B %Y}"
            attach(consultation, file, firm=consultation.firm, title=title, by=by, at=at, for_applicant=False)
        consultation.reply = reply
        if consultation.state == ConsultationState.REPLIED:
            # Whoever voted on the reply before is to read this one.
            consultation.version += 1
        consultation.save(update_fields=["reply", "version"])
        data = {"verdict": verdict, "received_on": str(received_on), "reply": reply.pk}
        if consultation.state == ConsultationState.REPLIED:
            audit.record(consultation, event="replied_again", by=by, at=at, note=reply.text, data=data)
        else:
            perform(
                consultation,
                "record_reply",
                by=by,
                at=at,
                expected_version=consultation.version,
                note=reply.text,
                data=data,
            )
        return reply


@follows(Consultation, "go_on_over_the_objection")
def write_the_override(consultation: Consultation, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """What the board decided, beside the reply that it goes on over; the decision on the case repeats its reasons."""
    assert consultation.reply is not None
    ObjectionOverride.objects.create(
        reply=consultation.reply, reasons=entry.note.strip(), overridden_by=by, overridden_at=at
    )


@follows(NocApplication, "withdraw", "lapse")
@follows(LicenceApplication, "withdraw", "lapse")
def end_consultations(case: Case, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """Nobody is asked any longer, nor reminded, about a case that is over."""
    for row in case.consultations.filter(state=ConsultationState.REQUESTED).order_by("pk"):
        perform(row, "end_with_case", by=None, at=at, expected_version=row.version)


@timer
def remind_agencies(at: datetime) -> int:
    """An agency whose time to reply has passed is reminded, once; what follows from its silence is for people."""

    def remind(row: Consultation, at: datetime) -> bool:
        row = Consultation.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        waits = row.state == ConsultationState.REQUESTED and row.chased_at is None
        if not waits or not row.time_to_reply(at).breached:
            return False
        row.chased_at = at
        row.save(update_fields=["chased_at"])
        entry = audit.record(row, event="reminded", by=None, at=at, data={"agency": row.agency.code})
        ask_for_letter("L07", row, entry=entry, at=at)
        return True

    waiting = Consultation.objects.filter(state=ConsultationState.REQUESTED, chased_at=None)
    return each_row(waiting.order_by("pk"), remind, at)


@transaction.atomic
def load_agencies(given: dict[str, Any]) -> int:
    """Add the agencies that are missing; a row that is there is never overwritten. Returns how many were added."""
    on = date.fromisoformat(given["effective_from"])
    added = 0
    for each in given["agencies"]:
        terms = dict(each)
        _, new = Agency.objects.get_or_create(code=terms.pop("code"), effective_from=on, defaults=terms)
        added += new
    return added
