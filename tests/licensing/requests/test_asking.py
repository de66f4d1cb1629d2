"""What is drafted, asked, answered and followed up."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from licensing.actions import interests, requests
from licensing.actions.documents import documents_of
from licensing.models import InformationRequest, Letter, RequestItem, RequestMessage
from pvara.demo import path
from pvara.kernel import clock, outbox
from pvara.kernel.seen import mark
from tests.licensing.requests import DAYS60, fresh, notices, shut


# ── Drafting ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_questions_are_drafted_put_right_and_dropped(case, people, at):
    first = requests.draft_question(case, by=people.officer, at=at, question=" Who owns Holding? ")
    second = requests.draft_question(case, by=people.assessor, at=at, question="Which tool?")
    assert [str(first), str(second)] == ["1. Who owns Holding?", "2. Which tool?"]
    assert first.request == second.request
    words = {"question": "Which monitoring tool?", "seen": mark(second.drafted)}
    second = requests.redraft_question(second, by=people.officer, at=at, **words)
    assert fresh(second).question == "Which monitoring tool?"
    requests.drop_question(first, by=people.officer, at=at, seen=mark(first.drafted))
    assert InformationRequest.objects.count() == 1
    requests.drop_question(second, by=people.officer, at=at, seen=mark(second.drafted))
    assert InformationRequest.objects.count() == 0


@pytest.mark.parametrize("question", ["  ", "x" * 4001])
def test_a_question_asks_something(case, people, at, question):
    with pytest.raises(ValidationError) as refusal:
        requests.draft_question(case, by=people.officer, at=at, question=question)
    assert list(refusal.value.message_dict) == ["question"]


def test_only_case_officers_and_assessors_without_an_interest_ask(case, people, at):
    for who in (people.applicant, people.supervisor, people.member):
        with pytest.raises(PermissionDenied):
            requests.draft_question(case, by=who, at=at, question="Why?")
    interests.recuse(case, by=people.assessor, at=at, reasons="I wrote about it.")
    with pytest.raises(PermissionDenied, match="I wrote about it"):
        requests.draft_question(case, by=people.assessor, at=at, question="Why?")


def test_questions_are_drafted_while_a_case_is_assessed(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    with pytest.raises(ValidationError, match="while the application is assessed"):
        requests.draft_question(case, by=people.officer, at=at, question="Why?")


def test_the_applicant_never_sees_a_draft(case, people, at, ask):
    item = requests.draft_question(case, by=people.officer, at=at, question="Why?")
    seen = InformationRequest.objects.visible_to
    assert (seen(people.applicant).count(), seen(people.officer).count()) == (0, 1)
    assert RequestItem.objects.visible_to(people.applicant).count() == 0
    with pytest.raises(ValidationError):
        requests.answer_question(item, by=people.applicant, at=at, answer="Because.")
    ask(at)
    assert (seen(people.applicant).count(), RequestItem.objects.visible_to(people.applicant).count()) == (1, 1)


def test_the_database_keeps_one_draft_a_case(case, people, at):
    requests.draft_question(case, by=people.officer, at=at, question="Why?")
    columns = InformationRequest.objects.values("firm_id", "subject_type", "subject_id").get()
    with pytest.raises(IntegrityError, match="one_request_is_drafted_a_case"), transaction.atomic():
        InformationRequest.objects.create(**columns, drafted_by=people.officer, drafted_at=at)


# ── Asking and answering ──────────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_is_asked_without_a_question(case, people, at):
    assert shut(case, "raise_rfi", by=people.officer, at=at) == {"questions_are_drafted": ()}
    requests.draft_question(case, by=people.officer, at=at, question="Why?")
    assert shut(case, "raise_rfi", by=people.officer, at=at) == {}


def test_what_was_asked_never_changes(ask, at):
    request = ask(at, "Why?")
    assert (request.state, request.round, request.raised_at) == ("open", 1, at)
    with pytest.raises(DatabaseError, match="it never changes"), transaction.atomic():
        request.items.update(question="Why not?")
    with pytest.raises(DatabaseError, match="it never changes"), transaction.atomic():
        request.items.create(number=2, question="And why?")
    with pytest.raises(DatabaseError, match="it never changes"), transaction.atomic():
        request.items.filter(number=1)._raw_delete("default")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        RequestMessage.objects.update(words="Why not?")


def test_the_letter_and_the_notice_tell_what_is_asked_and_until_when(ask, at):
    request = ask(at, "Who owns Holding?", "Which tool?")
    outbox.drain()
    letter = Letter.objects.get(code="L05").content
    assert letter["items"] == ["Who owns Holding?", "Which tool?"]
    # Twenty working days from Wednesday, 4 March 2026, less what is gazetted.
    due = request.due_on
    assert letter["facts"][-2:] == [["Request", request.reference], ["To be answered by", f"{due:%-d %B %Y}"]]
    assert clock.working_days_between(timezone.localdate(at), due) == 20
    assert notices() == [f"{request.case.reference}: we ask you for information"]


def test_answers_are_sent_when_every_question_has_one(ask, case, people, at, later):
    request = ask(at, "Who owns Holding?", "Which tool?")
    first, second = request.items.all()
    file = SimpleUploadedFile("chart.txt", b"A chart.\n", "text/plain")
    requests.answer_question(first, by=people.applicant, at=later(1), answer="First Owner.", file=file, title="Chart")
    assert [each.title for each in documents_of(first)] == ["Chart"]
    said = (f"Question 2 of {request.reference} has no answer.",)
    assert shut(case, "answer_rfi", by=people.applicant, at=later(1)) == {"questions_are_answered": said}
    requests.answer_question(second, by=people.applicant, at=later(1), answer="A tool.")
    case = path.step(case, "answer_rfi", by=people.applicant, at=later(2))
    assert (case.state, fresh(request).state) == ("under_assessment", "answered")
    assert [(each.kind, each.words, each.from_staff) for each in RequestMessage.objects.all()] == [
        ("question", "Who owns Holding?", True),
        ("question", "Which tool?", True),
        ("answer", "First Owner.", False),
        ("answer", "A tool.", False),
    ]
    with pytest.raises(ValidationError, match="does not wait for an answer"):
        requests.answer_question(first, by=people.applicant, at=later(3), answer="Second Owner.")


def test_an_answer_says_something_and_is_the_firms(ask, people, stranger, at):
    item = ask(at, "Why?").items.get()
    with pytest.raises(ValidationError) as refusal:
        requests.answer_question(item, by=people.applicant, at=at, answer=" ")
    assert list(refusal.value.message_dict) == ["answer"]
    for who in (people.officer, stranger):
        with pytest.raises(PermissionDenied):
            requests.answer_question(item, by=who, at=at, answer="Because.")


def test_a_file_that_is_not_taken_leaves_the_answer_as_it_was(ask, people, at):
    item = ask(at, "Why?").items.get()
    with pytest.raises(ValidationError):
        requests.answer_question(
            item, by=people.applicant, at=at, answer="Because.", file=SimpleUploadedFile("empty.txt", b"")
        )
    assert fresh(item).answer == ""


def test_both_sides_remark_while_the_answer_is_awaited(ask, answer, people, at, later):
    request = ask(at, "Why?")
    item = request.items.get()
    requests.remark(item, by=people.applicant, at=later(1), words="Do you mean Holding?")
    requests.remark(item, by=people.officer, at=later(1), words="We do.")
    said = [(each.words, each.from_staff) for each in item.messages.filter(kind="remark")]
    assert said == [("Do you mean Holding?", False), ("We do.", True)]
    assert notices()[-1] == f"{request.reference}: a message on question 1"
    with pytest.raises(PermissionDenied):
        requests.remark(item, by=people.member, at=later(1), words="Me too.")
    answer(request, later(2))
    with pytest.raises(ValidationError):
        requests.remark(item, by=people.applicant, at=later(2), words="One more thing.")


def test_an_answer_is_followed_up_in_a_new_round(ask, answer, case, people, at, later):
    request = answer(ask(at, "Who owns Holding?", "Which tool?"), later(2))
    item = request.items.get(number=1)
    requests.follow_up(item, by=people.assessor, at=later(3), words="And who owns First Owner?")
    requests.draft_question(case, by=people.officer, at=later(3), question="Since when?")
    assert shut(request, "close", by=people.officer, at=later(3)) == {
        "nothing_is_left_to_ask": ("Question 1 is to be put again.",)
    }
    # What is drafted and what is followed up go out together.
    path.step(case, "raise_rfi", by=people.officer, at=later(4))
    request, item = fresh(request), fresh(item)
    assert (request.state, request.round, item.round, item.answer, item.follow_up) == ("open", 2, 2, "", "")
    assert request.items.get(number=2).answer == "It is as you say."
    outbox.drain()
    assert Letter.objects.filter(code="L05").latest("pk").content["items"] == [
        "And who owns First Owner?",
        "Since when?",
    ]
    other = InformationRequest.objects.about(case).exclude(pk=request.pk).get()
    requests.answer_question(other.items.get(), by=people.applicant, at=later(5), answer="Since 2018.")
    request = answer(request, later(5), words="A natural person.")
    assert [(each.round, each.kind, each.words) for each in item.messages.all()] == [
        (1, "question", "Who owns Holding?"),
        (1, "answer", "It is as you say."),
        (2, "question", "And who owns First Owner?"),
        (2, "answer", "A natural person."),
    ]
    assert (request.state, fresh(other).state) == ("answered", "answered")


def test_a_follow_up_is_taken_back_and_only_an_answer_is_followed_up(ask, answer, people, at, later):
    request = ask(at, "Why?")
    item = request.items.get()
    with pytest.raises(ValidationError, match="when the request is answered"):
        requests.follow_up(item, by=people.officer, at=at, words="And?")
    request = answer(request, later(1))
    item = requests.follow_up(item, by=people.officer, at=later(2), words="And?")
    requests.follow_up(item, by=people.officer, at=later(2), words="", seen=mark(item.followed_up))
    request = path.step(request, "close", by=people.officer, at=later(2))
    assert request.state == "closed"
    with pytest.raises(ValidationError, match="when the request is answered"):
        requests.follow_up(item, by=people.officer, at=later(3), words="And?")


def test_a_case_is_recommended_when_its_requests_are_closed(ask, answer, case, people, at, later):
    request = answer(ask(at, "Why?"), later(1))
    said = (f"{request.reference} is answered.",)
    assert shut(case, "recommend", by=people.supervisor, at=later(1))["requests_are_closed"] == said
    path.step(request, "close", by=people.assessor, at=later(1))
    requests.draft_question(case, by=people.officer, at=later(1), question="And why?")
    path.rate_everything(case.firm, "NOC", people=people, at=later(1))
    path.step(case, "recommend", by=people.supervisor, at=later(1), note="All criteria are met.")
    states = InformationRequest.objects.about(case).order_by("pk").values_list("state", flat=True)
    # A draft that nobody put ends there.
    assert list(states) == ["closed", "ended"]


def test_a_withdrawn_case_ends_its_requests(ask, case, people, at, later):
    request = ask(at, "Why?")
    path.step(case, "withdraw", by=people.applicant, at=later(1), note="We wait.")
    assert fresh(request).state == "ended"
    assert clock.reading(request, "answer", limit=DAYS60, at=later(2)).status == "stopped"


def test_a_person_who_stepped_back_takes_no_part_in_its_requests(ask, answer, case, people, at, later):
    request = answer(ask(at, "Why?"), later(1))
    interests.recuse(case, by=people.assessor, at=later(1), reasons="I wrote about it.")
    assert shut(request, "close", by=people.assessor, at=later(1)) == {"person_is_not_recused": ()}
    assert shut(request, "close", by=people.officer, at=later(1)) == {}


def test_nobody_puts_or_hands_in_a_request_beside_its_case(case, people, at):
    item = requests.draft_question(case, by=people.officer, at=at, question="Why?")
    with pytest.raises(PermissionDenied):
        path.step(item.request, "put", by=people.officer, at=at)
