"""What a unit counts against the cap: whole cents, always rounded up."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tokenisation.valuation import Rate, commodity_unit_in_cents, debt_unit_in_cents, dollars


def rate(per_usd: str) -> Rate:
    return Rate("PKR", Decimal(per_usd), date(2026, 3, 2), "SBP")


def test_a_bill_of_5000_rupees_at_280():
    # 5,000 / 280 = 17.857142… dollars: the fraction of a cent counts against the applicant.
    assert debt_unit_in_cents(500_000, rate("280")) == 1786


def test_an_exact_value_is_not_rounded():
    assert debt_unit_in_cents(500_000, rate("250")) == 2000


def test_a_gram_of_gold_after_the_haircut():
    assert commodity_unit_in_cents(1, 13_333, 2000) == 10_667


@given(nominal=st.integers(1, 10**12), per_usd=st.decimals("0.0001", "9999", places=4))
def test_never_less_than_the_true_value_and_by_less_than_a_cent(nominal, per_usd):
    cents = debt_unit_in_cents(nominal, Rate("PKR", per_usd, date(2026, 3, 2), "SBP"))
    assert (cents - 1) * per_usd < nominal <= cents * per_usd


def test_dollars_for_people():
    assert [dollars(200_000_000_000), dollars(5), dollars(-150)] == ["US$2,000,000,000.00", "US$0.05", "-US$1.50"]
