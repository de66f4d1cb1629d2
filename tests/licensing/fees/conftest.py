"""An application that is charged, its invoice, and how it is paid."""

from datetime import date
from decimal import Decimal

import pytest

from licensing.actions import fees
from pvara.demo import path
from tests.licensing.fees import FEE
from tests.licensing.rules import day


@pytest.fixture
def charged(regime, people):
    """A tariff that asks for something, set before anything happened."""

    def fee(key, amount):
        said = {"effective_from": date(2026, 1, 1), "people": people, "at": day(2025, 12, 1)}
        path.change_setting(f"fee.{key}", str(amount), **said)

    fee("noc_application", FEE)
    fee("licence_application", "100000")
    fee("licence_application.exchange", "50000.50")
    fee("annual.exchange", "1000000")
    fee("annual.custody", "250000.25")


@pytest.fixture
def submitted(charged, firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="submitted")


@pytest.fixture
def invoice(submitted):
    return submitted.fee_invoice


@pytest.fixture
def pay(farah, at):
    """`pay(invoice, "500.00")`: as farah records it."""

    def record(invoice, amount, reference="BANK-1", *, by=farah, on=date(2026, 3, 4), **more):
        more = {"at": at, **more}
        return fees.record_payment(invoice, amount=Decimal(amount), paid_on=on, bank_reference=reference, by=by, **more)

    return record
