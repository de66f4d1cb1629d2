"""What a letter says: the wording in force, filled with the facts of its subject. It renders, checks and sends nothing
by itself; issuing is an action, the wording is data (`LetterText`), the page is `templates/letters/letter.html`.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.utils import timezone

from licensing.models import Firm, Letter, LetterText, Licence, LicenceApplication, NocApplication, SetUp
from licensing.states import Activity
from pvara.kernel import clock, figures, signing
from pvara.kernel.models import AuditEntry

NOT_A_LICENCE = "This is not an operating licence"


@dataclass(frozen=True)
class Kind:
    """A kind of letter. `phase` stands in its reference number; `banner` across its head."""

    code: str
    phase: str
    banner: str = ""
    conditions_shown: bool = False


KINDS = {
    kind.code: kind
    for kind in (
        Kind("L01", "NOC", NOT_A_LICENCE),
        Kind("L10", "NOC", NOT_A_LICENCE),
        Kind("L12", "DEC"),
        Kind("L22", "SET", NOT_A_LICENCE),
        Kind("L30", "FUL", NOT_A_LICENCE),
        Kind("L35", "FUL", NOT_A_LICENCE, conditions_shown=True),
        Kind("L40", "LIC", conditions_shown=True),
        Kind("L51", "LIC"),
        Kind("L53", "LIC"),
        Kind("L54", "LIC"),
    )
}


@dataclass(frozen=True)
class LetterContent:
    """Everything that a letter says, fit for JSON: attached to the PDF, kept on the row, and hashed."""

    code: str
    reference: str
    title: str
    on: str
    addressee: str
    registration: str
    case: str
    legal_basis: str
    paragraphs: list[str]
    facts: list[tuple[str, str]]
    activities: list[str]
    conditions: list[str]
    reasons: str
    appeal: str
    signatory_name: str
    signatory_title: str
    banner: str
    verify_at: str
    demonstration: bool

    def canonical(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()


class NoWording(LookupError):
    """No wording of this letter is in force on the day."""


def wording(code: str, on: date) -> LetterText:
    text = LetterText.objects.filter(code=code, effective_from__lte=on).order_by("-effective_from").first()
    if text is None:
        raise NoWording(
            f"No wording of letter {code} is in force on {on}. Load one with `manage.py load_letter_texts`."
        )
    return text


def day(value: date | datetime) -> str:
    """A date as letters write it: 4 March 2026."""
    return f"{timezone.localdate(value) if isinstance(value, datetime) else value:%-d %B %Y}"


# ── The facts of each kind of subject ────────────────────────────────────────────────────────────────────────────────
@dataclass
class About:
    """What a letter needs to know of its subject; `words` fill the places in the wording."""

    firm: Firm
    addressee: str
    registration: str
    case: str
    words: dict[str, str]
    facts: list[tuple[str, str]]
    activities: list[str]
    conditions: list[str]


def _of_noc(case: NocApplication, at: datetime) -> About:
    due = clock.reading(case, "decision", limit=figures.limit("noc.decision", on=timezone.localdate(at)), at=at).due_on
    facts = [("Application", case.reference)]
    words = {"due": day(due)}
    if case.valid_to is not None and case.granted_at is not None:
        words["valid_to"] = day(case.valid_to)
        facts += [("Granted on", day(case.granted_at)), ("Valid to", day(case.valid_to))]
    titles = [Activity(each).label for each in case.requested_activities]
    return About(
        case.firm, case.firm.legal_name, case.firm.home_licence_number, case.reference, words, facts, titles, []
    )


def _of_setup(setup: SetUp, at: datetime) -> About:
    facts = [
        ("NOC application", setup.noc.reference),
        ("Local subsidiary", setup.subsidiary_name),
        ("SECP CUIN", setup.cuin),
        ("Share of the NOC holder", f"{setup.share}%"),
    ]
    words = {"subsidiary": setup.subsidiary_name}
    return About(setup.firm, setup.firm.legal_name, "", setup.reference, words, facts, [], [])


def _of_full(case: LicenceApplication, at: datetime) -> About:
    titles = [Activity(each).label for each in case.requested_activities]
    licence = case.issued_licence
    if licence is not None:
        return _of_licence(licence, at)
    facts = [("Application", case.reference), ("Parent", case.firm.legal_name)]
    cuin = f"SECP CUIN {case.setup.cuin}"
    return About(case.firm, case.applicant_name, cuin, case.reference, {}, facts, titles, list(case.conditions))


def _of_licence(licence: Licence, at: datetime) -> About:
    facts = [
        ("Licence number", licence.reference),
        ("Holder", licence.holder_name),
        ("Parent", licence.firm.legal_name),
        ("Valid from", day(licence.valid_from)),
        ("Valid to", day(licence.valid_to)),
    ]
    words = {"licence": licence.reference, "valid_to": day(licence.valid_to)}
    return About(
        licence.firm,
        licence.holder_name,
        f"SECP CUIN {licence.cuin}",
        licence.reference,
        words,
        facts,
        licence.activity_titles,
        list(licence.conditions),
    )


ABOUT: dict[str, Callable[[Any, datetime], About]] = {
    "licensing.nocapplication": _of_noc,
    "licensing.setup": _of_setup,
    "licensing.licenceapplication": _of_full,
    "licensing.licence": _of_licence,
}


def about(subject_type: str, subject_id: int, at: datetime) -> About:
    subject = apps.get_model(subject_type)._base_manager.get(pk=subject_id)
    return ABOUT[subject_type](subject, at)


def _framework_of(entry: AuditEntry) -> str:
    """The version of the scoring framework by which the decision was made, from the facts of its gates."""
    for facts in entry.data.get("gates", {}).values():
        if "framework" in facts:
            return str(facts["framework"])
    return ""


def compose(
    code: str, *, subject: About, entry: AuditEntry, reference: str, at: datetime, verify_at: str, demonstration: bool
) -> LetterContent:
    """Fill the wording in force with the facts of the subject. Raises NoWording when there is none."""
    kind, text = KINDS[code], wording(code, timezone.localdate(at))
    facts = list(subject.facts)
    # The letter names the version of the rules, never the score.
    if version := _framework_of(entry):
        facts.append(("Scoring framework", f"version {version}"))
    words = {**subject.words, "addressee": subject.addressee, "case": subject.case, "date": day(at)}
    return LetterContent(
        code=code,
        reference=reference,
        title=text.title,
        on=day(at),
        addressee=subject.addressee,
        registration=subject.registration,
        case=subject.case,
        legal_basis=text.legal_basis,
        paragraphs=[each.format_map(words) for each in text.paragraphs],
        facts=facts,
        activities=subject.activities,
        conditions=subject.conditions if kind.conditions_shown else [],
        reasons=entry.note,
        appeal=text.appeal,
        signatory_name=text.signatory_name,
        signatory_title=text.signatory_title,
        banner=kind.banner,
        verify_at=verify_at,
        demonstration=demonstration,
    )


# ── Verification ─────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Check:
    """The answer to “is this letter genuine, and does it still hold?”. `reason` is a sentence for people."""

    letter: Letter | None
    authentic: bool
    reason: str

    @property
    def holds(self) -> bool:
        return self.authentic and self.letter is not None and self.letter.status == Letter.Status.ISSUED


def check(token_or_reference: str = "", uploaded: bytes | None = None) -> Check:
    """Look a letter up by its number, or by the token of its QR code, or examine a file that somebody holds.

    With a file, the file decides: it must be a letter of ours to the byte, and carry our valid signature.
    """
    if uploaded is not None:
        return _check_file(uploaded)
    asked = token_or_reference.strip()
    letter = (
        Letter.objects.filter(token=asked).first() or Letter.objects.filter(reference__iexact=asked).first()
        if asked
        else None
    )
    if letter is None:
        return Check(
            None, False, "There is no letter with this number. Check it against the paper, character by character."
        )
    return _standing(letter)


def _check_file(uploaded: bytes) -> Check:
    letter = Letter.objects.filter(sha256=hashlib.sha256(uploaded).hexdigest()).first()
    verdict = signing.verify(uploaded)
    if letter is None or not verdict.valid:
        why = "This is no letter of ours." if verdict.valid else verdict.reason
        return Check(
            None, False, f"{why} The file is not, to the byte, a letter that was issued here; do not rely on it."
        )
    return _standing(letter)


def _standing(letter: Letter) -> Check:
    said = {
        Letter.Status.ISSUED: "This letter was issued here and has not been replaced or revoked.",
        Letter.Status.SUPERSEDED: "This letter was issued here, but a later one has taken its place.",
        Letter.Status.REVOKED: "This letter was issued here, but has been revoked. Do not rely on it.",
    }
    return Check(letter, True, said[Letter.Status(letter.status)])
