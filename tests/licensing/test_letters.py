"""Letters: issued once, numbered without gaps, signed, refused when one byte differs; checked with poppler's tools."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as house
from django.core import mail
from django.db import DatabaseError, connection, transaction

from licensing import letters
from licensing.actions.firms import register_firm
from licensing.actions.letters import load_letter_texts, write_letter
from licensing.models import Letter, LetterDocument
from pvara.demo import life, path
from pvara.kernel import audit, outbox, signing
from pvara.kernel.models import Job


@pytest.fixture
def noc_letters(firm, people, at):
    """The acknowledgement and the NOC of one firm."""
    path.noc_case(firm, people=people, at=at)
    outbox.drain()
    return {each.code: each for each in Letter.objects.for_firms().select_related("document")}


@pytest.fixture
def licence(firm, people, at):
    return path.licensed(firm, people=people, at=at)


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
        "L04": "PVARA/NOC/2026/00002",
        "L10": "PVARA/NOC/2026/00003",
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
    assert "PVARA/NOC/2026/00003" in said
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
    assert letters.check("pvara/noc/2026/00003 ").letter == letter
    assert letters.check(letter.token).letter == letter
    assert letters.check("PVARA/NOC/2026/99999").reason.startswith("There is no letter with this number.")
    assert letters.check("").letter is None


def test_a_foreign_file_is_no_letter(db):
    assert letters.check(uploaded=b"not a PDF").authentic is False


def test_a_job_done_twice_leaves_one_letter(noc_letters):
    job = Job.objects.get(kind="letter", payload__code="L10")
    assert write_letter(job) == noc_letters["L10"]
    assert Letter.objects.for_firms().count() == 4


def test_an_issued_letter_never_changes(noc_letters):
    letter = noc_letters["L10"]
    with pytest.raises(DatabaseError, match="is issued: it never changes"), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(addressee="Somebody else")
    with pytest.raises(DatabaseError), transaction.atomic():
        LetterDocument.objects.filter(letter=letter).update(pdf=b"")
    with pytest.raises(DatabaseError, match="no audit entry of this transaction says so"), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(state="revoked")
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).delete()


def test_a_revoked_letter_is_ours_but_does_not_hold(noc_letters, at):
    letter = noc_letters["L10"]
    path.step(letter, "revoke", by=None, at=at)
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
    told = [message for message in mail.outbox if message.subject.startswith("PVARA/")]
    assert [message.to for message in told] == [[people.applicant.email]] * 4
    assert [message.attachments for message in told] == [[]] * 4
    assert told[2].subject == "PVARA/NOC/2026/00003: No Objection Certificate"


def test_every_letter_of_the_path_can_be_issued(firm, people, at, later):
    licence = path.licensed(firm, people=people, at=at)
    life.suspend(licence, people=people, at=later(5), note="Client assets could not be reconciled.")
    outbox.drain()
    assert [each.code for each in Letter.objects.for_firms().order_by("pk")] == [
        "L01",
        "L04",
        "L10",
        "L20",
        "L22",
        "L30",
        "L32",
        "L34",
        "L35",
        "L40",
        "L52",
    ]
    suspension = Letter.objects.get(code="L52")
    assert suspension.content["reasons"] == "Client assets could not be reconciled."
    assert suspension.content["appeal"].startswith("If you are aggrieved by this decision you may appeal")


# ── What a letter says ───────────────────────────────────────────────────────────────────────────────────────────────
def test_the_law_of_the_day_is_cited(regime):
    said = {on: letters.wording("L51", on).legal_basis for on in (date(2025, 12, 12), date(2026, 3, 7))}
    assert said == {
        date(2025, 12, 12): "Issued by the Pakistan Virtual Assets Regulatory Authority under the "
        "Virtual Assets Ordinance, 2025.",
        date(2026, 3, 7): "Issued by the Pakistan Virtual Assets Regulatory Authority under the "
        "Virtual Assets Act, 2026.",
    }


def test_before_any_wording_there_is_no_letter(regime):
    with pytest.raises(letters.NoWording, match="No wording of letter L10 is in force on 2025-07-08"):
        letters.wording("L10", date(2025, 7, 8))


def test_a_wording_that_is_there_is_not_overwritten(regime):
    given = json.loads((house.BASE_DIR / "fixtures" / "letters.json").read_text())
    assert load_letter_texts(given) == 0
    given["letters"][0]["title"] = "Another title"
    given["acts"].append({"effective_from": "2027-01-01", "name": "Virtual Assets Act, 2027"})
    assert load_letter_texts(given) == len(given["letters"])
    assert [letters.wording("L01", date(year, 12, 31)).title for year in (2026, 2027)] == [
        "Acknowledgement of your NOC application",
        "Another title",
    ]


def test_every_kind_has_a_wording_in_every_version(regime):
    for on in (date(2025, 7, 9), date(2026, 3, 7)):
        assert [letters.wording(code, on).code for code in letters.KINDS] == list(letters.KINDS)


def test_who_is_written_to_and_what_is_certified(licence, tmp_path):
    outbox.drain()
    content = Letter.objects.get(code="L40").content
    assert (content["addressee"], content["address"], content["registration"], content["banner"]) == (
        licence.holder_name,
        ["2 Example Avenue", "Islamabad", "Pakistan"],
        f"SECP CUIN {licence.cuin}",
        "",
    )
    assert content["facts"] == [
        ["Licence number", licence.reference],
        ["Holder", licence.holder_name],
        ["Parent", "Indus Exchange (Pvt) Limited"],
        ["Valid from", "6 March 2026"],
        ["Valid to", "5 March 2027"],
        ["Scoring framework", "version 1.0"],
    ]
    said = text_of(pdf_of(Letter.objects.get(code="L40"), tmp_path))
    schedule = said[said.index("Schedule to licence") :]
    assert schedule.startswith(
        f"Schedule to licence {licence.reference} Part A: licensed activities No. Activity A1 Exchange A2 Custody "
        "An activity that is not named here is not licensed. Part B: conditions"
    )
    assert schedule.endswith("Verify this letter before you rely on it Page 2 of 2")


def test_the_banner_stands_on_whatever_comes_before_the_licence(licence):
    outbox.drain()
    banners = {each.code: each.content["banner"] for each in Letter.objects.for_firms()}
    without = {code for code, banner in banners.items() if banner != letters.NOT_A_LICENCE}
    assert (set(banners), without) == (
        {"L01", "L04", "L10", "L20", "L22", "L30", "L32", "L34", "L35", "L40"},
        {"L34", "L40"},
    )


def test_the_set_up_letter_lists_its_steps_and_their_day(noc_letters):
    content = noc_letters["L20"].content
    assert (len(content["steps"]), content["steps"][2]) == (9, "goAML registration (FMU)")
    assert content["facts"][-1] == ["To be finished by", "31 August 2026"]


def test_a_note_stays_in_the_house_unless_the_letter_gives_reasons(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    path.decide(case, "grant_noc", people=people, at=at, note="Between us: watch their auditor.")
    outbox.drain()
    assert "auditor" not in json.dumps([each.content for each in Letter.objects.all()])


def test_a_refusal_gives_its_reasons_and_the_way_to_appeal(firm, people, at, tmp_path):
    path.noc_case(firm, people=people, at=at, until="refused", rating=2)
    outbox.drain()
    letter = Letter.objects.get(code="L12")
    said = text_of(pdf_of(letter, tmp_path))
    assert letter.reference == "PVARA/NOC/2026/00004"
    assert "Reasons The score is below the bar in AML/CFT." in said
    assert "within 30 days of the date of this letter, that is, by 3 April 2026" in said
    assert "OPERATING LICENCE" not in said


def test_a_letter_that_is_late_tells_of_its_own_day(firm, people, at):
    """The acknowledgement is written after the grant, and knows nothing of it."""
    path.noc_case(firm, people=people, at=at)
    job = Job.objects.get(kind="letter", payload__code="L01")
    with transaction.atomic():
        content = write_letter(job).content
    assert content["facts"] == [
        ["Application", f"NOC-2026-{job.payload['subject_id']:05d}"],
        ["Received on", "4 March 2026"],
        ["Decision due by", "3 May 2026"],
    ]


# ── What becomes of a letter ─────────────────────────────────────────────────────────────────────────────────────────
def statuses() -> dict[str, str]:
    return dict(Letter.objects.exclude(state="issued").values_list("code", "state"))


def test_a_later_letter_ends_an_earlier_one_and_the_log_says_so(licence, people, basma, later):
    life.suspend(licence, people=people, at=later(5), note="Client assets could not be reconciled.")
    outbox.drain()
    assert statuses() == {"L35": "superseded"}
    life.revoke(licence, people=people, at=later(6), by=basma)
    outbox.drain()
    assert statuses() == {"L35": "superseded", "L40": "revoked", "L52": "superseded"}
    certificate = Letter.objects.get(code="L40")
    last = audit.history(certificate).last()
    assert (last.event, last.data) == ("revoke", {"by": Letter.objects.get(code="L54").reference})
    assert letters.check(certificate.reference).reason.endswith("has been revoked. Do not rely on it.")


def test_a_letter_that_comes_after_its_successor_is_not_in_force(licence, people, basma, later):
    life.suspend(licence, people=people, at=later(5), note="Client assets could not be reconciled.")
    life.revoke(licence, people=people, at=later(6), by=basma)
    for code in ("L54", "L52", "L40", "L35"):
        with transaction.atomic():
            write_letter(Job.objects.get(kind="letter", payload__code=code))
    assert statuses() == {"L35": "superseded", "L40": "revoked", "L52": "superseded"}


def test_a_certificate_does_not_hold_while_its_licence_is_suspended(licence, people, later):
    outbox.drain()
    certificate = Letter.objects.get(code="L40")
    assert letters.check(certificate.token).holds is True
    life.suspend(licence, people=people, at=later(5), note="Client assets could not be reconciled.")
    said = letters.check(certificate.token)
    assert (said.authentic, said.holds, said.reason) == (
        True,
        False,
        "This letter was issued here, but the licence is suspended at present.",
    )


def test_what_a_letter_gave_ends_with_its_term(licence, later):
    outbox.drain()
    said = {
        (code, days): letters.check(Letter.objects.get(code=code).token, at=later(days)).holds
        for code, days in [("L10", 364), ("L10", 365), ("L40", 366), ("L40", 367)]
    }
    assert said == {("L10", 364): True, ("L10", 365): False, ("L40", 366): True, ("L40", 367): False}


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_letter_that_fails_leaves_no_gap(firm, people, at, settings, tmp_path):
    path.noc_case(firm, people=people, at=at, until="submitted")
    job = Job.objects.get(kind="letter")
    ready = settings.SIGNING_FOLDER
    settings.SIGNING_FOLDER, settings.DEMONSTRATION = tmp_path, False
    for _ in range(2):
        with pytest.raises(signing.SigningUnavailable), transaction.atomic():
            write_letter(job)
    settings.SIGNING_FOLDER = ready
    with transaction.atomic():
        assert write_letter(job).reference == "PVARA/NOC/2026/00001"


@pytest.mark.django_db(transaction=True)
def test_letters_written_at_once_have_numbers_without_gaps(regime, people, at):
    for name in ("First", "Second", "Third", "Fourth"):
        path.noc_case(
            register_firm(name, by=people.applicant, at=at, country="X"), people=people, at=at, until="submitted"
        )

    def write(job_id: int) -> None:
        try:
            outbox.execute(job_id, f"worker {job_id}")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, Job.objects.filter(kind="letter").values_list("pk", flat=True)))
    numbers = sorted(Letter.objects.values_list("reference", flat=True))
    assert numbers == [f"PVARA/NOC/2026/0000{number}" for number in (1, 2, 3, 4)]
