"""Who keeps away from whose money, and who waives or cancels what."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from licensing.actions import fees, interests
from licensing.actions.handovers import hand_over
from licensing.models import Invoice, NocApplication, Payment
from pvara.demo import path
from pvara.kernel import audit, outbox, roles
from pvara.kernel.machine import MoveRefused
from tests.licensing.rules import shut


# ── Four eyes ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_officer_of_a_case_keeps_away_from_its_money(submitted, invoice, pay, omar, farah, people, at):
    """omar takes on finance as a second role: his own case's money is still not his."""
    roles.grant(omar, "finance_officer", by=None, at=at)
    pay(invoice, "76000", by=farah)
    case = path.step(submitted, "accept_intake", by=omar, at=at)
    fees.reverse_payment(Payment.objects.get(), reasons="Bounced.", by=farah, at=at)
    with pytest.raises(MoveRefused) as refusal:
        pay(invoice, "76000", "BANK-2", by=omar)
    assert [each.code for each in refusal.value.unmet if each.code.startswith("recorder")] == [
        "recorder_is_not_the_case_officer"
    ]
    row = {"paid_on": date(2026, 3, 4), "recorded_by": omar, "recorded_at": at, "bank_reference": "X"}
    with pytest.raises(IntegrityError, match="keeps away"), transaction.atomic():
        Payment.objects.create(invoice=invoice, amount_pkr=1, **row)
    assert (case.case_officer, Payment.objects.filter(recorded_by=omar).count()) == (omar, 0)


def test_a_case_is_not_handed_to_whoever_recorded_its_payment(submitted, invoice, pay, people, at):
    pay(invoice, "76000", by=people.finance)
    case = path.step(submitted, "accept_intake", by=people.officer, at=at)
    roles.grant(people.finance, "case_officer", by=None, at=at)
    to = {"by": people.supervisor, "at": at, "reasons": "Leave.", "expected_version": case.version}
    with pytest.raises(ValidationError, match="Farah recorded a payment for the case"):
        hand_over(case, people.finance, **to)


def test_a_former_officer_keeps_away_from_the_money(submitted, invoice, pay, omar, ozair, people, at):
    pay(invoice, "76000", by=people.finance)
    case = path.step(submitted, "accept_intake", by=omar, at=at)
    to = {"by": people.supervisor, "at": at, "reasons": "Leave.", "expected_version": case.version}
    hand_over(case, ozair, **to)
    assert Invoice.objects.get(pk=invoice.pk).officer_ids() == {omar.pk, ozair.pk}


def test_who_recorded_a_payment_does_not_take_the_case_up(submitted, invoice, pay, omar, people, at):
    roles.grant(omar, "finance_officer", by=None, at=at)
    pay(invoice, "76000", by=omar)
    assert shut(submitted, "accept_intake", by=omar, at=at) == {"officer_did_not_record_the_payment": ()}
    with pytest.raises(IntegrityError, match="does not take the case up"), transaction.atomic():
        NocApplication.objects.filter(pk=submitted.pk).update(case_officer=omar)


# ── Waiving and cancelling ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_waiver_is_asked_for_by_one_and_given_by_another(invoice, amina, dania, at):
    assert shut(invoice, "waive", by=dania, at=at) == {"waiver_was_asked_for": ()}
    fees.ask_for_waiver(invoice, reasons="A pilot of the state's own.", by=amina, at=at)
    waived = path.step(invoice, "waive", by=dania, at=at, note="Agreed.")
    assert (waived.state, waived.waived_by, waived.outstanding_pkr) == ("waived", dania, Decimal(0))
    facts = audit.history(invoice).last().data["gates"]["waiver_was_asked_for"]
    assert facts == {"asked_by": "Amina", "reasons": "A pilot of the state's own."}


def test_nobody_waives_what_they_asked_for(invoice, dania, danish, at):
    roles.grant(dania, "finance_officer", by=None, at=at)
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=dania, at=at)
    assert shut(invoice, "waive", by=dania, at=at) == {"waiver_is_not_by_who_asked": ()}
    with pytest.raises(ValidationError, match="does not decide on it"):
        fees.decline_waiver(invoice, reasons="No.", by=dania, at=at)
    with pytest.raises(IntegrityError, match="not_by_who_asked"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(waived_by=dania)
    assert shut(invoice, "waive", by=danish, at=at) == {}


def test_the_officer_of_a_case_neither_gives_nor_declines_a_waiver(submitted, invoice, pay, omar, dania, farah, at):
    """omar sits on the committee as well; what his own case pays is decided by another of its members."""
    roles.grant(omar, "committee_member", by=None, at=at)
    pay(invoice, "76000", by=farah)
    path.step(submitted, "accept_intake", by=omar, at=at)
    fees.reverse_payment(Payment.objects.get(), reasons="Bounced.", by=farah, at=at)
    asked = fees.ask_for_waiver(Invoice.objects.get(pk=invoice.pk), reasons="Hardship.", by=farah, at=at)
    assert list(shut(asked, "waive", by=omar, at=at)) == ["decider_is_not_case_officer"]
    assert shut(asked, "waive", by=dania, at=at) == {}
    with pytest.raises(PermissionDenied, match="as its officer does not decide it"):
        fees.decline_waiver(asked, reasons="No.", by=omar, at=at)


def test_who_assessed_the_firm_neither_gives_nor_declines_a_waiver(firm, invoice, people, amina, dania, at):
    """Nobody is offered a move that the database would refuse them."""
    path.rate_everything(firm, "NOC", people=people, at=at)
    asked = fees.ask_for_waiver(invoice, reasons="Hardship.", by=amina, at=at)
    for part in (people.assessor, people.moderator):
        roles.grant(part, "committee_member", by=None, at=at)
        assert list(shut(asked, "waive", by=part, at=at)) == ["decider_did_not_assess"]
        with pytest.raises(PermissionDenied, match="assessed or moderated a case does not decide it"):
            fees.decline_waiver(asked, reasons="No.", by=part, at=at)
        with pytest.raises(IntegrityError, match="assessed or moderated this firm"), transaction.atomic():
            Invoice.objects.filter(pk=asked.pk).update(waived_by=part)
    assert shut(asked, "waive", by=dania, at=at) == {}
    fees.decline_waiver(asked, reasons="No hardship is shown.", by=dania, at=at)


def test_who_has_an_interest_keeps_away_from_a_firms_fees(firm, invoice, omar, dania, farah, at):
    for person in (omar, dania, farah):
        interests.declare(firm, by=person, at=at, nature="holds_assets_or_shares", explanation="Shares.")
    with pytest.raises(PermissionDenied, match="Shares"):
        fees.ask_for_waiver(invoice, reasons="Hardship.", by=omar, at=at)
    with pytest.raises(PermissionDenied, match="Shares"):
        fees.decline_waiver(invoice, reasons="No.", by=dania, at=at)
    with pytest.raises(PermissionDenied, match="Shares"):
        fees.raise_again(invoice, by=farah, at=at)


def test_a_waiver_that_is_declined_may_be_asked_for_again(invoice, amina, dania, at, mailoutbox):
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=amina, at=at)
    with pytest.raises(ValidationError, match="asked for already"):
        fees.ask_for_waiver(invoice, reasons="Again.", by=amina, at=at)
    fees.decline_waiver(invoice, reasons="No hardship is shown.", by=dania, at=at)
    assert shut(invoice, "waive", by=dania, at=at) == {"waiver_was_asked_for": ()}
    outbox.drain()
    assert "PVARA/INV/2026/00001: the fee is not waived" in [mail.subject for mail in mailoutbox]
    fees.ask_for_waiver(invoice, reasons="With accounts.", by=amina, at=at)


def test_who_may_ask_for_a_waiver(invoice, stranger, asif, omar, at):
    for person in (stranger, asif):
        with pytest.raises(PermissionDenied):
            fees.ask_for_waiver(invoice, reasons="Please.", by=person, at=at)
    with pytest.raises(ValidationError, match="Give the reasons"):
        fees.ask_for_waiver(invoice, reasons=" ", by=omar, at=at)


def test_a_cancelled_invoice_is_no_payment_and_is_raised_again(submitted, invoice, pay, farah, at):
    part = pay(invoice, "1000")
    fees.reverse_payment(part, reasons="Bounced.", by=farah, at=at)
    cancelled = path.step(invoice, "cancel", by=farah, at=at, note="Wrong lines.")
    said = ("PKR 76,000.00 is due, and no invoice stands.",)
    assert shut(submitted, "accept_intake", at=at) == {"fee_is_confirmed": said}
    again = fees.raise_again(cancelled, by=farah, at=at)
    assert (again.number, again.raised_by) == ("PVARA/INV/2026/00002", farah)
    with pytest.raises(ValidationError, match="stands already"):
        fees.raise_again(cancelled, by=farah, at=at)


def test_what_is_paid_in_part_is_not_cancelled(invoice, pay, farah, at):
    pay(invoice, "1000")
    assert list(shut(invoice, "cancel", by=farah, at=at)) == ["wrong_state"]
