"""Requests for information: what staff ask and the applicant answers, and what follows for the clocks.

The first request of a case stops its decision clock, for so many working days at most; later ones do not.
"""

from datetime import datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone

from licensing.access import CHECK_INTAKE, RATE, REPRESENT
from licensing.actions.applications import locked, require
from licensing.actions.documents import attach
from licensing.actions.interests import require_no_interest
from licensing.actions.notices import tell_firm, tell_people
from licensing.actions.timers import each_row, timer
from licensing.models import (
    Document,
    InformationRequest,
    LicenceApplication,
    NocApplication,
    RequestItem,
    RequestMessage,
)
from licensing.models.subjects import of
from licensing.states import NocState, RequestState
from pvara.kernel import audit, clock, figures
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, ClockInterval, User
from pvara.kernel.seen import require_seen

LONGEST = 4000  # characters, of a question, an answer and a remark
Kind = RequestMessage.Kind
# The states of a case in which questions may be thought of; they are put while it is assessed.
DRAFTED_IN = (NocState.UNDER_ASSESSMENT, NocState.RFI)
SWITCHES = {NocApplication: "noc.request_stops_clock", LicenceApplication: "full.request_stops_clock"}


# ── Drafting ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def draft_question(case: Any, *, by: User, at: datetime, question: str) -> RequestItem:
    """Add a question to the request that is drafted for a case, or begin one."""
    require_asker(case, by=by, at=at)
    words = _words("question", question, "Ask something.")
    with transaction.atomic():
        case = locked(case)
        if case.state not in DRAFTED_IN:
            raise ValidationError("Questions are drafted while the application is assessed.")
        request = InformationRequest.objects.about(case).filter(state=RequestState.DRAFT).first()
        if request is None:
            request = InformationRequest.objects.create(**of(case), drafted_by=by, drafted_at=at)
            audit.record(request, event="drafted", by=by, at=at, to_state=request.state)
        last = request.items.aggregate(last=models.Max("number"))["last"] or 0
        item = RequestItem.objects.create(request=request, number=last + 1, question=words)
        audit.record(request, event="question_drafted", by=by, at=at, data={"number": item.number, "question": words})
        return item


def redraft_question(item: RequestItem, *, by: User, at: datetime, question: str, seen: str = "") -> RequestItem:
    """Put the words of a question right that was not put yet and reads as it was seen."""
    require_asker(item.request.case, by=by, at=at)
    words = _words("question", question, "Ask something.")
    with transaction.atomic():
        request, item = _drafted(item, seen)
        item.question = words
        item.save(update_fields=["question"])
        audit.record(request, event="question_redrafted", by=by, at=at, data={"number": item.number, "question": words})
        return item


def drop_question(item: RequestItem, *, by: User, at: datetime, seen: str = "") -> None:
    """Take a question back that was not put yet and reads as it was seen; a request without one goes too."""
    require_asker(item.request.case, by=by, at=at)
    with transaction.atomic():
        request, item = _drafted(item, seen)
        data = {"number": item.number, "question": item.question}
        item.delete()
        audit.record(request, event="question_dropped", by=by, at=at, data=data)
        if not request.items.exists():
            audit.record(request, event="dropped", by=by, at=at)
            request.delete()


def follow_up(item: RequestItem, *, by: User, at: datetime, words: str, seen: str = "") -> RequestItem:
    """Draft what is to be asked on top of an answer; nothing takes the draft back. It is put with the next request."""
    require_asker(item.request.case, by=by, at=at)
    if len(words) > LONGEST:
        raise ValidationError({"words": f"Write {LONGEST:,} characters at most."})
    with transaction.atomic():
        _, request, item = _locked(item)
        if request.state != RequestState.ANSWERED:
            raise ValidationError("A question is followed up when the request is answered and not closed yet.")
        log = audit.history(request).filter(event="follow_up_drafted", data__number=item.number)
        require_seen(seen, item.followed_up, log=log)
        item.follow_up = words.strip()
        item.save(update_fields=["follow_up"])
        audit.record(
            request, event="follow_up_drafted", by=by, at=at, data={"number": item.number, "words": item.follow_up}
        )
        return item


def require_asker(case: Any, *, by: User, at: datetime) -> None:
    """Raise PermissionDenied unless the person may ask for information and has no interest in the case."""
    if not (by.has_perm(CHECK_INTAKE) or by.has_perm(RATE)):
        raise PermissionDenied("Case officers and assessors ask for information.")
    require_no_interest(by, case.firm, at=at, case=case)


def _words(name: str, said: str, what_to_do: str) -> str:
    if not said.strip():
        raise ValidationError({name: what_to_do})
    if len(said) > LONGEST:
        raise ValidationError({name: f"Write {LONGEST:,} characters at most; attach the rest as a document."})
    return said.strip()


def _locked(item: RequestItem) -> tuple[Any, InformationRequest, RequestItem]:
    """The case, the request and the question as they now are; locked in this order, as the case's own moves do."""
    case = locked(item.request.case)
    rows = InformationRequest.objects.select_for_update(of=("self",), no_key=True)
    request: InformationRequest = rows.get(pk=item.request_id)
    return case, request, RequestItem.objects.select_for_update(of=("self",), no_key=True).get(pk=item.pk)


def _drafted(item: RequestItem, seen: str) -> tuple[InformationRequest, RequestItem]:
    _, request, item = _locked(item)
    if request.state != RequestState.DRAFT:
        raise ValidationError("The question was put to the applicant; its words can no longer be changed.")
    require_seen(seen, item.drafted, log=audit.history(request).filter(data__number=item.number))
    return request, item


# ── Putting and answering, with the moves of the case ────────────────────────────────────────────────────────────────
@follows(NocApplication, "raise_rfi")
@follows(LicenceApplication, "raise_rfi")
def put_what_is_prepared(case: Any, *, by: User, at: datetime, entry: AuditEntry) -> None:
    is_first = not InformationRequest.objects.about(case).filter(raised_at__isnull=False).exists()
    put = []
    for request in list(InformationRequest.objects.about(case).prepared().order_by("pk")):
        asked = [each for each in request.items.all() if each.round == 0 or each.follow_up]
        moved = perform(request, "put", by=None, at=at, expected_version=request.version)
        moved.round, moved.raised_by, moved.raised_at = request.round + 1, by, at
        # Every round has its own time. More of it is given once, whatever the round; what nobody decided on is undone.
        moved.extended_by_days, moved.overdue_told_for = 0, None
        if moved.extension_decided_at is None:
            moved.extension_reasons, moved.extension_asked_at = "", None
        moved.save()
        put.append(moved.reference)
        for item in asked:
            words = item.follow_up or item.question
            _say(item, Kind.QUESTION, words, round=moved.round, by=by, at=at)
            item.round, item.follow_up = moved.round, ""
            item.answer, item.answered_by, item.answered_at = "", None, None
            item.save()
        tell_firm(
            case.firm,
            subject=f"{case.reference}: we ask you for information",
            template="information_requested",
            context={"case": case, "request": moved, "due_on": moved.due_on, "count": len(asked)},
            key=f"information-requested:{moved.pk}:{moved.round}",
            at=at,
        )
    if is_first and figures.value(SWITCHES[type(case)], on=case.began_on):
        clock.pause(case, "decision", at=at, reason=f"Request {' and '.join(put)}")


@follows(NocApplication, "answer_rfi")
@follows(LicenceApplication, "answer_rfi")
def hand_in_the_answers(case: Any, *, by: User, at: datetime, entry: AuditEntry) -> None:
    for request in InformationRequest.objects.about(case).filter(state=RequestState.OPEN).order_by("pk"):
        for item in request.items.filter(round=request.round):
            _say(item, Kind.ANSWER, item.answer, round=request.round, by=by, at=at)
        perform(request, "hand_in", by=None, at=at, expected_version=request.version)
    resume_decision(case, at=at, reason="Request answered")


@follows(NocApplication, "recommend", "withdraw", "lapse")
@follows(LicenceApplication, "recommend", "withdraw", "lapse")
def end_requests(case: Any, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """What is still going comes to nothing; of a case that is recommended, only what was drafted and never put."""
    going = InformationRequest.objects.about(case).filter(
        state__in=(RequestState.DRAFT, RequestState.OPEN, RequestState.ANSWERED)
    )
    for request in going.order_by("pk"):
        perform(request, "end_with_case", by=None, at=at, expected_version=request.version)


def _say(item: RequestItem, kind: str, words: str, *, round: int, by: User, at: datetime) -> RequestMessage:
    return RequestMessage.objects.create(
        item=item,
        kind=kind,
        round=round,
        words=words,
        from_staff=kind == Kind.QUESTION or (kind == Kind.REMARK and by.is_staff),
        said_by=by,
        said_at=at,
    )


# ── Answering ────────────────────────────────────────────────────────────────────────────────────────────────────────
def answer_question(
    item: RequestItem,
    *,
    by: User,
    at: datetime,
    answer: str,
    file: UploadedFile | None = None,
    title: str = "",
    seen: str = "",
) -> RequestItem:
    """Keep the firm's answer to one question, with a document if one is given; it may change until all are sent.

    `seen` is the mark of the answer that it takes the place of. Raises ChangedMeanwhile where that is another by now.
    """
    require(by, REPRESENT, item)
    words = _words("answer", answer, "Answer the question, even where a document says the rest.")
    with transaction.atomic():
        case, request, item = _asked(item)
        log = audit.history(case).filter(event="question_answered", data__request=request.reference)
        require_seen(seen, item.answered, log=log.filter(data__number=item.number))
        item.answer, item.answered_by, item.answered_at = words, by, at
        item.save(update_fields=["answer", "answered_by", "answered_at"])
        if file is not None:
            attach(item, file, firm=request.firm, title=title, by=by, at=at)
        _note(case, request, item, "question_answered", by=by, at=at, answer=words)
        return item


def attach_to_question(item: RequestItem, file: UploadedFile, *, title: str, by: User, at: datetime) -> Document:
    """A document with the answer to one question."""
    require(by, REPRESENT, item)
    with transaction.atomic():
        case, request, item = _asked(item)
        document = attach(item, file, firm=request.firm, title=title, by=by, at=at)
        _note(case, request, item, "question_documented", by=by, at=at, document=document.pk)
        return document


def remark(item: RequestItem, *, by: User, at: datetime, words: str) -> RequestMessage:
    """Say something about a question that was put, by either side; the other side reads it at once."""
    if by.is_staff:
        require_asker(item.request.case, by=by, at=at)
    else:
        require(by, REPRESENT, item)
    said = _words("words", words, "Write the message.")
    with transaction.atomic():
        case, request, item = _asked(item)
        message = _say(item, Kind.REMARK, said, round=request.round, by=by, at=at)
        _note(case, request, item, "remark_made", by=by, at=at, words=said)
        if message.from_staff:
            tell_firm(
                request.firm,
                subject=f"{request.reference}: a message on question {item.number}",
                template="request_remark",
                context={"request": request, "item": item},
                key=f"request-remark:{message.pk}",
                at=at,
            )
        return message


def _asked(item: RequestItem) -> tuple[Any, InformationRequest, RequestItem]:
    """The case, the request and the question, locked in this order, while the answer is awaited."""
    case, request, item = _locked(item)
    if request.state != RequestState.OPEN or item.round != request.round:
        raise ValidationError("The question does not wait for an answer.")
    return case, request, item


def _note(
    case: Any, request: InformationRequest, item: RequestItem, event: str, *, by: User, at: datetime, **data: Any
) -> None:
    # On the case: by what it holds, a silent applicant is told from one who is at work.
    audit.record(case, event=event, by=by, at=at, data={"request": request.reference, "number": item.number, **data})


# ── More time ────────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(InformationRequest, "ask_for_more_time")
def note_the_asking(request: InformationRequest, *, by: User, at: datetime, entry: AuditEntry) -> None:
    request.extension_reasons, request.extension_asked_at = entry.note, at
    request.save(update_fields=["extension_reasons", "extension_asked_at"])
    # A case that waits for its applicant is in nobody's queue: whoever has it in hand is told.
    tell_people(
        [request.case.case_officer],
        subject=f"{request.reference}: more time is asked for",
        template="request_more_time",
        context={"request": request, "due_on": request.due_on},
        key=f"request-more-time:{request.pk}",
        at=at,
    )


@follows(InformationRequest, "grant_more_time", "decline_more_time")
def decide_on_more_time(request: InformationRequest, *, by: User, at: datetime, entry: AuditEntry) -> None:
    granted = entry.event == "grant_more_time"
    if granted:
        request.extended_by_days = figures.limit("request.extension", on=request.began_on).length
    request.extension_decided_at = at
    request.save(update_fields=["extended_by_days", "extension_decided_at"])
    tell_firm(
        request.firm,
        subject=f"{request.reference}: {'more time' if granted else 'no more time'}",
        template="request_extended",
        context={"request": request, "granted": granted, "due_on": request.due_on, "note": entry.note},
        key=f"request-extended:{request.pk}:{request.round}",
        at=at,
    )


# ── What only time does ──────────────────────────────────────────────────────────────────────────────────────────────
def resume_decision(case: Any, *, at: datetime, reason: str) -> bool:
    """Let a decision clock run on that a request stopped: from now, or from when it was to run on at the latest.

    However late this is done, the clock reads as if it had been done in time. Returns whether it was paused.
    """
    paused = ClockInterval.objects.filter(
        subject_type=case._meta.label_lower, subject_id=case.pk, clock="decision", running=False, ended_at=None
    ).first()
    if paused is None:
        return False
    clock.resume(case, "decision", at=min(at, stops_until(case, paused.started_at)), reason=reason)
    return True


def stops_until(case: Any, since: datetime) -> datetime:
    """The end of the last day for which a request stops the decision clock, counted from when it was put."""
    last = figures.last_day("request.stop_at_most", clock.day_of(since), on=case.began_on)
    return datetime.combine(last, time.max, tzinfo=clock.KARACHI)


@timer
def run_decision_clocks_on(at: datetime) -> int:
    """A request has stopped a decision clock for as long as it may: the clock runs on, answered or not."""

    def run_on(case: Any, at: datetime) -> bool:
        case = locked(case)
        paused = ClockInterval.objects.filter(
            subject_type=case._meta.label_lower, subject_id=case.pk, clock="decision", running=False, ended_at=None
        ).first()
        if case.state != NocState.RFI or paused is None or at <= stops_until(case, paused.started_at):
            return False
        resume_decision(case, at=at, reason="Stopped for as long as it may be")
        audit.record(case, event="clock_ran_on", by=None, at=at, data={"clock": "decision"})
        return True

    return sum(
        each_row(model.objects.filter(state=NocState.RFI).order_by("pk"), run_on, at)
        for model in (NocApplication, LicenceApplication)
    )


@timer
def remind_of_answers(at: datetime) -> int:
    """The time for the answers is over: the firm is reminded, once for each last day."""

    def remind(request: InformationRequest, at: datetime) -> bool:
        rows = InformationRequest.objects.select_for_update(of=("self",), no_key=True).select_related("firm")
        request = rows.get(pk=request.pk)
        due_on = request.due_on
        if due_on is None or timezone.localdate(at) <= due_on or request.overdue_told_for == due_on:
            return False
        request.overdue_told_for = due_on
        request.save(update_fields=["overdue_told_for"])
        audit.record(request, event="overdue", by=None, at=at, data={"due_on": due_on})
        tell_firm(
            request.firm,
            subject=f"{request.reference}: your answers are overdue",
            template="request_overdue",
            context={"request": request, "due_on": due_on, "lapses_on": request.case.lapses_on()},
            key=f"request-overdue:{request.pk}:{request.round}:{due_on}",
            at=at,
        )
        return True

    return each_row(InformationRequest.objects.filter(state=RequestState.OPEN).order_by("pk"), remind, at)
