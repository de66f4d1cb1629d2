"""What a unit counts against the programme's cap, in US cents. Pure arithmetic: no Django, no database, no clock.

Whole numbers in, whole numbers out, and always rounded up: a fraction of a cent counts against the applicant, so that
the sum of many units can never hide behind rounding. Treasury bills count at face, not at price.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal


@dataclass(frozen=True)
class Rate:
    """Units of a currency for one US dollar, on a date, from a source."""

    currency: str
    per_usd: Decimal
    on: date
    source: str


DOLLAR = Rate("USD", Decimal(1), date.min, "identity")


def debt_unit_in_cents(nominal_minor: int, rate: Rate) -> int:
    """The nominal of a unit, in the currency's hundredths, as US cents."""
    return int((Decimal(nominal_minor) / rate.per_usd).to_integral_value(ROUND_CEILING))


def commodity_unit_in_cents(quantity: int, price_cents: int, haircut_bp: int) -> int:
    """Quantity × reference price, less the haircut in basis points, as US cents."""
    kept = quantity * price_cents * (10_000 - haircut_bp)
    return -(-kept // 10_000)


@dataclass(frozen=True)
class Valuation:
    """What an asset counts: per unit and in all, in US cents, and the rate that says so."""

    unit_cents: int
    total_cents: int
    rate: Rate


def dollars(cents: int) -> str:
    """US$ with thousands, for people: `US$2,000,000,000.00`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}US${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
