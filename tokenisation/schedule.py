"""When a debt pays and what a unit then earns: pure arithmetic on its terms, without a clock or a database.

Periods are counted back from the maturity, so that an odd one is the first and the short one. They are not adjusted: a
payment that falls on a holiday moves, and what is earned does not. Amounts are Decimals in the currency itself, rounded
half up to the ten-thousandth that the columns keep; what a holder of many units is due is then rounded to hundredths.

Day counts: ACT/365 (fixed) and ACT/360 by their days; 30/360 as ISDA 2006, section 4.16(f), the bond basis; ACT/ACT as
ICMA's rule 251, by which a regular period is exactly its part of a year.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from dateutil.relativedelta import relativedelta

# How often a debt may pay in a year: its periods are whole months.
FREQUENCIES = (1, 2, 4, 12)
TEN_THOUSANDTH = Decimal("0.0001")
HUNDREDTH = Decimal("0.01")


class WorkingDays(Protocol):
    """What is asked of a calendar; the kernel's is one."""

    def is_working_day(self, day: date) -> bool: ...


@dataclass(frozen=True)
class Period:
    """One period of a debt: its number from 1, its two unadjusted days, and the regular days of which it is a part."""

    number: int
    starts_on: date
    ends_on: date
    # The same as `starts_on` unless the period is short.
    regular_from: date


@dataclass(frozen=True)
class Payment:
    """What is due at the end of a period, or at maturity where `period` is None."""

    period: Period | None
    record_date: date
    due_date: date


def periods(issue_date: date, maturity_date: date, payments_a_year: int) -> list[Period]:
    """The periods from issue to maturity, first to last; none for a debt that pays at its end alone.

    Every day is counted from the maturity itself, so the 31st comes back after a month that lacks it.
    """
    if not payments_a_year:
        return []
    if payments_a_year not in FREQUENCIES:
        raise ValueError(f"Periods are whole months: {payments_a_year} payments a year make none.")
    months = 12 // payments_a_year
    ends = [maturity_date]
    while (before := maturity_date - relativedelta(months=months * len(ends))) > issue_date:
        ends.append(before)
    starts = [*ends[1:], issue_date]
    return [
        Period(number, start, end, maturity_date - relativedelta(months=months * (len(ends) - number + 1)))
        for number, (start, end) in enumerate(zip(reversed(starts), reversed(ends), strict=True), start=1)
    ]


def adjusted(day: date, rule: str, calendar: WorkingDays) -> date:
    """The day on which something due on a day is paid; the rules are the words of `states.BusinessDay`."""
    if rule == "unadjusted" or calendar.is_working_day(day):
        return day
    if rule == "preceding":
        return _next(day, -1, calendar)
    after = _next(day, 1, calendar)
    if rule == "modified" and after.month != day.month:
        return _next(day, -1, calendar)
    return after


def _next(day: date, step: int, calendar: WorkingDays) -> date:
    while not calendar.is_working_day(day):
        day += timedelta(days=step)
    return day


def payments(
    issue_date: date,
    maturity_date: date,
    payments_a_year: int,
    *,
    rule: str,
    record_days: int,
    calendar: WorkingDays,
) -> Iterator[Payment]:
    """What a debt pays and when, the redemption last.

    The record date lies so many days before the period's end, or before the payment where that comes first.
    """
    for period in [*periods(issue_date, maturity_date, payments_a_year), None]:
        ends_on = period.ends_on if period else maturity_date
        due = adjusted(ends_on, rule, calendar)
        yield Payment(period, min(ends_on, due) - timedelta(days=record_days), due)


# ── Amounts ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def part_of_year(period: Period, day_count: str, payments_a_year: int) -> Fraction:
    """The part of a year for which a period earns, by a day count; exact."""
    days = (period.ends_on - period.starts_on).days
    match day_count:
        case "ACT/365":
            return Fraction(days, 365)
        case "ACT/360":
            return Fraction(days, 360)
        case "ACT/ACT":
            return Fraction(days, payments_a_year * (period.ends_on - period.regular_from).days)
        case "30/360":
            return Fraction(_thirties(period.starts_on, period.ends_on), 360)
    raise ValueError(f"There is no day count {day_count}.")


def _thirties(first: date, last: date) -> int:
    """Days between two dates when every month has thirty."""
    from_day = min(first.day, 30)
    to_day = 30 if last.day == 31 and from_day == 30 else last.day
    return 360 * (last.year - first.year) + 30 * (last.month - first.month) + to_day - from_day


def per_unit(nominal: Decimal, rate_bp: int, part: Fraction) -> Decimal:
    """What a unit of that nominal earns in a part of a year at a rate in basis points."""
    earned = Fraction(nominal) * rate_bp * part / 10_000
    return _rounded(earned, TEN_THOUSANDTH)


def due_on(units: int, each: Decimal) -> Decimal:
    """What so many units are due together, in hundredths of the currency."""
    return _rounded(Fraction(each) * units, HUNDREDTH)


def _rounded(exact: Fraction, step: Decimal) -> Decimal:
    # Rounded once, from the exact fraction: a division of Decimals would round twice.
    steps = exact / Fraction(step)
    whole = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator)
    return (whole * step).quantize(step)
