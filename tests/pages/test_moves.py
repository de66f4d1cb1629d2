"""One page behind every move: done, refused with every reason, overtaken by somebody, and forbidden."""

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing.models import Licence, NocApplication
from pvara.demo import life, path
from pvara.kernel import audit
from pvara.kernel.machine import perform


@pytest.fixture
def case(firm, people, at):
    """The committee has voted to give notice of its refusal; it is not made yet."""
    case = path.noc_case(firm, people=people, at=at, until="recommended", rating=2)
    path.prepare(case, "notify_refusal", people=people, at=at)
    case.refresh_from_db()
    return case


def send(client, case, name, **form):
    address = reverse("move", args=[case._meta.label_lower, case.pk, name])
    return client.post(address, {"version": case.version, "next": case.get_absolute_url(), **form})


def test_a_move_goes_back_with_what_was_done(firm, people, at, browse):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    path.vote(case, "grant_noc", people=people, at=at)
    answer = send(browse(people.member), case, "grant_noc", note="Strong in every domain.")
    assert (answer.status_code, answer.url) == (302, case.get_absolute_url())
    assert NocApplication.objects.get(pk=case.pk).state == "granted"
    entry = audit.history(case).filter(event="grant_noc").get()
    assert (entry.actor, entry.note) == (people.member, "Strong in every domain.")
    shown = browse(people.member).get(case.get_absolute_url())
    assert "Grant the NOC" in shown.content.decode()


def test_a_refused_move_says_every_reason_and_keeps_the_note(case, people, browse):
    answer = send(browse(people.member), case, "grant_noc", note="My first thoughts <on this>.")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The compliance score is below the bar for a No Objection Certificate (gate G1)." in page
    assert page.count("The floor is") + page.count("the floor is") > 1
    assert "My first thoughts &lt;on this&gt;.</textarea>" in page
    assert NocApplication.objects.get(pk=case.pk).state == "recommended"


def test_reasons_that_are_missing_are_asked_for(case, people, browse):
    answer = send(browse(people.member), case, "notify_refusal", note="  ")
    assert answer.status_code == 422
    assert "Give the reasons: they are part of the record." in answer.content.decode()


def test_who_comes_second_reads_who_was_first_and_keeps_the_note(case, people, danish, at, browse):
    perform(case, "notify_refusal", by=danish, at=at, expected_version=case.version, note="Too weak in AML.")
    answer = send(browse(people.member), case, "notify_refusal", note="I would refuse it too.")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Danish" in page
    assert "Too weak in AML." in page
    assert "I would refuse it too." in page


def test_a_form_without_a_version_changes_nothing(case, people, browse):
    answer = send(browse(people.member), case, "notify_refusal", note="Why not.", version="latest")
    assert answer.status_code == 409
    assert "I would" not in answer.content.decode()
    assert 'name="version" value="5"' in answer.content.decode()


def test_who_may_not_is_told_so(case, people, browse):
    assert send(browse(people.officer), case, "notify_refusal", note="No.").status_code == 403
    assert send(browse(None), case, "notify_refusal", note="No.").url.startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("kind", "name"),
    [("licensing.nocapplication", "fly"), ("licensing.firm", "grant_noc"), ("nonsense", "grant_noc")],
)
def test_what_is_no_move_is_not_found(case, people, browse, kind, name):
    address = reverse("move", args=[kind, case.pk, name])
    assert browse(people.member).post(address, {"version": case.version}).status_code == 404


def test_another_firms_case_is_not_found(case, stranger, browse):
    assert send(browse(stranger), case, "submit").status_code == 404


def test_a_move_never_sends_people_off_our_pages(case, people, browse):
    answer = send(browse(people.member), case, "notify_refusal", note="Weak.", next="https://elsewhere.example/")
    assert answer.url == case.get_absolute_url()


def test_moves_are_not_made_by_reading(case, people, browse):
    address = reverse("move", args=[case._meta.label_lower, case.pk, "notify_refusal"])
    assert browse(people.member).get(address).status_code == 405


def test_the_panel_shows_what_is_shut_and_why(world, people, browse):
    life.suspend(world.licence, people=people, at=timezone.now(), note="Why.")
    page = browse(people.member).get(Licence.objects.get().get_absolute_url()).content.decode()
    assert "Reinstate the licence" in page
    assert "That the causes of the suspension are remedied is not verified." in page
    assert "/reinstate/" not in page
    assert "Revoke the licence: board member" in page
