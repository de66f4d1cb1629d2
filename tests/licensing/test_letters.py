"""Letters: issued once, numbered without gaps, signed, refused when one byte differs; checked with poppler's tools."""

import json
import subprocess
from pathlib import Path

import pytest
from django.core import mail
from django.db import DatabaseError, transaction

from licensing import letters
from licensing.actions.letters import issue_letter
from licensing.models import Letter, LetterDocument
from pvara.demo import path
from pvara.kernel import outbox, signing
from pvara.kernel.models import Job


@pytest.fixture
def noc_letters(firm, people, at):
    """The acknowledgement and the NOC of one firm."""
    path.noc_case(firm, people=people, at=at)
    outbox.drain()
    return {each.code: each for each in Letter.objects.select_related("document")}


def pdf_of(letter, folder: Path) -> Path:
    file = folder / f"{letter.code}.pdf"
    file.write_bytes(bytes(letter.document.pdf))
    return file


def text_of(file: Path) -> str:
    said = subprocess.run(["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, text=True)
    return " ".join(said.stdout.split())


def test_each_move_leaves_its_letter_with_a_number_of_its_own(noc_letters):
    assert {code: each.reference for code, each in noc_letters.items()} == {
        "L01": "PVARA/NOC/2026/00001",
        "L10": "PVARA/NOC/2026/00002",
        "L20": "PVARA/SET/2026/00001",
    }


def test_pdfsig_calls_the_signature_valid(noc_letters, tmp_path):
    said = subprocess.run(
        ["pdfsig", str(pdf_of(noc_letters["L10"], tmp_path))], check=True, capture_output=True, text=True
    ).stdout
    assert "Signature Validation: Signature is Valid." in said
    assert "Total document signed" in said


def test_a_noc_says_that_it_is_no_licence_and_that_this_is_a_demonstration(noc_letters, tmp_path):
    said = text_of(pdf_of(noc_letters["L10"], tmp_path))
    assert "THIS IS NOT AN OPERATING LICENCE" in said
    assert "DEMONSTRATION DATA: THIS LETTER HAS NO LEGAL EFFECT" in said
    assert "a certificate authority made for this demonstration only" in said
    assert "PVARA/NOC/2026/00002" in said
    assert "Indus Exchange (Pvt) Limited" in said
    assert "Scoring framework version 1.0" in said


def test_the_score_is_in_no_letter(noc_letters, tmp_path):
    for letter in noc_letters.values():
        assert "100" not in {word.strip("%.,") for word in text_of(pdf_of(letter, tmp_path)).split()}
        assert "total" not in json.dumps(letter.content)


def test_the_content_travels_with_the_letter(noc_letters, tmp_path):
    file = pdf_of(noc_letters["L10"], tmp_path)
    subprocess.run(["pdfdetach", "-saveall", "-o", str(tmp_path), str(file)], check=True, capture_output=True)
    assert json.loads((tmp_path / "content.json").read_text()) == noc_letters["L10"].content


def test_the_verification_agrees_with_a_letter_and_refuses_it_with_one_byte_changed(noc_letters):
    letter = noc_letters["L10"]
    file = bytes(letter.document.pdf)
    genuine = letters.check(uploaded=file)
    assert (genuine.letter, genuine.holds) == (letter, True)
    for place in (100, len(file) // 2, len(file) - 40):
        changed = bytearray(file)
        changed[place] ^= 1
        refused = letters.check(uploaded=bytes(changed))
        assert (refused.letter, refused.authentic) == (None, False)


def test_a_letter_is_found_by_its_number_and_by_its_token(noc_letters):
    letter = noc_letters["L10"]
    assert letters.check("pvara/noc/2026/00002 ").letter == letter
    assert letters.check(letter.token).letter == letter
    assert letters.check("PVARA/NOC/2026/99999").reason.startswith("There is no letter with this number.")
    assert letters.check("").letter is None


def test_a_foreign_file_is_no_letter(db):
    assert letters.check(uploaded=b"not a PDF").authentic is False


def test_a_job_done_twice_leaves_one_letter(noc_letters):
    job = Job.objects.get(kind="letter", payload__code="L10")
    assert issue_letter(job) == noc_letters["L10"]
    assert Letter.objects.count() == 3


def test_an_issued_letter_never_changes(noc_letters):
    letter = noc_letters["L10"]
    with pytest.raises(DatabaseError, match="is issued: it never changes"), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(addressee="Somebody else")
    with pytest.raises(DatabaseError), transaction.atomic():
        LetterDocument.objects.filter(letter=letter).update(pdf=b"")
    assert Letter.objects.filter(pk=letter.pk).update(status="revoked") == 1


def test_a_revoked_letter_is_ours_but_does_not_hold(noc_letters):
    letter = noc_letters["L10"]
    Letter.objects.filter(pk=letter.pk).update(status="revoked")
    said = letters.check(letter.token)
    assert (said.authentic, said.holds) == (True, False)


def test_without_a_key_no_letter_is_issued(firm, people, at, settings, tmp_path):
    settings.SIGNING_FOLDER = tmp_path
    settings.PRODUCTION = True
    path.noc_case(firm, people=people, at=at, until="submitted")
    with pytest.raises(signing.SigningUnavailable):
        outbox.drain()
    assert Letter.objects.count() == 0
    job = Job.objects.get(kind="letter")
    assert (job.state, job.attempts) == ("queued", 1)


def test_the_firm_is_told_and_the_letter_stays_behind_the_sign_in(noc_letters, people):
    assert [message.to for message in mail.outbox] == [[people.applicant.email]] * 3
    assert [message.attachments for message in mail.outbox] == [[], [], []]
    assert mail.outbox[1].subject == "PVARA/NOC/2026/00002: No Objection Certificate"


def test_every_letter_of_the_path_can_be_issued(firm, people, at, later):
    licence = path.licensed(firm, people=people, at=at)
    path.step(licence, "suspend", by=people.member, at=later(5), note="Client assets could not be reconciled.")
    outbox.drain()
    assert [each.code for each in Letter.objects.order_by("pk")] == [
        "L01",
        "L10",
        "L20",
        "L22",
        "L30",
        "L35",
        "L40",
        "L51",
    ]
    suspension = Letter.objects.get(code="L51")
    assert suspension.content["reasons"] == "Client assets could not be reconciled."
    assert suspension.content["appeal"].startswith("If you are aggrieved by this decision you may appeal")
