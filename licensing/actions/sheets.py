"""Many criteria of a firm rated, or moderated, in one act: all of them or none, and the score changes once.

What holds of each is what `ratings` and `seconds` ask of it alone, and each has its own entry in the log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from licensing import standing
from licensing.actions.ratings import Judgement, begin_to_moderate, moderated
from licensing.actions.seconds import written_or_sealed
from licensing.models import Firm, Rating, SealedRating
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile

Refusal = ValidationError | ChangedMeanwhile | PermissionDenied


class SomeRefused(Exception):
    """Nothing was written. `refused` says by its code why each criterion was refused that was, not just the first."""

    def __init__(self, refused: Mapping[str, Refusal]) -> None:
        self.refused = dict(refused)
        super().__init__(" ".join(f"{code}: {each}" for code, each in self.refused.items()))


@dataclass(frozen=True)
class Word:
    """What a moderator says of a rating: confirmed, or changed to `rating`; `seen` is the mark of what was read."""

    rating: int | None = None
    note: str = ""
    seen: str = ""


def rate_together(
    firm: Firm, judgements: Iterable[Judgement], *, by: User, at: datetime
) -> list[Rating | SealedRating]:
    """Rate a firm on several criteria, each once or as one of two, as its version of the framework asks for.

    Raises PermissionDenied for who may not rate this firm, ValidationError where nothing is rated, and SomeRefused.
    """
    given: list[Rating | SealedRating] = []
    refused: dict[str, Refusal] = {}
    with transaction.atomic():
        for each in judgements:
            try:
                given.append(written_or_sealed(firm, each, by=by, at=at))
            except (ValidationError, ChangedMeanwhile) as refusal:
                refused[each.criterion.code] = refusal
        if refused:
            raise SomeRefused(refused)
        if not given:
            raise ValidationError("Rate at least one criterion.")
        if any(isinstance(each, Rating) for each in given):
            standing.refresh_firm(firm, by=by, at=at)
    return given


def moderate_together(firm: Firm, words: Mapping[str, Word], *, by: User, at: datetime) -> list[Rating]:
    """Confirm or change what a firm was given on several criteria, by their codes.

    Raises PermissionDenied for who may not moderate of this firm, ValidationError where nothing is said, and
    SomeRefused.
    """
    given: list[Rating] = []
    refused: dict[str, Refusal] = {}
    with transaction.atomic():
        begin_to_moderate(firm, by=by, at=at)
        current = Rating.objects.filter(firm=firm, criterion__code__in=words, current=True)
        found = dict(current.order_by().values_list("criterion__code", "pk"))
        for code, word in words.items():
            try:
                if code not in found:
                    raise ValidationError("There is no rating to moderate.")
                given.append(moderated(found[code], by=by, at=at, rating=word.rating, note=word.note, seen=word.seen))
            except (ValidationError, ChangedMeanwhile, PermissionDenied) as refusal:
                refused[code] = refusal
        if refused:
            raise SomeRefused(refused)
        if not given:
            raise ValidationError("Moderate at least one rating.")
        standing.refresh_firm(firm, by=by, at=at)
    return given
