"""Gates of a piece of evidence."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from pvara.kernel import figures
from pvara.kernel.gates import gate
from pvara.kernel.models import User


@gate("The virus scan found something in the file.")
def file_is_not_infected(evidence: Any) -> bool:
    return evidence.scan != "infected"


@gate("Whoever uploaded a document does not accept it.")
def accepter_is_not_uploader(evidence: Any, by: User | None) -> bool:
    return by is None or evidence.uploaded_by_id != by.pk


@gate("Nothing that the document proves expires soon.")
def expiry_is_near(evidence: Any, at: datetime) -> bool:
    today = timezone.localdate(at)
    ahead = int(figures.value("evidence.expiring_days", on=today))
    return evidence.last_day is not None and evidence.last_day <= today + timedelta(days=ahead)


@gate("The last day of the document is not over.")
def last_day_is_over(evidence: Any, at: datetime) -> bool:
    return evidence.last_day is not None and evidence.last_day < timezone.localdate(at)


@gate("No newer version of the document is accepted.")
def newer_version_is_accepted(evidence: Any) -> bool:
    return _was_newer_accepted(evidence)


@gate("A newer version of the document is accepted.")
def no_newer_version_is_accepted(evidence: Any) -> bool:
    return not _was_newer_accepted(evidence)


@gate("The document was never accepted itself.")
def document_was_accepted_itself(evidence: Any) -> bool:
    return evidence.accepted_by_id is not None


@gate("The document was accepted itself.")
def document_was_not_accepted_itself(evidence: Any) -> bool:
    return evidence.accepted_by_id is None


def _was_newer_accepted(evidence: Any) -> bool:
    return any(each.was_accepted for each in evidence.newer_versions)
