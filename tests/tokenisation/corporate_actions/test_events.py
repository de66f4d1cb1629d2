"""Rates of floating periods, partial redemptions, and what befalls an issuer."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from tests.tokenisation.corporate_actions import SAID, calendar, on, paid, refusal
from tests.tokenisation.test_ledger import refused_with
from tokenisation import invariants, schedule
from tokenisation.actions.corporate import propose_event, propose_partial, propose_rate
from tokenisation.actions.ledger import allocate, place, post_file
from tokenisation.actions.night import run_night
from tokenisation.actions.redemptions import redeem_treasury
from tokenisation.ledger import Line
from tokenisation.models import Asset, CorporateAction, RateFixing
from tokenisation.states import ActionKind


# ── Rates ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_rate_of_a_floating_period_is_fixed_by_two_people(held, daud, dua, move, shut, at):
    held(coupon="floating")
    rows = CorporateAction.objects.filter(kind="coupon").order_by("number")
    assert [(each.rate_bp, each.per_unit) for each in rows[:3]] == [
        (1170, Decimal("294.9041")),
        (None, None),
        (None, None),
    ]
    second = rows[1]
    said = {"rate_bp": 1080, "source": "SBP, cut-off of the six-month bill", "by": daud, "at": at}
    assert refusal(lambda: propose_rate(rows[0], **said)) == ["rate_is_open"]
    assert refusal(lambda: propose_rate(second, **{**said, "source": " "})) == ["source_is_given"]
    fixing = propose_rate(second, **said)
    assert refusal(lambda: propose_rate(second, **said)) == ["one_rate_at_a_time"]
    assert [shut(fixing, "fix", "fixer_is_not_proposer", by, at) for by in (daud, dua)] == [True, False]
    assert not shut(fixing, "fix", "rate_is_open", dua, at)
    move(fixing, "refuse", dua)
    fixing = propose_rate(second, **said)
    move(fixing, "fix", dua)
    second.refresh_from_db()
    # 181 days: 5000 × 10.8% × 181 ÷ 365 = 97740 ÷ 365.
    assert (second.rate_bp, second.per_unit) == (1080, Decimal("267.7808"))
    assert shut(fixing, "fix", "rate_is_open", dua, at)
    assert list(RateFixing.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "fixed"]


def test_without_a_rate_nothing_is_confirmed(held, daud, dua, move, shut):
    held(coupon="floating")
    run_night(at=on(date(2027, 3, 1)))
    second = CorporateAction.objects.get(number=2)
    assert [each.amount for each in second.dues] == [None]
    paid(second, daud, on(date(2027, 3, 1)), amount=Decimal(1))
    assert shut(second, "confirm_payment", "amount_is_known", dua, on(date(2027, 3, 1)))
    assert refusal(lambda: move(second, "confirm_payment", dua)) == ["amount_is_known"]


# ── Partial redemptions ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_part_that_is_repaid_earns_nothing_afterwards(issued, daud, dua, move, at):
    asset = issued()
    part = propose_partial(asset, due_date=date(2027, 3, 1), per_unit=Decimal(2000), by=daud, at=at, **SAID)
    move(part, "announce", dua)
    # The coupon beside it is still for the whole; 3000 ÷ 5000 of those after it are left.
    assert [(kind, number, each) for kind, number, _, _, each, _ in calendar(asset)] == [
        ("coupon", 1, Decimal("294.9041")),
        ("coupon", 2, Decimal("290.0959")),
        ("partial", 0, Decimal("2000.0000")),
        ("coupon", 3, Decimal("176.9425")),
        ("coupon", 4, Decimal("175.0192")),
        ("coupon", 5, Decimal("176.9425")),
        ("coupon", 6, Decimal("174.0575")),
        ("redemption", 0, Decimal("3000.0000")),
    ]
    move(part, "call_off", dua)
    assert [each for *_, each, _ in calendar(asset)][-1] == Decimal("5000.0000")


def test_what_the_terms_promise_is_not_called_off(issued, dua, shut, at):
    asset = issued()
    assert shut(asset.corporate_actions.get(number=1), "call_off", "payment_is_not_of_the_terms", dua, at)


def test_a_part_is_repaid_beside_a_payment_and_never_the_whole(issued, tbill, daud, dua, move, at):
    asset = issued()
    said = {"due_date": date(2027, 3, 1), "per_unit": Decimal(2500), "by": daud, "at": at, **SAID}
    assert refusal(lambda: propose_partial(tbill, **said)) == ["bill_is_never_called"]
    assert refusal(lambda: propose_partial(asset, **{**said, "due_date": date(2027, 3, 2)})) == ["falls_on_a_payment"]
    assert refusal(lambda: propose_partial(asset, **{**said, "due_date": date(2029, 3, 1)})) == ["falls_on_a_payment"]
    assert refusal(lambda: propose_partial(asset, **{**said, "per_unit": Decimal(5000)})) == ["part_of_nominal"]
    assert refusal(lambda: propose_partial(asset, **{**said, "case_ref": "", "reasons": " "})) == [
        "case_ref_missing",
        "reasons_are_given",
    ]
    one, two = (propose_partial(asset, **said) for _ in range(2))
    move(one, "announce", dua)
    # Side by side they would repay all of it.
    assert refusal(lambda: move(two, "announce", dua)) == ["part_of_nominal"]


# ── Credit events ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_default_is_established_by_two_people_and_stops_issue_and_distribution(
    held, daud, dua, amina, move, shut, at
):
    authorisation = held()
    asset = authorisation.asset
    said = {"kind": ActionKind.DEFAULT, "occurred_on": date(2026, 3, 2), "by": daud, "at": at, **SAID}
    event = propose_event(asset, **said)
    assert shut(asset, "record_default", "default_is_established", None, at)
    assert shut(event, "establish", "decider_is_not_proposer", daud, at)
    assert not shut(event, "establish", "action_is_an_event", dua, at)
    assert shut(event, "announce", "action_is_a_payment", dua, at)
    move(event, "establish", dua)
    assert Asset.objects.get(pk=asset.pk).state == "defaulted"
    told = ("asset_in_default", "The issuer is in default: nothing more of this asset is issued or distributed.")
    for act in (
        lambda: place(authorisation, units=1, key="1", by=amina, at=at),
        lambda: allocate(authorisation, units=1, key="2", by=daud, at=at),
        lambda: post_file(authorisation, [Line("3", 1)], by=amina, at=at),
    ):
        assert refused_with(act) == told
    # What is owed is owed all the same, and may be redeemed.
    run_night(at=on(date(2026, 9, 1)))
    assert CorporateAction.objects.get(number=1).state == "due"
    redeem_treasury(asset, units=1, key="r", case_ref="MoF/10", by=daud, at=at)
    assert list(invariants.check()) == []


def test_a_bill_in_default_may_be_redeemed_before_it_would_have_matured(stocked, daud, dua, move, at):
    asset = stocked.asset
    refused = refused_with(lambda: redeem_treasury(asset, units=1, key="early", case_ref="MoF/10", by=daud, at=at))
    assert refused[0] == "not_before_maturity"
    said = {"kind": ActionKind.DEFAULT, "occurred_on": date(2026, 3, 2), "by": daud, "at": at, **SAID}
    move(propose_event(asset, **said), "establish", dua)
    assert redeem_treasury(asset, units=1, key="paid", case_ref="MoF/10", by=daud, at=at).replayed is False
    assert list(invariants.check()) == []


def test_a_credit_event_is_on_record_and_stops_nothing(held, daud, dua, amina, move, at):
    authorisation = held()
    said = {"kind": ActionKind.CREDIT_EVENT, "occurred_on": date(2026, 3, 2), "by": daud, "at": at, **SAID}
    assert move(propose_event(authorisation.asset, **said), "establish", dua).state == "established"
    place(authorisation, units=1, key="1", by=amina, at=at)


def test_an_event_has_happened_and_is_one(issued, propose, daud, at):
    said = {"kind": ActionKind.DEFAULT, "occurred_on": timezone.localdate(at), "by": daud, "at": at, **SAID}
    asset = issued()
    assert refusal(
        lambda: propose_event(asset, **{**said, "occurred_on": timezone.localdate(at) + timedelta(days=1)})
    ) == ["event_has_happened"]
    assert refusal(lambda: propose_event(asset, **{**said, "kind": ActionKind.COUPON})) == ["action_is_an_event"]
    assert refusal(lambda: propose_event(propose(), **said)) == ["asset_is_in_being"]


def test_a_venue_sees_what_was_decided_about_its_own_assets(held, issued, daud, amina, dua, stranger, at):
    asset = held().asset
    issued(issue_date=date(2024, 3, 1), maturity_date=date(2027, 3, 1))
    said = {"kind": ActionKind.DEFAULT, "occurred_on": timezone.localdate(at), "by": daud, "at": at, **SAID}
    propose_event(asset, **said)
    seen = CorporateAction.objects.visible_to(amina)
    assert {(each.asset, each.state) for each in seen} == {(asset, "announced")}
    assert [CorporateAction.objects.visible_to(each).count() for each in (amina, dua, stranger)] == [7, 11, 0]


def test_a_total_is_the_sum_of_what_each_venue_is_due():
    assert schedule.due_on(300, Decimal("294.9041")) == Decimal("88471.23")
