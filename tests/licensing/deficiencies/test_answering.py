"""What the applicant answers, and the form that is open again."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.utils import timezone

from licensing.actions import applications, deficiencies
from licensing.actions.documents import documents_of
from licensing.models import Deficiency, Document, TariffRow
from pvara.demo import answers, path
from pvara.kernel import clock
from pvara.kernel.clock import Limit
from pvara.kernel.seen import mark
from tests.licensing.deficiencies import answered, fresh, returned, shut


def test_a_returned_case_is_resubmitted_when_every_item_is_answered(case, people, at, later):
    case = returned(case, people, at, "No minute.", "No owner below Holding.")
    assert shut(case, "resubmit", at=at) == {
        "deficiencies_are_answered": ("No minute.", "No owner below Holding."),
        "declaration_is_signed": (),
    }
    first, second = Deficiency.objects.about(case)
    file = SimpleUploadedFile("minute.txt", b"A minute.\n", "text/plain")
    deficiencies.answer_deficiency(
        first, by=people.applicant, at=later(2), answer="Attached.", file=file, title="Minute"
    )
    assert [each.title for each in documents_of(first)] == ["Minute"]
    assert shut(case, "resubmit", at=at)["deficiencies_are_answered"] == ("No owner below Holding.",)
    deficiencies.answer_deficiency(second, by=people.applicant, at=later(2), answer="Stated.")
    applications.sign_declaration(case, by=people.applicant, at=later(2), seen=mark(case.answers))
    case = path.step(case, "resubmit", by=people.applicant, at=later(5))
    assert (case.state, case.answer_due_on()) == ("completeness_check", None)
    # Five days of the clock went to the applicant.
    reading = clock.reading(case, "decision", limit=Limit(60), at=later(6))
    assert (reading.elapsed, reading.paused, reading.status) == (1, 5, "running")
    with pytest.raises(ValidationError, match="can no longer be changed"):
        deficiencies.answer_deficiency(first, by=people.applicant, at=later(6), answer="Another one.")
    with pytest.raises(DatabaseError, match="it never changes"), transaction.atomic():
        Deficiency.objects.update(answer="Another one.")


def test_an_answer_says_something_and_is_the_firms(case, people, stranger, at):
    returned(case, people, at)
    row = Deficiency.objects.get()
    with pytest.raises(ValidationError) as refusal:
        deficiencies.answer_deficiency(row, by=people.applicant, at=at, answer=" ")
    assert list(refusal.value.message_dict) == ["answer"]
    for who in (people.officer, stranger):
        with pytest.raises(PermissionDenied):
            deficiencies.answer_deficiency(row, by=who, at=at, answer="Here.")


def test_a_file_that_is_not_taken_leaves_the_answer_as_it_was(case, people, at):
    returned(case, people, at)
    row = Deficiency.objects.get()
    with pytest.raises(ValidationError) as refusal:
        deficiencies.answer_deficiency(
            row, by=people.applicant, at=at, answer="Here.", file=SimpleUploadedFile("empty.txt", b"")
        )
    assert list(refusal.value.message_dict) == ["file"]
    assert (fresh(row).answer, Document.objects.about(row).count()) == ("", 0)


def test_the_form_is_open_again_and_a_change_puts_its_item_back(case, people, at, later):
    path.tick_off(case, people=people, at=at)
    case = returned(case, people, at)
    changed = {**answers.to(case.form)["aml"], "monitoring_tool": "Another tool"}
    seen = mark(case.answers_of("aml"))
    case = applications.save_answers(case, "aml", changed, by=people.applicant, at=later(1), seen=seen)
    assert case.answers["aml"]["monitoring_tool"] == "Another tool"
    case = answered(case, people, later(1))
    assert shut(case, "declare_complete", at=later(1)) == {
        "checklist_is_complete": ("AML, sanctions and monitoring: changed since.",)
    }
    with pytest.raises(ValidationError, match="can no longer be changed"):
        applications.save_answers(case, "aml", changed, by=people.applicant, at=later(1))


def test_the_activities_that_were_charged_for_stay(case, people, at, later):
    TariffRow.objects.create(
        kind="noc_application",
        activity="derivatives",
        amount_pkr=1000,
        effective_from=timezone.localdate(at),
        entered_at=at,
    )
    case = returned(case, people, at)
    more = {**case.answers["activities"], "activities": ["exchange", "custody", "derivatives"]}
    seen = mark(case.answers_of("activities"))
    with pytest.raises(ValidationError) as refusal:
        applications.save_answers(case, "activities", more, by=people.applicant, at=later(1), seen=seen)
    assert list(refusal.value.message_dict) == ["activities"]
    with pytest.raises(ValidationError, match="matched by the invoice"):
        applications.give_fee_reference(case, "FEE-2", by=people.applicant, at=later(1))
