"""Waiving a criterion for programs: proposed without a rating, voted on, decided by a move of its own."""

import pytest

from licensing.models import Rating
from pvara.demo import path
from tests.api.walk import done


@pytest.fixture
def assessed(firm, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at, rating=3, but={"4.1": 0})
    return firm


def proposal(firm, code, **more):
    given = Rating.objects.get(firm=firm, criterion__code=code, current=True)
    return {"rating": given.pk, "to_rating": None, "reasons": "No licence abroad.", **more}


def test_from_the_proposal_to_the_score(program, people, assessed, at):
    made = program(people.supervisor).post("rating-overrides/", proposal(assessed, "4.1"))
    assert (made.status_code, made.json()["to_rating"], made.json()["criterion"]) == (201, None, "4.1")
    address = f"rating-overrides/{made.json()['id']}/"
    offers = {each["name"]: each for each in program(people.member).get(f"{address}moves/").json()}
    assert [each["code"] for each in offers["waive"]["unmet"]] == ["votes_carry_the_decision"]
    assert "another_rating_is_proposed" in {each["code"] for each in offers["override"]["unmet"]}
    vote = {"case_kind": "rating-overrides", "case": made.json()["id"], "move": "waive", "choice": "for"}
    for member in (people.member, people.member2):
        done(program(member).post("votes/", {**vote, "expected_version": made.json()["version"]}))
    said = {"expected_version": made.json()["version"], "note": "The committee heard the founders."}
    assert program(people.member).post(f"{address}moves/waive/", said).status_code == 200
    score = program(people.supervisor).get(f"firms/{assessed.pk}/score/", phase="NOC").json()
    (line,) = [each for each in score["criteria"] if each["code"] == "4.1"]
    assert (line["rating"], line["met"]) == ("waived", True)
    given = program(people.supervisor).get(f"ratings/{proposal(assessed, '4.1')['rating']}/").json()
    assert (given["waived"], given["rating"], given["label"]) == (True, 0, "Waived by the committee")


def test_what_nobody_waives_is_refused_by_its_field(program, people, assessed):
    answer = program(people.supervisor).post("rating-overrides/", proposal(assessed, "4.2"))
    assert answer.status_code == 400
    assert [(each["field"], each["detail"]) for each in answer.json()["errors"]] == [
        ("to_rating", "Framework 1.0 asks 4.2 Letter of good standing of everybody: propose another rating.")
    ]


def test_the_framework_says_what_may_be_waived(program, people, assessed):
    framework = program(people.applicant).get("framework/").json()
    may = [
        each["code"] for domain in framework["domains"] for each in domain["criteria"] if each["waivable_by_committee"]
    ]
    assert may == ["4.1"]
