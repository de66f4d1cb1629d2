"""The page on which a firm reads how ready it is: colours and documents, and not one figure of the score."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from pvara.demo import path


def at_phase(firm, phase="NOC"):
    return reverse("portal:readiness", args=[firm.pk, phase])


def words(answer):
    """What is read on the page, without its tags."""
    main = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture
def client(browse, people):
    return browse(people.applicant)


@pytest.fixture
def draft(world):
    return world.draft


def test_a_draft_and_the_first_page_lead_to_it(client, draft, world):
    page = client.get(reverse("portal:application", args=["noc", draft.pk])).content.decode()
    assert f'href="{at_phase(draft.firm)}"' in page
    home = client.get(reverse("portal:home")).content.decode()
    assert f'href="{at_phase(draft.firm)}"' in home
    assert f'href="{at_phase(world.firm, "FULL")}"' in home


def test_before_anything_is_there_it_says_what_would_show_each(client, draft):
    read = words(client.get(at_phase(draft.firm)))
    assert "D1 AML/CFT/CPF Red Not assessed yet" in read
    assert "Good for 12 months from its acceptance." in read
    assert "What is next: Upload a document of one of these kinds." in read


def test_what_is_there_is_named_with_its_state_and_its_last_day(client, draft, people, at):
    path.rate_everything(draft.firm, "NOC", people=people, at=at, rating=3, but={"1.2": 1})
    read = words(client.get(at_phase(draft.firm)))
    assert "D1 AML/CFT/CPF Green Amber" in read
    assert re.search(r"File: .*?: accepted, good until", read)
    assert "What is there does not show enough: upload something that shows more." in read
    assert "Met: 1.1" in read


def test_no_figure_is_on_it(client, draft, people, at):
    path.rate_everything(draft.firm, "NOC", people=people, at=at, rating=3, but={"1.2": 1})
    whole = client.get(at_phase(draft.firm)).content.decode()
    assert not re.search(r"\d\s*%|\d\s*points?\b|weight", whole)
    # Nothing with two decimals: neither a total nor the points of a criterion.
    assert not re.search(r"\b\d+\.\d\d\b", words(client.get(at_phase(draft.firm))))
    # Only rated differently within its colour: not a letter changes.
    before = words(client.get(at_phase(draft.firm)))
    path.rate_anew(draft.firm, "1.2", people=people, at=at, rating=2)
    assert words(client.get(at_phase(draft.firm))) == before


def test_the_total_is_there_where_the_setting_says_so(client, draft, people, at):
    from_today = {"effective_from": timezone.localdate(), "people": people, "at": timezone.now() - timedelta(days=2)}
    path.change_setting("score.total_shown", "on", **from_today)
    assert "as assessed so far" not in words(client.get(at_phase(draft.firm)))
    path.rate_everything(draft.firm, "NOC", people=people, at=at, rating=3)
    assert "75.00% as assessed so far." in words(client.get(at_phase(draft.firm)))


def test_another_phase_and_one_that_there_is_not(client, draft):
    assert "D8 Market conduct" in words(client.get(at_phase(draft.firm, "FULL")))
    assert "D8 Market conduct" not in words(client.get(at_phase(draft.firm)))
    assert client.get(at_phase(draft.firm, "LATER")).status_code == 404
