"""Supervision by programs: a firm files its return and reports an incident; the supervisor judges and measures."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from pvara.demo import path
from tests.api.program import Program, shut
from tests.api.walk import done


@pytest.fixture
def licence(firm, people, at):
    return path.licensed(firm, people=people, at=at)


def test_a_return_is_opened_filled_in_filed_and_accepted(licence, people):
    firm, sana = Program(people.applicant), Program(people.supervisor)
    (kind,) = done(firm.get("return-kinds/", frequency="event"))["results"]
    assert [each["key"] for each in kind["rows"]] == ["product", "expected_users"]
    event = {"licence": licence.pk, "code": kind["code"], "happened_on": str(timezone.localdate())}
    made = done(firm.post("returns/", event))
    address = f"returns/{made['id']}/"
    assert (made["state"], made["figures"], made["overdue"]) == ("due", {}, False)
    again = firm.post("returns/", event)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "happened_on")
    wrong = firm.send("put", f"{address}figures/", {"figures": {"product": "A card", "expected_users": "some"}})
    assert wrong.status_code == 400
    assert [each["detail"] for each in wrong.json()["errors"]] == ["Write a whole number."]
    figures = {"product": "A card", "expected_users": "900"}
    assert done(firm.send("put", f"{address}figures/", {"figures": figures}))["figures"] == figures
    refused = firm.post(f"{address}moves/file/", {"expected_version": 1})
    assert (refused.status_code, shut(refused)) == (422, ["return_is_documented"])
    file = SimpleUploadedFile("return.txt", b"The return.\n", "text/plain")
    done(firm.upload(f"{address}documents/", {"title": "Return", "file": file}))
    done(firm.post(f"{address}moves/file/", {"expected_version": 1}))
    accepted = done(sana.post(f"{address}moves/accept/", {"expected_version": 2}))
    assert (accepted["state"], accepted["was_late"]) == ("accepted", False)


def test_an_incident_is_reported_and_followed_up(licence, people):
    firm, sana = Program(people.applicant), Program(people.supervisor)
    found = timezone.now().isoformat()
    said = {"licence": licence.pk, "severity": "low", "title": "A slow hour", "detail": "Why.", "detected_at": found}
    made = done(firm.post("incidents/", said))
    asked = done(sana.post(f"incidents/{made['id']}/follow-ups/", {"text": "Which hour?"}))
    assert [(each["text"], each["from_staff"]) for each in asked["follow_ups"]] == [("Which hour?", True)]
    assert done(sana.get(f"incidents/{made['id']}/"))["reported_by"] == "Amina"
    yet_to_come = firm.post("incidents/", {**said, "detected_at": "2099-01-01T00:00:00Z"})
    assert (yet_to_come.status_code, yet_to_come.json()["errors"][0]["field"]) == (400, "detected_at")


def test_a_visit_is_worked_out_for_the_regulator_alone(licence, people):
    sana = Program(people.supervisor)
    measured = {"licence": licence.pk, "client_assets_pkr": "1.00", "users": 1, "programme_share": "0.00"}
    plan = done(sana.post("visits/", measured))
    assert (plan["licence"], plan["impact"], plan["last_visit"]) == (licence.pk, "low", None)
    assert done(Program(people.applicant).get("visits/"))["results"] == []
    assert Program(people.officer).post("visits/", measured).status_code == 403
