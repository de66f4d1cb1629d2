"""The pages on consultation: asking on one, a reply on another, and nothing of it on the firm's."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from licensing.access import CONSULT
from licensing.actions import consultations
from licensing.models import Consultation, Document, ObjectionOverride
from pvara.demo import path


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def case(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    path.tick_off(case, people=people, at=at)
    return path.step(case, "declare_complete", by=people.officer, at=at)


@pytest.fixture
def asked(case, people, at):
    return consultations.ask_agencies(case, ["FMU", "SBP"], by=people.officer, at=at)[0]


def test_an_officer_asks_the_agencies_of_a_case(case, people, browse):
    client = browse(people.officer)
    address = reverse("staff:consult", args=["noc", case.pk])
    assert f'href="{address}"' in text(client.get(case.get_absolute_url()))
    assert client.post(address, {"agencies": []}).status_code == 422
    answer = client.post(address, {"agencies": ["FMU", "MOI"], "points": "The owners."})
    assert (answer.status_code, answer.url) == (302, case.get_absolute_url())
    page = text(client.get(case.get_absolute_url()))
    assert "2 agencies are asked; the letters follow." in page
    assert page.count("working day 0 of 15") == 2
    assert page.count("Not asked") == 3
    # Those who were asked are not offered again.
    assert 'value="FMU"' not in text(client.get(address))
    assert client.get(reverse("staff:consult", args=["setup", case.pk])).status_code == 404


def test_a_reply_is_taken_down_with_its_letter(asked, people, browse):
    client = browse(people.officer)
    sent = {
        "verdict": "comments",
        "received_on": str(timezone.localdate()),
        "text": "Mind the Travel Rule.",
        "file": SimpleUploadedFile("fmu.txt", b"Mind.\n", "text/plain"),
    }
    assert client.post(asked.get_absolute_url(), sent).status_code == 302
    page = text(client.get(asked.get_absolute_url()))
    assert "Mind the Travel Rule." in page
    document = Document.objects.about(asked).get()
    assert reverse("staff:document", args=[document.pk]) in page
    assert "Mind the Travel Rule." in text(client.get(asked.case.get_absolute_url()))


def test_a_reply_that_says_too_little_is_sent_back_with_what_was_typed(asked, people, browse):
    client = browse(people.officer)
    answer = client.post(asked.get_absolute_url(), {"verdict": "objection", "received_on": "2020-01-31", "text": ""})
    assert answer.status_code == 422
    assert 'value="2020-01-31"' in text(answer)
    assert "Write down what the agency says." in text(answer)
    assert browse(people.assessor).post(asked.get_absolute_url(), {"verdict": "no_objection"}).status_code == 302
    assert Consultation.objects.get(pk=asked.pk).reply is None


def test_the_board_goes_on_over_an_objection_and_the_case_shows_it(asked, people, at, browse):
    on = timezone.localdate(at)
    consultations.record_reply(asked, by=people.officer, at=at, verdict="objection", text="Unknown.", received_on=on)
    vote = reverse("staff:vote", args=["licensing.consultation", asked.pk])
    move = reverse("move", args=["licensing.consultation", asked.pk, "go_on_over_the_objection"])
    assert "Cast my vote" not in text(browse(people.officer).get(asked.get_absolute_url()))
    board, version = browse(people.board), Consultation.objects.get(pk=asked.pk).version
    for member in (people.board, people.board2):
        assert f'href="{asked.get_absolute_url()}#votes"' in text(browse(member).get(reverse("staff:committee")))
        assert "Cast my vote" in text(browse(member).get(asked.get_absolute_url()))
        ballot = {"move": "go_on_over_the_objection", "choice": "for", "version": version}
        assert browse(member).post(vote, ballot).status_code == 302
    assert board.post(move, {"version": version, "note": ""}).status_code == 422
    assert board.post(move, {"version": version, "note": "It was answered."}).status_code == 302
    assert ObjectionOverride.objects.get().overridden_by == people.board
    page = text(browse(people.member).get(asked.case.get_absolute_url()))
    assert "The board goes on over it (Bilal," in page
    assert "It was answered." in page
    assert f'href="{asked.get_absolute_url()}#votes"' not in text(board.get(reverse("staff:committee")))


def test_the_firm_sees_nothing_of_it(asked, people, at, browse):
    on = timezone.localdate(at)
    consultations.record_reply(asked, by=people.officer, at=at, verdict="objection", text="Unknown.", received_on=on)
    client = browse(people.applicant)
    page = text(client.get(reverse("portal:application", args=["noc", asked.noc_id])))
    assert "Financial Monitoring" not in page
    assert "onsultation" not in page
    assert client.get(asked.get_absolute_url()).status_code == 403
    move = reverse("move", args=["licensing.consultation", asked.pk, "close_without_reply"])
    assert client.post(move, {"version": 0, "note": ""}).status_code == 404


def test_the_panel_costs_three_questions_for_five_agencies(case, people, at, django_assert_num_queries):
    from licensing.faces.staff.consultations import consultation_panel
    from pvara.kernel import clock, figures, looks

    path.consult(case, people=people, at=at)
    with looks.one_look():
        # What the rest of the page has asked before.
        people.member.has_perm(CONSULT)
        clock.calendar()
        figures.value("consultation.reply", on=timezone.localdate(at))
        with django_assert_num_queries(3):
            panel = consultation_panel(case, people.member, at)
            rows = [(agency.code, asked.reply.verdict) for agency, asked, _ in panel.context["rows"]]
    assert rows == [(code, "no_objection") for code in ("FMU", "SBP", "SECP", "MOI", "FBR")]


def test_what_waits_for_a_reply_stands_in_the_queue(asked, people, browse):
    asked_for = {"phase": "consultation", "show": "waiting"}
    page = text(browse(people.officer).get(reverse("staff:queue"), asked_for))
    assert asked.reference in page
    assert "Reply: working day" in page
