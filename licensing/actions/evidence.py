"""Evidence: taking in a document, and what its acceptance or rejection does to the score."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

import clamd
import magic
from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.text import get_valid_filename

from licensing import standing
from licensing.access import REPRESENT
from licensing.models import Criterion, Evidence, EvidenceLink, Firm
from pvara.kernel import audit
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User

# What the content itself must turn out to be, whatever the name says.
ACCEPTED_TYPES = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "text/plain": "text",
    "text/csv": "CSV",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
}

# The part that makes a package a Word document or an Excel workbook.
MAIN_PARTS = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

# How long an upload waits for the virus scanner.
SCAN_SECONDS = 30


def upload_evidence(
    firm: Firm, *, by: User, at: datetime, file: UploadedFile, title: str, criteria: Iterable[Criterion]
) -> Evidence:
    """Take in a document for some criteria. Raises ValidationError for what it is not fit for, saying what to do."""
    if not by.has_perm(REPRESENT, firm):
        raise PermissionDenied("You do not act for this firm.")
    criteria = list(criteria)
    if not criteria:
        raise ValidationError({"criteria": "Choose at least one criterion that the document serves."})
    if not title.strip():
        raise ValidationError({"title": "Give the document a title."})
    content = _read(file)
    content_type = _sniff(content)
    with transaction.atomic():
        piece = Evidence(
            firm=firm,
            title=title.strip(),
            file_name=_safe_name(file.name or ""),
            content_type=content_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            scan=_scan(content),
            uploaded_by=by,
            uploaded_at=at,
        )
        file.seek(0)
        piece.file = file
        piece.save()
        EvidenceLink.objects.bulk_create(EvidenceLink(evidence=piece, criterion=each) for each in criteria)
        audit.record(
            piece,
            event="uploaded",
            by=by,
            at=at,
            to_state=piece.state,
            data={
                "sha256": piece.sha256,
                "file_name": piece.file_name,
                "scan": piece.scan,
                "criteria": [each.code for each in criteria],
            },
        )
        return piece


@follows(Evidence, "accept")
def date_what_it_proves(piece: Evidence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    today = timezone.localdate(at)
    links = list(piece.links.select_related("criterion"))
    for link in links:
        months = link.criterion.validity_months
        link.expires_on = None if months is None else today + relativedelta(months=months)
    EvidenceLink.objects.bulk_update(links, ["expires_on"])
    standing.refresh_firm(piece.firm, by=by, at=at)


@follows(Evidence, "reject")
def score_without_it(piece: Evidence, *, by: User, at: datetime, entry: AuditEntry) -> None:
    standing.refresh_firm(piece.firm, by=by, at=at)


def _read(file: UploadedFile) -> bytes:
    limit = settings.UPLOAD_LIMIT_BYTES
    if file.size is not None and file.size > limit:
        raise ValidationError({"file": f"The file is larger than {limit // 1024 // 1024} MB. Split it or compress it."})
    content: bytes = file.read()
    if not content:
        raise ValidationError({"file": "The file is empty. Choose another one."})
    return content


def _safe_name(given: str) -> str:
    """The last part of a name, of letters, digits, dots and hyphens only; a name with none of them is `document`."""
    kept = PurePath(given.replace("\\", "/")).name.strip()
    try:
        return get_valid_filename(kept)[-150:]
    except SuspiciousFileOperation:
        return "document"


def _sniff(content: bytes) -> str:
    content_type: str = magic.from_buffer(content[:65536], mime=True)
    if content[:2] == b"PK":
        content_type = _sniff_package(content) or content_type
    if content_type not in ACCEPTED_TYPES:
        raise ValidationError(
            {"file": f"The file is of the type {content_type}. Upload {', '.join(ACCEPTED_TYPES.values())}."}
        )
    return content_type


def _sniff_package(content: bytes) -> str:
    """The type of an Office document by the parts it has: libmagic knows it only by the order of the first three."""
    try:
        with ZipFile(BytesIO(content)) as package:
            parts = set(package.namelist())
    except BadZipFile:
        return ""
    if any(part.endswith("vbaProject.bin") for part in parts):
        raise ValidationError({"file": "The document contains macros. Save it without them, or as a PDF."})
    for part, content_type in MAIN_PARTS.items():
        if {"[Content_Types].xml", part} <= parts:
            return content_type
    return "application/zip"


def _scan(content: bytes) -> str:
    """Ask ClamAV when it is there; a scanner that does not answer leaves the file unscanned, never clean."""
    if not settings.CLAMD_SOCKET:
        return Evidence.Scan.UNSCANNED
    try:
        scanner = clamd.ClamdUnixSocket(settings.CLAMD_SOCKET, timeout=SCAN_SECONDS)
        answer = scanner.instream(BytesIO(content))
    except (clamd.ClamdError, OSError):
        return Evidence.Scan.UNSCANNED
    # One that hangs up in the middle answers nothing at all.
    verdict, _ = (answer or {}).get("stream", ("", ""))
    # A scanner that reports an error of its own has found nothing and cleared nothing.
    return {"OK": Evidence.Scan.CLEAN, "FOUND": Evidence.Scan.INFECTED}.get(verdict, Evidence.Scan.UNSCANNED)
