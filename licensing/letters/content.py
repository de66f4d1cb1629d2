"""What a letter says, as data: the wording in force, filled with the facts of its subject. It knows no page, no PDF."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from django.utils import timezone

from licensing.letters.about import About, day
from licensing.letters.kinds import KINDS
from licensing.letters.places import sample_of
from licensing.models import LetterText
from licensing.models.appeals import APPEALABLE
from pvara.kernel import figures
from pvara.kernel.models import AuditEntry


@dataclass(frozen=True)
class LetterContent:
    """Everything that a letter says, fit for JSON: attached to the PDF, kept on the row, and hashed."""

    code: str
    reference: str
    title: str
    on: str
    addressee: str
    address: list[str]
    registration: str
    case: str
    legal_basis: str
    paragraphs: list[str]
    facts: list[tuple[str, str]]
    steps: list[str]
    items_title: str
    items: list[str]
    activities: list[str]
    conditions: list[tuple[int, str, str]]  # its number, what it says, and by when; empty when it has no day
    reasons: str
    grounds: list[str]
    appeal: str
    signatory_name: str
    signatory_title: str
    banner: str
    verify_at: str
    demonstration: bool

    def going_out(self, *, reference: str, verify_at: str) -> "LetterContent":
        """The same letter with its number; not a word of it is another.

        Its date stays the day of the decision: from there its terms are counted.
        """
        return replace(self, reference=reference, verify_at=verify_at)

    def canonical(self) -> bytes:
        """One way of writing it down, so that the same content has the same hash everywhere."""
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


def compose(code: str, *, subject: About, entry: AuditEntry, at: datetime, demonstration: bool) -> LetterContent:
    """Fill the wording in force on the day of the decision with the facts of the subject. It has no number yet.

    Raises NoWording when there is none, and KeyError when the wording asks for a fact that the subject has not.
    """
    kind, on = KINDS[code], timezone.localdate(at)
    text = wording(code, on)
    facts = list(subject.facts)
    # The letter names the version of the rules, never the score.
    if version := _framework_of(entry):
        facts.append(("Scoring framework", f"version {version}"))
    window = int(figures.value("appeal.window", on=on))
    words = {
        **subject.words,
        "addressee": subject.addressee,
        "case": subject.case,
        "date": day(at),
        "appeal_days": str(window),
        "appeal_by": day(figures.last_day("appeal.window", on)),
        "appeal_forum": figures.value("appeal.forum", on=on),
    }
    return LetterContent(
        code=code,
        reference="",
        title=text.title,
        on=day(at),
        addressee=subject.addressee,
        address=subject.address,
        registration=subject.registration,
        case=subject.case,
        legal_basis=text.legal_basis,
        paragraphs=[each.format_map(words) for each in text.paragraphs],
        facts=facts,
        steps=subject.steps,
        items_title=kind.items,
        items=subject.items,
        activities=subject.activities,
        conditions=subject.conditions if kind.conditions else [],
        reasons=entry.note if kind.reasons else "",
        grounds=subject.grounds,
        # One wording may tell of several decisions, not all of which are against the firm.
        appeal=text.appeal.format_map(words) if entry.event in APPEALABLE.get(entry.subject_type, {}) else "",
        signatory_name=text.signatory_name,
        signatory_title=text.signatory_title,
        banner=kind.banner,
        verify_at="",
        demonstration=demonstration,
    )


def specimen(text: LetterText, on: date) -> LetterContent:
    """How a letter in this wording reads, with invented facts in its places; for who writes and who approves it."""
    kind, words = KINDS[text.code], sample_of(text.code)
    return LetterContent(
        code=text.code,
        reference="",
        title=text.title,
        on=day(on),
        addressee=words["addressee"],
        address=["1 Specimen Street", "Islamabad"],
        registration="",
        case=words["case"],
        legal_basis=text.legal_basis,
        paragraphs=[each.format_map(words) for each in text.paragraphs],
        facts=[],
        steps=[],
        items_title=kind.items,
        items=["An item of the list that the letter carries."] if kind.items else [],
        activities=[],
        conditions=[(1, "A condition that was imposed.", words["date"])] if kind.conditions else [],
        reasons="The reasons of the decision." if kind.reasons else "",
        grounds=[],
        appeal=text.appeal.format_map(words),
        signatory_name=text.signatory_name,
        signatory_title=text.signatory_title,
        banner=kind.banner,
        verify_at="",
        demonstration=False,
    )


def _framework_of(entry: AuditEntry) -> str:
    """The version of the scoring framework by which the decision was made, from the facts of its gates."""
    for facts in entry.data.get("gates", {}).values():
        if "framework" in facts:
            return str(facts["framework"])
    return ""
