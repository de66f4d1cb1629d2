"""The pages of what goes back to an applicant: checklist, deficiencies, questions; drafted, answered, refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from licensing.actions import requests
from licensing.actions.documents import documents_of
from licensing.models import ChecklistTick, Deficiency, InformationRequest, RequestItem
from licensing.models.checklists import checklist_of
from pvara.demo import path
from tests.pages.opened import seen_on


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="completeness_check")


@pytest.fixture
def assessed(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


def address(name, *args):
    return reverse(name, args=args)


# ── The checklist ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_officer_ticks_the_checklist_off_and_what_is_wanting_becomes_a_deficiency(case, people, browse):
    omar, page = browse(people.officer), address("staff:checklist", "noc", case.pk)
    assert f'href="{page}"' in text(omar.get(case.get_absolute_url()))
    sent = {"verdict_section:applicant": "in_order", "note_section:applicant": ""}
    sent |= {"verdict_section:aml": "wanting", "note_section:aml": "The tool is not named."}
    answer = omar.post(page, sent)
    assert (answer.status_code, answer.url) == (302, page)
    ticks = ChecklistTick.objects.about(case).order_by("item")
    assert list(ticks.values_list("item", "verdict", "note")) == [
        ("section:aml", "wanting", "The tool is not named."),
        ("section:applicant", "in_order", ""),
    ]
    shown = text(omar.get(page))
    assert "1 of 14 items are in order." in shown
    draft = f"{address('staff:deficiencies', 'noc', case.pk)}?item=section%3Aaml"
    assert f'href="{draft}"' in shown
    assert ">The tool is not named.</textarea>" in omar.get(draft).content.decode().replace("\r", "").replace(
        ">\n", ">"
    )
    panel = text(omar.get(case.get_absolute_url()))
    assert "1 of 14 items are in order." in panel
    assert "<li>AML, sanctions and monitoring</li>" in panel


def test_a_checklist_that_is_refused_keeps_what_was_typed_and_records_nothing(case, people, browse):
    omar, page = browse(people.officer), address("staff:checklist", "noc", case.pk)
    sent = {"verdict_section:aml": "wanting", "note_section:aml": "", "verdict_section:applicant": "in_order"}
    sent |= {"note_section:plan": "", "note_section:pakistan_plan": "A note without a verdict."}
    answer = omar.post(page, sent)
    assert answer.status_code == 422
    assert "Choose what you found." in text(answer)
    assert 'value="A note without a verdict."' in text(answer)
    del sent["note_section:pakistan_plan"]
    answer = omar.post(page, sent)
    assert (answer.status_code, "Say what is wanting: a deficiency starts from it." in text(answer)) == (422, True)
    assert ChecklistTick.objects.about(case).count() == 0


def test_others_read_the_checklist_without_a_form(case, people, browse):
    page = address("staff:checklist", "noc", case.pk)
    assert "<form" not in text(browse(people.supervisor).get(page)).split("<main")[1]
    assert browse(people.supervisor).post(page, {}).status_code == 403
    assert browse(people.officer).get(address("staff:checklist", "licence", case.pk)).status_code == 404


# ── Deficiencies ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_deficiencies_are_drafted_changed_and_dropped(case, people, browse):
    omar, page = browse(people.officer), address("staff:deficiencies", "noc", case.pk)
    assert omar.post(page, {"item": "section:aml", "missing": " "}).status_code == 422
    assert omar.post(page, {"item": "section:aml", "missing": "The tool."}).url == page
    row = Deficiency.objects.get(firm=case.firm)
    one = address("staff:deficiency", row.pk)
    assert f'<a href="{one}">AML, sanctions and monitoring: The tool.</a>' in text(omar.get(page))
    assert omar.post(one, {"item": "", "missing": ""}).status_code == 422
    said = {"item": "", "missing": "The name of the tool.", "seen": seen_on(omar, one)}
    assert omar.post(one, said).url == page
    assert str(fresh(row)) == "The name of the tool."
    assert omar.post(address("staff:deficiency_drop", row.pk), {"seen": seen_on(omar, one)}).url == page
    assert Deficiency.objects.filter(firm=case.firm).count() == 0


def test_the_firm_reads_the_list_only_when_it_is_returned(case, people, at, browse):
    amina = browse(people.applicant)
    path.draft_deficiency(case, "The minute.", people=people, at=at)
    row = Deficiency.objects.get(firm=case.firm)
    own = address("portal:application", "noc", case.pk)
    assert "The minute." not in text(amina.get(own))
    assert amina.get(address("portal:deficiency", row.pk)).status_code == 404
    path.returned(case, people=people, at=at)
    page = text(amina.get(own))
    assert f'<a href="{address("portal:deficiency", row.pk)}">The minute.</a>' in page
    assert "submit the application again by" in page
    assert "Answer every item, sign and submit it again." in page


def test_a_deficiency_is_answered_with_a_document(case, people, at, browse):
    path.returned(case, "The minute.", people=people, at=at)
    row, amina = Deficiency.objects.get(firm=case.firm), browse(people.applicant)
    page = address("portal:deficiency", row.pk)
    assert amina.post(page, {"answer": " "}).status_code == 422
    refused = amina.post(
        page, {"answer": "A long answer.", "title": "Minute", "file": SimpleUploadedFile("m.txt", b"")}
    )
    assert refused.status_code == 422
    assert ("A long answer.</textarea>" in text(refused), 'value="Minute"' in text(refused)) == (True, True)
    sent = {"answer": "It is attached.", "title": "Minute", "file": SimpleUploadedFile("m.txt", b"A minute.\n")}
    assert amina.post(page, sent).url == address("portal:application", "noc", case.pk)
    assert (fresh(row).answer, [each.title for each in documents_of(row)]) == ("It is attached.", ["Minute"])
    staff = text(browse(people.officer).get(address("staff:deficiency", row.pk)))
    assert ("It is attached." in staff, "Minute</a>" in staff) == (True, True)


def test_the_form_is_filled_in_signed_and_submitted_again(case, people, at, browse):
    path.returned(case, "The minute.", people=people, at=at)
    row, amina = Deficiency.objects.get(firm=case.firm), browse(people.applicant)
    amina.post(address("portal:deficiency", row.pk), {"answer": "It is attached."})
    review = address("portal:review", "noc", case.pk)
    page = text(amina.get(review))
    assert ("Save the fee reference" in page, "Sign the declaration" in page) == (False, True)
    section = address("portal:section", "noc", case.pk, "pakistan_plan")
    said = {"plan": "Four years.", "launch": "", "seen": seen_on(amina, section)}
    assert amina.post(section, said).status_code == 302
    signed = {"agreed": "on", "seen": seen_on(amina, review, form=-1)}
    assert amina.post(address("portal:declare", "noc", case.pk), signed).url == review
    assert ">Resubmit</button>" in text(amina.get(review))
    moved = {"version": fresh(case).version, "next": review}
    amina.post(reverse("move", args=["licensing.nocapplication", case.pk, "resubmit"]), moved)
    assert (fresh(case).state, fresh(case).answers["pakistan_plan"]["plan"]) == ("completeness_check", "Four years.")
    late = amina.post(address("portal:deficiency", row.pk), {"answer": "Another answer."})
    assert (late.status_code, "can no longer be changed" in text(late)) == (422, True)


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_questions_are_drafted_changed_and_dropped(assessed, people, browse):
    omar, page = browse(people.officer), address("staff:questions", "noc", assessed.pk)
    assert f'href="{page}"' in text(omar.get(assessed.get_absolute_url()))
    assert omar.post(page, {"question": " "}).status_code == 422
    assert omar.post(page, {"question": "Which tool?"}).url == page
    item = RequestItem.objects.get(request__firm=assessed.firm)
    one = address("staff:request_item", item.pk)
    assert f'<a href="{one}">Which tool?</a>' in text(omar.get(page))
    assert omar.post(one, {"question": ""}).status_code == 422
    said = {"question": "Which tool is in use?", "seen": seen_on(omar, one)}
    assert omar.post(one, said).url == address("staff:request", item.request_id)
    assert fresh(item).question == "Which tool is in use?"
    assert omar.post(address("staff:question_drop", item.pk), {"seen": seen_on(omar, one)}).url == page
    assert InformationRequest.objects.filter(firm=assessed.firm).count() == 0


def test_a_question_is_answered_asked_about_and_followed_up(assessed, people, at, browse):
    path.asked(assessed, "Which tool?", people=people, at=at)
    item = RequestItem.objects.get(request__firm=assessed.firm)
    amina, omar = browse(people.applicant), browse(people.officer)
    whole, one = address("portal:request", item.request_id), address("portal:request_item", item.pk)
    assert f'href="{whole}"' in text(amina.get(address("portal:application", "noc", assessed.pk)))
    assert "1. Which tool?" in text(amina.get(whole))
    assert amina.post(one, {"form": "remark", "words": ""}).status_code == 422
    assert amina.post(one, {"form": "remark", "words": "For what?"}).url == one
    assert omar.post(address("staff:request_item", item.pk), {"words": "For monitoring."}).status_code == 302
    assert "For monitoring." in text(amina.get(one))
    assert str(people.officer) not in text(amina.get(one))
    refused = amina.post(one, {"answer": "A tool.", "file": SimpleUploadedFile("m.txt", b"")})
    assert (refused.status_code, "A tool.</textarea>" in text(refused)) == (422, True)
    assert (
        amina.post(one, {"answer": "A tool.", "title": "", "file": SimpleUploadedFile("m.txt", b"A contract.\n")}).url
        == whole
    )
    assert [each.title for each in documents_of(item)] == ["m.txt"]
    path.step(assessed, "answer_rfi", by=people.applicant, at=timezone.now())
    shown = text(omar.get(address("staff:request", item.request_id)))
    assert ("A tool." in shown, "Follow up" in shown) == (True, True)
    assert omar.post(address("staff:request_item", item.pk), {"words": "Since when?"}).status_code == 302
    assert "Since when?" in text(omar.get(address("staff:questions", "noc", assessed.pk)))
    # Nobody outside reads what is only drafted.
    assert "Since when?" not in text(amina.get(one)) + text(amina.get(whole))


def test_more_time_is_asked_for_on_a_page_and_decided_on_another(assessed, people, at, browse):
    path.asked(assessed, "Which tool?", people=people, at=at)
    request = InformationRequest.objects.get(firm=assessed.firm)
    amina, omar = browse(people.applicant), browse(people.officer)
    whole = address("portal:request", request.pk)
    assert ">Ask for more time</button>" in text(amina.get(whole))
    move = ["licensing.informationrequest", request.pk]
    sent = {"version": request.version, "note": "Our auditor is away.", "next": whole}
    assert amina.post(reverse("move", args=[*move, "ask_for_more_time"]), sent).url == whole
    assert "We have not decided yet." in text(amina.get(whole))
    assert "<strong>More time is asked for.</strong>" in text(omar.get(assessed.get_absolute_url()))
    staff = text(omar.get(request.get_absolute_url()))
    assert ("Our auditor is away." in staff, ">Grant more time</button>" in staff) == (True, True)
    sent = {"version": fresh(request).version, "note": "You have a deputy."}
    omar.post(reverse("move", args=[*move, "decline_more_time"]), sent)
    assert "We did not give more time: You have a deputy." in text(amina.get(whole))


def test_the_firm_never_sees_a_drafted_question(assessed, people, at, browse):
    path.draft_question(assessed, "Which tool?", people=people, at=at)
    item = RequestItem.objects.get(request__firm=assessed.firm)
    amina = browse(people.applicant)
    assert amina.get(address("portal:request", item.request_id)).status_code == 404
    assert amina.get(address("portal:request_item", item.pk)).status_code == 404
    assert "Which tool?" not in text(amina.get(address("portal:application", "noc", assessed.pk)))


def test_a_case_page_costs_the_same_for_one_deficiency_and_for_ten(
    case, people, at, browse, django_assert_num_queries, django_assert_max_num_queries
):
    client = browse(people.officer)
    path.draft_deficiency(case, "The minute.", people=people, at=at)
    client.get(case.get_absolute_url())
    with django_assert_max_num_queries(70) as one:
        client.get(case.get_absolute_url())
    for number in range(9):
        path.draft_deficiency(case, f"Item {number}.", people=people, at=at)
    with django_assert_num_queries(len(one.captured_queries)):
        client.get(case.get_absolute_url())


def test_a_case_page_costs_the_same_for_one_question_and_for_ten(
    assessed, people, at, browse, django_assert_num_queries, django_assert_max_num_queries
):
    client = browse(people.officer)
    path.asked(assessed, "Which tool?", people=people, at=at)
    client.get(assessed.get_absolute_url())
    with django_assert_max_num_queries(70) as one:
        client.get(assessed.get_absolute_url())
    for number in range(9):
        requests.draft_question(assessed, by=people.officer, at=at, question=f"Question {number}?")
    # They are a second request, so one more row of the same questions.
    with django_assert_num_queries(len(one.captured_queries)):
        client.get(assessed.get_absolute_url())


def test_the_checklist_costs_as_many_questions_whatever_its_length(case, people, at, django_assert_num_queries):
    with django_assert_num_queries(5):
        assert len(checklist_of(case, at)) == 14
