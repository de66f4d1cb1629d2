"""The life of a licence by programs: drafted by one, decided by another, and never published before it is decided."""

from datetime import date, timedelta

import pytest

from licensing.models import Licence
from tests.api.program import Program, shut
from tests.api.walk import Walk, done


@pytest.fixture
def walk(people) -> Walk:
    return Walk(people)


def test_a_measure_is_proposed_taken_and_public(walk, licence, program):
    address, public = f"licences/{licence.pk}/", f"register/{licence.reference}/"
    version = done(walk.member.get(address))["version"]
    bare = walk.member.move(address, "impose_restriction", version, "Why.")
    assert (bare.status_code, shut(bare)) == (
        422,
        ["restriction_is_proposed", "restriction_has_a_cause", "votes_carry_the_decision"],
    )
    said = {"licence": licence.pk, "kind": "restriction", "wording": "No new clients.", "particulars": "Complaints."}
    assert walk.member.post("measures/", said).status_code == 403
    raised = {"subject": "licences", "case": licence.pk, "severity": "medium"}
    done(walk.officer.post("findings/", {**raised, "title": "Complaints", "detail": "Thirty in a month."}))
    made = done(walk.supervisor.post("measures/", said))
    assert (made["status"], made["proposed_by"]) == ("Proposed", "Sana")
    # The firm, and the public, learn of it when it is decided.
    assert done(walk.applicant.get("measures/"))["results"] == []
    assert done(program().get(public))["restrictions"] == []
    walk.decide("licences", licence.pk, "impose_restriction", "Too many complaints.")
    entry = done(program().get(public))
    assert (entry["state_title"], entry["restrictions"], entry["history"][-1]["event"]) == (
        "Restricted",
        ["No new clients."],
        "Restricted",
    )
    assert [each["kind"] for each in done(walk.applicant.get("measures/"))["results"]] == ["restriction"]
    done(walk.supervisor.post(f"measures/{made['id']}/lifting/", {"reasons": "Mended."}))
    walk.decide("licences", licence.pk, "lift_restriction", "Mended.")
    assert done(program().get(public))["state_title"] == "Licensed"


def test_a_notice_is_not_to_be_found_in_the_register(walk, licence, program):
    said = {"licence": licence.pk, "kind": "show_cause", "grounds": ["unpaid"], "particulars": "Two invoices."}
    notice = done(walk.enforcement.post("measures/", said))
    walk.move(walk.enforcement, f"licences/{licence.pk}/", "issue_show_cause")
    assert done(walk.officer.get(f"licences/{licence.pk}/"))["state"] == "show_cause"
    caller = program()
    assert done(caller.get(f"register/{licence.reference}/"))["state"] == "active"
    assert len(done(caller.get("register/", state="active"))["results"]) == 1
    assert caller.get("register/", state="show_cause").status_code == 400
    replied = done(walk.applicant.post(f"measures/{notice['id']}/replies/", {"text": "They are paid."}))
    assert (replied["text"], replied["replied_by"]) == ("They are paid.", "Amina")
    walk.decide("licences", licence.pk, "dismiss_show_cause", "They are paid.")


def test_a_surrender_a_variation_and_an_appeal_by_programs(walk, licence, behram, laila):
    version = done(walk.applicant.get(f"licences/{licence.pk}/"))["version"]
    said = {"licence": licence.pk, "add": ["brokerage"], "reasons": "Clients ask for it."}
    varied = done(walk.applicant.post("variations/", said))
    again = walk.applicant.post("variations/", said)
    assert (again.status_code, varied["clocks"][0]["status"]) == (400, "running")
    walk.decide("variations", varied["id"], "refuse_variation", "Too early.")
    [decision] = done(walk.applicant.get(f"firms/{licence.firm_id}/decisions/"))
    assert decision["title"].startswith("Refusal of a variation, ")
    appeal = {"firm": licence.firm_id, "decision": decision["id"], "grounds": "It is not too early."}
    noticed = done(walk.applicant.post("appeals/", appeal))
    recorder = Program(laila)
    done(recorder.move(f"appeals/{noticed['id']}/", "record_appeal", noticed["version"]))
    named = done(recorder.put(f"appeals/{noticed['id']}/panel/", {"members": [behram.pk]}))
    assert (named["panel"], named["state_title"]) == (["Behram"], "Filed")
    # One of them voted and decided, the other voted.
    for member in (walk.people.member, walk.people.member2):
        said = {"members": [member.pk]}
        assert recorder.put(f"appeals/{noticed['id']}/panel/", said).status_code == 409
        took_part = recorder.put(f"appeals/{noticed['id']}/panel/", {**said, "seen": named["seen"]})
        assert (took_part.status_code, took_part.json()["errors"][0]["field"]) == (400, "members")
    left = {"licence": licence.pk, "reasons": "We leave.", "declaration": "Nil.", "expected_version": version}
    surrender = done(walk.applicant.post("surrenders/", left))
    assert (surrender["outcome"], Licence.objects.get(pk=licence.pk).state) == ("", "surrender_requested")
    done(walk.supervisor.post(f"surrenders/{surrender['id']}/assets/", {"note": "Balances are nil."}))
    walk.decide("licences", licence.pk, "accept_surrender")
    assert done(walk.applicant.get(f"surrenders/{surrender['id']}/"))["outcome"] == "accepted"


def test_an_urgent_suspension_is_dated_and_of_two(walk, licence):
    said = {"licence": licence.pk, "kind": "urgent_suspension", "grounds": ["insolvency"], "particulars": "Accounts."}
    undated = walk.enforcement.post("measures/", said)
    assert [each["field"] for each in undated.json()["errors"]] == ["starts_on", "ends_on"]
    dates = {"starts_on": str(date.today()), "ends_on": str(date.today() + timedelta(days=30))}
    done(walk.enforcement.post("measures/", {**said, **dates, "activities": ["custody"]}))
    walk.move(walk.board, f"licences/{licence.pk}/", "urgent_suspend", "The accounts do not close.")
    entry = done(Program().get(f"register/{licence.reference}/"))
    assert (entry["state_title"], entry["suspended_activities"]) == ("Suspended in part", ["custody"])
    assert done(Program().get(f"register/{licence.reference}/standing/"))["may_distribute"] is True
