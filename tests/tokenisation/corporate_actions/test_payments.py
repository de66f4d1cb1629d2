"""The calendar, the record of the holders and the evidence of what was paid."""

from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from licensing.actions import timers
from licensing.models.overdue import standing
from pvara.kernel import audit, figures, flags
from pvara.kernel.machine import perform
from pvara.kernel.models import ClockFlag, ClockInterval, Holiday, Job
from tests.tokenisation.corporate_actions import SAID, calendar, on, paid, refusal
from tests.tokenisation.test_invariants import by_hand
from tokenisation import invariants
from tokenisation.actions.assets import issue_asset
from tokenisation.actions.corporate import propose_partial
from tokenisation.actions.ledger import allocate, freeze, place
from tokenisation.actions.night import run_night
from tokenisation.models import CorporateAction, Snapshot
from tokenisation.states import AccountKind


def confirm(coupon, by, at):
    """Not before the payment fell due, or its clock would be turned back."""
    fresh = CorporateAction.objects.get(pk=coupon.pk)
    return perform(fresh, "confirm_payment", by=by, at=at, expected_version=fresh.version)


# ── The calendar ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_issue_puts_what_the_terms_promise_on_the_calendar(issued):
    Holiday.objects.create(date=date(2026, 9, 1), name="A day off")
    asset = issued()
    assert calendar(asset) == [
        ("coupon", 1, "2026-08-27", "2026-09-02", Decimal("294.9041"), "announced"),
        ("coupon", 2, "2027-02-24", "2027-03-01", Decimal("290.0959"), "announced"),
        ("coupon", 3, "2027-08-27", "2027-09-01", Decimal("294.9041"), "announced"),
        ("coupon", 4, "2028-02-25", "2028-03-01", Decimal("291.6986"), "announced"),
        ("coupon", 5, "2028-08-27", "2028-09-01", Decimal("294.9041"), "announced"),
        ("coupon", 6, "2029-02-24", "2029-03-01", Decimal("290.0959"), "announced"),
        ("redemption", 0, "2029-02-24", "2029-03-01", Decimal("5000.0000"), "announced"),
    ]
    assert asset.distribution_ends == date(2029, 2, 24)
    assert list(invariants.check()) == []


def test_a_sukuk_pays_a_rental_and_a_bill_its_nominal_alone(issued, propose, approve, daud, at):
    sukuk = issued(kind="sukuk", coupon="rental", shariah_compliant=True)
    assert [kind for kind, *_ in calendar(sukuk)] == ["rental"] * 6 + ["redemption"]
    bill = approve(propose())
    issue_asset(bill, expected_version=bill.version, by=daud, at=at)
    # 1 March 2036 is a Saturday.
    assert calendar(bill) == [("redemption", 0, "2036-02-25", "2036-03-03", Decimal("5000.0000"), "announced")]


def test_what_was_due_before_the_units_were_there_is_not_on_it(issued):
    asset = issued(issue_date=date(2025, 3, 1), maturity_date=date(2028, 3, 1))
    assert calendar(asset)[0][:4] == ("coupon", 3, "2026-08-27", "2026-09-01")


def test_an_asset_of_before_there_was_a_calendar_gets_one_in_the_night(issued, at):
    asset = issued()
    promised = calendar(asset)
    with transaction.atomic():
        by_hand("DELETE FROM tokenisation_corporateaction")
    for night in range(2):
        run_night(at=at + timedelta(days=night))
        assert calendar(asset) == promised


def test_the_scheduler_announces_what_terms_promise_and_not_what_people_propose(issued, daud, dua, move, shut, at):
    action = propose_partial(issued(), due_date=date(2027, 3, 1), per_unit=Decimal(1000), by=daud, at=at, **SAID)
    assert [shut(action, "announce", "decider_is_not_proposer", by, at) for by in (None, daud, dua)] == [
        True,
        True,
        False,
    ]
    assert not shut(action, "announce", "action_is_a_payment", dua, at)
    assert shut(action, "establish", "action_is_an_event", dua, at)
    with pytest.raises(PermissionDenied):
        move(action, "announce", daud)
    assert move(action, "announce", dua).state == "announced"


# ── The record and the evidence ──────────────────────────────────────────────────────────────────────────────────────
def test_a_coupon_from_its_record_to_the_evidence(held, daud, dua, amina, move, shut):
    authorisation = held()
    coupon = CorporateAction.objects.get(number=1)
    assert shut(coupon, "take_record", "record_date_is_over", None, on(coupon.record_date, 23))
    run_night(at=on(coupon.record_date, 23))
    assert not Snapshot.objects.exists()
    # Frozen units are owed as much; what moves on the day after is not on the record.
    freeze(
        authorisation,
        source=AccountKind.CLIENTS,
        units=50,
        key="f",
        case_ref="C.P. 7",
        by=daud,
        at=on(coupon.record_date, 20),
    )
    place(authorisation, units=100, key="p2", by=amina, at=on(coupon.record_date + timedelta(days=1), 0))
    run_night(at=on(coupon.record_date + timedelta(days=1)))
    coupon = CorporateAction.objects.get(number=1)
    record = Snapshot.objects.get()
    assert (coupon.state, record.at_seq) == ("record_taken", 4)
    assert list(record.balances.values_list("account__kind", "units")) == [
        ("treasury", 700),
        ("inventory", 100),
        ("clients", 150),
        ("frozen_clients", 50),
    ]
    assert [(each.venue, each.units, each.amount) for each in coupon.dues] == [
        (authorisation.venue, 300, Decimal("88471.23"))
    ]
    assert shut(coupon, "fall_due", "due_date_has_come", None, on(coupon.due_date) - timedelta(days=1))
    assert refusal(lambda: paid(coupon, daud, on(coupon.due_date))) == ["payment_is_due"]
    run_night(at=on(coupon.due_date))
    coupon.refresh_from_db()
    assert coupon.state == "due"
    assert shut(coupon, "confirm_payment", "evidence_covers_what_is_due", dua, on(coupon.due_date))
    paid(coupon, daud, on(coupon.due_date), amount=Decimal("88471.22"))
    assert shut(coupon, "confirm_payment", "evidence_covers_what_is_due", dua, on(coupon.due_date))
    paid(coupon, daud, on(coupon.due_date))
    coupon.refresh_from_db()
    assert not shut(coupon, "confirm_payment", "evidence_covers_what_is_due", dua, on(coupon.due_date))
    assert shut(coupon, "confirm_payment", "confirmer_is_not_recorder", daud, on(coupon.due_date))
    assert not shut(coupon, "confirm_payment", "amount_is_known", dua, on(coupon.due_date))
    assert confirm(coupon, dua, on(coupon.due_date)).confirmed_by == dua
    assert list(invariants.check()) == []
    assert list(audit.verify()) == []


def test_a_record_that_is_taken_late_says_the_same(held, daud, at):
    authorisation = held()
    allocate(authorisation, units=5, key="later", by=daud, at=on(date(2026, 8, 28)))
    run_night(at=on(date(2026, 9, 20)))
    assert [(each.units) for each in CorporateAction.objects.get(number=1).dues] == [300]
    # Once is enough.
    run_night(at=on(date(2026, 9, 21)))
    assert Snapshot.objects.count() == 1


def test_confirmed_is_what_was_on_the_page(held, daud, dua):
    held()
    run_night(at=on(date(2026, 9, 1)))
    seen = CorporateAction.objects.get(number=1)
    paid(seen, daud, on(date(2026, 9, 1)))
    with pytest.raises(Exception, match="version"):
        perform(seen, "confirm_payment", by=dua, at=on(date(2026, 9, 1)), expected_version=seen.version)


def test_a_payment_without_evidence_is_missed_after_three_working_days(held, daud, dua, move, shut, caplog):
    held()
    # Due on a Tuesday, so the third working day is Friday.
    for day in (1, 4):
        assert run_night(at=on(date(2026, 9, day), 23)).missed == []
    coupon = CorporateAction.objects.get(number=1)
    assert shut(coupon, "miss", "time_for_evidence_is_over", None, on(date(2026, 9, 4), 23))
    assert run_night(at=on(date(2026, 9, 5))).missed == [coupon.reference]
    assert [each.message for each in caplog.records] == [
        f"No evidence of the payment {coupon.reference}: it counts as missed."
    ]
    coupon.refresh_from_db()
    paid(coupon, daud, on(date(2026, 9, 9)))
    assert confirm(coupon, dua, on(date(2026, 9, 9))).state == "paid"


def test_nobody_is_owed_where_nobody_held_units(issued, held, shut):
    authorisation = held()
    asset = issued()
    run_night(at=on(date(2026, 8, 28)))
    states = dict(CorporateAction.objects.filter(number=1).values_list("asset__code", "state"))
    assert states == {asset.code: "called_off", authorisation.asset.code: "record_taken"}
    assert shut(
        CorporateAction.objects.get(state="record_taken"),
        "close_unheld",
        "nobody_held_units",
        None,
        on(date(2026, 8, 28)),
    )


def test_evidence_names_its_document_and_its_day(held, daud):
    held()
    run_night(at=on(date(2026, 9, 1)))
    coupon = CorporateAction.objects.get(number=1)
    assert refusal(lambda: paid(coupon, daud, on(date(2026, 9, 1)), paid_on=date(2026, 9, 2))) == ["day_has_come"]
    with pytest.raises(Exception, match="evidence_names_its_document"):
        paid(coupon, daud, on(date(2026, 9, 1)), document_sha256="x")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tokenisation_snapshot SET at_seq = 1",
        "UPDATE tokenisation_snapshotbalance SET units = 1",
        "DELETE FROM tokenisation_snapshotbalance",
        "UPDATE tokenisation_paymentevidence SET amount = 1",
        "UPDATE tokenisation_corporateaction SET state = 'paid' WHERE number = 1",
        "UPDATE tokenisation_corporateaction SET confirmed_by_id = evidenced_by_id WHERE number = 1",
    ],
)
def test_the_database_keeps_records_and_evidence(held, daud, statement):
    held()
    run_night(at=on(date(2026, 9, 1)))
    paid(CorporateAction.objects.get(number=1), daud, on(date(2026, 9, 1)))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# ── Missed ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_missed_payment_is_flagged_and_escalated_until_its_evidence_is_confirmed(held, daud, dua, aisha, omar, move):
    def sweep(at):
        return timers.SWEEPS["overdue.raise_flags"](at)

    def seen_by(person, at):
        return [(each.row, each.newest.level, each.newest.role) for each in standing(person, at) if each.is_breach]

    figures.load(row for row in figures.shipped() if row["key"].startswith("clock."))
    held()
    coupon = CorporateAction.objects.get(number=1)
    # Due on Tuesday, 1 September 2026; its evidence may take three working days.
    due, last = coupon.due_date, coupon.due_date + timedelta(days=3)
    for day in (coupon.record_date + timedelta(days=1), due):
        run_night(at=on(day))
    assert sweep(on(last, 10)) == 1
    assert [each.level for each in flags.history(coupon)] == [ClockFlag.WARNING]
    assert seen_by(daud, on(last, 10)) == []

    over = on(last + timedelta(days=3), 10)
    run_night(at=over)
    sweep(over)
    coupon.refresh_from_db()
    assert coupon.state == "missed"
    assert [seen_by(each, over) for each in (daud, dua, aisha, omar)] == [
        *[[(coupon, ClockFlag.BREACH, "debt_officer")]] * 3,
        [],
    ]
    week_later = over + timedelta(days=7)
    sweep(week_later)
    assert seen_by(dua, week_later) == [(coupon, ClockFlag.BREACH + 1, "debt_approver")]
    told = Job.objects.filter(key__startswith="notice:clock-flag:").order_by("pk").values_list("payload__to", flat=True)
    assert list(told) == [daud.pk, daud.pk, dua.pk]

    paid(coupon, daud, week_later)
    assert len(seen_by(dua, week_later)) == 1  # one person's word ends nothing
    confirm(coupon, dua, week_later)
    assert seen_by(dua, week_later) == []
    assert len(flags.history(coupon)) == 3


def test_payments_of_before_there_was_a_clock_get_one_from_their_due_date(held):
    held()
    coupon = CorporateAction.objects.get(number=1)
    for day in (coupon.record_date + timedelta(days=1), coupon.due_date):
        run_night(at=on(day))
    ClockInterval.objects.all().delete()
    import_module("tokenisation.migrations.0014_clocks_of_payments").start_clocks(apps, None)
    (interval,) = ClockInterval.objects.all()
    assert (interval.subject_id, interval.clock, interval.started_at) == (coupon.pk, "evidence", on(coupon.due_date, 0))
    assert interval.running
