"""Gates of a piece of evidence."""

from typing import Any

from pvara.kernel.gates import gate
from pvara.kernel.models import User


@gate("The virus scan found something in the file.")
def file_is_not_infected(evidence: Any) -> bool:
    return evidence.scan != "infected"


@gate("Whoever uploaded a document does not accept it.")
def accepter_is_not_uploader(evidence: Any, by: User | None) -> bool:
    return by is None or evidence.uploaded_by_id != by.pk
