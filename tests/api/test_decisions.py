"""Votes, conditions and refusals by programs: what is cast and drafted, and what a firm never reads."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.models import Condition, Representation
from pvara.demo import path
from tests.api.walk import done


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="recommended")


def on(case, **said):
    return {"case_kind": "noc-applications", "case": case.pk, **said}


def test_the_committee_votes_and_grants_with_a_condition(program, people, amina, case):
    drafted = done(program(people.supervisor).post("conditions/", on(case, kind="continuing", text="Report.")))
    assert (drafted["state"], drafted["number"], drafted["due_on"] is not None) == ("drafted", None, True)
    # A draft is the regulator's own.
    assert done(program(amina).get("conditions/"))["results"] == []
    for member in (people.member, people.member2):
        said = on(case, move="grant_with_conditions", choice="for", expected_version=case.version + 1)
        done(program(member).post("votes/", said))
    (motion,) = done(program(people.officer).get("motions/", subject_id=case.pk))["results"]
    assert (motion["body"], motion["move"]) == ("committee", "grant_with_conditions")
    assert motion["terms"][0].startswith("Continuing condition: Report. By ")
    cast = done(program(people.officer).get("votes/", motion=motion["id"]))["results"]
    assert [(each["member"]["name"], each["choice"]) for each in cast] == [("Danish", "for"), ("Dania", "for")]
    granted = program(people.member).move(f"noc-applications/{case.pk}/", "grant_with_conditions", case.version + 1)
    (condition,) = done(granted)["conditions"]
    assert (condition["number"], condition["text"], condition["state"]) == (1, "Report.", "open")
    assert done(program().get("noc-holders/"))["results"][0]["conditions"] == ["Report."]


def test_a_vote_on_an_older_version_and_a_dissent_without_reasons_are_refused(program, people, case):
    caller = program(people.member)
    stale = caller.post("votes/", on(case, move="grant_noc", choice="for", expected_version=case.version - 1))
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    mute = caller.post("votes/", on(case, move="grant_noc", choice="against", expected_version=case.version))
    assert (mute.status_code, [each["field"] for each in mute.json()["errors"]]) == (400, ["reasons"])
    assert (
        program(people.board)
        .post("votes/", on(case, move="grant_noc", choice="for", expected_version=case.version))
        .status_code
        == 403
    )


def test_a_continuing_condition_may_have_no_day_and_one_precedent_may_not(program, people, case):
    caller = program(people.member)
    said = done(caller.post("conditions/", on(case, kind="continuing", text="Report.", due_on=None)))
    assert said["due_on"] is None
    assert caller.post(f"conditions/{said['id']}/take-back/").status_code == 204
    assert Condition.objects.count() == 0


def test_the_firm_proves_a_condition_and_the_officer_finds_it_satisfied(program, people, amina, omar, case, at):
    path.decide(case, "grant_with_conditions", people=people, at=at)
    (condition,) = done(program(amina).get("conditions/"))["results"]
    address = f"conditions/{condition['id']}/"
    file = SimpleUploadedFile("a.txt", b"The accounts.\n")
    done(program(amina).upload(f"{address}documents/", {"title": "Accounts", "file": file}))
    done(program(amina).move(address, "submit_evidence", condition["version"]))
    found = done(program(omar).move(address, "find_satisfied", condition["version"] + 1))
    assert (found["state"], found["submitted_by"], found["verified_by"]) == ("satisfied", "Amina", "Omar")
    assert done(program(amina).get(address))["verified_by"] is None


def test_a_refusal_is_grounded_answered_and_considered(program, people, amina, dania, case, at):
    ground = done(program(dania).post("refusal-grounds/", on(case, about="1.1", text="No policy.")))
    assert done(program(amina).get("refusal-grounds/"))["results"] == []
    path.decide(case, "notify_refusal", people=people, at=at, note="Below the bar.")
    (given,) = done(program(amina).get("refusal-grounds/"))["results"]
    (notice,) = done(program(amina).get("refusal-notices/"))["results"]
    assert (given["id"], given["notice"], notice["number"]) == (ground["id"], notice["id"], 1)
    made = done(program(amina).post("representations/", on(case, text="It is approved now.")))
    file = SimpleUploadedFile("minute.txt", b"The minute.\n")
    done(program(amina).upload(f"representations/{made['id']}/documents/", {"title": "Minute", "file": file}))
    considered = program(dania).post(f"representations/{made['id']}/consideration/", {"note": "It proves it."})
    assert done(considered)["considered_by"]["name"] == "Dania"
    assert done(program(amina).get(f"representations/{made['id']}/"))["considered"] is True
    file = SimpleUploadedFile("more.txt", b"More.\n")
    late = program(amina).upload(f"representations/{made['id']}/documents/", {"title": "More", "file": file})
    assert late.status_code == 400
    assert Representation.objects.count() == 1
