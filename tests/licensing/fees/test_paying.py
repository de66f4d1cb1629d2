"""Payments: recorded, taken back, and what the database keeps of them."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from licensing.actions import fees
from licensing.models import Invoice, InvoiceLine, Payment
from pvara.demo import path
from pvara.kernel import audit, outbox
from pvara.kernel.machine import MoveRefused, perform
from tests.licensing.fees import FEE, fresh


# ── Paying ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_two_halves_make_a_whole(invoice, pay, at, mailoutbox):
    pay(invoice, "38000", "BANK-1")
    half = fresh(invoice)
    assert (half.state, half.paid_pkr, half.outstanding_pkr) == ("part_paid", Decimal(38000), Decimal(38000))
    pay(invoice, "38000", "BANK-2")
    whole = fresh(invoice)
    assert (whole.state, whole.paid_pkr, whole.outstanding_pkr) == ("paid", FEE, Decimal(0))
    entries = [(entry.event, entry.data.get("bank_reference")) for entry in audit.history(invoice)]
    assert entries == [("issued", None), ("record_part", "BANK-1"), ("settle", "BANK-2")]
    outbox.drain()
    assert [mail.subject for mail in mailoutbox if "is paid" in mail.subject] == ["PVARA/INV/2026/00001 is paid"]


@pytest.mark.parametrize(
    ("amount", "reference", "on", "field", "said"),
    [
        (
            "76000.01",
            "B",
            date(2026, 3, 4),
            "amount",
            "PKR 76,000.00 is outstanding. Record that, and return the rest to the payer.",
        ),
        ("0", "B", date(2026, 3, 4), "amount", "Give an amount above zero. To take a payment back, reverse it."),
        ("-1", "B", date(2026, 3, 4), "amount", "Give an amount above zero. To take a payment back, reverse it."),
        ("1", "B", date(2026, 3, 5), "paid_on", "This day has not come yet."),
        ("1", "  ", date(2026, 3, 4), "bank_reference", "Give the bank's reference of the payment."),
    ],
)
def test_a_payment_that_cannot_be_recorded(invoice, pay, amount, reference, on, field, said):
    with pytest.raises(ValidationError) as refusal:
        pay(invoice, amount, reference, on=on)
    assert refusal.value.message_dict == {field: [said]}
    assert (Payment.objects.count(), fresh(invoice).state) == (0, "issued")


def test_one_payment_is_recorded_once_and_two_alike_by_their_references(invoice, pay):
    pay(invoice, "1000", "BANK-1")
    with pytest.raises(ValidationError) as refusal:
        pay(invoice, "1000", "BANK-1")
    assert refusal.value.messages == ["This payment is recorded already, for PVARA/INV/2026/00001."]
    pay(invoice, "1000", "BANK-2")
    assert fresh(invoice).paid_pkr == Decimal(2000)


def test_the_last_paisa_settles(invoice, pay):
    pay(invoice, "75999.99", "BANK-1")
    assert fresh(invoice).state == "part_paid"
    pay(invoice, "0.01", "BANK-2")
    assert fresh(invoice).state == "paid"
    with pytest.raises(ValidationError, match="nothing is to be paid"):
        pay(invoice, "0.01", "BANK-3")


def test_a_settlement_without_money_is_refused(invoice, farah, at):
    for move in ("settle", "record_part"):
        with pytest.raises(MoveRefused) as refusal:
            perform(invoice, move, by=farah, at=at, expected_version=0)
        assert [each.details for each in refusal.value.unmet] == [("PKR 0.00 of PKR 76,000.00 is paid.",)]


def test_a_payment_taken_back_opens_the_invoice_again(invoice, pay, farah, at):
    first, second = pay(invoice, "70000", "BANK-1"), pay(invoice, "6000", "BANK-2")
    fees.reverse_payment(second, reasons="The cheque bounced.", by=farah, at=at)
    assert (fresh(invoice).state, fresh(invoice).paid_pkr) == ("part_paid", Decimal(70000))
    fees.reverse_payment(first, reasons="For another firm.", by=farah, at=at)
    assert (fresh(invoice).state, fresh(invoice).paid_pkr) == ("issued", Decimal(0))
    amounts = [(each.amount_pkr, each.reverses_id) for each in Payment.objects.all()]
    assert amounts == [(70000, None), (6000, None), (-6000, second.pk), (-70000, first.pk)]
    # What was taken back because it went to the wrong invoice may be recorded anew.
    pay(invoice, "70000", "BANK-1")


def test_what_cannot_be_taken_back(invoice, pay, farah, at):
    payment = pay(invoice, "1000")
    with pytest.raises(MoveRefused):
        fees.reverse_payment(payment, reasons=" ", by=farah, at=at)
    counter = fees.reverse_payment(payment, reasons="Bounced.", by=farah, at=at)
    for wrong, said in ((payment, "was taken back already"), (counter, "a counter-entry itself")):
        with pytest.raises(ValidationError, match=said):
            fees.reverse_payment(wrong, reasons="Again.", by=farah, at=at)


def test_payments_of_a_waived_invoice_stand(invoice, pay, farah, dania, at):
    payment = pay(invoice, "1000")
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=farah, at=at)
    path.step(invoice, "waive", by=dania, at=at, note="Granted.")
    with pytest.raises(ValidationError, match="is waived: its payments stand"):
        fees.reverse_payment(payment, reasons="Bounced.", by=farah, at=at)


# ── What the database refuses by itself ───────────────────────────────────────────────────────────────────────────────
def test_the_database_keeps_payments_within_the_invoice(invoice, farah, omar, at):
    def insert(amount, reference="B", **more):
        row = {"invoice": invoice, "paid_on": date(2026, 3, 4), "recorded_by": farah, "recorded_at": at, **more}
        with transaction.atomic():
            return Payment.objects.create(amount_pkr=Decimal(amount), bank_reference=reference, **row)

    with pytest.raises(IntegrityError, match="do not fit"):
        insert("76000.01")
    first = insert("1000")
    with pytest.raises(IntegrityError, match="recorded already"):
        insert("1000")
    with pytest.raises(IntegrityError, match="does not take payment"):
        insert("-999", reverses=first)
    with pytest.raises(IntegrityError, match="positive_and_its_reversal"):
        insert("-10", reference="C")
    insert("-1000", reverses=first)
    with pytest.raises(IntegrityError):
        insert("-1000", reverses=first)
    for change in (
        lambda: Payment.objects.update(amount_pkr=1),
        lambda: Payment.objects.filter(amount_pkr=-1000).delete(),
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        InvoiceLine.objects.update(amount_pkr=1)


def test_an_invoice_is_not_settled_past_the_machine(invoice):
    with pytest.raises(IntegrityError, match="no audit entry"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(state="paid")
