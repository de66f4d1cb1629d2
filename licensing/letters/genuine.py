"""Whether a letter is genuine, and whether what it says still holds."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from licensing.letters.given import loss
from licensing.models import Letter
from licensing.states import LetterState
from pvara.kernel import audit, signing

NO_SUCH_NUMBER = "There is no letter with this number. Check it against the paper, character by character."
NOT_OURS = "The file is not, to the byte, a letter that was issued here; do not rely on it."


@dataclass(frozen=True)
class Check:
    """The answer to “is this letter genuine, and does it still hold?”. `reason` is a sentence for people.

    `since` is the first day on which a letter of ours no longer held; what has not ended has none.
    """

    letter: Letter | None
    authentic: bool
    reason: str
    holds: bool = False
    since: date | None = None

    @property
    def found(self) -> bool:
        return self.letter is not None


def check(token_or_reference: str = "", uploaded: bytes | None = None, *, at: datetime | None = None) -> Check:
    """Look a letter up by its number, or by the token of its QR code, or examine a file that somebody holds.

    With a file, the file decides: it must be a letter of ours to the byte, and carry our valid signature. `at` is the
    moment asked about, for what ends by the passing of time; without it only what was decided counts.
    """
    if uploaded is not None:
        return _check_file(uploaded, at)
    asked = token_or_reference.strip()
    if not asked or "\0" in asked:
        return Check(None, False, NO_SUCH_NUMBER)
    issued = Letter.objects.issued()
    letter = issued.filter(token=asked).first() or issued.filter(reference=asked.upper()).first()
    return _standing(letter, at) if letter else Check(None, False, NO_SUCH_NUMBER)


def _check_file(uploaded: bytes, at: datetime | None) -> Check:
    letter = Letter.objects.issued().filter(sha256=hashlib.sha256(uploaded).hexdigest()).first()
    verdict = signing.verify(uploaded)
    if letter is None or not verdict.valid:
        why = "This is no letter of ours." if verdict.valid else verdict.reason
        return Check(None, False, f"{why} {NOT_OURS}")
    return _standing(letter, at)


def _standing(letter: Letter, at: datetime | None) -> Check:
    if words := ENDED.get(LetterState(letter.state)):
        return Check(letter, True, f"This letter was issued here, but {words}", since=_ended_on(letter))
    if lost := loss(letter, at):
        return Check(letter, True, f"This letter was issued here, but {lost.words}", since=lost.since)
    return Check(letter, True, "This letter was issued here and has not been replaced or revoked.", holds=True)


ENDED = {
    LetterState.SUPERSEDED: "a later one has taken its place.",
    LetterState.REVOKED: "has been revoked. Do not rely on it.",
}


def _ended_on(letter: Letter) -> date | None:
    """The day of the decision that ended it; its letter may have come out later."""
    entry = audit.history(letter).filter(to_state=letter.state).last()
    if entry is None:
        return None
    later = Letter.objects.filter(reference=entry.data.get("by")).first()
    return timezone.localdate(later.decided_at if later else entry.at)
