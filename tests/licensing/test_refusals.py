"""Minded to refuse: grounds by criterion, the firm that is heard in its time, and each notice a round of its own."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction

from licensing.actions import interests, refusals, timers
from licensing.models import Document, Letter, RefusalGround, Representation
from pvara.demo import path
from pvara.kernel import audit, deadlines, outbox
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.models import Job


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="recommended", rating=2)


@pytest.fixture
def minded(case, people, at):
    return path.decide(case, "notify_refusal", people=people, at=at, note="Below the bar.")


def again(row):
    return type(row)._base_manager.get(pk=row.pk)


def shut(subject, name, *, by, at):
    return {each.code: each.details for each in unmet(again(subject), name, by=by, at=at)}


def ground(case, about="1.1", text="No policy.", *, by, at):
    return refusals.draft_ground(case, by=by, at=at, about=about, text=text)


def answer(case, people, at, text="The policy is attached.", **more):
    return refusals.make_representations(case, by=people.applicant, at=at, text=text, **more)


# ── Grounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_no_notice_without_a_ground(case, people, at):
    assert shut(case, "notify_refusal", by=people.member, at=at)["grounds_are_drafted"] == ()
    drafted = ground(case, by=people.member, at=at)
    assert "grounds_are_drafted" not in shut(case, "notify_refusal", by=people.member, at=at)
    refusals.take_back_ground(drafted, by=people.supervisor, at=at)
    assert "grounds_are_drafted" in shut(case, "notify_refusal", by=people.member, at=at)


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("1.1", "1.1 Board-approved AML/CFT policy aligned with AMLA 2010: No policy."),
        ("applicant", "Form, The applicant: No policy."),
    ],
)
def test_a_ground_is_about_a_criterion_or_a_section_of_the_form(case, people, at, about, said):
    assert str(ground(case, about, by=people.member, at=at)) == said


@pytest.mark.parametrize(
    ("about", "text", "field"),
    [("99.9", "No.", "about"), ("", "No.", "about"), ("5.1", "No.", "about"), ("1.1", " ", "text")],
)
def test_a_ground_about_nothing_of_this_phase_is_refused(case, people, at, about, text, field):
    """5.1 is a criterion of the full licence."""
    with pytest.raises(ValidationError) as refused:
        ground(case, about, text, by=people.member, at=at)
    assert list(refused.value.message_dict) == [field]


def test_who_does_not_draft_or_has_an_interest_gives_no_ground(case, people, at):
    with pytest.raises(PermissionDenied):
        ground(case, by=people.officer, at=at)
    interests.declare(case.firm, by=people.member, at=at, nature="other", explanation="A friend.")
    with pytest.raises(PermissionDenied):
        ground(case, by=people.member, at=at)


def test_a_ground_that_was_given_stays(minded, people, at):
    given = RefusalGround.objects.get()
    with pytest.raises(ValidationError, match="no notice is given on it now"):
        refusals.take_back_ground(given, by=people.member, at=at)
    for change in (
        lambda: RefusalGround.objects.filter(pk=given.pk).update(text="Nothing."),
        lambda: RefusalGround.objects.filter(pk=given.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="it stays in the record"), transaction.atomic():
            change()


def test_the_database_keeps_a_ground_to_one_thing(case, people, at):
    said = {"firm": case.firm, "noc": case, "drafted_by": people.member, "drafted_at": at}
    with pytest.raises(IntegrityError, match="ground_is_about_one_thing"), transaction.atomic():
        RefusalGround.objects.create(**said, text="No.")
    with pytest.raises(IntegrityError, match="ground_says_something"), transaction.atomic():
        RefusalGround.objects.create(**said, section="aml", text="")


# ── The notice ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_notice_gives_the_grounds_and_the_last_day(minded, people):
    notice = minded.notice_of_refusal()
    assert (notice.number, notice.last_day, notice.given_by) == (1, date(2026, 3, 25), people.member)
    assert [each.notice for each in RefusalGround.objects.all()] == [notice]
    outbox.drain()
    content = Letter.objects.get(code="L11").content
    assert content["grounds"] == [
        "1.1 Board-approved AML/CFT policy aligned with AMLA 2010: The policy is not approved by the board."
    ]
    assert content["reasons"] == "Below the bar."
    assert content["paragraphs"][1].endswith(
        "in the portal until 25 March 2026. The Authority considers what you say "
        "before it decides, and may reopen the case."
    )


# ── The firm's answer ────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_firm_answers_with_words_and_documents_and_the_committee_is_told(minded, people, danish, at, later):
    file = SimpleUploadedFile("policy.txt", b"The policy.\n", "text/plain")
    made = answer(minded, people, later(1), files=[("Policy", file)])
    assert [each.title for each in Document.objects.about(made)] == ["Policy"]
    assert audit.history(minded).last().event == "representations_made"
    told = Job.objects.filter(kind="notice", key__startswith="notice:representations:")
    assert {job.payload["to"] for job in told} == {people.member.pk, danish.pk}


def test_the_last_day_is_still_in_time_and_the_next_is_not(minded, people, later):
    answer(minded, people, later(21))
    with pytest.raises(ValidationError, match="ended on 25 March 2026"):
        answer(minded, people, later(22))


def test_nothing_is_answered_that_was_not_noticed(case, people, stranger, at):
    with pytest.raises(ValidationError, match="No notice waits for an answer"):
        answer(case, people, at)
    with pytest.raises(PermissionDenied):
        refusals.make_representations(case, by=stranger, at=at, text="Mine.")


def test_an_answer_without_words_or_with_a_bad_file_is_refused_whole(minded, people, at):
    with pytest.raises(ValidationError) as refused:
        answer(minded, people, at, text=" ")
    assert list(refused.value.message_dict) == ["text"]
    with pytest.raises(ValidationError):
        answer(minded, people, at, files=[("Nothing", SimpleUploadedFile("empty.txt", b""))])
    assert Representation.objects.count() == 0


def test_what_the_firm_says_voids_the_votes_that_were_cast_before(minded, people, later):
    path.vote(minded, "refuse_noc", people=people, at=later(22))
    assert "votes_carry_the_decision" not in shut(minded, "refuse_noc", by=people.member, at=later(22))
    answer(minded, people, later(20))
    assert "votes_carry_the_decision" in shut(minded, "refuse_noc", by=people.member, at=later(22))


# ── Heard, then decided ──────────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_is_refused_while_the_firm_may_still_speak(minded, people, later):
    path.vote(minded, "refuse_noc", people=people, at=later(21))
    assert shut(minded, "refuse_noc", by=people.member, at=later(21)) == {
        "firm_was_heard": ("It has until 25 March 2026, and has made none yet.",)
    }
    assert shut(minded, "refuse_noc", by=people.member, at=later(22)) == {}


def test_what_the_firm_said_is_considered_before_anything_is_decided(minded, people, danish, at, later):
    made = answer(minded, people, later(1))
    for move in ("refuse_noc", "reopen"):
        path.vote(minded, move, people=people, at=later(2))
    waiting = {"representations_are_considered": ("Made on 5 March 2026 by Amina.",)}
    assert shut(minded, "refuse_noc", by=people.member, at=later(2)) == waiting
    assert shut(minded, "reopen", by=people.member, at=later(2)) == waiting
    refusals.consider(made, by=danish, at=later(2), note="It changes nothing.")
    assert shut(minded, "reopen", by=people.member, at=later(2)) == {}
    refused = path.step(minded, "refuse_noc", by=people.member, at=later(2), note="Below the bar.")
    gates = audit.history(refused).last().data["gates"]
    assert gates["firm_was_heard"] == {"notice": 1, "representations": 1, "last_day": "2026-03-25"}
    assert gates["representations_are_considered"] == {
        "considered": [{"representation": made.pk, "by": "Danish", "note": "It changes nothing."}]
    }


def test_a_representation_is_considered_once_by_who_decides_and_with_a_note(minded, people, danish, at):
    made = answer(minded, people, at)
    with pytest.raises(PermissionDenied):
        refusals.consider(made, by=people.officer, at=at, note="Read.")
    with pytest.raises(ValidationError) as refused:
        refusals.consider(made, by=danish, at=at, note=" ")
    assert list(refused.value.message_dict) == ["note"]
    refusals.consider(made, by=danish, at=at, note="Read.")
    with pytest.raises(ValidationError, match="considered already"):
        refusals.consider(made, by=people.member, at=at, note="Read again.")
    with pytest.raises(DatabaseError), transaction.atomic():
        Representation.objects.filter(pk=made.pk).update(text="Something else.")


def test_the_refusal_repeats_the_grounds_and_says_why(minded, people, later):
    path.heard(minded, people=people, at=later(1))
    path.decide(minded, "refuse_noc", people=people, at=later(2), note="The policy is still a draft.")
    outbox.drain()
    letter = Letter.objects.get(code="L12")
    assert letter.content["grounds"] == [
        "1.1 Board-approved AML/CFT policy aligned with AMLA 2010: The policy is not approved by the board."
    ]
    assert letter.content["reasons"] == "The policy is still a draft."
    assert Letter.objects.get(code="L11").state == "superseded"


# ── A second round ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_second_notice_is_a_round_of_its_own(minded, people, later):
    earlier = answer(minded, people, later(1))
    refusals.consider(earlier, by=people.member, at=later(1), note="It convinces.")
    case = path.decide(minded, "reopen", people=people, at=later(2), note="They have convinced us.")
    with pytest.raises(MoveRefused) as refused:
        path.step(case, "notify_refusal", by=people.member, at=later(3), note="After all.")
    # The grounds of the first notice are not those of the second.
    assert [each.code for each in refused.value.unmet] == ["grounds_are_drafted", "votes_carry_the_decision"]
    ground(case, "1.3", "No procedure.", by=people.member, at=later(3))
    case = path.decide(case, "notify_refusal", people=people, at=later(3), note="After all.")
    notice = case.notice_of_refusal()
    assert (notice.number, notice.last_day) == (2, date(2026, 3, 28))
    assert [each.text for each in notice.grounds.all()] == ["No procedure."]
    path.vote(case, "refuse_noc", people=people, at=later(4))
    assert shut(case, "refuse_noc", by=people.member, at=later(4)) == {
        "firm_was_heard": ("It has until 28 March 2026, and has made none yet.",)
    }
    with pytest.raises(ValidationError, match="no longer waits"):
        refusals.consider(earlier, by=people.member2, at=later(4), note="Again.")


# ── The time of the committee ────────────────────────────────────────────────────────────────────────────────────────
def confirmation(case, at):
    found = [each.reading for each in deadlines.of(case, at) if each.rule.name == "confirmation"]
    return [(each.status, each.due_on) for each in found]


def test_ten_working_days_run_from_what_the_firm_says(minded, people, later):
    assert confirmation(minded, later(1)) == []
    answer(minded, people, later(1))
    answer(minded, people, later(2), text="One thing more.")
    # From Thursday 5 March.
    assert confirmation(minded, later(2)) == [("running", date(2026, 3, 19))]


def test_or_from_the_end_of_its_time(minded, people, later):
    timers.run(at=later(21))
    assert confirmation(minded, later(21)) == []
    timers.run(at=later(22))
    timers.run(at=later(23))
    (found,) = confirmation(minded, later(23))
    assert found[0] == "running"


def test_the_clock_stops_when_the_case_is_reopened_and_starts_anew(minded, people, later):
    path.heard(minded, people=people, at=later(1))
    case = path.decide(minded, "reopen", people=people, at=later(2), note="They have convinced us.")
    assert [status for status, _ in confirmation(case, later(3))] == ["stopped"]
    case = path.decide(case, "notify_refusal", people=people, at=later(3), note="After all.")
    path.heard(case, people=people, at=later(4))
    assert [status for status, _ in confirmation(case, later(4))] == ["running"]
    case = path.decide(case, "refuse_noc", people=people, at=later(5), note="Final.")
    assert [status for status, _ in confirmation(case, later(6))] == ["stopped"]


def test_a_licence_is_refused_the_same_way(firm, people, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    done = path.confirmed_setup(noc, people=people, at=at)
    case = path.full_case(done, people=people, at=at, until="recommended")
    ground(case, "5.1", "Assets are mixed.", by=people.member, at=at)
    case = path.decide(case, "notify_refusal", people=people, at=at, note="Assets are mixed.")
    path.heard(case, people=people, at=later(1))
    case = path.decide(case, "refuse_licence", people=people, at=later(2), note="They still are.")
    assert case.state == "refused"
    outbox.drain()
    assert sorted(Letter.objects.filter(code__in=("L11", "L12")).values_list("code", flat=True)) == ["L11", "L12"]
