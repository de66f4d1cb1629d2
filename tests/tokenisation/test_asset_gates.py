"""The gates of an asset that only time and other authorities open, each seen shut and open."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pvara.kernel.machine import moves_of
from tests.tokenisation.conftest import SOURCE, debt_terms
from tokenisation.actions.assets import record_approval
from tokenisation.models import Asset, FxRate


@pytest.fixture
def shut(at):
    """`shut(asset, "issue", "gate")`: whether that gate of the move is shut."""

    def asked(asset, move, code, on=None):
        (gate,) = [each for each in moves_of(Asset)[move].gates if each.code == code]
        return not gate.verdict(Asset.objects.get(pk=asset.pk), by=None, at=on or at, move=move)

    return asked


def test_an_asset_matures_on_its_day_and_is_not_issued_from_then_on(propose, shut, at):
    bill = propose(terms=debt_terms(issue_date=date(2026, 3, 1), maturity_date=date(2026, 6, 1)))
    day_before = at + timedelta(days=88)
    for on, matured in ((day_before, False), (day_before + timedelta(days=1), True)):
        assert shut(bill, "mature", "maturity_has_come", on) is not matured
        assert [shut(bill, move, "asset_has_not_matured", on) for move in ("issue", "end_pause")] == [matured] * 2


def test_an_asset_waits_for_the_last_of_its_authorities(propose, reviewed, shut, dua, at):
    bill = reviewed(propose())
    for authority in bill.authorities:
        assert shut(bill, "approve", "authorities_have_approved")
        record_approval(bill, authority=authority, reference=f"{authority}/7/2026", by=dua, at=at)
    assert not shut(bill, "approve", "authorities_have_approved")


def test_an_asset_is_valued_at_a_dated_rate(propose, says, shut, at):
    says("programme.currencies.tbill", ["PKR", "EUR"])
    bill = propose(currency="EUR")
    assert shut(bill, "approve", "value_is_known")
    FxRate.objects.create(currency="EUR", date=date(2026, 3, 2), per_usd=Decimal("0.92"), source=SOURCE)
    assert not shut(bill, "approve", "value_is_known")
