"""Many criteria with one call: all of them or none, and every refusal by its place in what was sent."""

from datetime import timedelta

import pytest

from licensing.models import Rating, ScoreEntry, SealedRating
from pvara.demo import path
from pvara.kernel import roles
from tests.licensing import twice

DOMAIN = ("1.1", "1.2", "1.3")


@pytest.fixture
def assessed(firm, people, at):
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    return firm


def judgement(code, rating=3, rationale="Read.", **more):
    return {"criterion": code, "rating": rating, "rationale": rationale, **more}


def sheet(firm, *ratings):
    return {"firm": firm.pk, "ratings": list(ratings)}


def words(firm, *moderations):
    return {"firm": firm.pk, "moderations": list(moderations)}


@pytest.fixture
def rated(program, asif, assessed):
    """What the assessor's program is told of three ratings, by their criteria."""
    answer = program(asif).post("ratings/together/", sheet(assessed, *(judgement(code) for code in DOMAIN)))
    return {each["criterion"]: each for each in answer.json()["ratings"]}


def told(answer):
    return {each["field"]: each["detail"] for each in answer.json()["errors"]}


def test_several_are_rated_and_then_moderated(program, saira, assessed, rated):
    assert [(each["criterion"], each["rating"], each["assessor"]) for each in rated.values()] == [
        (code, 3, "Asif") for code in DOMAIN
    ]
    assert ScoreEntry.objects.filter(firm=assessed).count() == 1
    said = [{"criterion": code, "seen": each["seen"]} for code, each in rated.items()]
    said[1]["rating"] = 2
    answer = program(saira).post("ratings/moderations/", words(assessed, *said))
    assert answer.status_code == 200
    assert [(each["criterion"], each["moderated_rating"], each["moderator"]) for each in answer.json()] == [
        ("1.1", 3, "Saira"),
        ("1.2", 2, "Saira"),
        ("1.3", 3, "Saira"),
    ]
    assert ScoreEntry.objects.filter(firm=assessed).count() == 2


def test_what_the_set_up_adds_is_moderated_at_its_phase(program, firm, people, at):
    setup = path.noc_case(firm, people=people, at=at).setup
    answer = program(people.assessor).post("ratings/together/", sheet(firm, judgement("3.5", 1), judgement("7.1", 1)))
    said = [{"criterion": each["criterion"], "seen": each["seen"]} for each in answer.json()["ratings"]]
    waiting = [(each[:3], each.endswith("is not moderated.")) for each in setup.ratings_outstanding(at)]
    assert waiting == [("1.6", False), ("3.5", True), ("7.1", True)]
    assert program(people.moderator).post("ratings/moderations/", words(firm, *said)).status_code == 200
    assert [each[:3] for each in setup.ratings_outstanding(at)] == ["1.6"]
    moves = program(people.supervisor).get(f"setups/{setup.pk}/moves/").json()
    (confirm,) = [each for each in moves if each["name"] == "confirm_setup"]
    assert "criteria_are_rated_and_moderated" in {each["code"] for each in confirm["unmet"]}


def test_every_rating_that_is_refused_is_named_and_none_is_written(program, asif, assessed):
    said = [
        judgement("1.1"),
        judgement("1.2", None),
        judgement("1.5", None, not_applicable=True),
    ]
    answer = program(asif).post("ratings/together/", sheet(assessed, *said))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert told(answer) == {
        "ratings.1.rating": "1.2: Give a rating from 0 (not met) to 4 (fully met).",
        "ratings.2.not_applicable": "1.5: 1.5 is knock-out: it always applies.",
    }
    assert not Rating.objects.filter(firm=assessed).exists()


def test_what_was_said_meanwhile_is_to_be_read_first(program, asif, saira, assessed, rated):
    answer = program(asif).post("ratings/together/", sheet(assessed, judgement("1.1", 1), judgement("1.4", None)))
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert [(each["code"], each["field"]) for each in answer.json()["errors"]] == [
        ("changed_meanwhile", "ratings.0.seen"),
        ("invalid", "ratings.1.rating"),
    ]
    assert told(answer)["ratings.0.seen"].startswith("1.1: Meanwhile Asif wrote here, on ")
    # Nobody confirms what they have not read.
    unseen = program(saira).post("ratings/moderations/", words(assessed, {"criterion": "1.1"}))
    assert (unseen.status_code, list(told(unseen))) == (409, ["moderations.0.seen"])
    again = sheet(assessed, judgement("1.1", 1, seen=rated["1.1"]["seen"]), judgement("1.4", 2))
    assert program(asif).post("ratings/together/", again).status_code == 201


def test_every_moderation_that_is_refused_is_named_and_none_is_written(program, saira, at, assessed, rated):
    roles.grant(saira, "assessor", by=None, at=at)
    caller = program(saira)
    mine = caller.post("ratings/", {"firm": assessed.pk, **judgement("1.4")}).json()
    said = [
        {"criterion": "1.1", "seen": rated["1.1"]["seen"]},
        {"criterion": "1.2", "seen": rated["1.2"]["seen"], "rating": 0},
        {"criterion": "1.4", "seen": mine["seen"]},
        {"criterion": "2.1"},
    ]
    answer = caller.post("ratings/moderations/", words(assessed, *said))
    assert (answer.status_code, told(answer)) == (
        400,
        {
            "moderations.1.note": "1.2: A change of more than one step needs a note.",
            "moderations.2": "1.4: Whoever gave a rating does not moderate it.",
            "moderations.3": "2.1: There is no rating to moderate.",
        },
    )
    assert not Rating.objects.filter(firm=assessed, moderated_at__isnull=False).exists()


def test_the_first_of_two_is_sealed_and_the_second_opens_it(program, firm, people, asif, at):
    twice.in_force(people=people, at=at)
    path.noc_case(firm, people=people, at=at + timedelta(days=2), until="under_assessment")
    first = program(asif).post("ratings/together/", sheet(firm, judgement("1.1", 1), judgement("1.2", 1)))
    assert first.status_code == 201
    assert (first.json()["ratings"], [each["rating"] for each in first.json()["sealed"]]) == ([], [1, 1])
    other = program(twice.another_assessor())
    second = other.post("ratings/together/", sheet(firm, judgement("1.2", 3), judgement("1.3", 3))).json()
    assert [(each["criterion"], each["rating"], each["second_rating"]) for each in second["ratings"]] == [("1.2", 1, 3)]
    assert [each["criterion"] for each in second["sealed"]] == ["1.3"]
    # Of what still waits nothing is said to who did not give it.
    assert SealedRating.objects.filter(firm=firm, waits=True).count() == 2


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"ratings": []}, ["ratings"]),
        ({"ratings": [judgement("1.1"), judgement("1.1", 2)]}, ["ratings"]),
        ({"ratings": [judgement("99.9")]}, ["ratings"]),
        ({"ratings": [judgement("1.1"), judgement("1.2", 9)]}, ["ratings.1.rating"]),
        ({"ratings": [judgement("1.1"), {"criterion": "1.2"}]}, ["ratings.1.rationale"]),
        ({"ratings": judgement("1.1")}, ["ratings"]),
        ({"ratings": [judgement("1.1", assessor=1)]}, ["ratings.0.assessor"]),
        ({}, ["ratings"]),
    ],
)
def test_what_is_not_understood_is_refused_by_its_field(program, asif, assessed, body, fields):
    answer = program(asif).post("ratings/together/", {"firm": assessed.pk, **body})
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, fields)
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"moderations": []}, ["moderations"]),
        ({"moderations": [{"criterion": "1.1"}, {"criterion": "1.1"}]}, ["moderations"]),
        ({"moderations": [{"criterion": "1.1", "rating": 9}]}, ["moderations.0.rating"]),
        ({"moderations": [{}]}, ["moderations.0.criterion"]),
    ],
)
def test_a_moderation_that_is_not_understood(program, saira, assessed, body, fields):
    answer = program(saira).post("ratings/moderations/", {"firm": assessed.pk, **body})
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, fields)


@pytest.mark.parametrize("name", ["amina", "omar", "sana", "stranger"])
def test_nobody_else_rates_or_moderates_several(request, program, assessed, name):
    caller = program(request.getfixturevalue(name))
    # A firm that is not theirs to see does not exist for them.
    refused = 400 if name == "stranger" else 403
    assert caller.post("ratings/together/", sheet(assessed, judgement("1.1"))).status_code == refused
    assert caller.post("ratings/moderations/", words(assessed, {"criterion": "1.1"})).status_code == refused
