"""Letters: writing one when a move asks for it, and issuing it, numbered, rendered and signed in one transaction."""

import hashlib
import json
import secrets
from datetime import date, datetime
from typing import Any

import segno
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, models, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from licensing import letters
from licensing.access import REPRESENT
from licensing.models import FirmUserObjectPermission, Letter, LetterDocument, LetterText
from pvara.kernel import audit, figures, outbox, pdf, signing
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, Job, User


def ask_for_letter(code: str, subject: models.Model, *, entry: AuditEntry, at: datetime) -> Job:
    """Have a letter written that no move of its subject asks for; the machine asks for the others in the same words."""
    subject_type = subject._meta.label_lower
    version = getattr(subject, "version", 0)
    asked = {"code": code, "subject_type": subject_type, "subject_id": subject.pk, "version": version}
    return outbox.enqueue(
        "letter",
        key=f"letter:{subject_type}:{subject.pk}:{version}:{code}",
        payload={**asked, "entry_id": entry.pk, "at": at.isoformat()},
        at=at,
        subject=subject,
    )


def write_letter(job: Job) -> Letter:
    """Write the letter that a move asked for, and issue it unless somebody is to check it first.

    Done twice, it is still one letter: the job's key is the letter's.
    """
    if there := Letter.objects.filter(key=job.key).first():
        return there
    asked = job.payload
    at = datetime.fromisoformat(asked["at"])
    entry = AuditEntry.objects.get(pk=asked["entry_id"])
    subject = letters.about(asked["code"], asked["subject_type"], asked["subject_id"], at)
    with transaction.atomic():
        content = letters.compose(
            asked["code"], subject=subject, entry=entry, at=at, demonstration=settings.DEMONSTRATION
        )
        letter = Letter.objects.create(
            key=job.key,
            code=content.code,
            title=content.title,
            firm=subject.firm,
            subject_type=asked["subject_type"],
            subject_id=asked["subject_id"],
            addressee=content.addressee,
            for_applicant=subject.for_applicant,
            email=subject.email,
            content=json.loads(content.canonical()),
            entry=entry,
            decided_at=at,
            decided_by=entry.actor,
            is_to_be_checked=content.code in figures.value("letters.checked", on=timezone.localdate(at)),
        )
        audit.record(letter, event="drafted", by=None, at=at, to_state=letter.state, data={"title": letter.title})
        if letter.is_to_be_checked:
            return letter
        letter = perform(letter, "pass_as_routine", by=None, at=at, expected_version=letter.version)
        return _issued(letter, phase=subject.phase, at=at)


@follows(Letter, "approve")
def ask_for_the_signature(letter: Letter, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """Signing takes its time, and may fail where there is no key: it is a job of its own."""
    outbox.enqueue(
        "letter_issue", key=f"issue:{letter.key}", payload={"letter": letter.pk, "at": at.isoformat()}, at=at
    )


@follows(Letter, "write_anew")
def compose_again(letter: Letter, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """In the wording of the day of the decision, as it reads by now; never in one that took effect after that day."""
    assert letter.entry is not None
    subject = letters.about(letter.code, letter.subject_type, letter.subject_id, letter.decided_at)
    content = letters.compose(
        letter.code, subject=subject, entry=letter.entry, at=letter.decided_at, demonstration=settings.DEMONSTRATION
    )
    letter.title, letter.addressee = content.title, content.addressee
    letter.content = json.loads(content.canonical())
    letter.save(update_fields=["title", "addressee", "content"])


def issue_checked_letter(job: Job) -> Letter:
    """Number, sign and issue a letter that was approved, as it was read when it was."""
    with transaction.atomic():
        letter = Letter.objects.select_for_update(of=("self",), no_key=True).get(pk=job.payload["letter"])
        if letter.is_issued:
            return letter
        at = datetime.fromisoformat(job.payload["at"])
        subject = letters.about(letter.code, letter.subject_type, letter.subject_id, letter.decided_at)
        return _issued(letter, phase=subject.phase, at=at)


def _issued(letter: Letter, *, phase: str, at: datetime) -> Letter:
    """The letter with its number, its signature and its file, on its way; called in one transaction."""
    token = secrets.token_urlsafe(24)
    drafted = letters.LetterContent(**letter.content)
    reference = _next_reference(phase, timezone.localdate(at).year)
    content = drafted.going_out(reference=reference, verify_at=f"{settings.SITE_ADDRESS}/verify/{token}/")
    file = signing.sign(_rendered(content, at), reason=f"{content.title}, {content.reference}")
    letter.reference, letter.token, letter.issued_at = content.reference, token, at
    letter.content, letter.content_sha256 = json.loads(content.canonical()), content.sha256()
    letter.sha256 = hashlib.sha256(file).hexdigest()
    letter.save(update_fields=["reference", "token", "issued_at", "content", "content_sha256", "sha256"])
    LetterDocument.objects.create(letter=letter, pdf=file)
    data = {"reference": letter.reference, "content_sha256": letter.content_sha256, "sha256": letter.sha256}
    letter = perform(letter, "issue", by=None, at=at, expected_version=letter.version, data=data)
    _end_earlier(letter, at=at)
    letter = _end_if_late(letter, at=at)
    outbox.enqueue("letter_email", key=f"email:{letter.key}", payload={"letter": letter.pk}, at=at)
    return letter


def send_letter(job: Job) -> None:
    """Tell those who act for the firm that a letter is there. The letter itself stays behind the sign-in."""
    letter = Letter.objects.select_related("firm").get(pk=job.payload["letter"])
    if not letter.for_applicant:
        _send_out(letter)
        return
    codename = REPRESENT.split(".")[1]
    held = FirmUserObjectPermission.objects.filter(content_object=letter.firm_id, permission__codename=codename)
    addresses = list(User.objects.filter(pk__in=held.values("user"), is_active=True).values_list("email", flat=True))
    if not addresses:
        return
    EmailMessage(
        subject=f"{letter.reference}: {letter.title}",
        body=render_to_string("email/letter.txt", {"letter": letter, "site_address": settings.SITE_ADDRESS}),
        to=addresses,
        # The same number each time: a mail server drops the copy that a crash between sending and noting it makes.
        headers={"Message-ID": f"<letter-{letter.token}@pvara.invalid>"},
    ).send()


def _send_out(letter: Letter) -> None:
    """A letter to another authority, which has no account here: the PDF itself, if an address is known."""
    if not letter.email:
        return
    message = EmailMessage(
        subject=f"{letter.reference}: {letter.title}",
        body=render_to_string("email/letter_to_agency.txt", {"letter": letter, "site_address": settings.SITE_ADDRESS}),
        to=[letter.email],
        headers={"Message-ID": f"<letter-{letter.token}@pvara.invalid>"},
    )
    message.attach(letter.file_name, bytes(letter.document.pdf), "application/pdf")
    message.send()


def _next_reference(phase: str, year: int) -> str:
    """PVARA/<PHASE>/<YYYY>/<NNNNN>, without gaps: the counter's row stays locked until this letter is kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO licensing_lettercounter (phase, year, last) VALUES (%s, %s, 1)
            ON CONFLICT (phase, year) DO UPDATE SET last = licensing_lettercounter.last + 1
            RETURNING last
            """,
            [phase, year],
        )
        (number,) = cursor.fetchone()
    return f"PVARA/{phase}/{year}/{number:05d}"


def _end_earlier(letter: Letter, *, at: datetime) -> None:
    """A later letter takes the place of an earlier one, or takes back what it gave."""
    for ended, move in letters.ended_with(letter):
        data = {"by": letter.reference}
        perform(ended, move, by=None, at=at, expected_version=ended.version, data=data)


def _end_if_late(letter: Letter, *, at: datetime) -> Letter:
    """A letter whose successor is there already is not in force when it is issued."""
    found = letters.successor(letter)
    if found is None:
        return letter
    later, move = found
    data = {"by": later.reference}
    return perform(letter, move, by=None, at=at, expected_version=letter.version, data=data)


def _rendered(content: letters.LetterContent, at: datetime) -> bytes:
    qr = segno.make(content.verify_at, error="m").svg_data_uri(scale=3, border=0)
    page = letters.KINDS[content.code].page
    html = render_to_string(f"letters/{page}.html", {"letter": content, "sha256": content.sha256(), "qr": qr})
    return pdf.render(
        html,
        stylesheets=["letters/letter.css"],
        attachments=[pdf.Attachment("content.json", content.canonical(), "What this letter says, as data")],
        made_at=at,
        identifier=hashlib.sha256(content.canonical()).digest()[:16],
    )


@transaction.atomic
def load_letter_texts(given: dict[str, Any]) -> int:
    """Add the wordings that are not there yet, one for each law and letter; one in force is never overwritten.

    Returns how many were added. `{act}` in a wording stands for the name of the law.
    """
    added = 0
    for act in given["acts"]:
        on = date.fromisoformat(act["effective_from"])
        for each in given["letters"]:
            wording = {**each, "legal_basis": each["legal_basis"].replace("{act}", act["name"])}
            _, new = LetterText.objects.get_or_create(code=wording.pop("code"), effective_from=on, defaults=wording)
            added += new
    return added
