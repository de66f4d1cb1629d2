"""Gates of a letter: who lets it out, and what it has when it goes."""

from typing import Any

from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


@gate("Letters of this kind are not checked before they go.")
def letter_is_checked(letter: Any) -> bool:
    return bool(letter.is_to_be_checked)


@gate("Letters of this kind are checked by a second person before they go.")
def letter_is_routine(letter: Any) -> bool:
    return not letter.is_to_be_checked


@gate("Whoever made the decision does not check its letter.")
def checker_did_not_decide(letter: Any, by: User | None) -> bool:
    return by is None or letter.decided_by_id != by.pk


# An interest in the firm removes a person from whatever is the firm's, so from its letters: `person_has_no_interest`.
@gate("Whoever stepped back from a case has no hand in its letters.")
def checker_is_not_recused_from_the_case(letter: Any, by: User | None) -> bool | Shut:
    said = letter.recusals_of(by) if by is not None else []
    return Shut(*said) if said else True


@gate("The letter has no number yet, or is not signed.")
def letter_is_numbered_and_signed(letter: Any) -> bool:
    return bool(letter.reference and letter.sha256 and letter.has_document())
