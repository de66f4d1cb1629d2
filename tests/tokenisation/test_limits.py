"""Sub-limits of a programme: who sets them, when one counts, and what is refused at the bar and just over it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pvara.kernel import audit, roles
from pvara.kernel.machine import MoveRefused, moves_of
from tests.tokenisation.conftest import CENTS, WORDS, bills, debt_terms, licensed_venue
from tests.tokenisation.test_ledger import refused_with
from tokenisation import exposure, invariants
from tokenisation.actions.assets import issue_asset
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import Line, allocate, place, post_file
from tokenisation.actions.limits import propose_limit
from tokenisation.actions.orders import propose_correction, propose_forced_transfer
from tokenisation.actions.reconciliation import Holdings, file_holdings
from tokenisation.actions.redemptions import redeem_treasury
from tokenisation.models import Asset, JournalEntry, SubLimit
from tokenisation.states import AccountKind, AssetClass, InvestorClass, LimitScope


def shut(limit, name, by, at) -> list[str]:
    return [each.code for each in moves_of(SubLimit)[name].gates if not each.verdict(limit, by=by, at=at)]


# ── Setting one ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_one_proposes_and_another_confirms(propose_share, move, daud, dua, at):
    roles.grant(daud, "debt_approver", by=None, at=at)
    limit = propose_share(LimitScope.ASSET_CLASS, 6_000, of_class="bills")
    assert (str(limit), limit.usd_cents) == ("Treasury bills: 60% of the cap", 120_000_000_000)
    for name in ("confirm", "refuse"):
        with pytest.raises(MoveRefused) as refused:
            move(limit, name, daud)
        assert [each.code for each in refused.value.unmet] == ["limit_confirmer_is_not_proposer"]
    confirmed = move(limit, "confirm", dua)
    assert (confirmed.state, confirmed.decided_by) == ("confirmed", dua)
    assert [each.event for each in audit.history(confirmed)] == ["proposed", "confirm"]


def test_who_may_propose_and_who_may_confirm(propose_share, programme, move, amina, dua, aisha, daud, at):
    for person in (amina, dua, aisha):
        with pytest.raises(PermissionDenied):
            propose_limit(
                programme,
                LimitScope.VENUE,
                share_bp=1,
                effective_from=timezone.localdate(at),
                **WORDS,
                by=person,
                at=at,
            )
    limit = propose_share(LimitScope.VENUE, 5_000)
    for person in (amina, daud, aisha):
        with pytest.raises(PermissionDenied):
            move(limit, "confirm", person)
    assert move(limit, "withdraw", daud).state == "withdrawn"


@pytest.mark.parametrize(("days", "closed"), [(-1, ["limit_begins_today_or_later"]), (0, [])])
def test_nobody_is_bound_backwards(propose_share, dua, at, days, closed):
    assert shut(propose_share(LimitScope.VENUE, 5_000, days=days), "confirm", dua, at) == closed


@pytest.mark.parametrize(("days", "closed"), [(5, ["no_later_limit_is_confirmed"]), (6, [])])
def test_a_later_one_is_not_overtaken(limit, propose_share, dua, at, days, closed):
    limit(LimitScope.VENUE, 5_000, days=5)
    assert shut(propose_share(LimitScope.VENUE, 4_000, days=days), "confirm", dua, at) == closed
    # Another class, another matter.
    assert shut(propose_share(LimitScope.INVESTORS, 4_000, days=1, of_class="retail"), "confirm", dua, at) == []


def test_the_latest_that_has_begun_counts_and_a_venue_by_name_first(limit, propose_share, programme, venue, at):
    today = timezone.localdate(at)
    first, second = limit(LimitScope.VENUE, 5_000), limit(LimitScope.VENUE, 4_000, days=3)
    propose_share(LimitScope.VENUE, 1)
    own = limit(LimitScope.VENUE, 9_000, days=4, venue=venue)

    def found(days, venue_id=None):
        day = today + timedelta(days=days)
        return SubLimit.objects.in_force(programme.pk, LimitScope.VENUE, on=day, venue_id=venue_id)

    assert [found(-1), found(0), found(2), found(3), found(9)] == [None, first, first, second, second]
    assert [found(3, venue.pk), found(4, venue.pk)] == [second, own]


@pytest.mark.parametrize(
    ("scope", "of"),
    [("asset_class", {}), ("asset_class", {"of_class": "retail"}), ("investors", {"of_class": "bills"})],
)
def test_a_limit_says_of_what(propose_share, scope, of):
    with pytest.raises(ValidationError):
        propose_share(LimitScope(scope), 5_000, **of)


def test_more_than_the_whole_is_no_share(propose_share):
    assert propose_share(LimitScope.VENUE, 10_000).share_bp == 10_000
    with pytest.raises(ValidationError):
        propose_share(LimitScope.VENUE, 10_001)


def test_the_database_keeps_what_a_limit_says_and_that_two_set_it(limit, propose_share):
    confirmed = limit(LimitScope.VENUE, 5_000)
    for change in ({"share_bp": 1}, {"effective_from": "2030-01-01"}, {"reasons": ""}, {"venue": None}):
        with pytest.raises(DatabaseError) as failed, transaction.atomic():
            SubLimit.objects.filter(pk=confirmed.pk).update(**change)
        assert "its rows are added and never changed or removed" in str(failed.value)
    with pytest.raises(DatabaseError), transaction.atomic():
        SubLimit.objects.filter(pk=confirmed.pk).delete()
    proposed = propose_share(LimitScope.VENUE, 4_000)
    with pytest.raises(IntegrityError) as failed, transaction.atomic():
        SubLimit.objects.filter(pk=proposed.pk).update(decided_by=proposed.proposed_by)
    assert "sub_limit_confirmer_is_not_proposer" in str(failed.value)


# ── Approval: the class of assets ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("units", "fits"), [(600, True), (601, False)])
def test_an_approval_takes_what_its_class_leaves(programme, limit, propose, approvable, move, dua, at, units, fits):
    bills(programme, 1)
    limit(LimitScope.ASSET_CLASS, 1_000, of_class="bills")
    move(approvable(propose(units=400)), "approve", dua)
    asset = approvable(propose(units=units))
    if fits:
        assert move(asset, "approve", dua).reserved_usd_cents == units * CENTS
        return
    with pytest.raises(MoveRefused) as refused:
        move(asset, "approve", dua)
    (unmet,) = refused.value.unmet
    assert (unmet.code, unmet.details) == (
        "class_has_headroom",
        ("It counts US$10,733.86; US$10,716.00 are left for the class.",),
    )


def test_another_class_has_its_own_room(programme, limit, propose, approve):
    bills(programme, 1)
    limit(LimitScope.ASSET_CLASS, 10, of_class="bills")
    bond = approve(propose(units=2_000, kind="bond", terms=debt_terms(coupon="fixed", payments_a_year=2)))
    assert bond.state == "approved"


@pytest.mark.parametrize(("units", "fits"), [(600, True), (601, False)])
def test_the_database_asks_again(programme, limit, propose, approve, units, fits):
    """As though the gate had looked before another approval was there."""
    bills(programme, 1)
    limit(LimitScope.ASSET_CLASS, 1_000, of_class="bills")
    approve(propose(units=400))
    rows, taken = Asset.objects.filter(pk=propose(units=units).pk), units * CENTS
    if fits:
        assert rows.update(reserved_usd_cents=taken) == 1
        return
    with pytest.raises(DatabaseError) as failed, transaction.atomic():
        rows.update(reserved_usd_cents=taken)
    said = failed.value.__cause__.diag
    assert said.message_primary == "over_class_limit"
    assert said.message_detail == '{"reasons": ["It counts US$10,733.86; US$10,716.00 are left for the class."]}'


def test_a_redemption_is_not_corrected_into_a_full_class(programme, limit, propose, approve, move, daud, dua, at):
    bills(programme, 1)
    bond = approve(propose(units=100, kind="bond", terms=debt_terms(coupon="fixed", payments_a_year=2)))
    bond = issue_asset(bond, expected_version=bond.version, by=daud, at=at)
    redeem_treasury(bond, units=100, key="r", case_ref="SBP/9", by=daud, at=at)
    wrong = JournalEntry.objects.get(kind="redeem")
    order = propose_correction(wrong, case_ref="HC/7", reasons="Not paid.", by=daud, at=at)
    limit(LimitScope.ASSET_CLASS, 99, of_class="bonds")
    with pytest.raises(MoveRefused) as refused:
        move(order, "carry_out", dua)
    assert [each.code for each in refused.value.unmet] == ["over_class_limit"]
    limit(LimitScope.ASSET_CLASS, 100, of_class="bonds", days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sublimit_cents(%s, 'asset_class', 'bonds', NULL, '2027-01-01')", [programme.pk])
        assert cursor.fetchone() == (100 * CENTS,)


# ── Allocation: the venue ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_venue_is_given_what_its_sub_limit_leaves_in_all_assets(
    programme, limit, authorisation, propose, approve, venue, daud, dua, at
):
    bills(programme, 200)
    limit(LimitScope.VENUE, 5)
    allocate(authorisation, units=600, key="1", by=daud, at=at)
    other = approve(propose(units=10_000))
    other = issue_asset(other, expected_version=other.version, by=daud, at=at)
    second = authorise_venue(other, venue, limit_units=10_000, by=dua, at=at)
    assert refused_with(lambda: allocate(second, units=401, key="2", by=daud, at=at)) == (
        "over_venue_limit",
        "The programme's sub-limit of a venue leaves no room for these units. 401 asked for, 400 left.",
    )
    allocate(second, units=400, key="3", by=daud, at=at)
    assert refused_with(lambda: allocate(authorisation, units=1, key="4", by=daud, at=at))[0] == "over_venue_limit"
    # Another venue has room of its own.
    third = authorise_venue(other, licensed_venue("Ravi Exchange", at=at), limit_units=500, by=dua, at=at)
    allocate(third, units=500, key="5", by=daud, at=at)
    assert exposure.by_venue(programme) == {venue.pk: 1_000 * CENTS, third.venue_id: 500 * CENTS}
    assert list(invariants.check()) == []


def test_a_file_of_allocations_stops_at_the_same_bar(programme, limit, authorisation, daud, at):
    bills(programme, 200)
    limit(LimitScope.VENUE, 5)

    def answers(*units):
        lines = [Line(f"{number}-{each}", each) for number, each in enumerate(units)]
        return [each.refusal for each in post_file(authorisation, lines, by=daud, at=at)]

    assert answers(600, 401) == ["", "over_venue_limit"]
    assert answers(600, 400) == ["", ""]


def test_a_limit_below_what_is_there_lets_nothing_more_pass(programme, limit, authorisation, daud, at):
    bills(programme, 200)
    allocate(authorisation, units=600, key="1", by=daud, at=at)
    limit(LimitScope.VENUE, 1)
    assert refused_with(lambda: allocate(authorisation, units=1, key="2", by=daud, at=at)) == (
        "over_venue_limit",
        "The programme's sub-limit of a venue leaves no room for these units. 1 asked for, 0 left.",
    )
    lines = [Line("a", 1)]
    assert [each.left for each in post_file(authorisation, lines, by=daud, at=at, trial=True)] == [0]


def test_so_is_a_forced_transfer_to_it(programme, limit, stocked, tbill, move, daud, dua, at):
    bills(programme, 200)
    other = authorise_venue(tbill, licensed_venue("Ravi Exchange", at=at), limit_units=10_000, by=dua, at=at)
    limit(LimitScope.VENUE, 1, venue=other.venue)
    said = {"source": AccountKind.INVENTORY, "to_venue": other.venue, "case_ref": "HC/7", "reasons": "An order."}
    order = propose_forced_transfer(stocked, units=201, **said, by=daud, at=at)
    assert refused_with(lambda: move(order, "carry_out", dua))[0] == "over_venue_limit"
    assert move(propose_forced_transfer(stocked, units=200, **said, by=daud, at=at), "carry_out", dua).entry.seq == 3


def test_a_limit_to_come_stops_nobody(programme, propose_share, move, authorisation, daud, dua, at):
    bills(programme, 200)
    ahead = (timezone.localdate() - timezone.localdate(at)).days + 2
    move(propose_share(LimitScope.VENUE, 0, days=ahead), "confirm", dua)
    assert allocate(authorisation, units=1, key="1", by=daud, at=at).seq == 2


# ── Placement: the class of investors ────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def retail(propose, approve, venue, daud, dua, amina, at):
    """A bill for retail clients, 1,000 units of it on the shelf and 500 placed."""
    asset = approve(propose(units=10_000, retail_allowed=True))
    asset = issue_asset(asset, expected_version=asset.version, by=daud, at=at)
    shelf = authorise_venue(asset, venue, limit_units=5_000, by=dua, at=at)
    allocate(shelf, units=1_000, key="r", by=daud, at=at)
    place(shelf, units=500, key="r", by=amina, at=at)
    return shelf


def filed(authorisation, retail_units, *, by, at, institutional=0):
    holdings = Holdings(retail_units + institutional, 1, retail_units, institutional, 0)
    file_holdings([(authorisation, timezone.localdate(at), holdings)], by=by, at=at)


def test_placements_wait_while_a_class_of_investors_holds_too_much(programme, limit, retail, stocked, amina, at):
    bills(programme, 200)
    limit(LimitScope.INVESTORS, 2, of_class="retail")
    filed(retail, 400, by=amina, at=at, institutional=100)
    place(retail, units=1, key="1", by=amina, at=at)
    filed(retail, 401, by=amina, at=at, institutional=100)
    refused = refused_with(lambda: place(retail, units=1, key="2", by=amina, at=at))
    assert refused == (
        "over_investor_limit",
        "By the venues' latest returns a class of investors holds more than its sub-limit. "
        "Retail clients hold US$7,161.86; their sub-limit is US$7,144.00.",
    )
    with pytest.raises(MoveRefused) as stopped:
        post_file(retail, [Line("a", 1)], by=amina, at=at)
    assert [each.code for each in stopped.value.unmet] == ["over_investor_limit"]
    # What is not sold to retail clients cannot add to what they hold.
    place(stocked, units=1, key="3", by=amina, at=at)
    # The newest return of a day counts.
    filed(retail, 400, by=amina, at=at, institutional=101)
    place(retail, units=1, key="2", by=amina, at=at)


def test_institutions_are_counted_in_every_asset(programme, limit, retail, stocked, amina, at):
    bills(programme, 200)
    limit(LimitScope.INVESTORS, 2, of_class="institutional")
    filed(retail, 0, by=amina, at=at, institutional=401)
    for shelf in (retail, stocked):
        assert refused_with(lambda s=shelf: place(s, units=1, key="1", by=amina, at=at))[0] == "over_investor_limit"


# ── Python and the database ──────────────────────────────────────────────────────────────────────────────────────────
def from_database(function: str, *said: object) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(said))})", said)
        (answer,) = cursor.fetchone()
    return None if answer is None else int(answer)


def test_what_is_taken_is_the_same_in_both(programme, retail, stocked, propose, approve, amina, at):
    approve(propose(units=7, kind="bond", terms=debt_terms(coupon="fixed", payments_a_year=2)))
    filed(retail, 300, by=amina, at=at, institutional=100)
    filed(stocked, 0, by=amina, at=at, institutional=9)
    filed(retail, 301, by=amina, at=at, institutional=99)
    assert exposure.by_class(programme) == {
        each: from_database("sublimit_taken_by_class", programme.pk, str(each)) for each in AssetClass
    }
    assert exposure.by_venue(programme) == {
        retail.venue_id: from_database("sublimit_taken_at_venue", programme.pk, retail.venue_id)
    }
    assert exposure.by_investors(programme) == {
        each: from_database("sublimit_taken_by_investors", programme.pk, str(each)) for each in InvestorClass
    }
    assert exposure.by_investors(programme)[InvestorClass.INSTITUTIONAL] == (99 + 9) * CENTS


ROWS = st.lists(
    st.tuples(
        st.sampled_from([("asset_class", "bills"), ("asset_class", "bonds"), ("investors", "retail"), ("venue", "")]),
        st.booleans(),
        st.integers(0, 4),
        st.integers(0, 10_000),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, cap=st.integers(1, 10**12))
def test_what_counts_is_the_same_in_both(programme, propose_share, move, dua, venue, at, rows, cap):
    today = timezone.localdate(at)
    with transaction.atomic():
        type(programme).objects.filter(pk=programme.pk).update(cap_usd_cents=cap)
        programme.refresh_from_db()
        for (scope, of_class), own, days, share in rows:
            of = {"of_class": of_class} if of_class else {"venue": venue if own else None}
            proposed = propose_share(LimitScope(scope), share, days=days, **of)
            if not shut(proposed, "confirm", dua, at):
                move(proposed, "confirm", dua)
        for scope, of_class, venue_id in (
            ("asset_class", "bills", None),
            ("asset_class", "bonds", None),
            ("investors", "retail", None),
            ("venue", "", venue.pk),
            ("venue", "", venue.pk + 1),
        ):
            for days in range(-1, 6):
                day = today + timedelta(days=days)
                found = SubLimit.objects.in_force(
                    programme.pk, LimitScope(scope), on=day, of_class=of_class, venue_id=venue_id
                )
                said = from_database("sublimit_cents", programme.pk, scope, of_class, venue_id, day)
                assert said == (found.usd_cents if found else None)
        transaction.set_rollback(True)
