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
