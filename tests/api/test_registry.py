"""The programme, its assets and the ledger over the API."""

import hashlib
import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pvara.kernel import roles
from tests.api.program import shut
from tests.api.walk import Walk, bill, done
from tokenisation.models import Asset


@pytest.fixture
def walk(regime, people):
    return Walk(people)


@pytest.fixture
def programme(walk):
    """A programme with room for 10,000 bills of PKR 5,000 at 280 rupees to the dollar."""
    body = {"name": "Sovereign assets", "cap_usd_cents": 17_860_000}
    rate = {"currency": "PKR", "date": str(date.today()), "per_usd": "280"}
    done(walk.debt_officer.post("rates/", rate))
    return done(walk.debt_approver.post("programmes/", body))["id"]


def reviewed(walk, programme, **changed):
    asset = done(walk.debt_officer.post("assets/", bill(programme, **changed)))
    address = f"assets/{asset['id']}/"
    walk.hand_in_documents(asset["id"])
    walk.move(walk.debt_officer, address, "submit_for_review")
    for authority in ("mof", "sbp", "pvara"):
        done(walk.debt_approver.post(f"{address}approvals/", {"authority": authority, "reference": "Letter 1"}))
    return address


def test_approval_takes_from_the_cap_and_refuses_what_does_not_fit(walk, programme):
    first, second = reviewed(walk, programme, units=6000), reviewed(walk, programme, code="MTB-6M", units=6000)
    walk.move(walk.debt_approver, first, "approve")
    refused = walk.debt_approver.move(second, "approve", 1)
    assert (refused.status_code, shut(refused)) == (422, ["programme_has_headroom"])
    now = done(walk.debt_officer.get(f"programmes/{programme}/"))
    assert now["committed_usd_cents"] + now["headroom_usd_cents"] == now["cap_usd_cents"] == 17_860_000
    assert now["committed_usd_cents"] == done(walk.debt_officer.get(first))["reserved_usd_cents"]


def test_whoever_proposes_does_not_approve(walk, programme, daud):
    roles.grant(daud, "debt_approver", by=None, at=daud.date_joined)
    address = reviewed(walk, programme)
    assert shut(walk.debt_officer.move(address, "approve", 1)) == ["approver_is_not_proposer"]
    refused = walk.debt_officer.post(f"{address}approvals/", {"authority": "mof", "reference": "Letter 2"})
    assert (refused.status_code, shut(refused)) == (422, ["approver_is_not_proposer", "authority_is_outstanding"])


def test_an_asset_is_proposed_with_its_conditions(walk, programme):
    said = {"per_investor_cap": 10, "lockup_until": "2031-06-30"}
    asset = done(walk.debt_officer.post("assets/", {**bill(programme), **said}))
    assert {name: asset[name] for name in said} == said
    refused = walk.debt_officer.post("assets/", {**bill(programme, code="MTB-6M"), "per_investor_cap": 0})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "per_investor_cap")


def test_an_asset_shows_its_terms_and_approvals(walk, programme):
    said = done(walk.debt_officer.get(reviewed(walk, programme)))
    assert (said["debt_terms"]["coupon"], said["commodity_terms"]) == ("zero", None)
    assert [(each["authority"], each["recorded_by"]) for each in said["approvals"]] == [
        ("mof", "Dua"),
        ("sbp", "Dua"),
        ("pvara", "Dua"),
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"authorised_units": 0}, "authorised_units"),
        ({"kind": "shares"}, "kind"),
        ({"state": "issued"}, "state"),
        ({"unit_nominal": 1.5}, "unit_nominal"),
        ({"debt_terms": {}}, "debt_terms.issue_date"),
        ({"programme": 999_999}, "programme"),
        ({"code": "not a code"}, "code"),
    ],
)
def test_a_proposal_that_does_not_hold_together(walk, programme, changed, field):
    answer = walk.debt_officer.post("assets/", {**bill(programme), **changed})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert Asset.objects.count() == 0


def test_terms_of_another_kind_and_terms_that_run_backwards_are_refused(walk, programme):
    gold = walk.debt_officer.post("assets/", {**bill(programme), "kind": "gold"})
    assert (gold.status_code, shut(gold)) == (422, ["terms_suit_kind"])
    terms = {**bill(programme)["debt_terms"], "maturity_date": str(date.today() - timedelta(days=2))}
    assert walk.debt_officer.post("assets/", {**bill(programme), "debt_terms": terms}).status_code == 400


def test_a_days_rate_is_recorded_once(walk, programme):
    rate = {"currency": "PKR", "date": str(date.today()), "per_usd": "281"}
    again = walk.debt_officer.post("rates/", rate)
    assert (again.status_code, again.json()["code"]) == (400, "invalid")
    assert walk.debt_officer.post("rates/", {**rate, "currency": "EUR", "per_usd": "0"}).status_code == 400
    assert [each["per_usd"] for each in done(walk.debt_officer.get("rates/"))["results"]] == ["280.0000"]


# ── Distribution ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def shelf(walk, licence):
    """The address of an authorisation with 100 units on the venue's shelf."""
    address = walk.authorise(walk.to_issue(units=1000), licence.standing.pk, limit=500)
    done(walk.debt_officer.post(f"{address}allocations/", {"units": 100}, idempotency_key="stock"))
    return address


def test_a_posting_needs_a_key_and_a_key_belongs_to_one_posting(walk, shelf):
    for key in ({}, {"idempotency_key": "two words"}, {"idempotency_key": "x" * 101}):
        answer = walk.applicant.post(f"{shelf}placements/", {"units": 1}, **key)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
    first = walk.applicant.post(f"{shelf}placements/", {"units": 1}, idempotency_key="a")
    other = walk.applicant.post(f"{shelf}placements/", {"units": 2}, idempotency_key="a")
    assert (first.status_code, other.status_code, shut(other)) == (201, 422, ["key_reused"])


def test_no_more_is_placed_than_lies_on_the_shelf_nor_allocated_than_allowed(walk, shelf):
    over = walk.applicant.post(f"{shelf}placements/", {"units": 101}, idempotency_key="b")
    assert (over.status_code, shut(over)) == (422, ["over_allocation"])
    assert over.json()["errors"][0]["details"] == ["101 asked for, 100 left."]
    assert shut(walk.debt_officer.post(f"{shelf}allocations/", {"units": 401}, idempotency_key="c")) == ["over_limit"]


@pytest.mark.parametrize("units", [0, -1, 1.0, "1", True, None, 2**63])
def test_units_are_whole_and_above_zero(walk, shelf, units):
    answer = walk.applicant.post(f"{shelf}placements/", {"units": units}, idempotency_key="d")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "units")


def test_a_venue_is_authorised_once_and_only_in_good_standing(walk, shelf, licence):
    said = done(walk.debt_officer.get(shelf))
    again = {"asset": said["asset"], "venue": said["venue"], "limit_units": 1}
    assert shut(walk.debt_approver.post("authorisations/", again)) == ["venue_is_new_to_asset"]
    walk.suspend(licence.pk, "Assets were not segregated.")
    refused = walk.debt_approver.move(shelf, "resume", done(walk.debt_approver.get(shelf))["version"], "Try.")
    assert (refused.status_code, shut(refused)) == (422, ["venue_is_in_good_standing"])


def test_lists_ask_as_many_questions_for_thirty_as_for_one(walk, programme):
    counts = []
    for first, last in ((0, 1), (1, 30)):
        for number in range(first, last):
            done(walk.debt_officer.post("assets/", bill(programme, code=f"MTB-{number}")))
        walk.debt_officer.get("assets/")
        with CaptureQueriesContext(connection) as asked:
            assert len(done(walk.debt_officer.get("assets/"))["results"]) == last
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_sub_limit_is_proposed_and_confirmed_and_shuts_an_approval(walk, programme):
    body = {
        "programme": programme,
        "scope": "asset_class",
        "of_class": "bills",
        "share_bp": 5_000,
        "effective_from": str(date.today()),
        "source": "Decision 7",
        "reasons": "For balance.",
    }
    made = done(walk.debt_officer.post("sub-limits/", body))
    assert (made["state"], made["usd_cents"], made["proposed_by"]) == ("proposed", 8_930_000, "Daud")
    wrong = walk.debt_officer.post("sub-limits/", {**body, "of_class": "retail"})
    assert wrong.status_code == 400
    walk.move(walk.debt_approver, f"sub-limits/{made['id']}/", "confirm")
    at_the_bar, over = reviewed(walk, programme, units=5000), reviewed(walk, programme, code="MTB-6M", units=1)
    walk.move(walk.debt_approver, at_the_bar, "approve")
    refused = walk.debt_approver.move(over, "approve", 1)
    assert (refused.status_code, shut(refused)) == (422, ["class_has_headroom"])


def test_a_return_over_the_api_is_held_to_the_conditions_and_its_digest_is_kept(walk, shelf):
    Asset.objects.update(per_investor_cap=10)
    done(walk.applicant.post(f"{shelf}placements/", {"units": 30}, idempotency_key="one"))
    figures = {"units_held": 30, "holders": 3, "retail_units": 0, "institutional_units": 30, "non_resident_units": 0}
    row = {"authorisation": int(shelf.split("/")[1]), "as_of": str(date.today()), **figures}
    refused = walk.applicant.post("holdings-returns/", {"rows": [{**row, "largest_holding": 9}]})
    assert refused.status_code == 400
    assert "The largest holding is at most all units, at least an equal share of them." in refused.content.decode()
    body = json.dumps({"rows": [{**row, "largest_holding": 11}]}).encode()
    made = done(walk.applicant.post("holdings-returns/", body))
    assert [(each["against"], each["agrees"]) for each in made] == [("return", True), ("retail", True), ("cap", False)]
    [filed] = done(walk.applicant.get("holdings-returns/"))["results"]
    assert (filed["largest_holding"], filed["transferred_units"]) == (11, None)
    assert filed["sha256"] == hashlib.sha256(body).hexdigest()
    [found] = done(walk.debt_officer.get("breaks/"))["results"]
    assert (found["against"], found["ledger_units"], found["found_units"]) == ("cap", 10, 11)


def test_the_days_of_an_authorisation_are_given_and_moved_over_the_api(walk, licence):
    tomorrow, later = (str(date.today() + timedelta(days=days)) for days in (1, 9))
    said = {"asset": walk.to_issue(units=1000), "venue": licence.standing.pk, "limit_units": 5}
    made = done(walk.debt_approver.post("authorisations/", {**said, "valid_from": tomorrow, "valid_to": tomorrow}))
    shelf = f"authorisations/{made['id']}/"
    assert (made["valid_from"], made["valid_to"]) == (tomorrow, tomorrow)
    early = walk.debt_officer.post(f"{shelf}allocations/", {"units": 1}, idempotency_key="a")
    assert (early.status_code, shut(early)) == (422, ["authorisation_not_valid"])
    body = {"valid_to": later, "reasons": "Longer.", "expected_version": made["version"]}
    moved = done(walk.debt_approver.post(f"{shelf}last-day/", body))
    assert (moved["valid_to"], moved["version"]) == (later, made["version"] + 1)
    stale = walk.debt_approver.post(f"{shelf}last-day/", body)
    assert (stale.status_code, shut(stale)) == (422, ["authorisation_is_as_it_was"])
