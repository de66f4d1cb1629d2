"""What an applicant writes into either application: before it is submitted, and when it comes back to be completed."""

from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from licensing import questions
from licensing.access import REPRESENT, SIGN
from licensing.models import Licence, LicenceApplication, NocApplication
from pvara.kernel import audit
from pvara.kernel.models import User
from pvara.kernel.seen import require_seen

A = TypeVar("A", NocApplication, LicenceApplication)


def require(by: User | None, permission: str, subject: Any) -> None:
    """Raise PermissionDenied unless the person holds a permission on the subject's firm."""
    if by is None or not by.has_perm(permission, subject.access_anchor):
        raise PermissionDenied("You do not act for this firm.")


def locked(application: A) -> A:
    """The row as it now is; whoever else changes it waits."""
    return type(application)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=application.pk)


def _open_to_change(application: A) -> A:
    """The row, locked, if it is the applicant's to change: not submitted yet, or returned to be completed."""
    application = locked(application)
    if not application.is_open_to_change:
        raise ValidationError("This application has been submitted; its answers can no longer be changed.")
    return application


def save_answers(application: A, section: str, answers: dict[str, Any], *, by: User, at: datetime, seen: str = "") -> A:
    """Keep the answers of one section; incomplete ones too, so that nobody loses what they typed.

    `seen` is the mark of the answers that they take the place of. Raises ValidationError for a section or question that
    the form does not have, and once submitted; ChangedMeanwhile where somebody else of the firm answered since.
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
        application = _open_to_change(application)
        log = audit.history(application).filter(event="answers_saved", data__section=section)
        require_seen(seen, application.answers_of(section), log=log)
        fee = application.fee_due(at)
        application.answers = {**application.answers, section: answers}
        if application.state != "draft" and application.fee_due(at) != fee:
            # What was charged on submission was charged for these activities.
            raise ValidationError(
                {"activities": "The fee was charged for the activities that you submitted. Withdraw and apply anew."}
            )
        # Who signs, signs what is written: a change after it asks for a new signature.
        application.declaration_signed_at = application.declaration_signed_by = None
        application.save(update_fields=["answers", "declaration_signed_at", "declaration_signed_by"])
        audit.record(application, event="answers_saved", by=by, at=at, data={"section": section})
        return application


def give_fee_reference(application: A, reference: str, *, by: User, at: datetime, seen: str = "") -> A:
    """Note under which reference the fee was paid; a former one only in the knowledge of it."""
    require(by, REPRESENT, application)
    with transaction.atomic():
        application = locked(application)
        if application.state != "draft":
            raise ValidationError("This application has been submitted; its fee is matched by the invoice.")
        noted = {"fee_reference": application.fee_reference}
        require_seen(seen, noted, log=audit.history(application).filter(event="fee_reference_given"))
        application.fee_reference = reference.strip()
        application.save(update_fields=["fee_reference"])
        audit.record(application, event="fee_reference_given", by=by, at=at, data={"reference": reference})
        return application


def new_version(case: NocApplication | LicenceApplication | Licence) -> None:
    """Make a new version of a case, whose row is locked: whoever saw or voted on the old one is to look again."""
    case.version += 1
    case.save(update_fields=["version"])


def sign_declaration(application: A, *, by: User, at: datetime, seen: str = "") -> A:
    """Sign that the answers are true and complete; the signature falls with the next change of an answer.

    `seen` is the mark of all the answers, by their sections: nobody signs what they have not read. Raises
    ChangedMeanwhile where somebody of the firm has answered since.
    """
    require(by, SIGN, application)
    with transaction.atomic():
        application = _open_to_change(application)
        require_seen(seen, application.answers, log=audit.history(application).filter(event="answers_saved"))
        application.declaration_signed_at = at
        application.declaration_signed_by = by
        application.save(update_fields=["declaration_signed_at", "declaration_signed_by"])
        audit.record(application, event="declaration_signed", by=by, at=at)
        return application
