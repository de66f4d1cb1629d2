"""Attestations of reserves over the API: recorded below the asset, decided by a move, refused by their fields."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pvara.demo import programme as demonstration
from tests.api.program import shut
from tests.api.walk import Walk, done
from tokenisation.actions.programme import open_programme


@pytest.fixture
def walk(regime, people):
    return Walk(people)


@pytest.fixture
def gold(walk):
    """The address of a reserve of gold in draft."""
    at = timezone.now()
    opened = open_programme("Sovereign assets", cap_usd_cents=100, by=walk.people.debt_approver, at=at)
    return f"assets/{demonstration.propose_gold(opened, people=walk.people, at=at).pk}/"


@pytest.fixture
def bill(walk):
    at = timezone.now()
    opened = open_programme("Bills", cap_usd_cents=100, by=walk.people.debt_approver, at=at)
    return demonstration.propose_bill(opened, people=walk.people, at=at).pk


def said(**more):
    now = timezone.now()
    whole = {
        "custodian": "Custodian of the demonstration (invented)",
        "quantity": 6_250_000,
        "unit_of_measure": "gram",
        "as_of": now.isoformat(),
        "expires_at": (now + timedelta(days=90)).isoformat(),
        "document_sha256": "a" * 64,
    }
    return {**whole, **more}


def test_one_program_records_and_another_accepts(walk, gold):
    asset = done(walk.debt_officer.post(f"{gold}attestations/", said()))
    (shown,) = asset["attestations"]
    assert (shown["state"], shown["unit_of_measure"], shown["recorded_by"], shown["decided_by"]) == (
        "submitted",
        "gram",
        "Daud",
        None,
    )
    address = f"attestations/{shown['id']}/"
    assert walk.debt_officer.move(address, "accept", 0).status_code == 403
    accepted = walk.move(walk.debt_approver, address, "accept")
    assert (accepted["state"], accepted["decided_by"]) == ("accepted", "Dua")
    for state, count in (("accepted", 1), ("submitted", 0)):
        found = done(walk.debt_approver.get("attestations/", state=state, asset=asset["id"]))
        assert len(found["results"]) == count
    refused = walk.debt_approver.move(address, "withdraw", accepted["version"])
    assert refused.status_code == 422  # it has its reasons
    assert walk.move(walk.debt_approver, address, "withdraw", "It was another vault's.")["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"unit_of_measure": "ounce"}, "unit_of_measure"),
        ({"custodian": "Another"}, "custodian"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "expires_at"),
        ({"as_of": "2098-12-31T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z"}, "as_of"),
        ({"quantity": -1}, "quantity"),
        ({"document_sha256": "A" * 64}, "document_sha256"),
    ],
)
def test_what_does_not_hold_together_is_refused_by_its_field(walk, gold, changed, field):
    answer = walk.debt_officer.post(f"{gold}attestations/", said(**changed))
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, [field])


def test_a_bill_has_no_reserve(walk, bill):
    answer = walk.debt_officer.post(f"assets/{bill}/attestations/", said())
    assert (answer.status_code, shut(answer)) == (422, ["asset_is_commodity"])
