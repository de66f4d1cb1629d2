"""Deficiencies: drafted, put right or dropped before the case is returned; answered by the applicant afterwards."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from licensing.access import REPRESENT
from licensing.actions.applications import locked, require
from licensing.actions.checklists import CHECKED_IN, require_officer
from licensing.actions.documents import attach
from licensing.actions.timers import each_row, timer
from licensing.models import Deficiency, Document, LicenceApplication, NocApplication
from licensing.models.checklists import checklist_of
from licensing.models.subjects import of
from licensing.states import NocState
from pvara.kernel import audit
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import require_seen

LONGEST = 4000  # characters, of what is missing and of its answer


# ── Drafting ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def draft_deficiency(case: Any, *, by: User, at: datetime, missing: str, item: str = "") -> Deficiency:
    """Note what is missing, of an item of the checklist or of the whole. The applicant reads it once it is returned."""
    require_officer(case, by=by, at=at)
    words = _words({"missing": missing}, "Say what is missing and what would make it good.")
    with transaction.atomic():
        case = _checked(case)
        row = Deficiency.objects.create(
            **of(case), missing=words, drafted_by=by, drafted_at=at, item=item, item_title=_title(case, item, at)
        )
        audit.record(case, event="deficiency_drafted", by=by, at=at, data={"deficiency": row.pk, "missing": words})
        return row


def redraft_deficiency(
    deficiency: Deficiency, *, by: User, at: datetime, missing: str, item: str = "", seen: str = ""
) -> Deficiency:
    """Put a draft right that reads as it was seen; whoever did is its drafter from then on."""
    require_officer(deficiency.case, by=by, at=at)
    words = _words({"missing": missing}, "Say what is missing and what would make it good.")
    with transaction.atomic():
        case = _checked(deficiency.case)
        row = _draft(deficiency, case, seen)
        row.missing, row.item, row.item_title = words, item, _title(case, item, at)
        row.drafted_by, row.drafted_at = by, at
        row.save(update_fields=["missing", "item", "item_title", "drafted_by", "drafted_at"])
        audit.record(case, event="deficiency_redrafted", by=by, at=at, data={"deficiency": row.pk, "missing": words})
        return row


def drop_deficiency(deficiency: Deficiency, *, by: User, at: datetime, seen: str = "") -> None:
    """Take a draft back that reads as it was seen; that it was there stays in the audit log."""
    require_officer(deficiency.case, by=by, at=at)
    with transaction.atomic():
        case = _checked(deficiency.case)
        row = _draft(deficiency, case, seen)
        data = {"deficiency": row.pk, "missing": row.missing}
        row.delete()
        audit.record(case, event="deficiency_dropped", by=by, at=at, data=data)


def _words(said: dict[str, str], what_to_do: str) -> str:
    ((name, words),) = said.items()
    if not words.strip():
        raise ValidationError({name: what_to_do})
    if len(words) > LONGEST:
        raise ValidationError({name: f"Write {LONGEST:,} characters at most; attach the rest as a document."})
    return words.strip()


def _checked(case: Any) -> Any:
    """The case, locked, while its completeness is checked."""
    case = locked(case)
    if case.state != CHECKED_IN:
        raise ValidationError("Deficiencies are drafted while the application is checked for completeness.")
    return case


def _draft(deficiency: Deficiency, case: Any, seen: str) -> Deficiency:
    row: Deficiency = Deficiency.objects.select_for_update(of=("self",)).get(pk=deficiency.pk)
    if not row.is_draft:
        raise ValidationError("The application was returned with it; it can no longer be changed.")
    require_seen(seen, row.drafted, log=audit.history(case).filter(data__deficiency=row.pk))
    return row


def _title(case: Any, item: str, at: datetime) -> str:
    if not item:
        return ""
    titles = {each.key: each.title for each in checklist_of(case, at)}
    if item not in titles:
        raise ValidationError({"item": "The checklist has no such item."})
    return titles[item]


# ── Returning ────────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(NocApplication, "return_incomplete")
@follows(LicenceApplication, "return_incomplete")
def return_the_list(case: Any, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """What was drafted is this round's list from now on. Whoever signed, signed what was not complete."""
    round = case.rounds_made() + 1
    Deficiency.objects.about(case).drafts().update(round=round, returned_by=by, returned_at=at)
    case.declaration_signed_at = case.declaration_signed_by = None
    case.save(update_fields=["declaration_signed_at", "declaration_signed_by"])


@follows(NocApplication, "resubmit")
@follows(LicenceApplication, "resubmit")
def settle_the_answers(case: Any, *, by: User, at: datetime, entry: AuditEntry) -> None:
    Deficiency.objects.about(case).asked().update(settled_at=at)


@follows(NocApplication, "declare_complete")
@follows(LicenceApplication, "declare_complete")
def drop_what_was_drafted(case: Any, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """Nothing is missing any more, so no draft is left lying about."""
    for row in Deficiency.objects.about(case).drafts():
        audit.record(
            case, event="deficiency_dropped", by=by, at=at, data={"deficiency": row.pk, "missing": row.missing}
        )
        row.delete()


# ── Answering ────────────────────────────────────────────────────────────────────────────────────────────────────────
def answer_deficiency(
    deficiency: Deficiency,
    *,
    by: User,
    at: datetime,
    answer: str,
    file: UploadedFile | None = None,
    title: str = "",
    seen: str = "",
) -> Deficiency:
    """Keep the firm's answer to one item, with a document if one is given; it may change until then.

    `seen` is the mark of the answer that it takes the place of. Raises ChangedMeanwhile where that is another by now.
    """
    require(by, REPRESENT, deficiency)
    words = _words({"answer": answer}, "Say what you did about it, even where a document says the rest.")
    with transaction.atomic():
        case, row = _asked(deficiency)
        log = audit.history(case).filter(event="deficiency_answered", data__deficiency=row.pk)
        require_seen(seen, row.answered, log=log)
        row.answer, row.answered_by, row.answered_at = words, by, at
        row.save(update_fields=["answer", "answered_by", "answered_at"])
        if file is not None:
            attach(row, file, firm=row.firm, title=title, by=by, at=at)
        audit.record(case, event="deficiency_answered", by=by, at=at, data={"deficiency": row.pk, "answer": words})
        return row


def attach_to_deficiency(deficiency: Deficiency, file: UploadedFile, *, title: str, by: User, at: datetime) -> Document:
    """A document with the answer to one item."""
    require(by, REPRESENT, deficiency)
    with transaction.atomic():
        case, row = _asked(deficiency)
        document = attach(row, file, firm=row.firm, title=title, by=by, at=at)
        audit.record(
            case, event="deficiency_documented", by=by, at=at, data={"deficiency": row.pk, "document": document.pk}
        )
        return document


def _asked(deficiency: Deficiency) -> tuple[Any, Deficiency]:
    """The case and the item, locked in this order, while the applicant may answer."""
    case = locked(deficiency.case)
    row: Deficiency = Deficiency.objects.select_for_update(of=("self",)).get(pk=deficiency.pk)
    if case.state != NocState.RETURNED or not row.is_open:
        raise ValidationError("The application is not with you to be completed; the answer can no longer be changed.")
    return case, row


# ── What only time does ──────────────────────────────────────────────────────────────────────────────────────────────
@timer
def reject_unanswered(at: datetime) -> int:
    """A returned application whose answers did not come in time is rejected."""

    def reject(case: Any, at: datetime) -> bool:
        due_on = case.answer_due_on()
        if due_on is None or timezone.localdate(at) <= due_on:
            return False
        note = f"The answers were to reach us by {due_on:%-d %B %Y}; the application was not submitted again."
        perform(case, "reject_incomplete", by=None, at=at, expected_version=case.version, note=note)
        return True

    return sum(
        each_row(model.objects.filter(state=NocState.RETURNED).order_by("pk"), reject, at)
        for model in (NocApplication, LicenceApplication)
    )
