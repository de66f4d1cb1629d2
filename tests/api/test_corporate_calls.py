"""Corporate actions, rates and settlement over the API, on a floating bond with a venue's clients among its holders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pvara.demo import coupons
from pvara.demo.programme import load_programme
from tests.api.program import Program, shut
from tests.api.walk import done
from tokenisation.models import CorporateAction


@pytest.fixture
def registry(licence, people):
    return load_programme(licence, people=people, now=timezone.now())


def programs_of(people):
    return Program(people.debt_officer), Program(people.debt_approver), Program(people.applicant)


@pytest.fixture
def programs(people):
    return programs_of(people)


def test_a_payment_is_followed_from_its_record_to_its_evidence(registry, programs, people, monkeypatch):
    officer, approver, venue = programs
    coming = coupons.next_coupon(registry.coupon.asset)
    address = f"corporate-actions/{coming.pk}/"
    said = {"paid_on": "2026-01-02", "amount": "1.00", "reference": "RTGS/2", "document_sha256": "1" * 64}
    early = officer.post(f"{address}evidence/", said)
    assert (early.status_code, shut(early)) == (422, ["payment_is_due"])
    later = timezone.now() + timedelta(days=200)
    for name in ("take_record", "fall_due"):
        coupons.step(coming, name, by=None, at=later)
    # From that day on, by the clock of the house and of its tokens.
    monkeypatch.setattr(timezone, "now", lambda: later)
    officer, approver, venue = programs_of(people)
    shown = done(venue.get(address))
    [due] = shown["dues"]
    assert (due["units"], len(shown["record"]["root_sha256"]), shown["evidence"]) == (10_000, 64, [])
    done(officer.post(f"{address}evidence/", {**said, "amount": due["amount"]}))
    now = done(approver.get(address))
    assert done(approver.move(address, "confirm_payment", now["version"]))["state"] == "paid"
    assert done(venue.get(f"corporate-actions/?state=paid&asset={coming.asset_id}"))["results"][0]["per_unit"]


def test_a_rate_is_proposed_and_fixed(registry, programs):
    officer, approver, venue = programs
    action = coupons.coupons(registry.coupon.asset)[3]
    body = {"rate_bp": 1075, "publication": "SBP"}
    fixing = done(officer.post(f"corporate-actions/{action.pk}/rates/", body))
    assert (fixing["publication"], fixing["state"]) == ("SBP", "proposed")
    again = officer.post(f"corporate-actions/{action.pk}/rates/", body)
    assert (again.status_code, shut(again)) == (422, ["one_rate_at_a_time"])
    assert done(approver.move(f"rate-fixings/{fixing['id']}/", "fix", 0))["state"] == "fixed"
    assert done(venue.get(f"corporate-actions/{action.pk}/"))["rate_bp"] == 1075


def test_each_kind_takes_what_it_needs(registry, programs):
    officer, approver, venue = programs
    asset = registry.coupon.asset_id
    said = {"asset": asset, "case_ref": "MoF/9", "reasons": "By the decision of the issuer."}
    for body, wrong in (
        ({"kind": "partial"}, ["due_date", "per_unit"]),
        ({"kind": "default", "occurred_on": "2026-01-02", "per_unit": "1.0000"}, ["per_unit"]),
        ({"kind": "coupon", "occurred_on": "2026-01-02"}, ["kind"]),
    ):
        answer = officer.post("corporate-actions/", {**said, **body})
        assert answer.status_code == 400
        assert all(name in answer.content.decode() for name in wrong)
    part = {"kind": "partial", "due_date": str(coupons.next_coupon(registry.coupon.asset).due_date)}
    made = done(officer.post("corporate-actions/", {**said, **part, "per_unit": "1000"}))
    assert made["per_unit"] == "1000.0000"
    assert venue.get(f"corporate-actions/{made['id']}/").status_code == 404
    event = done(officer.post("corporate-actions/", {**said, "kind": "default", "occurred_on": "2026-01-02"}))
    done(approver.move(f"corporate-actions/{event['id']}/", "establish", 0))
    assert done(officer.get(f"assets/{asset}/"))["state"] == "defaulted"
    authorisation = registry.coupon.asset.authorisations.get().pk
    refused = venue.post(f"authorisations/{authorisation}/placements/", {"units": 1}, idempotency_key="d")
    assert (refused.status_code, shut(refused)) == (422, ["asset_in_default"])
    assert CorporateAction.objects.get(pk=event["id"]).decided_by is not None


def test_a_placement_says_what_it_was_settled_in(registry, programs):
    officer, _, venue = programs
    address = f"authorisations/{registry.authorisation.pk}/placements/"
    made = done(venue.post(address, {"units": 1}, idempotency_key="s1"))
    assert made["settlement"] == "PKR"
    refused = venue.post(address, {"units": 1, "settlement": "USD1"}, idempotency_key="s2")
    assert (refused.status_code, shut(refused)) == (422, ["settlement_not_permitted"])
    lines = [{"key": "s3", "units": 1, "settlement": "PKR"}, {"key": "s4", "units": 1, "settlement": "DPKR"}]
    answer = done(venue.post(f"authorisations/{registry.authorisation.pk}/placement-files/", {"lines": lines}))
    assert [each["refusal"] for each in answer["lines"]] == ["", "settlement_not_permitted"]
    listed = done(venue.get("settlement-assets/"))["results"]
    assert sorted(each["code"] for each in listed) == ["DPKR", "PKR", "USD1"]
    allocation = f"authorisations/{registry.authorisation.pk}/allocations/"
    strict = officer.post(allocation, {"units": 1, "settlement": "PKR"}, idempotency_key="s5")
    assert strict.status_code == 400
