"""Gates of a letter: who lets it out, and what it has when it goes."""

from typing import Any

from pvara.kernel.gates import gate
from pvara.kernel.models import User


@gate("Letters of this kind are not checked before they go.")
def letter_is_checked(letter: Any) -> bool:
    return bool(letter.is_checked())


@gate("Letters of this kind are checked by a second person before they go.")
def letter_is_routine(letter: Any) -> bool:
    return not letter.is_checked()


@gate("Whoever made the decision does not check its letter.")
def checker_did_not_decide(letter: Any, by: User | None) -> bool:
    return by is None or letter.decided_by_id != by.pk


@gate("The letter has no number yet, or is not signed.")
def letter_is_numbered_and_signed(letter: Any) -> bool:
    return bool(letter.reference and letter.sha256 and letter.has_document())
