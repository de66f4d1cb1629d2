"""What an issued asset is bound to pay, from the calendar to the evidence; rates, partial redemptions, defaults."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from pvara.kernel.machine import MoveRefused
from tokenisation.actions.corporate import record_payment
from tokenisation.models import Asset, CorporateAction

BOND = {"kind": "bond", "units": 1_000}
FIXED = {"coupon": "fixed", "payments_a_year": 2, "rate_bp": 1170, "maturity_date": date(2029, 3, 1)}
SAID = {"case_ref": "MoF/9", "reasons": "By the decision of the issuer."}


def on(day: date, hour: int = 1) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


def calendar(asset: Asset) -> list[tuple]:
    rows = CorporateAction.objects.filter(asset=asset).by_date()
    return [
        (each.kind, each.number, str(each.record_date), str(each.due_date), each.per_unit, each.state) for each in rows
    ]


def refusal(act) -> list[str]:
    with pytest.raises(MoveRefused) as refused:
        act()
    return [each.code for each in refused.value.unmet]


def paid(action: CorporateAction, by, at, **changed):
    said = {"paid_on": timezone.localdate(at), "amount": action.total_due, "reference": "SBP/RTGS/7"}
    return record_payment(action, **{**said, "document_sha256": "0" * 64, **changed}, by=by, at=at)
