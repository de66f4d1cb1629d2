"""The gates of applications and licences that ask for a fee."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from licensing.actions import applications, fees
from licensing.models import Invoice
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.seen import mark
from tests.licensing.fees import FEE
from tests.licensing.rules import day, shut


def test_a_fee_reference_is_asked_for_only_where_a_fee_is_due(charged, firm, people, at):
    case = path.fill_in(path.noc_case(firm, people=people, at=at, until="draft"), people=people, at=at)
    noted = mark({"fee_reference": case.fee_reference})
    case = applications.give_fee_reference(case, " ", by=people.applicant, at=at, seen=noted)
    said = ("A fee of PKR 76,000.00 is due; say under which reference you pay it.",)
    assert shut(case, "submit", at=at) == {"fee_reference_is_given": said}
    assert shut(case, "submit", at=day(2025, 12, 31)) == {}


def test_intake_waits_for_the_fee(submitted, invoice, pay, at):
    def said(outstanding):
        return {"fee_is_confirmed": (f"PVARA/INV/2026/00001: PKR {outstanding} of PKR 76,000.00 is not paid.",)}

    assert shut(submitted, "accept_intake", at=at) == said("76,000.00")
    pay(invoice, "75999.99", "BANK-1")
    assert shut(submitted, "accept_intake", at=at) == said("0.01")
    pay(invoice, "0.01", "BANK-2")
    assert shut(submitted, "accept_intake", at=at) == {}


def test_a_waived_fee_opens_intake(submitted, invoice, amina, dania, at):
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=amina, at=at)
    path.step(invoice, "waive", by=dania, at=at, note="Agreed.")
    assert shut(submitted, "accept_intake", at=at) == {}


def test_the_fee_is_that_of_the_day_of_submission(regime, firm, people, at, later):
    """A tariff that rises the day after charges nobody who was there before."""
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    path.change_setting("fee.noc_application", str(FEE), effective_from=date(2026, 3, 5), people=people, at=at)
    assert shut(case, "accept_intake", at=later(3)) == {}


def test_the_whole_way_with_every_fee(charged, firm, people, at):
    licence = path.licensed(firm, people=people, at=at)
    assert [(each.kind, each.state, each.total_pkr) for each in Invoice.objects.order_by("pk")] == [
        ("noc_application", "paid", FEE),
        ("licence_application", "paid", Decimal("150000.50")),
        ("annual", "paid", Decimal("1250000.25")),
    ]
    granted = audit.history(licence.application).filter(event="grant_licence").get()
    assert granted.data["gates"]["annual_fee_is_paid"] == {
        "invoice": "PVARA/INV/2026/00003",
        "state": "paid",
        "total_pkr": "1250000.25",
    }


def test_the_licence_waits_for_the_annual_fee(charged, firm, people, farah, pay, at):
    noc = path.noc_case(firm, people=people, at=at)
    case = path.full_case(path.confirmed_setup(noc, people=people, at=at), people=people, at=at, until="in_principle")
    path.vote(case, "grant_licence", people=people, at=at)
    said = ("PVARA/INV/2026/00003: PKR 1,250,000.25 of PKR 1,250,000.25 is not paid.",)
    assert shut(case, "grant_licence", by=people.board, at=at) == {"annual_fee_is_paid": said}
    pay(case.annual_fee_invoice, "1250000.25")
    assert shut(case, "grant_licence", by=people.board, at=at) == {}


def test_overdue_is_the_day_after_the_last(invoice):
    assert [invoice.is_overdue(date(2026, 4, 3) + timedelta(days=more)) for more in (0, 1)] == [False, True]


@pytest.mark.parametrize(("of", "move"), [("noc", "extend_noc"), ("setup", "extend_setup")])
def test_more_time_is_given_once_its_fee_is_paid(charged, firm, people, pay, at, later, of, move):
    """What was asked on the day of the request is owed, whatever the tariff says on the day of the answer."""
    said = {"effective_from": date(2026, 1, 1), "people": people, "at": day(2025, 12, 1)}
    path.change_setting("fee.extension", "25000", **said)
    noc = path.noc_case(firm, people=people, at=at)
    case = noc if of == "noc" else noc.setup
    assert case.extension_due(later(9)) == Decimal(25000)
    case = path.step(case, "ask_to_extend", by=people.applicant, at=later(10), note="The bank takes its time.")
    by = people.supervisor if of == "setup" else people.member
    owed = f"{case.extension_invoice.number}: PKR 25,000.00 of PKR 25,000.00 is not paid."
    assert shut(case, move, by=by, at=later(11))["extension_fee_is_paid"] == (owed,)
    pay(case.extension_invoice, "25000", on=date(2026, 3, 15), at=later(12))
    assert "extension_fee_is_paid" not in shut(case, move, by=by, at=later(12))


def test_where_more_time_costs_nothing_nothing_is_charged(firm, people, at, later):
    setup = path.noc_case(firm, people=people, at=at).setup
    setup = path.step(setup, "ask_to_extend", by=people.applicant, at=later(10), note="The bank takes its time.")
    assert (setup.extension_invoice, shut(setup, "extend_setup", by=people.supervisor, at=later(11))) == (None, {})
