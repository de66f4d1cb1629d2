"""The pages on agreements: recording one, its team, what was promised, and the flag on the firm's cases."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from licensing.models import Deliverable, Mou
from pvara.demo import path
from tests.pages.opened import seen_on


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def promised(firm, people, at):
    return path.agreement("Indus Investments", people=people, at=at, firm=firm)


def test_an_agreement_is_recorded_and_signed_on_pages(firm, people, browse):
    client = browse(people.supervisor)
    sent = {
        "title": "Study",
        "party": "Indus Investments",
        "firm": firm.pk,
        "state_party": "Ministry of Finance",
        "scope": "Advice.",
        "non_binding": "on",
    }
    wrong = client.post(reverse("staff:agreement_new"), {**sent, "scope": ""})
    assert wrong.status_code == 422
    assert 'value="Indus Investments"' in text(wrong)
    assert client.post(reverse("staff:agreement_new"), sent).status_code == 302
    mou = Mou.objects.latest("pk")
    assert "It binds neither side" in text(client.get(mou.get_absolute_url()))
    change = reverse("staff:agreement_change", args=[mou.pk])
    terms = {**sent, "signed_on": str(timezone.localdate()), "seen": seen_on(client, change)}
    assert client.post(change, terms).status_code == 302
    move = reverse("move", args=["licensing.mou", mou.pk, "sign"])
    # The terms are new since they were drafted: who signs has read them as they are.
    assert client.post(move, {"version": 0, "note": ""}).status_code == 409
    assert client.post(move, {"version": 1, "note": ""}).status_code == 302
    page = text(client.get(mou.get_absolute_url()))
    assert "The cases of these firms say that the applicant advises the state:" in page
    assert "Conflict of interest: this applicant advises the state" in text(client.get(firm.get_absolute_url()))
    again = client.post(reverse("staff:agreement_change", args=[mou.pk]), terms)
    assert again.status_code == 422


def test_the_team_is_kept_on_the_page(promised, people, browse):
    client = browse(people.supervisor)
    mou = promised.mou
    join = reverse("staff:team_join", args=[mou.pk])
    assert client.post(join, {"person": people.member.pk}).status_code == 302
    again = client.post(join, {"person": people.member.pk})
    assert again.status_code == 422
    assert "is in the team already." in text(again)
    member = mou.team.get(person=people.member)
    assert client.post(reverse("staff:team_leave", args=[member.pk])).status_code == 302
    assert f"{people.member}, since" in text(client.get(mou.get_absolute_url()))
    client.post(reverse("staff:team_leave", args=[member.pk]))
    assert "left the team on" in text(client.get(mou.get_absolute_url()))


def test_what_was_promised_is_written_down_and_proved(promised, people, at, browse):
    client = browse(people.supervisor)
    new = reverse("staff:deliverable_new", args=[promised.mou_id])
    assert client.post(new, {"kind": "", "title": "A paper"}).status_code == 422
    assert client.post(new, {"kind": "advice", "title": "A paper"}).status_code == 302
    paper = Deliverable.objects.get(title="A paper")
    file = SimpleUploadedFile("paper.txt", b"A paper.\n", "text/plain")
    assert client.post(paper.get_absolute_url(), {"title": "The paper", "file": file}).status_code == 302
    assert ">The paper</a>" in text(client.get(paper.get_absolute_url()))
    # Due four days ago.
    assert "Late" in text(client.get(promised.mou.get_absolute_url()))
    assert "Late" not in text(client.get(paper.get_absolute_url()))


def test_others_read_and_do_not_write(promised, people, browse):
    client = browse(people.officer)
    page = text(client.get(promised.mou.get_absolute_url()))
    assert "Write down what was promised" not in page
    file = SimpleUploadedFile("paper.txt", b"A paper.\n", "text/plain")
    assert client.post(promised.get_absolute_url(), {"title": "Mine", "file": file}).status_code == 302
    assert not promised.has_document()
    assert browse(people.applicant).get(promised.mou.get_absolute_url()).status_code == 403


def test_the_list_costs_the_same_for_one_and_thirty(
    firm, people, at, browse, django_assert_num_queries, django_assert_max_num_queries
):
    client = browse(people.supervisor)
    path.agreement("Party 0", people=people, at=at, firm=firm)
    client.get(reverse("staff:agreements"))
    with django_assert_max_num_queries(9) as one:
        client.get(reverse("staff:agreements"))
    for number in range(1, 24):
        path.agreement(f"Party {number}", people=people, at=at, firm=firm)
    with django_assert_num_queries(len(one.captured_queries)):
        assert text(client.get(reverse("staff:agreements"))).count("Party ") == 24
