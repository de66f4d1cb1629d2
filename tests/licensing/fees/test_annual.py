"""The fee of each further year of a licence: raised once, by the tariff of its first day, or made up for."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from licensing.actions import fees, timers
from licensing.models import Invoice, Licence
from licensing.states import FeeKind
from pvara.demo import life, path
from pvara.kernel import outbox
from pvara.kernel.machine import unmet
from tests.licensing.fees import at_once, fresh
from tests.licensing.rules import day

YEAR = Decimal("1250000.25")


@pytest.fixture
def held(charged, licence):
    """Exchange and custody from 4 March 2026 on, for three years."""
    Licence.objects.filter(pk=licence.pk).update(valid_from=date(2026, 3, 4), valid_to=date(2029, 3, 3))
    return fresh(licence)


def sweep(at):
    return timers.SWEEPS["annual.charge_for_further_years"](at)


def years(licence):
    rows = Invoice.objects.about(licence).filter(kind=FeeKind.ANNUAL).order_by("pk")
    return [(str(each.period_from), each.total_pkr) for each in rows]


def test_each_year_is_charged_on_its_first_day_and_once(held):
    assert (sweep(day(2027, 3, 3, 23, 59)), years(held)) == (0, [])
    assert [sweep(day(2027, 3, 4)), sweep(day(2027, 3, 4)), sweep(day(2027, 5, 1))] == [1, 0, 0]
    assert years(held) == [("2027-03-04", YEAR)]
    # A year that was not paid for holds the next one back as little as it hides it.
    assert sweep(day(2028, 3, 4)) == 1
    assert years(held) == [("2027-03-04", YEAR), ("2028-03-04", YEAR)]
    first = Invoice.objects.about(held).earliest("pk")
    assert [line.title for line in first.lines.all()] == [
        "Annual fee: Exchange, for the year from 4 March 2027",
        "Annual fee: Custody, for the year from 4 March 2027",
    ]
    assert (first.issued_at, first.due_on) == (day(2027, 3, 4), date(2027, 4, 3))


def test_nights_on_which_nobody_looked_are_made_up_for_by_the_tariff_of_each_first_day(held, people, mailoutbox):
    raised = {"effective_from": date(2028, 3, 4), "people": people, "at": day(2027, 12, 1)}
    path.change_setting("fee.annual.exchange", "2000000", **raised)
    assert sweep(day(2028, 7, 1)) == 1
    assert years(held) == [("2027-03-04", YEAR), ("2028-03-04", Decimal("2250000.25"))]
    assert {each.due_on for each in Invoice.objects.about(held)} == {date(2028, 7, 31)}
    outbox.drain()
    assert len([mail for mail in mailoutbox if "to pay" in mail.subject]) == 2


def test_a_tariff_charges_for_no_year_that_began_before_it(licence, at):
    """The first night under it looks back as far as its own first day, whenever its rows were loaded."""
    Licence.objects.filter(pk=licence.pk).update(valid_from=date(2024, 3, 4), valid_to=date(2029, 3, 3))
    row = {"kind": "annual", "amount_pkr": "500", "mark": "F", "source": "SRO 1"}
    fees.load_tariff({"effective_from": "2026-03-04", "tariff": [row], "sample": []}, at=day(2027, 6, 1))
    assert sweep(day(2027, 6, 1)) == 1
    assert years(licence) == [("2026-03-04", Decimal(500)), ("2027-03-04", Decimal(500))]


@pytest.mark.parametrize(
    ("granted", "firsts"),
    [
        (date(2024, 2, 29), [date(2025, 3, 1), date(2026, 3, 1), date(2027, 3, 1), date(2028, 2, 29)]),
        (date(2025, 2, 28), [date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 28), date(2029, 2, 28)]),
        (date(2025, 3, 1), [date(2026, 3, 1), date(2027, 3, 1), date(2028, 3, 1), date(2029, 3, 1)]),
    ],
)
def test_a_year_begins_on_the_day_after_the_last_of_the_year_before(granted, firsts):
    licence = Licence(valid_from=granted)
    assert [licence.first_day_of_year(number) for number in (2, 3, 4, 5)] == firsts


def test_a_year_out_of_its_term_is_charged_once_it_is_renewed(held):
    Licence.objects.filter(pk=held.pk).update(valid_to=date(2027, 3, 3))
    assert sweep(day(2027, 3, 20)) == 0
    Licence.objects.filter(pk=held.pk).update(valid_to=date(2028, 3, 3))
    assert sweep(day(2027, 3, 20)) == 1
    assert years(held) == [("2027-03-04", YEAR)]


def test_a_licence_that_is_over_is_charged_no_more(held, people, basma):
    life.revoke(held, people=people, at=day(2027, 3, 1), by=basma)
    assert (sweep(day(2027, 3, 4)), years(held)) == (0, [])


def test_what_is_not_paid_holds_up_a_reinstatement_and_a_renewal(held, people, farah):
    life.suspend(held, people=people, at=day(2027, 3, 1))
    assert sweep(day(2027, 3, 4)) == 1
    (invoice,) = Invoice.objects.about(held)
    shut = {each.code: each.details for each in unmet(fresh(held), "reinstate", by=people.member, at=day(2027, 3, 5))}
    assert [each for each in shut["no_invoice_is_unpaid"] if invoice.number in each] != []
    paid = {"paid_on": date(2027, 3, 5), "bank_reference": "BANK-7", "by": farah, "at": day(2027, 3, 5)}
    fees.record_payment(invoice, amount=YEAR, **paid)
    shut = {each.code for each in unmet(fresh(held), "reinstate", by=people.member, at=day(2027, 3, 6))}
    assert "no_invoice_is_unpaid" not in shut


def test_what_finance_has_cancelled_comes_back_by_its_hand_alone(held, farah):
    sweep(day(2027, 3, 4))
    (invoice,) = Invoice.objects.about(held)
    invoice = path.step(invoice, "cancel", by=farah, at=day(2027, 3, 5), note="A mistake.")
    assert sweep(day(2027, 3, 6)) == 0
    again = fees.raise_again(invoice, by=farah, at=day(2027, 3, 7))
    assert (again.period_from, again.total_pkr, again.due_on) == (date(2027, 3, 4), YEAR, date(2027, 4, 6))
    # It stands in nobody's way that the year after is charged too.
    assert sweep(day(2028, 3, 4)) == 1


def test_the_database_charges_a_year_once(held):
    sweep(day(2027, 3, 4))
    said = {"activities": ["exchange"], "by": None, "at": day(2027, 3, 5), "period_from": date(2027, 3, 4)}
    with pytest.raises(IntegrityError, match="invoice_one_for_a_period"), transaction.atomic():
        fees.raise_invoice(held, FeeKind.ANNUAL, **said)


def test_where_the_tariff_asks_for_nothing_nothing_is_charged(licence, at):
    Licence.objects.filter(pk=licence.pk).update(valid_to=licence.valid_from + timedelta(days=1500))
    assert sweep(at + timedelta(days=400)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_charge_once(held):
    assert sorted(at_once(lambda: sweep(day(2027, 3, 4)), lambda: sweep(day(2027, 3, 4)))) == [0, 1]
    assert years(held) == [("2027-03-04", YEAR)]


def test_a_variation_is_charged_for_what_it_adds(held, people):
    for activity, amount in (("exchange", "1"), ("custody", "20"), ("brokerage", "300")):
        raised = {"effective_from": date(2026, 1, 1), "people": people, "at": day(2025, 12, 1)}
        path.change_setting(f"fee.variation.{activity}", amount, **raised)
    variation = life.variation_asked(held, people=people, at=day(2026, 4, 1))
    assert (variation.fee_invoice.total_pkr, variation.fee_due(day(2026, 4, 1))) == (Decimal(300), Decimal(300))
