"""What everybody may ask without a token: the register, standing, and whether a letter is genuine."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from licensing.models import Letter
from pvara.demo import life, path
from pvara.kernel import audit, outbox
from tests.api.program import Program
from tests.api.walk import done
from tests.letters import issued


def keys(said) -> set[str]:
    """Every key anywhere in an answer."""
    if isinstance(said, dict):
        return set(said) | {key for inner in said.values() for key in keys(inner)}
    return {key for inner in said for key in keys(inner)} if isinstance(said, list) else set()


def test_a_licence_stands_in_the_register_and_may_distribute(program, licence):
    caller = program()
    entry = caller.get("register/").json()["results"][0]
    assert entry == caller.get(f"register/{licence.reference}/").json()
    assert (entry["number"], entry["state"], entry["activities"]) == (
        licence.reference,
        "active",
        ["exchange", "custody"],
    )
    standing = caller.get(f"register/{licence.reference}/standing/").json()
    assert (standing["may_distribute"], standing["licence_state"]) == (True, "active")


def test_a_score_and_the_people_of_a_case_are_never_public(program, licence, enforced):
    caller = program()
    said = [
        caller.get("register/").json(),
        caller.get(f"register/{licence.reference}/").json(),
        caller.get(f"register/{licence.reference}/standing/").json(),
        caller.get("noc-holders/").json(),
    ]
    forbidden = {"reasons", "score", "total", "answers", "version", "firm", "suspended_by", "rating", "holds_until"}
    assert keys(said) & forbidden == set()
    assert "%" not in json.dumps(said)


@pytest.fixture
def enforced(licence, people, at):
    return life.suspend(licence, people=people, at=timezone.now(), note="Assets were not segregated.")


def test_a_suspension_is_public_at_once(program, licence, enforced):
    caller = program()
    assert caller.get(f"register/{licence.reference}/").json()["state"] == "suspended"
    assert caller.get(f"register/{licence.reference}/standing/").json()["may_distribute"] is False
    assert caller.get("register/", state="active").json()["results"] == []


def test_a_noc_is_a_list_of_its_own_and_says_that_it_is_no_licence(program, firm, people, at):
    case = path.noc_case(firm, people=people, at=at)
    caller = program()
    assert caller.get("register/").json()["results"] == []
    entry = caller.get("noc-holders/").json()["results"][0]
    assert (entry["number"], entry["warning"]) == (
        case.reference,
        "A No Objection Certificate is not an operating licence.",
    )


def test_a_number_that_is_written_otherwise_names_nothing(program, licence):
    caller, number = program(), licence.reference
    for other in (number.lower(), number.replace("-0", "-"), number.replace("2026", "2025"), f"{licence.pk}"):
        assert caller.get(f"register/{other}/").status_code == 404


def test_a_token_is_not_looked_at_where_none_is_needed(licence):
    caller = Program()
    caller.headers["authorization"] = "Bearer nonsense"
    assert caller.get("register/").status_code == 200


# ── Letters ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def letter(firm, at):
    return issued(
        at=at,
        key="letter:test",
        code="L10",
        reference="PVARA/NOC/2026/0001",
        title="No Objection Certificate",
        firm=firm,
        subject_type="licensing.nocapplication",
        subject_id=1,
        addressee=firm.legal_name,
        sha256="ab" * 32,
        token="a-token-of-ours",
    )


@pytest.mark.parametrize(
    "asked", [{"number": "PVARA/NOC/2026/0001"}, {"number": "pvara/noc/2026/0001"}, {"sha256": "ab" * 32}]
)
def test_a_letter_of_ours_is_known_by_its_number_and_by_its_fingerprint(program, letter, asked):
    said = program().post("verify/", asked).json()
    assert (said["authentic"], said["holds"], said["letter"]["reference"]) == (True, True, "PVARA/NOC/2026/0001")
    assert program().get("verify/a-token-of-ours/").json() == said


@pytest.mark.parametrize("asked", [{"number": "PVARA/NOC/2026/0002"}, {"sha256": "cd" * 32}])
def test_what_is_no_letter_of_ours_is_told_so(program, letter, asked):
    said = program().post("verify/", asked).json()
    assert (said["authentic"], said["holds"], said["letter"]) == (False, False, None)


@pytest.mark.parametrize("asked", [{}, {"number": "X", "sha256": "ab" * 32}, {"sha256": "AB" * 32}, {"sha256": "x"}])
def test_a_question_is_put_one_way(program, letter, asked):
    assert program().post("verify/", asked).status_code == 400


def test_a_file_that_is_not_to_the_byte_a_letter_is_refused(program, letter):
    file = SimpleUploadedFile("letter.pdf", b"%PDF-1.7 and so forth", "application/pdf")
    answer = program().client.post("/api/verify/file/", {"file": file})
    assert (answer.status_code, answer.json()["authentic"], answer.json()["letter"]) == (200, False, None)


def test_a_firm_reads_its_letters_and_fetches_the_file_to_the_byte(program, amina, stranger, letter):
    caller = program(amina)
    assert [each["reference"] for each in caller.get("letters/").json()["results"]] == [letter.reference]
    file = caller.get(f"letters/{letter.pk}/pdf/")
    assert (file.content, file.headers["Content-Type"]) == (b"%PDF-", "application/pdf")
    assert program(stranger).get(f"letters/{letter.pk}/pdf/").status_code == 404


@pytest.fixture
def waiting(firm, people, at):
    """The letter of a grant, which waits for its checker."""
    path.change_setting("letters.checked", ["L10"], effective_from=at.date(), people=people, at=at - timedelta(days=30))
    path.noc_case(firm, people=people, at=at)
    outbox.drain()
    return Letter.objects.get(code="L10")


def test_a_checker_reads_by_program_what_they_approve(program, sana, waiting):
    caller = program(sana)
    (listed,) = done(caller.get("letters/", state="draft"))["results"]
    said = done(caller.get(f"letters/{waiting.pk}/"))
    assert said == listed
    assert (said["content"], said["is_to_be_checked"]) == (waiting.content, True)
    assert said["content"]["paragraphs"][0].startswith("The Authority has assessed the application of")
    assert (said["decided_by"], said["approved_by"]) == ("Dania", None)
    done(caller.move(f"letters/{waiting.pk}/", "approve", said["version"]))
    assert done(caller.get(f"letters/{waiting.pk}/"))["approved_by"] == "Sana"


def test_what_is_for_checkers_is_for_nobody_outside(program, sana, amina, waiting):
    assert program(amina).get(f"letters/{waiting.pk}/").status_code == 404
    done(program(sana).move(f"letters/{waiting.pk}/", "approve", waiting.version))
    outbox.drain()
    said = done(program(amina).get(f"letters/{waiting.pk}/"))
    assert {said[name] for name in ("content", "is_to_be_checked", "decided_by", "approved_by")} == {None}
    seen = done(program().post("verify/", {"number": said["reference"]}))["letter"]
    assert sorted(seen) == ["addressee", "firm", "issued_at", "reference", "sha256", "state", "title"]


# ── The audit log ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_auditors_read_what_happened_to_a_case(program, aisha, firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    answer = program(aisha).get("audit-entries/", subject_type="licensing.nocapplication", subject_id=case.pk)
    entries = list(reversed(answer.json()["results"]))
    assert [each["event"] for each in entries] == [each.event for each in audit.history(case)]
    assert [each["prev_hash"] for each in entries[1:]] == [each["hash"] for each in entries[:-1]]
    assert (entries[-1]["from_state"], entries[-1]["to_state"], entries[-1]["actor_name"]) == (
        "draft",
        "submitted",
        "Amina",
    )
