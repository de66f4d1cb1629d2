"""The whole path by programs alone: from form A1 to units with clients, and no unit after the suspension."""

import pytest

from tests.api.program import shut
from tests.api.walk import Walk, done


@pytest.fixture
def walk(regime, people):
    return Walk(people)


def test_an_exchange_walks_from_noc_to_distribution_and_stops_when_suspended(walk, program):
    firm = walk.to_noc("Indus Exchange (Pvt) Limited")
    licence = walk.to_licence(firm, walk.to_setup(firm))
    number = licence["reference"]
    public = program()
    assert done(public.get(f"register/{number}/standing/"))["may_distribute"] is True

    asset = walk.to_issue(units=1000)
    address = walk.authorise(asset, licence["standing"]["id"], limit=500)
    put = walk.debt_officer.post(f"{address}allocations/", {"units": 200}, idempotency_key="first")
    again = walk.debt_officer.post(f"{address}allocations/", {"units": 200}, idempotency_key="first")
    placed = walk.applicant.post(f"{address}placements/", {"units": 50}, idempotency_key="client-1")
    assert (put.status_code, placed.status_code) == (201, 201)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (put.json(), "true")
    assert done(walk.applicant.get(address))["shelf_units"] == 150

    walk.suspend(licence["id"], "Client assets were not segregated.")
    refused = walk.applicant.post(f"{address}placements/", {"units": 1}, idempotency_key="client-2")
    assert (refused.status_code, refused.json()["code"]) == (422, "move_refused")
    assert shut(refused) == ["venue_not_in_good_standing"]
    assert done(walk.applicant.get(address))["state"] == "suspended"
    assert done(public.get(f"register/{number}/standing/"))["may_distribute"] is False
    returned = walk.debt_officer.post(f"{address}returns/", {"units": 150}, idempotency_key="back")
    assert [returned.status_code, done(walk.applicant.get(address))["shelf_units"]] == [201, 0]

    entries = done(walk.debt_officer.get("entries/", asset=asset))["results"]
    assert [(each["kind"], each["units"]) for each in entries] == [
        ("return", 150),
        ("distribute", 50),
        ("allocate", 200),
        ("issue", 1000),
    ]
