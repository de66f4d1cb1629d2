"""Overriding a rating on its pages: from the criterion to the proposal, its votes, and what the sheet then says."""

import pytest
from django.urls import reverse

from licensing.models import Rating, RatingOverride
from pvara.demo import path


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def given(world):
    return Rating.objects.get(firm=world.firm, criterion__code="1.2", current=True)


def page_of(firm, code):
    return reverse("staff:criterion", args=[firm.pk, "FULL", code])


def test_the_criterion_offers_an_override_to_who_drafts_and_never_of_a_knock_out(world, people, browse):
    offered = {
        (who, code): "Propose an override" in text(browse(getattr(people, who)).get(page_of(world.firm, code)))
        for who in ("supervisor", "member", "assessor")
        for code in ("1.2", "1.5")
    }
    assert {each for each, shown in offered.items() if shown} == {("supervisor", "1.2"), ("member", "1.2")}


def test_from_the_proposal_to_the_sheet(world, people, browse, given):
    supervisor = browse(people.supervisor)
    address = reverse("staff:override_new", args=[given.pk])
    refused = supervisor.post(address, {"to_rating": "4", "reasons": "The rule set is complete."})
    assert refused.status_code == 422
    assert "It counts 4 Fully met already." in text(refused)
    assert "The rule set is complete." in text(refused)
    answer = supervisor.post(address, {"to_rating": "3", "reasons": "The rule set has a gap."}, follow=True)
    made = RatingOverride.objects.get(rating=given)
    assert answer.redirect_chain[-1][0] == made.get_absolute_url()
    assert "The rule set has a gap." in text(answer)
    assert made.reference in text(browse(people.member).get(reverse("staff:committee")))
    path.decide(made, "override", people=people, at=made.proposed_at, note="The gap is plain.")
    sheet = text(supervisor.get(reverse("staff:ratings", args=[world.firm.pk, "FULL"])))
    assert "Overridden" in sheet
    page = text(supervisor.get(page_of(world.firm, "1.2")))
    assert (f"{made.reference}</a>: 3 Largely met" in page, "4 Fully met by Saira" in page) == (True, True)


def test_what_the_framework_lets_the_committee_waive_is_waived_on_the_same_pages(world, people, browse):
    supervisor, given = (
        browse(people.supervisor),
        Rating.objects.get(firm=world.firm, criterion__code="4.1", current=True),
    )
    assert "Propose an override or a waiver" in text(supervisor.get(page_of(world.firm, "4.1")))
    address = reverse("staff:override_new", args=[given.pk])
    waiver = "Nothing: the committee waives the criterion for this firm"
    assert waiver in text(supervisor.get(address))
    other = Rating.objects.get(firm=world.firm, criterion__code="1.2", current=True)
    refused = supervisor.post(
        reverse("staff:override_new", args=[other.pk]), {"to_rating": "waived", "reasons": "No licence abroad."}
    )
    assert (refused.status_code, waiver in text(refused)) == (422, False)
    answer = supervisor.post(address, {"to_rating": "waived", "reasons": "No licence abroad."}, follow=True)
    made = RatingOverride.objects.get(rating=given)
    assert (made.waives, f"{made.reference} is proposed: the committee votes on it." in text(answer)) == (True, True)
    page = text(browse(people.member).get(made.get_absolute_url()))
    assert ("Waiver of a criterion" in page, "Waive the criterion" in page) == (True, True)
    # Nothing but the waiver is put to the vote.
    assert ('value="waive"' in page, 'value="override"' in page) == (True, False)
    path.decide(made, "waive", people=people, at=made.proposed_at, note="The committee heard the founders.")
    sheet = text(supervisor.get(reverse("staff:ratings", args=[world.firm.pk, "FULL"])))
    assert "Waived by the committee" in sheet
    page = text(supervisor.get(page_of(world.firm, "4.1")))
    assert f"{made.reference}</a>: Waived: it is not asked of the firm" in page
