"""Whether a letter is genuine, and whether what it says still holds."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from licensing.letters.about import day
from licensing.letters.kinds import CERTIFICATES
from licensing.models import Letter, Licence, NocApplication
from licensing.states import LetterState, LicenceState, NocState
from pvara.kernel import signing

NO_SUCH_NUMBER = "There is no letter with this number. Check it against the paper, character by character."
NOT_OURS = "The file is not, to the byte, a letter that was issued here; do not rely on it."


@dataclass(frozen=True)
class Check:
    """The answer to “is this letter genuine, and does it still hold?”. `reason` is a sentence for people."""

    letter: Letter | None
    authentic: bool
    reason: str
    holds: bool = False

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
    if letter.state == LetterState.SUPERSEDED:
        return Check(letter, True, "This letter was issued here, but a later one has taken its place.")
    if letter.state == LetterState.REVOKED:
        return Check(letter, True, "This letter was issued here, but has been revoked. Do not rely on it.")
    if lost := _lost(letter, at):
        return Check(letter, True, f"This letter was issued here, but {lost}")
    return Check(letter, True, "This letter was issued here and has not been replaced or revoked.", holds=True)


def _lost(letter: Letter, at: datetime | None) -> str:
    """What has become of what the letter gave, when it is no longer in force; else nothing."""
    if letter.code == "L10":
        noc = NocApplication.objects.filter(pk=letter.subject_id).first()
        if noc and not noc.is_live:
            return f"the certificate is no longer in force: {noc.get_state_display()}."
        if noc and noc.state == NocState.SUSPENDED:
            return "the certificate is suspended at present."
        if noc and at and noc.valid_to and not noc.is_in_force(at):
            return f"the certificate expired on {day(noc.valid_to)}."
    if letter.code in (*CERTIFICATES, "L53"):
        licence = _licence_of(letter)
        if licence and licence.state == LicenceState.SUSPENDED:
            in_part = (
                f" in part, for {', '.join(licence.suspended_activities)}," if licence.suspended_activities else ""
            )
            return f"the licence is suspended{in_part} at present."
        if licence and licence.state in OVER:
            return OVER[LicenceState(licence.state)]
        if licence and at and not licence.is_in_term(at):
            return f"the term of the licence ended on {day(licence.valid_to)}."
    return ""


OVER = {
    LicenceState.REVOKED: "the licence has been revoked.",
    LicenceState.SURRENDERED: "the licence has been surrendered.",
    LicenceState.EXPIRED: "the licence has expired.",
}

# A certificate is issued with a grant, a variation or a renewal; how each is tied to its licence.
TIED = {
    "licensing.licenceapplication": "application",
    "licensing.licence": "pk",
    "licensing.variation": "variations",
    "licensing.renewal": "renewals",
}


def _licence_of(letter: Letter) -> Licence | None:
    tie = TIED.get(letter.subject_type)
    return Licence.objects.filter(**{tie: letter.subject_id}).first() if tie else None
