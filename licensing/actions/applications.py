"""What an applicant writes into either application before it is submitted."""

from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from licensing import questions
from licensing.access import REPRESENT, SIGN
from licensing.models import LicenceApplication, NocApplication
from pvara.kernel import audit
from pvara.kernel.models import User

A = TypeVar("A", NocApplication, LicenceApplication)


def require(by: User | None, permission: str, subject: Any) -> None:
    """Raise PermissionDenied unless the person holds a permission on the subject's firm."""
    if by is None or not by.has_perm(permission, subject.access_anchor):
        raise PermissionDenied("You do not act for this firm.")


def _draft(application: A) -> A:
    """The row, locked, if it is still the applicant's to change."""
    locked = type(application)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=application.pk)
    if locked.state != "draft":
        raise ValidationError("This application has been submitted; its answers can no longer be changed.")
    return locked


def save_answers(application: A, section: str, answers: dict[str, Any], *, by: User, at: datetime) -> A:
    """Keep the answers of one section; incomplete ones too, so that nobody loses what they typed.

    Raises ValidationError for a section or question that the form does not have, and once submitted.
    """
    require(by, REPRESENT, application)
    asked = {each.key: each for each in application.form}
    if section not in asked:
        raise ValidationError(f"The form has no section “{section}”. It has: {', '.join(asked)}.")
    unknown = set(answers) - {question.key for question in asked[section].questions}
    if unknown:
        raise ValidationError(f"The section “{section}” does not ask for: {', '.join(sorted(unknown))}.")
    for question in asked[section].questions:
        questions.check(question, answers.get(question.key))
    with transaction.atomic():
        application = _draft(application)
        application.answers = {**application.answers, section: answers}
        # Who signs, signs what is written: a change after it asks for a new signature.
        application.declaration_signed_at = application.declaration_signed_by = None
        application.save(update_fields=["answers", "declaration_signed_at", "declaration_signed_by"])
        audit.record(application, event="answers_saved", by=by, at=at, data={"section": section})
        return application


def give_fee_reference(application: A, reference: str, *, by: User, at: datetime) -> A:
    """Note under which reference the fee was paid."""
    require(by, REPRESENT, application)
    with transaction.atomic():
        application = _draft(application)
        application.fee_reference = reference.strip()
        application.save(update_fields=["fee_reference"])
        audit.record(application, event="fee_reference_given", by=by, at=at, data={"reference": reference})
        return application


def impose(application: A, conditions: str) -> None:
    """Keep the conditions of a decision, one on each line of its note."""
    application.conditions = [line.strip() for line in conditions.splitlines() if line.strip()]
    application.save(update_fields=["conditions"])


def sign_declaration(application: A, *, by: User, at: datetime) -> A:
    """Sign that the answers are true and complete; the signature falls with the next change of an answer."""
    require(by, SIGN, application)
    with transaction.atomic():
        application = _draft(application)
        application.declaration_signed_at = at
        application.declaration_signed_by = by
        application.save(update_fields=["declaration_signed_at", "declaration_signed_by"])
        audit.record(application, event="declaration_signed", by=by, at=at)
        return application
