"""Taking in a file: its size, what it really is, its name, its hash, and what the virus scanner says."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

import clamd
import magic
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import TextChoices
from django.utils.text import get_valid_filename

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


class Scan(TextChoices):
    CLEAN = "clean", "Clean"
    INFECTED = "infected", "Infected"
    # Never clean by default: without a scanner a file is what it is, unscanned.
    UNSCANNED = "unscanned", "Not scanned"


@dataclass(frozen=True)
class Intake:
    """What is kept of an upload beside its bytes; the names are those of the fields."""

    file_name: str
    content_type: str
    size: int
    sha256: str
    scan: str


def take_in(file: UploadedFile) -> Intake:
    """Look into an upload, and leave it at its beginning. Raises ValidationError on `file`, saying what to do."""
    content = _read(file)
    content_type = _sniff(content)
    file.seek(0)
    return Intake(
        file_name=_safe_name(file.name or ""),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        scan=_scan(content),
    )


def take_in_sound(file: UploadedFile) -> Intake:
    """Look into an upload that is to be kept at once: one in which the scanner finds something is not taken."""
    taken = take_in(file)
    if taken.scan == Scan.INFECTED:
        raise ValidationError({"file": "The virus scan found something in the file. Clean it and choose it again."})
    return taken


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
        return Scan.UNSCANNED
    try:
        scanner = clamd.ClamdUnixSocket(settings.CLAMD_SOCKET, timeout=SCAN_SECONDS)
        answer = scanner.instream(BytesIO(content))
    except (clamd.ClamdError, OSError):
        return Scan.UNSCANNED
    # One that hangs up in the middle answers nothing at all.
    verdict, _ = (answer or {}).get("stream", ("", ""))
    # A scanner that reports an error of its own has found nothing and cleared nothing.
    return {"OK": Scan.CLEAN, "FOUND": Scan.INFECTED}.get(verdict, Scan.UNSCANNED)
