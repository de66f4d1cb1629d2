# ruff: noqa: E501  the table is as wide as the machine
"""Evidence: what is taken in, what a file must turn out to be, and what acceptance and expiry do to the score."""

import hashlib
import socketserver
import struct
import threading
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from licensing.actions.evidence import upload_evidence
from licensing.models import Evidence, EvidenceKind, EvidenceLink, Rating, VenueStanding
from licensing.models.scores import expiries_of, score_of
from licensing.scoring import EvidenceStanding
from pvara.demo import path
from pvara.kernel import audit, regime, roles
from pvara.kernel.machine import MoveRefused, perform

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"

MACHINE = """
move        | source                                | target     | who                    | gates                                                          | letter | clock
accept      | uploaded                              | accepted   | Case officer, Assessor | file_is_not_infected, accepter_is_not_uploader                 |        |
reject      | uploaded, accepted, expiring, expired | rejected   | Case officer, Assessor |                                                                |        |
near_expiry | accepted                              | expiring   | the scheduler          | expiry_is_near                                                 |        |
expire      | accepted, expiring                    | expired    | the scheduler          | last_day_is_over                                               |        |
supersede   | uploaded, accepted, expiring, expired | superseded | the scheduler          | newer_version_is_accepted                                      |        |
count_again | superseded                            | accepted   | the scheduler          | no_newer_version_is_accepted, document_was_accepted_itself     |        |
wait_again  | superseded                            | uploaded   | the scheduler          | no_newer_version_is_accepted, document_was_not_accepted_itself |        |
"""


def package(*parts: str) -> bytes:
    """An Office document of these parts, in this order."""
    made = BytesIO()
    with ZipFile(made, "w") as file:
        for part in parts:
            file.writestr(part, "<x/>")
    return made.getvalue()


DOCX = package("_rels/.rels", "docProps/app.xml", "word/document.xml", "[Content_Types].xml")
XLSX = package("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")


@pytest.fixture
def upload(firm, amina, at, criterion):
    """`upload(PDF, codes=["1.1"])`: as amina the applicant sends it."""

    def send(content=PDF, *, name="policy.pdf", codes=("1.1",), by=amina, title="Policy", kind="policy"):
        file = SimpleUploadedFile(name, content, "application/octet-stream")
        told = {"title": title, "kind": EvidenceKind.objects.get(code=kind)}
        return upload_evidence(firm, by=by, at=at, file=file, **told, criteria=[criterion(each) for each in codes])

    return send


def linked(piece, *rows):
    """A document that serves other criteria too, whatever kinds they accept: asked is how long each is good."""
    EvidenceLink.objects.bulk_create(EvidenceLink(evidence=piece, criterion=each) for each in rows)
    return piece


def accept(piece, *, by, at):
    return perform(piece, "accept", by=by, at=at, expected_version=piece.version)


def reject(piece, *, by, at, note="The minute is missing."):
    return perform(piece, "reject", by=by, at=at, expected_version=piece.version, note=note)


# ── Taking in ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_document_is_kept_under_its_hash_and_recorded(firm, amina, at, upload):
    piece = upload(name="AML policy (final).pdf", codes=["1.1", "1.8"])
    digest = hashlib.sha256(PDF).hexdigest()
    assert (piece.state, piece.content_type, piece.size, piece.sha256, piece.scan) == (
        *["uploaded", "application/pdf", len(PDF), digest, "unscanned"],
    )
    assert (piece.file_name, Path(piece.file.name).name[:64]) == ("AML_policy_final.pdf", digest)
    with piece.file.open() as kept:
        assert kept.read() == PDF
    entry = audit.history(piece).get()
    assert (entry.event, entry.actor, entry.to_state) == ("uploaded", amina, "uploaded")
    assert entry.data == {
        "sha256": digest,
        "file_name": "AML_policy_final.pdf",
        "scan": "unscanned",
        "kind": "policy",
        "criteria": ["1.1", "1.8"],
    }


def test_a_document_of_a_kind_that_a_criterion_does_not_accept_is_refused_with_the_kinds_that_it_does(upload):
    with pytest.raises(ValidationError) as refusal:
        upload(codes=["1.1", "1.2", "1.3"])
    assert refusal.value.message_dict == {
        "criteria": [
            "1.2 does not accept this kind (Policy, plan or charter); it accepts: Risk assessment. "
            "Leave it out, or show that.",
            "1.3 does not accept this kind (Policy, plan or charter); it accepts: Procedure, or Sample of files. "
            "Leave it out, or show that.",
        ]
    }
    assert Evidence.objects.count() == 0
    assert upload(codes=["1.1"], kind="minute").kind.title == "Board minute"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", "image/jpeg"),
        (b"asset,amount\nBTC,1\nETH,2\n", "text/csv"),
        ("حوالہ: policy\n".encode(), "text/plain"),
        (DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_what_is_taken_in_is_told_by_its_content(upload, content, content_type):
    assert upload(content, name="anything.bin").content_type == content_type


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"MZ" + bytes(100), "application/x-dosexec"),
        (b"<html><script>alert(1)</script></html>", "text/html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "image/svg+xml"),
        (package("evil.exe"), "application/zip"),
        (package("word/document.xml"), "application/zip"),
    ],
)
def test_a_name_makes_no_type(upload, content, content_type):
    with pytest.raises(ValidationError) as refusal:
        upload(content, name="policy.pdf")
    assert refusal.value.message_dict == {
        "file": [f"The file is of the type {content_type}. Upload PDF, PNG, JPEG, text, CSV, Word, Excel."]
    }
    assert Evidence.objects.count() == 0


def test_a_document_with_macros_is_refused(upload):
    with pytest.raises(ValidationError) as refusal:
        upload(package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"))
    assert refusal.value.message_dict == {"file": ["The document contains macros. Save it without them, or as a PDF."]}


def test_a_package_cut_short_is_refused(upload):
    with pytest.raises(ValidationError, match="The file is of the type"):
        upload(DOCX[:40])


def test_the_largest_file_and_one_byte_more(upload, settings):
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    assert upload(PDF.ljust(1024 * 1024)).size == 1024 * 1024
    with pytest.raises(ValidationError) as refusal:
        upload(PDF.ljust(1024 * 1024 + 1))
    assert refusal.value.message_dict == {"file": ["The file is larger than 1 MB. Split it or compress it."]}


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"content": b""}, "file", "The file is empty. Choose another one."),
        ({"codes": []}, "criteria", "Choose at least one criterion that the document serves."),
        ({"title": "  "}, "title", "Give the document a title."),
    ],
)
def test_what_is_missing_is_said(upload, given, field, said):
    with pytest.raises(ValidationError) as refusal:
        upload(**given)
    assert refusal.value.message_dict == {field: [said]}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\files\\policy.pdf", "policy.pdf"),
        ("پالیسی 2026.pdf", "پالیسی_2026.pdf"),
        ('a"b<c>.pdf', "abc.pdf"),
        ("???", "document"),
        ("x" * 200 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_names_are_made_safe(upload, given, kept):
    assert upload(name=given).file_name == kept


@pytest.mark.parametrize("name", ["stranger", "omar", "asif", "dania"])
def test_only_who_acts_for_the_firm_uploads(request, upload, name):
    with pytest.raises(PermissionDenied, match="You do not act for this firm"):
        upload(by=request.getfixturevalue(name))


# ── The scanner ──────────────────────────────────────────────────────────────────────────────────────────────────────
class Scanner(socketserver.StreamRequestHandler):
    """As much of clamd as INSTREAM needs; what it says stands on the server."""

    def handle(self) -> None:
        assert self.rfile.readline() == b"nINSTREAM\n"
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            self.rfile.read(size)
        self.wfile.write(self.server.answer)


@pytest.fixture
def scanner(tmp_path, settings):
    """`scanner(answer)`: a clamd that listens on a socket and always says this."""
    started = []

    def start(answer: bytes) -> None:
        settings.CLAMD_SOCKET = str(tmp_path / "clamd")
        server = socketserver.UnixStreamServer(settings.CLAMD_SOCKET, Scanner)
        server.answer = answer
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        started.append((server, thread))

    yield start
    for server, thread in started:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "scan"),
    [
        (b"stream: OK\n", "clean"),
        (b"stream: Eicar-Test-Signature FOUND\n", "infected"),
        (b"stream: Out of memory ERROR\n", "unscanned"),
        (b"INSTREAM size limit exceeded. ERROR\n", "unscanned"),
        (b"nonsense\n", "unscanned"),
        (b"", "unscanned"),
    ],
)
def test_only_a_scanner_that_says_ok_makes_a_file_clean(upload, scanner, answer, scan):
    scanner(answer)
    assert upload().scan == scan


def test_a_scanner_that_is_not_there_leaves_a_file_unscanned(upload, settings, tmp_path):
    settings.CLAMD_SOCKET = str(tmp_path / "nobody")
    assert upload().scan == "unscanned"


def test_an_infected_file_is_not_accepted(upload, scanner, omar, at):
    scanner(b"stream: Eicar-Test-Signature FOUND\n")
    with pytest.raises(MoveRefused) as refusal:
        accept(upload(), by=omar, at=at)
    assert [(each.code, each.reason) for each in refusal.value.unmet] == [
        ("file_is_not_infected", "The virus scan found something in the file.")
    ]


# ── Accepted and rejected ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_machine_reads_as_the_regime():
    assert regime.as_text(Evidence) == MACHINE.strip()


def test_acceptance_dates_what_each_criterion_allows(firm, upload, criterion, omar, at):
    piece = accept(linked(upload(codes=["1.1", "1.8"]), criterion("1.5"), criterion("4.2")), by=omar, at=at)
    assert (piece.state, piece.accepted_by) == ("accepted", omar)
    assert expiries_of(firm) == {
        "1.1": (date(2027, 3, 4),),
        "1.5": (None,),
        "1.8": (date(2028, 3, 4),),
        "4.2": (date(2026, 9, 4),),
    }


def test_a_rating_counts_in_full_only_once_its_evidence_is_accepted(firm, upload, rated, omar, at):
    def line():
        return next(each for each in score_of(firm, "NOC", at).lines if each.criterion.code == "1.1")

    rated("1.1", 4)
    piece = upload()
    assert (line().effective, line().evidence) == (1, EvidenceStanding.NONE)
    piece = accept(piece, by=omar, at=at)
    assert (line().effective, line().evidence) == (4, EvidenceStanding.VALID)
    piece = reject(piece, by=omar, at=at)
    assert (line().effective, line().evidence) == (1, EvidenceStanding.NONE)
    assert [each.event for each in audit.history(piece)] == ["uploaded", "accept", "reject"]


@pytest.mark.parametrize(
    ("days", "effective", "standing"),
    [
        (365, 4, EvidenceStanding.VALID),
        (366, 4, EvidenceStanding.IN_GRACE),
        (395, 4, EvidenceStanding.IN_GRACE),
        (396, 0, EvidenceStanding.EXPIRED),
    ],
)
def test_a_year_on_the_evidence_is_in_grace_and_then_expired(
    firm, upload, rated, omar, at, later, days, effective, standing
):
    rated("1.1", 4)
    accept(upload(), by=omar, at=at)
    line = next(each for each in score_of(firm, "NOC", later(days)).lines if each.criterion.code == "1.1")
    assert (line.effective, line.evidence) == (effective, standing)


def test_one_piece_serves_several_criteria_and_the_newest_of_several_pieces_decides(
    firm, upload, criterion, omar, at, later
):
    accept(linked(upload(), criterion("1.3")), by=omar, at=at)
    accept(upload(PDF + b"2", codes=["1.1"]), by=omar, at=later(30))
    assert {code: max(days) for code, days in expiries_of(firm).items()} == {
        "1.1": date(2027, 4, 3),
        "1.3": date(2027, 3, 4),
    }


@pytest.mark.parametrize("name", ["amina", "saira", "sana", "dania", "aisha", "stranger"])
def test_only_case_officers_and_assessors_accept(request, upload, at, name):
    piece = upload()
    with pytest.raises(PermissionDenied):
        accept(piece, by=request.getfixturevalue(name), at=at)


def test_whoever_uploaded_a_document_does_not_accept_it(upload, amina, at):
    roles.grant(amina, "case_officer", by=None, at=at)
    amina = type(amina).objects.get(pk=amina.pk)
    with pytest.raises(MoveRefused) as refusal:
        accept(upload(by=amina), by=amina, at=at)
    # Nor does who acts for the firm, whoever uploaded it.
    assert [each.code for each in refusal.value.unmet] == ["person_has_no_interest", "accepter_is_not_uploader"]


def test_the_database_keeps_accepter_and_uploader_apart(upload, amina):
    piece = upload()
    with pytest.raises(IntegrityError, match="accepter_is_not_uploader"), transaction.atomic():
        Evidence.objects.filter(pk=piece.pk).update(accepted_by=amina)


def test_a_rejection_needs_a_reason(upload, omar, at):
    with pytest.raises(MoveRefused):
        reject(upload(), by=omar, at=at, note=" ")


def test_rejecting_what_a_venue_stands_on_takes_its_standing_away_at_once(firm, people, at, later):
    path.licensed(firm, people=people, at=at)
    assert VenueStanding.objects.get(firm=firm).may_distribute
    piece = Evidence.objects.get(firm=firm, links__criterion__code="5.1")
    reject(piece, by=people.officer, at=later(3), note="Withdrawn by the bank.")
    standing = VenueStanding.objects.get(firm=firm)
    assert (standing.may_distribute, standing.changed_at) == (False, later(3))
    assert Rating.objects.filter(firm=firm, criterion__code="5.1", current=True).get().counts == 4
