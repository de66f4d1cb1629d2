"""Blind ratings on the pages: what the second assessor, the moderator and everybody else may read, and when."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licensing.actions.firms import register_firm
from licensing.models import Rating, SealedRating
from pvara.demo import path
from pvara.kernel.models import AuditEntry
from tests.licensing import twice
from tests.pages.opened import seen_on

SECRET = "The mandate names nobody for goAML."


@pytest.fixture
def firm(people, ground, at):
    twice.in_force(people=people, at=at)
    firm = register_firm("Hunza Exchange", by=people.applicant, at=at, country="Malta", invented=True)
    path.noc_case(firm, people=people, at=at + timedelta(days=2), until="under_assessment")
    return firm


@pytest.fixture
def azra(firm):
    return twice.another_assessor()


@pytest.fixture
def address(firm):
    return reverse("staff:criterion", args=[firm.pk, "NOC", "1.2"])


def rate(client: Client, address: str, rating: int, rationale: str):
    form = 0
    sent = {"form": "rate", "rating": str(rating), "rationale": rationale, "seen": seen_on(client, address, form=form)}
    return client.post(address, sent, follow=True).content.decode()


@pytest.fixture
def sealed(browse, people, address):
    return rate(browse(people.assessor), address, 1, SECRET)


def test_the_first_is_told_that_it_is_sealed_and_finds_it_again(sealed, browse, people, address):
    assert "1.2 is rated and sealed; another assessor rates it next, without seeing what you gave." in sealed
    assert "Second waited for" in sealed
    own = browse(people.assessor).get(address).content.decode()
    assert own.count(SECRET) == 2  # what was given, and the form with which it may be given anew
    assert "1 Weak" in own


def test_the_second_and_everybody_else_read_that_it_is_there_and_nothing_of_it(
    sealed, browse, everybody, people, azra, firm, address
):
    case = firm.nocapplications.get()
    entry = AuditEntry.objects.filter(event="rated_and_sealed").latest("pk")
    pages = [
        address,
        reverse("staff:ratings", args=[firm.pk, "NOC"]),
        reverse("staff:score", args=[firm.pk, "NOC"]),
        reverse("staff:firm", args=[firm.pk]),
        reverse("staff:noc", args=[case.pk]),
        reverse("staff:audit") + f"?q={entry.subject_id}",
        reverse("staff:audit"),
        reverse("portal:readiness", args=[firm.pk, "NOC"]),
        reverse("portal:application", args=["noc", case.pk]),
    ]
    read = 0
    for user in [azra, *(each for each in everybody.values() if each not in (None, people.assessor))]:
        for page in pages:
            answer = browse(user).get(page)
            assert SECRET not in answer.content.decode()
            read += answer.status_code == 200
    assert read > 50
    said = browse(azra).get(address).content.decode()
    assert "What they gave is read once another assessor has rated it too." in said
    assert "1 Weak" not in said
    assert "checked" not in said


def test_no_page_tells_what_was_given_by_a_figure(browse, people, azra, firm):
    sheet, score = reverse("staff:ratings", args=[firm.pk, "NOC"]), reverse("staff:score", args=[firm.pk, "NOC"])
    client = browse(azra)

    def read():
        return [client.get(each).content.decode().split("<main", 1)[1] for each in (sheet, score)]

    found = []
    for rating in (0, 4):
        twice.give(firm, "1.2", rating, by=people.assessor, at=timezone.now())
        found.append(read())
    assert found[0] == found[1]


def test_the_second_opens_both_and_the_moderator_sees_both(sealed, browse, people, azra, address):
    said = rate(browse(azra), address, 4, "All is there.")
    assert "1.2 is rated; a moderator looks at it next." in said
    page = browse(people.moderator).get(address).content.decode()
    assert SECRET in page
    assert "All is there." in page
    assert "Rated a second time, blindly" in page
    sent = {"form": "moderate", "rating": "2", "note": "", "seen": seen_on(browse(people.moderator), address, form=0)}
    refused = browse(people.moderator).post(address, sent)
    assert refused.status_code == 422
    assert "A change of more than one step needs a note." in refused.content.decode()
    sent["note"] = "Between the two."
    assert browse(people.moderator).post(address, sent).status_code == 302
    assert Rating.objects.get(firm__legal_name="Hunza Exchange").moderated_rating == 2
    assert SealedRating.objects.filter(waits=True).count() == 0


def test_how_far_assessors_agree(sealed, browse, people, azra, address):
    client = browse(people.supervisor)
    page = reverse("staff:rating_agreement")
    assert f'href="{page}"' in client.get(reverse("staff:scores")).content.decode()
    assert "No pair of ratings was opened" in client.get(page).content.decode()
    rate(browse(azra), address, 3, "All is there.")
    said = " ".join(client.get(page).content.decode().split())
    assert "D1 AML/CFT/CPF" in said
    assert "All domains" in said
    assert "No pair of ratings was opened" in client.get(page + "?until=2026-01-01").content.decode()
    wrong = client.get(page + "?since=2026-02-02&until=2026-02-01")
    assert wrong.status_code == 422
    assert "Give a last day that is not before the first." in wrong.content.decode()


def test_a_draft_may_ask_for_it_and_the_changes_say_so(browse, people, ground, at):
    draft = path.drafted_framework(
        "3.0", (timezone.now() + timedelta(days=30)).date(), people=people, at=timezone.now()
    )
    client, change = browse(people.supervisor), reverse("staff:framework_change", args=[draft.pk])
    said = {**{name: str(value) for name, value in draft.said.items()}, "rated_twice": "on"}
    assert client.post(change, {**said, "seen": seen_on(client, change)}).status_code == 302
    assert "two of every criterion, by two assessors, blindly" in client.get(draft.get_absolute_url()).content.decode()
    changes = client.get(reverse("staff:framework_changes", args=[draft.pk])).content.decode()
    assert "Every criterion is rated twice, blindly" in changes
