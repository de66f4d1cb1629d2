"""The dated schedule of a debt, against figures that were worked out by hand (`fixtures/coupons.csv`)."""

import csv
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from pvara.kernel.clock import Calendar
from tokenisation import schedule
from tokenisation.models import DebtTerms
from tokenisation.states import BusinessDay

with (settings.BASE_DIR / "fixtures" / "coupons.csv").open(newline="") as file:
    WORKED = list(csv.DictReader(file))


@pytest.mark.parametrize("said", WORKED, ids=[row["name"] for row in WORKED])
def test_the_worked_figures(said):
    calendar = Calendar(frozenset(map(date.fromisoformat, said["holidays"].split())))
    a_year, nominal = int(said["a_year"]), Decimal(said["nominal"])
    found = list(
        schedule.payments(
            date.fromisoformat(said["issue"]),
            date.fromisoformat(said["maturity"]),
            a_year,
            rule=said["rule"],
            record_days=5,
            calendar=calendar,
        )
    )
    redeemed = said["period"] == "redemption"
    payment = found[-1] if redeemed else found[int(said["period"]) - 1]
    period = payment.period
    each = nominal
    if period is not None:
        each = schedule.per_unit(
            nominal, int(said["rate_bp"]), schedule.part_of_year(period, said["day_count"], a_year)
        )
        assert (str(period.starts_on), str(period.ends_on)) == (said["starts"], said["ends"])
    assert (str(payment.record_date), str(payment.due_date)) == (said["record"], said["due"])
    assert f"{each:.4f}" == said["per_unit"]
    assert (period is None) is redeemed


def test_every_day_count_and_every_rule_has_a_worked_figure():
    assert {row["day_count"] for row in WORKED} == set(DebtTerms.DayCount.values)
    assert {row["rule"] for row in WORKED} == set(BusinessDay.values)


def test_what_is_no_day_count_and_what_makes_no_periods_is_an_error_of_ours():
    (period, *_) = schedule.periods(date(2026, 3, 1), date(2027, 3, 1), 2)
    with pytest.raises(ValueError, match="There is no day count ACT/ALL"):
        schedule.part_of_year(period, "ACT/ALL", 2)
    with pytest.raises(ValueError, match="5 payments a year make none"):
        schedule.periods(date(2026, 3, 1), date(2027, 3, 1), 5)


DAYS = st.dates(date(2025, 1, 1), date(2045, 12, 31))


@given(DAYS, DAYS, st.sampled_from(schedule.FREQUENCIES))
def test_periods_follow_each_other_from_issue_to_maturity(one, other, a_year):
    if one == other:
        return
    issue, maturity = sorted([one, other])
    found = schedule.periods(issue, maturity, a_year)
    assert [found[0].starts_on, *(each.ends_on for each in found)] == [
        *(each.starts_on for each in found),
        maturity,
    ]
    assert (found[0].starts_on, [each.number for each in found]) == (issue, list(range(1, len(found) + 1)))
    # Only the first may be short, and it is never longer than a regular one.
    assert [each.regular_from == each.starts_on for each in found[1:]] == [True] * (len(found) - 1)
    assert found[0].regular_from <= issue


@given(DAYS, DAYS, st.sampled_from(schedule.FREQUENCIES))
def test_a_regular_period_of_act_act_is_its_part_of_a_year(one, other, a_year):
    if one == other:
        return
    issue, maturity = sorted([one, other])
    for each in schedule.periods(issue, maturity, a_year)[1:]:
        assert schedule.part_of_year(each, "ACT/ACT", a_year) == Fraction(1, a_year)


@given(DAYS, st.sampled_from(BusinessDay.values))
def test_a_payment_falls_on_a_working_day_unless_nothing_is_adjusted(day, rule):
    calendar = Calendar()
    found = schedule.adjusted(day, rule, calendar)
    assert calendar.is_working_day(found) or rule == BusinessDay.UNADJUSTED
    if rule == BusinessDay.MODIFIED:
        assert (found.year, found.month) == (day.year, day.month)


def test_many_units_are_rounded_once():
    assert schedule.due_on(1_450, Decimal("294.9041")) == Decimal("427610.95")
    # 3 × 0.0050 = 0.0150: a half goes up.
    assert schedule.due_on(3, Decimal("0.0050")) == Decimal("0.02")
