"""Issuing a letter: number it, compose, render, sign and keep it, all in the transaction that finishes its job."""

import hashlib
import secrets
from datetime import date, datetime
from typing import Any

import segno
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from licensing import letters
from licensing.access import REPRESENT
from licensing.models import FirmUserObjectPermission, Letter, LetterDocument, LetterText
from pvara.kernel import audit, outbox, pdf, signing
from pvara.kernel.models import AuditEntry, Job, User


def issue_letter(job: Job) -> Letter:
    """Issue the letter that a move asked for. Done twice, it is still one letter: the job's key is the letter's."""
    if there := Letter.objects.filter(key=job.key).first():
        return there
    asked = job.payload
    at = datetime.fromisoformat(asked["at"])
    entry = AuditEntry.objects.get(pk=asked["entry_id"])
    subject = letters.about(asked["subject_type"], asked["subject_id"], at)
    with transaction.atomic():
        token = secrets.token_urlsafe(24)
        reference = _next_reference(letters.KINDS[asked["code"]].phase, timezone.localdate(at).year)
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
            content=_as_json(content),
            content_sha256=content.sha256(),
            sha256=hashlib.sha256(file).hexdigest(),
            token=token,
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
        outbox.enqueue("letter_email", key=f"email:{job.key}", payload={"letter": letter.pk}, at=at)
        return letter


def send_letter(job: Job) -> None:
    """Tell those who act for the firm that a letter is there. The letter itself stays behind the sign-in."""
    letter = Letter.objects.select_related("firm").get(pk=job.payload["letter"])
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


def _as_json(content: letters.LetterContent) -> dict[str, Any]:
    import json

    return dict(json.loads(content.canonical()))


def _rendered(content: letters.LetterContent, at: datetime) -> bytes:
    qr = segno.make(content.verify_at, error="m").svg_data_uri(scale=3, border=0)
    html = render_to_string("letters/letter.html", {"letter": content, "sha256": content.sha256(), "qr": qr})
    return pdf.render(
        html,
        stylesheets=["letters/letter.css"],
        attachments=[pdf.Attachment("content.json", content.canonical(), "What this letter says, as data")],
        made_at=at,
        identifier=hashlib.sha256(content.canonical()).digest()[:16],
    )


@transaction.atomic
def load_letter_texts(given: list[dict[str, Any]]) -> int:
    """Add the wordings that are not there yet. Returns how many were added; one in force is never overwritten."""
    added = 0
    for each in given:
        on = date.fromisoformat(each.pop("effective_from"))
        _, new = LetterText.objects.get_or_create(code=each.pop("code"), effective_from=on, defaults=each)
        added += new
    return added
