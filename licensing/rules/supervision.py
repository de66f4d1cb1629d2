"""Gates of supervision: of one return, and of a licence that is to be up to date with all of them (part of G4)."""

from datetime import datetime
from typing import Any

from pvara.kernel.gates import Shut, gate


@gate("The figures of the return are not complete, or do not fit.")
def figures_are_filed(filing: Any) -> bool | Shut:
    wrong = filing.faults()
    return Shut(*wrong) if wrong else True


@gate("The return itself, as a document, is not attached.")
def return_is_documented(filing: Any) -> bool:
    return bool(filing.has_document())


@gate("The returns of the licensee are not up to date.")
def returns_are_up_to_date(licence: Any, at: datetime) -> bool | Shut:
    late = licence.returns_outstanding(at)
    return Shut(*late) if late else True


@gate("The score is still where it was when this was proposed.")
def score_is_at_another_level(proposal: Any) -> bool:
    return proposal.level_now() != proposal.level
