"""Issuing a letter: number it, compose, render, sign and keep it, all in the transaction that finishes its job."""

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
from licensing.models import Firm, FirmUserObjectPermission, Letter, LetterDocument, LetterText
from pvara.kernel import audit, outbox, pdf, signing
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


def issue_letter(job: Job) -> Letter:
    """Issue the letter that a move asked for. Done twice, it is still one letter: the job's key is the letter's."""
    if there := Letter.objects.filter(key=job.key).first():
        return there
    asked = job.payload
    at = datetime.fromisoformat(asked["at"])
    entry = AuditEntry.objects.get(pk=asked["entry_id"])
    subject = letters.about(asked["code"], asked["subject_type"], asked["subject_id"], at)
    with transaction.atomic():
        token = secrets.token_urlsafe(24)
        reference = _next_reference(subject.phase, timezone.localdate(at).year)
        content = letters.compose(
            asked["code"],
            subject=subject,
            entry=entry,
            reference=reference,
            at=at,
            verify_at=f"{settings.SITE_ADDRESS}/verify/{token}/",
            demonstration=settings.DEMONSTRATION,
        )
        file = signing.sign(_rendered(content, at), reason=f"{content.title}, {reference}")
        letter = Letter.objects.create(
            key=job.key,
            code=content.code,
            reference=reference,
            title=content.title,
            firm=subject.firm,
            subject_type=asked["subject_type"],
            subject_id=asked["subject_id"],
            addressee=content.addressee,
            for_applicant=subject.for_applicant,
            email=subject.email,
            content=json.loads(content.canonical()),
            content_sha256=content.sha256(),
            sha256=hashlib.sha256(file).hexdigest(),
            token=token,
            status=_status_on_issue(content.code, subject.firm, at),
            issued_at=at,
        )
        LetterDocument.objects.create(letter=letter, pdf=file)
        audit.record(
            letter,
            event="issued",
            by=None,
            at=at,
            data={"reference": reference, "content_sha256": letter.content_sha256, "sha256": letter.sha256},
        )
        _end_earlier(letter, at=at)
        outbox.enqueue("letter_email", key=f"email:{job.key}", payload={"letter": letter.pk}, at=at)
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
    message.attach(f"{letter.reference.replace('/', '-')}.pdf", bytes(letter.document.pdf), "application/pdf")
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
    kind = letters.KINDS[letter.code]
    for codes, status in ((kind.supersedes, Letter.Status.SUPERSEDED), (kind.revokes, Letter.Status.REVOKED)):
        earlier = Letter.objects.filter(firm=letter.firm_id, code__in=codes, status="issued", issued_at__lte=at)
        for ended in earlier.exclude(pk=letter.pk):
            Letter.objects.filter(pk=ended.pk).update(status=status)
            audit.record(ended, event=status.value, by=None, at=at, data={"by": letter.reference})


def _status_on_issue(code: str, firm: Firm, at: datetime) -> str:
    """Jobs may be done out of order: a letter whose successor is there already is not in force when it is issued."""
    ends = letters.ended_by(code)
    later = Letter.objects.filter(firm=firm, code__in=ends, issued_at__gte=at).order_by("issued_at").first()
    return ends[later.code] if later else str(Letter.Status.ISSUED)


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
