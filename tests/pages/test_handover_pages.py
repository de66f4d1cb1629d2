"""The page that hands a case over, and the panel that says who has it in hand."""

import pytest
from django.urls import reverse

from licensing.models import Handover, NocApplication
from pvara.demo import path


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


@pytest.fixture
def address(case):
    return reverse("staff:hand_over", args=["noc", case.pk])


def test_a_supervisor_hands_a_case_over(browse, case, address, people, ozair):
    page = browse(people.supervisor)
    assert address in page.get(case.get_absolute_url()).content.decode()
    said = {"version": case.version, "to": ozair.pk, "reasons": "Leave until autumn."}
    answer = page.post(address, said, follow=True)
    assert answer.redirect_chain == [(case.get_absolute_url(), 302)]
    shown = answer.content.decode()
    assert f"{case.reference} is in the hands of Ozair from now." in shown
    assert "Ozair has this case in hand." in shown
    assert "Leave until autumn." in shown
    assert NocApplication.objects.get(pk=case.pk).case_officer == ozair


def test_others_are_not_offered_it(browse, case, address, people):
    page = browse(people.officer)
    assert address not in page.get(case.get_absolute_url()).content.decode()
    assert page.get(address).status_code == 403


def test_a_case_that_moved_on_is_shown_again_with_what_was_typed(browse, case, address, people, ozair):
    said = {"version": case.version + 3, "to": ozair.pk, "reasons": "Leave until autumn."}
    answer = browse(people.supervisor).post(address, said)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "The case has changed since you opened it" in shown
    assert "Leave until autumn." in shown
    assert f'name="version" value="{case.version}"' in shown
    assert not Handover.objects.exists()


def test_only_officers_who_may_have_it_are_offered(browse, case, address, people, ozair):
    answer = browse(people.supervisor).post(
        address, {"version": case.version, "to": people.member.pk, "reasons": "No."}
    )
    assert answer.status_code == 422
    assert [each.name for each in answer.context["form"].fields["to"].queryset] == ["Ozair"]


def test_a_case_that_nobody_has_in_hand_says_so(browse, firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    page = browse(people.supervisor)
    assert (
        "Nobody has this case in hand" in page.get(reverse("staff:hand_over", args=["noc", case.pk])).content.decode()
    )
    assert page.get("/staff/hand-over/licence/1/").status_code == 404
