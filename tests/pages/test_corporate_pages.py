"""The pages of corporate actions, rates and settlement: the debt office's, and what a venue sees."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pvara.demo import coupons
from tests.pages.test_registry_pages import text
from tokenisation.actions.corporate import record_payment
from tokenisation.faces.portal import shelf
from tokenisation.models import CorporateAction, JournalEntry, PaymentEvidence, RateFixing, SettlementAsset

REASONS = {"case_ref": "MoF/9", "reasons": "By the decision of the issuer."}


@pytest.fixture
def coupon(world) -> CorporateAction:
    return CorporateAction.objects.get(pk=world.registry.coupon.pk)


def move(client, subject, name, note="For the record."):
    fresh = type(subject).objects.get(pk=subject.pk)
    address = reverse("move", args=[subject._meta.label_lower, subject.pk, name])
    return client.post(address, {"version": fresh.version, "note": note})


def test_the_page_of_a_payment_says_who_is_owed_what_and_by_which_evidence_it_was_paid(world, people, browse, coupon):
    page = text(browse(people.debt_approver).get(coupon.get_absolute_url()))
    [due] = coupon.dues
    assert f"{due.venue} 10,000 {due.amount:,} PKR" in page
    assert f"Root of the record: {coupon.record.root_hex}" in page
    assert "RTGS/DEMO/0001 (invented)" in page
    assert "Proposed by The terms" in page


def test_the_asset_leads_to_its_payments_and_one_that_is_not_issued_shows_what_its_terms_promise(
    world, people, browse, coupon
):
    client = browse(people.debt_officer)
    page = client.get(coupon.asset.get_absolute_url())
    assert coupon.get_absolute_url() in page.content.decode()
    assert "Rate not fixed" in text(page)
    bond = world.registry.programme.assets.get(code="pib-10y")
    shown = text(client.get(bond.get_absolute_url()))
    assert "What the terms promise" in shown
    assert shown.count("PKR") >= 21


def test_a_rate_is_proposed_and_fixed_on_the_pages(world, people, browse):
    officer, approver = browse(people.debt_officer), browse(people.debt_approver)
    action = coupons.coupons(world.registry.coupon.asset)[3]
    address = reverse("staff:fixing_new", args=[action.pk])
    assert officer.post(address, {"rate_bp": "x", "source": ""}).status_code == 422
    assert officer.post(address, {"rate_bp": "1075", "source": "SBP"}).status_code == 302
    again = officer.post(address, {"rate_bp": "1076", "source": "SBP"})
    assert again.status_code == 422
    assert "A rate is proposed already" in text(again)
    fixing = RateFixing.objects.get(action=action)
    assert "1075 basis points" in text(approver.get(fixing.get_absolute_url()))
    assert move(approver, fixing, "fix").status_code == 302
    action.refresh_from_db()
    assert action.rate_bp == 1075


def test_evidence_is_recorded_and_confirmed_on_the_pages(world, people, browse, monkeypatch):
    officer, approver = browse(people.debt_officer), browse(people.debt_approver)
    coming = coupons.next_coupon(world.registry.coupon.asset)
    address = reverse("staff:payment_evidence_new", args=[coming.pk])
    said = {"paid_on": "2026-01-02", "amount": "1.00", "reference": "RTGS/2", "document_sha256": "1" * 64}
    early = officer.post(address, said)
    assert early.status_code == 422
    assert "Evidence is recorded once a payment is due" in text(early)
    due = timezone.now() + timedelta(days=200)
    for name in ("take_record", "fall_due", "miss"):
        coupons.step(coming, name, by=None, at=due)
    # From that day on, by the clock of the house and of its sessions.
    monkeypatch.setattr(timezone, "now", lambda: due)
    officer, approver = browse(people.debt_officer), browse(people.debt_approver)
    listed = text(approver.get(reverse("staff:programme")))
    assert "1 payment without evidence in time" in listed
    assert "This payment was missed." in text(officer.get(coming.get_absolute_url()))
    assert officer.post(address, said).status_code == 302
    assert "It shows 1.00 PKR;" in text(approver.get(coming.get_absolute_url()))
    move(approver, coming, "confirm_payment")
    assert CorporateAction.objects.get(pk=coming.pk).state == "missed"
    total = CorporateAction.objects.get(pk=coming.pk).total_due
    assert officer.post(address, {**said, "amount": str(total)}).status_code == 302
    move(approver, coming, "confirm_payment")
    assert CorporateAction.objects.get(pk=coming.pk).state == "paid"
    assert PaymentEvidence.objects.filter(action=coming).count() == 2


def test_a_partial_redemption_and_a_default_are_proposed_on_the_page_of_the_asset(world, people, browse, coupon):
    officer, approver = browse(people.debt_officer), browse(people.debt_approver)
    asset = coupon.asset
    coming = coupons.next_coupon(asset)
    wrong = officer.post(
        reverse("staff:partial_new", args=[asset.pk]), {"due_date": "2020-01-01", "per_unit": "1000", **REASONS}
    )
    assert wrong.status_code == 422
    assert "A part is repaid together with a coupon or rental" in text(wrong)
    said = {"due_date": str(coming.due_date), "per_unit": "1000", **REASONS}
    assert officer.post(reverse("staff:partial_new", args=[asset.pk]), said).status_code == 302
    part = CorporateAction.objects.get(kind="partial")
    move(approver, part, "announce")
    assert CorporateAction.objects.get(asset=asset, kind="redemption").per_unit == Decimal(4000)
    said = {"kind": "default", "occurred_on": str(timezone.localdate()), **REASONS}
    assert officer.post(reverse("staff:event_new", args=[asset.pk]), said).status_code == 302
    event = CorporateAction.objects.get(kind="default")
    move(approver, event, "establish")
    asset.refresh_from_db()
    assert asset.state == "defaulted"
    assert "In default" in text(officer.get(asset.get_absolute_url()))


def test_the_list_is_as_many_questions_for_thirty_rows_as_for_one(world, people, browse, coupon):
    client, address = browse(people.debt_officer), reverse("staff:corporate_actions")

    def asked(state: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address, {"state": state}).status_code == 200
        return len(queries)

    asked("paid")
    assert CorporateAction.objects.filter(state="paid").count() == 1
    assert CorporateAction.objects.filter(state="announced").count() > 10
    assert asked("announced") == asked("paid")
    assert coupon.reference in text(client.get(address))


def test_a_venue_sees_what_it_held_and_what_is_due_to_it(world, people, browse, coupon):
    page = text(browse(people.applicant).get(world.address("portal:venue")))
    [due] = coupon.dues
    assert f"10,000 {due.amount:,} PKR Paid, by the evidence" in page
    assert "Rate not fixed" in page


def test_what_is_over_does_not_hide_what_is_coming(world, people, browse, coupon, monkeypatch):
    monkeypatch.setattr(shelf, "PAID_SHOWN", 1)
    asset = coupon.asset
    coming = coupons.next_coupon(asset)
    later = timezone.now() + timedelta(days=200)
    coupons.step(coming, "take_record", by=None, at=later)
    coupons.step(coming, "fall_due", by=None, at=later)
    coming.refresh_from_db()
    said = {"paid_on": date(2026, 1, 2), "reference": "RTGS/2", "document_sha256": "1" * 64}
    record_payment(coming, amount=coming.total_due, **said, by=people.debt_officer, at=later)
    coupons.step(coming, "confirm_payment", by=people.debt_approver, at=later)
    shown = browse(people.applicant).get(world.address("portal:venue")).context["payments"]
    of_bond = [(each.number, each.state) for each, _, _ in shown if each.asset_id == asset.pk]
    assert of_bond[:2] == [(2, "paid"), (3, "announced")]


# ── Settlement ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_venue_chooses_among_what_is_permitted_today(world, people, browse):
    client, address = browse(people.applicant), world.address("portal:placement")
    form = client.get(address).context["form"]
    assert [code for code, _ in form.fields["settlement"].choices] == ["PKR"]
    said = {"units": "3", "key": form.initial["key"]}
    assert client.post(address, {**said, "settlement": "USD1"}).status_code == 422
    usd = SettlementAsset.objects.get(code="USD1")
    SettlementAsset.objects.create(
        code="USD1",
        name=usd.name,
        kind=usd.kind,
        currency="USD",
        permitted=True,
        effective_from=date(2026, 1, 1),
        mark="I",
        source="A permission (invented)",
    )
    assert client.post(address, {**said, "settlement": "USD1"}).status_code == 302
    assert JournalEntry.objects.latest("pk").settlement.settled_in.code == "USD1"
    shown = text(browse(people.debt_officer).get(world.address("staff:asset")))
    assert "3 units in USD1" in shown


def test_a_file_says_row_by_row_what_is_not_permitted(world, people, browse):
    client, address = browse(people.applicant), world.address("portal:placement_file")
    seen = client.post(address, {"text": "key,units,settlement\na,1,PKR\nb,2,USD1\nc,3,\n"})
    assert seen.status_code == 422
    assert "b 2 – USD1 Refused Nothing may be settled in this on that day." in text(seen)
    posted = client.post(address, {"text": "key,units,settlement\na,1,PKR\nc,3,\n", "confirmed": "yes"}, follow=True)
    assert "Posted: 2 entries." in text(posted)
    assert "settled in PKR" in text(posted)


def test_the_programme_page_lists_the_settlement_assets(world, people, browse):
    page = text(browse(people.debt_officer).get(reverse("staff:programme")))
    assert "Digital rupee, pilot of the State Bank Central-bank digital currency Not permitted" in page
    assert "Pakistani rupee, bank money Bank money Permitted, the default" in page
