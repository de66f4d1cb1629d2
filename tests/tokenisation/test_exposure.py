"""What a programme's page, a venue's and the public's show of it: every figure beside what it is made of."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from pvara.kernel.machine import MoveRefused
from tests.tokenisation.conftest import CENTS, SOURCE, bills, debt_terms, licensed_venue
from tokenisation import exposure
from tokenisation.actions.assets import issue_asset
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import allocate, place
from tokenisation.actions.reconciliation import Holdings, file_holdings, record_register
from tokenisation.actions.redemptions import redeem_treasury
from tokenisation.models import FxRate
from tokenisation.states import LimitScope

COUPON = {"coupon": "fixed", "payments_a_year": 2}


@pytest.fixture
def bond(propose, approve):
    return approve(propose(units=300, kind="bond", terms=debt_terms(**COUPON, maturity_date=date(2031, 3, 1))))


def figures(parts):
    return {each.code: each.cents for each in parts}


def test_the_classes_of_a_programme_stand_beside_their_limits(programme, limit, bond, tbill, at):
    bills(programme, 200)
    limit(LimitScope.ASSET_CLASS, 5_100, of_class="bills")
    limit(LimitScope.ASSET_CLASS, 1, of_class="bonds")
    found = exposure.of_programme(programme, at)
    rows = [(each.code, each.cents, each.most, each.room, each.is_over) for each in found.classes]
    assert rows == [
        ("bills", 1_000_000 * CENTS, 1_020_000 * CENTS, 20_000 * CENTS, False),
        ("bonds", 300 * CENTS, 200 * CENTS, 0, True),
        ("sukuk", 0, None, None, False),
        ("commodities", 0, None, None, False),
    ]
    assert sum(each.cents for each in found.classes) == programme.committed_usd_cents


def test_at_market_the_headroom_moves_and_the_commitment_does_not(programme, tbill, at):
    programme.refresh_from_db()
    before = exposure.of_programme(programme, at)
    assert before.market_cents == before.programme.committed_usd_cents
    FxRate.objects.create(currency="PKR", date=date(2026, 3, 4), per_usd=Decimal("250"), source=SOURCE)
    after = exposure.of_programme(programme, at)
    assert after.market_cents == 1_000_000 * 2_000
    assert after.market_headroom_cents == programme.cap_usd_cents - 1_000_000 * 2_000
    assert after.programme.committed_usd_cents == 1_000_000 * CENTS


def test_without_a_rate_nothing_is_told_at_market(programme, tbill, says, at):
    says("fx.source", "Another bank")
    found = exposure.of_programme(programme, at)
    assert (found.market_cents, found.market_headroom_cents) == (None, None)


def test_what_matures_when(programme, bond, tbill, propose, at):
    propose(units=7)  # a draft counts nothing
    found = exposure.of_programme(programme, at)
    assert [(each.month, each.assets, each.cents) for each in found.ladder] == [
        (date(2031, 3, 1), 1, 300 * CENTS),
        (date(2036, 3, 1), 1, 1_000_000 * CENTS),
    ]
    assert found.undated_cents == 0


def test_the_greatest_venues_come_first(programme, limit, stocked, tbill, daud, dua, at):
    other = authorise_venue(tbill, licensed_venue("Ravi Exchange", at=at), limit_units=9_000, by=dua, at=at)
    allocate(other, units=9_000, key="o", by=daud, at=at)
    bills(programme, 200)
    limit(LimitScope.VENUE, 50)
    own = limit(LimitScope.VENUE, 1, venue=stocked.venue)
    found = exposure.of_programme(programme, at)
    assert [(each.title, each.cents, each.most) for each in found.venues] == [
        (str(other.venue), 9_000 * CENTS, 10_000 * CENTS),
        (str(stocked.venue), 1_000 * CENTS, 200 * CENTS),
    ]
    assert (found.venues_in_all, found.venues[1].limit) == (2, own)


def test_the_questions_are_as_many_for_one_venue_as_for_ten(
    programme, limit, stocked, tbill, dua, at, django_assert_num_queries
):
    limit(LimitScope.VENUE, 50)
    for number in range(9):
        authorise_venue(tbill, licensed_venue(f"Exchange {number}", at=at), limit_units=10, by=dua, at=at)
    with django_assert_num_queries(9):
        found = exposure.of_programme(programme, at)
    assert found.venues_in_all == 10


def test_breaks_are_told_by_asset(programme, tbill, daud, at):
    assert list(exposure.standing_breaks(programme)) == []
    record_register(tbill, as_of=timezone.localdate(at), units=1, reference="R/1", by=daud, at=at)
    (found,) = exposure.standing_breaks(programme)
    assert (found, found.n, found.since) == (tbill, 1, timezone.localdate(at))


def test_a_venue_sees_its_own(programme, limit, stocked, tbill, daud, dua, amina, at):
    other = authorise_venue(tbill, licensed_venue("Ravi Exchange", at=at), limit_units=9_000, by=dua, at=at)
    allocate(other, units=9_000, key="o", by=daud, at=at)
    place(stocked, units=300, key="1", by=amina, at=at)
    bills(programme, 200)
    limit(LimitScope.VENUE, 10)
    file_holdings([(stocked, timezone.localdate(at), Holdings(299, 1, 0, 299, 0))], by=amina, at=at)
    (found,) = exposure.of_venue(stocked.venue, at)
    assert (found.whole.cents, found.whole.room, found.breaks) == (1_000 * CENTS, 1_000 * CENTS, 1)
    assert figures(found.classes) == {"bills": 1_000 * CENTS, "bonds": 0, "sukuk": 0, "commodities": 0}
    assert [each.pk for each in found.assets] == [stocked.pk]
    assert [(each.month, each.cents) for each in found.ladder] == [(date(2036, 3, 1), 1_000 * CENTS)]


def test_the_public_sees_nothing_before_it_is_issued(programme, bond, stocked, daud, amina, at):
    place(stocked, units=300, key="1", by=amina, at=at)
    found = exposure.public_figures(programme)
    assert (found.assets, found.outstanding_cents, found.placed_cents) == (1, 1_000_000 * CENTS, 300 * CENTS)
    assert figures(found.classes)["bonds"] == 0
    assert [each.month for each in found.ladder] == [date(2036, 3, 1)]
    issue_asset(bond, expected_version=bond.version, by=daud, at=at)
    redeem_treasury(bond, units=100, key="r", case_ref="SBP/9", by=daud, at=at)
    assert figures(exposure.public_figures(programme).classes)["bonds"] == 200 * CENTS


def test_an_approval_that_lapsed_leaves_the_ladder(programme, bond, move, dua, at):
    move(bond, "cancel", dua)
    assert exposure.of_programme(programme, at + timedelta(days=1)).ladder == []
    with pytest.raises(MoveRefused):
        move(bond, "cancel", dua)
