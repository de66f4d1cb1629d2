"""Numbers and payments when several people write at the same time."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from licensing.actions import fees
from licensing.models import Invoice, Payment
from pvara.demo import path
from tests.licensing.fees import FEE, at_once, fresh, path_firm
from tests.licensing.rules import day


@pytest.mark.django_db(transaction=True)
def test_numbers_at_the_turn_of_the_year_have_no_gaps_and_no_doubles(charged, people, at):
    """Eight at once on either side of midnight, and every third of them fails after it took its number."""
    cases = []
    for number in range(16):
        firm = path_firm(f"Exchange {number}", people, at)
        cases.append(path.noc_case(firm, people=people, at=at, until="draft"))

    def charge(number, case):
        moment = day(2026, 12, 31, 23, 59, 59) if number % 2 else day(2027, 1, 1)
        with transaction.atomic():
            invoice = fees.raise_invoice(case, "noc_application", activities=[], by=None, at=moment)
            if number % 3 == 0:
                raise ValidationError("Something else went wrong.")
            return invoice.number

    came = at_once(*((lambda n=n, c=c: charge(n, c)) for n, c in enumerate(cases)))
    kept = [each for each in came if isinstance(each, str)]
    assert sorted(kept) == [f"PVARA/INV/{year}/{n:05d}" for year in (2026, 2027) for n in range(1, 6)]
    assert sorted(Invoice.objects.values_list("number", flat=True)) == sorted(kept)


@pytest.mark.django_db(transaction=True)
def test_two_who_record_at_once_never_record_too_much(charged, people, at, farah):
    firm = path_firm("Exchange", people, at)
    invoice = path.noc_case(firm, people=people, at=at, until="submitted").fee_invoice

    def record(reference):
        return fees.record_payment(
            Invoice.objects.get(pk=invoice.pk),
            amount=FEE,
            paid_on=date(2026, 3, 4),
            bank_reference=reference,
            by=farah,
            at=at,
        )

    came = at_once(lambda: record("BANK-1"), lambda: record("BANK-2"))
    assert sorted(type(each).__name__ for each in came) == ["Payment", "ValidationError"]
    assert (Payment.objects.count(), fresh(invoice).state) == (1, "paid")
