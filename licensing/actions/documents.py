"""Handing in a document with a row of any kind. Whoever calls this has asked whether the person may."""

from dataclasses import asdict
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction

from licensing.models import Document, Firm
from pvara.kernel import audit
from pvara.kernel.models import User
from pvara.kernel.uploads import take_in_sound


def attach(
    subject: models.Model,
    file: UploadedFile,
    *,
    firm: Firm | None,
    title: str,
    by: User,
    at: datetime,
    for_applicant: bool = True,
) -> Document:
    """Keep a document with a row. Raises ValidationError for a file that cannot be taken, saying what to do."""
    taken = take_in_sound(file)
    with transaction.atomic():
        document = Document(
            firm=firm,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            title=title.strip()[:200] or taken.file_name,
            uploaded_by=by,
            uploaded_at=at,
            for_applicant=for_applicant,
            **asdict(taken),
        )
        document.file = file
        document.save()
        audit.record(
            subject,
            event="document_attached",
            by=by,
            at=at,
            data={"document": document.pk, "title": document.title, "sha256": document.sha256},
        )
        return document


def documents_of(subject: models.Model) -> "models.QuerySet[Document]":
    """The documents that were handed in with a row, oldest first."""
    return Document.objects.about(subject)
