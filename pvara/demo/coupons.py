"""The bond of the demonstration: one coupon paid by its evidence, the next one's rate fixed, that after it proposed.

Rates and amounts are demonstration figures and say so. Its days count from the day on which the demonstration is
loaded, so they may fall on a holiday: its terms leave them there.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils import timezone

from pvara.demo.path import People, step
from tokenisation.actions import corporate, ledger
from tokenisation.models import Asset, CorporateAction, DebtTerms, DistributionAuthorisation, RateFixing

MONTHS_A_PERIOD = 3
# Due so long ago, and on the shelf of the venue so long before that.
DUE_BEFORE = timedelta(days=3)


def terms(*, now: datetime) -> DebtTerms:
    """A floating bond of three years, whose first coupon fell due three days ago, or up to six at a month's end."""
    first: date = timezone.localdate(now) - DUE_BEFORE
    # A day that every month has, so that the coupons come round to it.
    first = first.replace(day=min(first.day, 28))
    issue_date = first - relativedelta(months=MONTHS_A_PERIOD)
    return DebtTerms(
        issue_date=issue_date,
        maturity_date=issue_date + relativedelta(years=3),
        coupon="floating",
        rate_bp=1180,
        payments_a_year=12 // MONTHS_A_PERIOD,
        business_day="unadjusted",
        custody_account="SGLA-DEMO-0003",
    )


def sell(authorisation: DistributionAuthorisation, *, people: People, at: datetime) -> None:
    """Before the record date: what the venue's clients hold, and what they are owed the coupon on."""
    for number, units in enumerate((400, 125), start=1):
        ledger.place(authorisation, units=units, key=f"coupon-{number}", by=people.applicant, at=at)


def pay(asset: Asset, *, people: People, now: datetime) -> CorporateAction:
    """From the record of the first coupon to the confirmation of its payment."""
    coupon = next_coupon(asset)
    if coupon.record_date is None:
        raise LookupError("A coupon has a record date.")
    later = timedelta(hours=1)
    step(coupon, "take_record", by=None, at=_morning(coupon.record_date + timedelta(days=1), now))
    step(coupon, "fall_due", by=None, at=now - DUE_BEFORE + later)
    coupon = CorporateAction.objects.get(pk=coupon.pk)
    corporate.record_payment(
        coupon,
        paid_on=timezone.localdate(now - DUE_BEFORE),
        amount=coupon.total_due or Decimal(0),
        reference="RTGS/DEMO/0001 (invented)",
        document_sha256="0" * 64,
        by=people.debt_officer,
        at=now - DUE_BEFORE + 2 * later,
    )
    step(coupon, "confirm_payment", by=people.debt_approver, at=now)
    return CorporateAction.objects.get(pk=coupon.pk)


def fix_rates(asset: Asset, *, people: People, now: datetime) -> RateFixing:
    """The rate of the coupon that is coming is fixed, and that of the one after it is proposed."""
    source = "Auction of six-month bills, cut-off and spread (demonstration figure)"
    coming, after = coupons(asset)[1:3]
    said: dict[str, Any] = {"source": source, "by": people.debt_officer, "at": now}
    step(corporate.propose_rate(coming, rate_bp=1155, **said), "fix", by=people.debt_approver, at=now)
    return corporate.propose_rate(after, rate_bp=1140, **said)


def coupons(asset: Asset) -> list[CorporateAction]:
    return list(CorporateAction.objects.filter(asset=asset, kind="coupon").order_by("number"))


def next_coupon(asset: Asset) -> CorporateAction:
    return next(each for each in coupons(asset) if each.state == "announced")


def _morning(day: date, now: datetime) -> datetime:
    return datetime.combine(day, now.timetz()).replace(hour=1, minute=0)
