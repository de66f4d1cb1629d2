"""A refusal, or the loss of a NOC, in the making: its grounds, the notice, and the answer of the firm, heard first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from licensing.access import DECIDE, REPRESENT
from licensing.actions.applications import new_version, require
from licensing.actions.conditions import locked_for_drafting
from licensing.actions.documents import attach
from licensing.actions.interests import require_no_interest
from licensing.actions.notices import tell_people
from licensing.actions.timers import each_row, timer
from licensing.models import (
    Consideration,
    Criterion,
    Document,
    LicenceApplication,
    NocApplication,
    RefusalGround,
    RefusalNotice,
    Representation,
)
from licensing.models.noc import GIVES_NOTICE
from licensing.scoring import PHASES
from licensing.states import FullState, NocState
from pvara.kernel import audit, clock, figures, roles
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, ClockInterval, User

A = NocApplication | LicenceApplication


def _of(case: A) -> dict[str, Any]:
    """The fields with which a row belongs to a case."""
    return {
        "firm": case.firm,
        "noc": case if isinstance(case, NocApplication) else None,
        "application": case if isinstance(case, LicenceApplication) else None,
    }


def open_to_grounds(case: A, *, by: User, at: datetime) -> A:
    """The case, locked, if a notice may be given on it next and the person may prepare that."""
    case = locked_for_drafting(case, by=by, at=at)
    if not case.may_draft_grounds:
        raise ValidationError(f"{case.reference} is {case.get_state_display().lower()}: no notice is given on it now.")
    return case


# ── Grounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def draft_ground(case: A, *, by: User, at: datetime, about: str, text: str) -> RefusalGround:
    """Draft a ground for refusing a case. `about` is the code of a criterion or the key of a section of the form.

    Raises PermissionDenied for who does not draft, and ValidationError for what is about nothing or says nothing.
    """
    case = open_to_grounds(case, by=by, at=at)
    criterion = criterion_called(about, case, at)
    if criterion is None and about not in {each.key for each in case.form}:
        raise ValidationError({"about": "Name a criterion of this phase, or a section of the form."})
    if not text.strip():
        raise ValidationError({"text": "Write what is wrong there: the firm answers it."})
    ground = RefusalGround.objects.create(
        **_of(case),
        criterion=criterion,
        section="" if criterion else about,
        text=text.strip(),
        drafted_by=by,
        drafted_at=at,
    )
    new_version(case)
    audit.record(case, event="ground_drafted", by=by, at=at, note=ground.text, data={"about": about})
    return ground


def criterion_called(code: str, case: A, at: datetime) -> Criterion | None:
    """The criterion by which a case is assessed in its phase, by its code."""
    phases = PHASES[: PHASES.index(case.phase) + 1]
    asked = Criterion.objects.filter(domain__framework=case.framework_at(at), applies_from__in=phases)
    return asked.filter(code=code).first()


@transaction.atomic
def take_back_ground(ground: RefusalGround, *, by: User, at: datetime) -> None:
    """Take a draft back; what a notice has given stays."""
    case = open_to_grounds(ground.case, by=by, at=at)
    ground = RefusalGround.objects.select_for_update(of=("self",)).get(pk=ground.pk)
    if ground.notice_id is not None:
        raise ValidationError("This ground was given to the firm: it stays in the record.")
    audit.record(case, event="ground_taken_back", by=by, at=at, note=ground.text, data={"about": ground.about})
    ground.delete()
    new_version(case)


# ── The notice ───────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(NocApplication, "notify_refusal", *GIVES_NOTICE)
@follows(LicenceApplication, "notify_refusal")
def give_notice(case: A, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """The grounds as drafted become those of the notice, and the firm's time begins: a new round each time."""
    before = case.notice_of_refusal()
    notice = RefusalNotice.objects.create(
        **_of(case),
        number=before.number + 1 if before else 1,
        given_by=by,
        given_at=at,
        last_day=figures.last_day("representations", timezone.localdate(at), on=case.began_on),
    )
    for ground in case.drafted_grounds():
        ground.notice = notice
        ground.save(update_fields=["notice"])


# ── The firm's answer ────────────────────────────────────────────────────────────────────────────────────────────────
def _answerable(case: A, *, at: datetime) -> tuple[A, RefusalNotice]:
    """The case, locked, and the notice that the firm may answer now."""
    case = type(case)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    notice = case.notice_that_waits()
    if notice is None:
        raise ValidationError("No notice waits for an answer.")
    if notice.time_is_over(at):
        raise ValidationError(f"The time for representations ended on {notice.last_day:%-d %B %Y}.")
    return case, notice


@transaction.atomic
def make_representations(
    case: A, *, by: User, at: datetime, text: str, files: Iterable[tuple[str, UploadedFile]] = ()
) -> Representation:
    """Answer a notice of refusal, in the time that the firm has, with documents by their titles.

    Raises PermissionDenied for who does not act for the firm, and ValidationError when no notice waits for an answer,
    when the time is over, and for an answer without words or a file that cannot be taken.
    """
    require(by, REPRESENT, case)
    case, notice = _answerable(case, at=at)
    if not text.strip():
        raise ValidationError({"text": "Write your answer to the grounds."})
    made = Representation.objects.create(notice=notice, text=text.strip(), made_by=by, made_at=at)
    for title, file in files:
        attach(made, file, firm=case.firm, title=title, by=by, at=at)
    audit.record(case, event="representations_made", by=by, at=at, data={"notice": notice.number, "row": made.pk})
    if case.state == NocState.MINDED_TO_REFUSE:
        _start_confirmation(case, at=at, reason="Representations made")
    # Whoever voted before this was said, voted on something else.
    new_version(case)
    tell_people(
        roles.holders("committee_member").order_by("pk"),
        subject=f"{case.reference}: representations made",
        template="representations",
        context={"case": case, "notice": notice},
        key=f"representations:{made.pk}",
        at=at,
    )
    return made


@transaction.atomic
def support(representation: Representation, file: UploadedFile, *, title: str, by: User, at: datetime) -> Document:
    """Add a document to an answer, in the time that the firm has and before the answer is considered."""
    require(by, REPRESENT, representation.notice.case)
    case, notice = _answerable(representation.notice.case, at=at)
    if representation.notice != notice or Consideration.objects.filter(representation=representation).exists():
        raise ValidationError({"file": "Nothing can be added to this answer now; make another one."})
    new_version(case)
    return attach(representation, file, firm=case.firm, title=title, by=by, at=at)


@transaction.atomic
def consider(representation: Representation, *, by: User, at: datetime, note: str) -> Consideration:
    """Record that a representation was considered, and what came of it; one of those who decide does so, once."""
    case = representation.notice.case
    if not by.has_perm(DECIDE):
        raise PermissionDenied("Representations are considered by those who decide on the case.")
    require_no_interest(by, case.firm, at=at, case=case)
    if not note.strip():
        raise ValidationError({"note": "Say what was considered and what came of it."})
    case = type(case)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    if representation.notice != case.notice_that_waits():
        raise ValidationError("This representation no longer waits to be considered.")
    if Consideration.objects.filter(representation=representation).exists():
        raise ValidationError("This representation was considered already.")
    made = Consideration.objects.create(
        representation=representation, note=note.strip(), considered_by=by, considered_at=at
    )
    audit.record(
        case,
        event="representations_considered",
        by=by,
        at=at,
        note=made.note,
        data={"notice": representation.notice.number, "row": representation.pk},
    )
    return made


# ── The time in which the committee confirms ─────────────────────────────────────────────────────────────────────────
def _start_confirmation(case: A, *, at: datetime, reason: str) -> bool:
    going = ClockInterval.objects.filter(
        subject_type=case._meta.label_lower, subject_id=case.pk, clock="confirmation", ended_at=None
    )
    if going.exists():
        return False
    clock.start(case, "confirmation", at=at, reason=reason)
    return True


@follows(NocApplication, "reopen")
@follows(LicenceApplication, "reopen")
def stop_the_confirmation(case: A, *, by: User, at: datetime, entry: AuditEntry) -> None:
    going = ClockInterval.objects.filter(
        subject_type=case._meta.label_lower, subject_id=case.pk, clock="confirmation", ended_at=None
    )
    if going.exists():
        clock.stop(case, "confirmation", at=at, reason="Reopened")


@timer
def end_time_for_representations(at: datetime) -> int:
    """When the firm has let its time pass, the committee's own begins."""

    def begin(notice: RefusalNotice, at: datetime) -> bool:
        case = type(notice.case)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=notice.case.pk)
        if case.state != NocState.MINDED_TO_REFUSE or case.notice_of_refusal() != notice:
            return False
        return _start_confirmation(case, at=at, reason="The time for representations is over")

    waiting = RefusalNotice.objects.filter(last_day__lt=timezone.localdate(at)).select_related("noc", "application")
    of_nocs = waiting.filter(noc__state=NocState.MINDED_TO_REFUSE)
    of_licences = waiting.filter(application__state=FullState.MINDED_TO_REFUSE)
    return each_row(of_nocs.order_by("pk"), begin, at) + each_row(of_licences.order_by("pk"), begin, at)
