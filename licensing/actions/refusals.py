"""A refusal in the making: its grounds, the notice of it, and the answer of the firm, heard before it is confirmed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from licensing.access import DECIDE, REPRESENT
from licensing.actions.applications import new_version, require
from licensing.actions.conditions import to_be_decided
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
from licensing.models.framework import framework_in_force
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


# ── Grounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def draft_ground(case: A, *, by: User, at: datetime, about: str, text: str) -> RefusalGround:
    """Draft a ground for refusing a case. `about` is the code of a criterion or the key of a section of the form.

    Raises PermissionDenied for who does not draft, and ValidationError for what is about nothing or says nothing.
    """
    case = to_be_decided(case, by=by, at=at)
    criterion = criterion_called(about, case.phase, at)
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


def criterion_called(code: str, phase: str, at: datetime) -> Criterion | None:
    """The criterion of the framework in force that applies to a phase, by its code."""
    framework = framework_in_force(timezone.localdate(at))
    if code not in {each.code for each in framework.applicable(phase)}:
        return None
    return Criterion.objects.get(code=code, domain__framework__version=framework.version)


@transaction.atomic
def take_back_ground(ground: RefusalGround, *, by: User, at: datetime) -> None:
    """Take a draft back; what a notice has given stays."""
    case = to_be_decided(ground.case, by=by, at=at)
    ground = RefusalGround.objects.select_for_update(of=("self",)).get(pk=ground.pk)
    if ground.notice_id is not None:
        raise ValidationError("This ground was given to the firm: it stays in the record.")
    audit.record(case, event="ground_taken_back", by=by, at=at, note=ground.text, data={"about": ground.about})
    ground.delete()
    new_version(case)


# ── The notice ───────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(NocApplication, "notify_refusal")
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
    notice = case.notice_of_refusal()
    if case.state != NocState.MINDED_TO_REFUSE or notice is None:
        raise ValidationError("No notice of refusal waits for an answer.")
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
    if case.state != NocState.MINDED_TO_REFUSE or representation.notice != case.notice_of_refusal():
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
