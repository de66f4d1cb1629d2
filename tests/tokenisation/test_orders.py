"""Freezes, releases, forced transfers, redemptions and corrections: who may, by how many, and what is left behind."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from pvara.kernel import audit, roles
from pvara.kernel.machine import MoveRefused
from tests.tokenisation.conftest import debt_terms, licensed_venue, turn
from tests.tokenisation.test_ledger import refused_with, where_units_are
from tokenisation import invariants, ledger
from tokenisation.actions.assets import issue_asset
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import allocate, freeze, place, take_back
from tokenisation.actions.orders import propose_correction, propose_forced_transfer, propose_release
from tokenisation.actions.redemptions import redeem, redeem_treasury
from tokenisation.models import Account, JournalEntry, Order
from tokenisation.states import AccountKind as A
from tokenisation.states import EntryKind

CASE = {"case_ref": "HC/7/2026", "reasons": "By order of the High Court."}


def held(authorisation) -> dict[str, int]:
    rows = Account.objects.filter(asset=authorisation.asset, venue=authorisation.venue)
    return dict(rows.values_list("kind", "units"))


@pytest.fixture
def sold(stocked, amina, at):
    """700 of the venue's 1,000 units are on its shelf, 300 with its clients."""
    place(stocked, units=300, key="1", by=amina, at=at)
    return stocked


@pytest.fixture
def bond(propose, approve, venue, daud, dua, amina, at):
    """A bond of a hundred units, of which a venue has sold 30 of its 60."""
    asset = approve(propose(units=100, kind="bond", terms=debt_terms(coupon="fixed", payments_a_year=2)))
    asset = issue_asset(asset, expected_version=asset.version, by=daud, at=at)
    authorisation = authorise_venue(asset, venue, limit_units=80, by=dua, at=at)
    allocate(authorisation, units=60, key="bond", by=daud, at=at)
    place(authorisation, units=30, key="bond", by=amina, at=at)
    return authorisation


# ── Freezing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_freeze_takes_units_from_reach_and_two_people_release_it(sold, move, amina, daud, dua, at):
    freeze(sold, source=A.CLIENTS, units=100, key="f1", case_ref="HC/7", by=daud, at=at)
    freeze(sold, source=A.INVENTORY, units=600, key="f2", case_ref="HC/7", by=daud, at=at)
    assert held(sold) == {"inventory": 100, "clients": 200, "frozen_shelf": 600, "frozen_clients": 100}
    sold.refresh_from_db()
    assert (sold.allocated_units, sold.distributed_units) == (1_000, 300)
    assert refused_with(lambda: place(sold, units=101, key="2", by=amina, at=at)) == (
        "over_allocation",
        "More units than the venue has on its shelf. 101 asked for, 100 left.",
    )
    order = propose_release(sold, source=A.FROZEN_SHELF, units=500, **CASE, by=daud, at=at)
    order = move(order, "carry_out", dua)
    assert held(sold) == {"inventory": 600, "clients": 200, "frozen_shelf": 100, "frozen_clients": 100}
    assert (order.entry.kind, order.entry.maker, order.entry.checker, order.entry.case_ref) == (
        "unfreeze",
        daud,
        dua,
        "HC/7/2026",
    )
    assert list(invariants.check()) == []


def test_beyond_what_is_held_or_frozen(sold, move, daud, dua, at):
    assert refused_with(
        lambda: freeze(sold, source=A.CLIENTS, units=301, key="f", case_ref="HC/7", by=daud, at=at)
    ) == ("over_holding", "More units than the venue's clients hold. 301 asked for, 300 left.")
    freeze(sold, source=A.CLIENTS, units=300, key="f", case_ref="HC/7", by=daud, at=at)
    order = propose_release(sold, source=A.FROZEN_CLIENTS, units=301, **CASE, by=daud, at=at)
    assert refused_with(lambda: move(order, "carry_out", dua)) == (
        "over_frozen",
        "More units than are frozen. 301 asked for, 300 left.",
    )
    # The order stays as it was, to be withdrawn.
    assert Order.objects.get().state == "proposed"
    assert move(order, "withdraw", daud).state == "withdrawn"


def test_a_freeze_names_its_case(sold, daud, at):
    assert refused_with(lambda: freeze(sold, source=A.CLIENTS, units=1, key="f", by=daud, at=at)) == (
        "case_ref_missing",
        "Name the order, agreement or case behind this entry as its reference.",
    )


def test_who_may_freeze_redeem_and_order(sold, amina, dua, at):
    for person in (amina, dua):
        for act in (
            lambda p=person: freeze(sold, source=A.CLIENTS, units=1, key="f", case_ref="HC/7", by=p, at=at),
            lambda p=person: redeem(sold, source=A.CLIENTS, units=1, key="r", case_ref="HC/7", by=p, at=at),
            lambda p=person: propose_release(sold, source=A.FROZEN_SHELF, units=1, **CASE, by=p, at=at),
            lambda p=person: propose_correction(JournalEntry.objects.first(), **CASE, by=p, at=at),
        ):
            with pytest.raises(PermissionDenied):
                act()


# ── By two people's hands ────────────────────────────────────────────────────────────────────────────────────────────
def test_whoever_proposed_an_order_does_not_confirm_it(sold, move, daud, at):
    roles.grant(daud, "debt_approver", by=None, at=at)
    order = propose_forced_transfer(sold, source=A.CLIENTS, units=1, **CASE, by=daud, at=at)
    for name in ("carry_out", "refuse"):
        with pytest.raises(MoveRefused) as refused:
            move(order, name, daud)
        assert [each.code for each in refused.value.unmet] == ["confirmer_is_not_proposer"]


@pytest.mark.parametrize("kind", ["issue", "allocate", "unfreeze", "forced", "correct"])
@pytest.mark.parametrize("checker", ["nobody", "the maker"])
def test_the_database_wants_two_people(stocked, daud, at, kind, checker):
    first = JournalEntry.objects.order_by("pk").first()
    entry = JournalEntry(
        asset=stocked.asset,
        seq=99,
        kind=kind,
        venue=stocked.venue,
        units=5,
        idempotency_key="by hand",
        maker=daud,
        checker=None if checker == "nobody" else daud,
        reverses=first if kind == "correct" else None,
        case_ref="HC/7",
        standing_version=1,
        effective_at=at,
        recorded_at=at,
        prev_hash=b"",
        hash=b"",
    )
    with pytest.raises(IntegrityError) as failed, transaction.atomic():
        entry.save(force_insert=True)
    name = "entry_has_checker" if checker == "nobody" else "entry_maker_is_not_checker"
    assert f'violates check constraint "{name}"' in str(failed.value)


@pytest.mark.parametrize("checker", [False, True])
def test_so_does_the_function(sold, daud, at, checker):
    act = lambda: ledger.post(  # noqa: E731  one act
        EntryKind.FORCED,
        sold.asset,
        source=A.CLIENTS,
        venue_id=sold.venue_id,
        units=1,
        key="forced",
        maker_id=daud.pk,
        checker_id=daud.pk if checker else None,
        case_ref="HC/7",
        at=at,
    )
    assert refused_with(act)[0] == "maker_is_checker"


def test_an_order_says_why(sold, daud, at):
    with pytest.raises(MoveRefused) as refused:
        propose_forced_transfer(sold, source=A.CLIENTS, units=1, case_ref=" ", reasons="", by=daud, at=at)
    assert [each.code for each in refused.value.unmet] == ["case_ref_missing", "reasons_are_given"]


# ── Forced transfers ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_units_are_forced_to_the_treasury(sold, move, daud, dua, at):
    freeze(sold, source=A.CLIENTS, units=50, key="f", case_ref="HC/7", by=daud, at=at)
    order = propose_forced_transfer(sold, source=A.FROZEN_CLIENTS, units=50, **CASE, by=daud, at=at)
    move(order, "carry_out", dua)
    assert held(sold) == {"inventory": 700, "clients": 250, "frozen_shelf": 0, "frozen_clients": 0}
    sold.refresh_from_db()
    assert (sold.allocated_units, sold.distributed_units) == (950, 250)
    assert where_units_are(sold.asset)["treasury"] == 999_050
    assert audit.history(sold).last().data["checker"] == dua.pk
    assert list(invariants.check()) == []


def test_units_are_forced_to_another_venue_in_good_standing(sold, tbill, move, daud, dua, at):
    other = authorise_venue(tbill, licensed_venue("Ravi Exchange", at=at), limit_units=100, by=dua, at=at)
    order = propose_forced_transfer(sold, source=A.CLIENTS, units=100, to_venue=other.venue, **CASE, by=daud, at=at)
    turn(other.venue, False, at=at)
    assert refused_with(lambda: move(order, "carry_out", dua))[0] == "venue_not_in_good_standing"
    turn(other.venue, True, at=at)
    assert refused_with(lambda: move(order, "carry_out", dua))[0] == "authorisation_not_active"
    move(other, "resume", dua)
    turn(sold.venue, False, at=at)  # the venue that loses the units may have lost everything
    move(order, "carry_out", dua)
    assert (held(sold)["clients"], held(other)["clients"]) == (200, 100)
    more = propose_forced_transfer(sold, source=A.CLIENTS, units=1, to_venue=other.venue, **CASE, by=daud, at=at)
    assert refused_with(lambda: move(more, "carry_out", dua)) == (
        "over_limit",
        "More units than the venue's limit allows. 1 asked for, 0 left.",
    )
    assert list(invariants.check()) == []


def test_a_venue_is_not_forced_to_itself(sold, daud, at):
    with pytest.raises(MoveRefused) as refused:
        propose_forced_transfer(sold, source=A.CLIENTS, units=1, to_venue=sold.venue, **CASE, by=daud, at=at)
    assert [each.code for each in refused.value.unmet] == ["malformed"]


# ── Redemptions ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_redemption_gives_its_part_of_the_cap_back(bond, programme, daud, at):
    before = bond.asset.reserved_usd_cents
    redeem(bond, source=A.CLIENTS, units=30, key="r1", case_ref="SBP/9", by=daud, at=at)
    redeem_treasury(bond.asset, units=20, key="r2", case_ref="SBP/9", by=daud, at=at)
    again = redeem_treasury(bond.asset, units=20, key="r2", case_ref="SBP/9", by=daud, at=at)
    assert again.replayed is True
    asset = type(bond.asset).objects.get()
    programme.refresh_from_db()
    assert (asset.redeemed_units, asset.outstanding_units, asset.treasury_units) == (50, 50, 20)
    assert asset.reserved_usd_cents == before // 2 == programme.committed_usd_cents
    assert list(invariants.check()) == []


def test_under_a_cumulative_cap_it_gives_nothing_back(bond, programme, says, daud, at):
    says("programme.cumulative_cap", True)
    redeem(bond, source=A.CLIENTS, units=30, key="r1", case_ref="SBP/9", by=daud, at=at)
    programme.refresh_from_db()
    assert programme.committed_usd_cents == bond.asset.reserved_usd_cents
    assert list(invariants.check()) == []


def test_a_treasury_bill_is_not_redeemed_early(sold, daud, at):
    assert refused_with(lambda: redeem(sold, source=A.CLIENTS, units=1, key="r", case_ref="SBP/9", by=daud, at=at)) == (
        "not_before_maturity",
        "A treasury bill is not redeemed before it matures.",
    )


# ── Corrections ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_correction_reverses_a_named_entry_whole(sold, move, daud, dua, at):
    wrong = JournalEntry.objects.get(kind="distribute")
    order = move(propose_correction(wrong, **CASE, by=daud, at=at), "carry_out", dua)
    assert (order.entry.reverses, order.entry.units, order.entry.source) == (wrong, 300, "")
    assert held(sold)["clients"] == 0
    with pytest.raises(MoveRefused) as refused:
        propose_correction(wrong, **CASE, by=daud, at=at)
    assert [each.code for each in refused.value.unmet] == ["already_corrected"]
    with pytest.raises(MoveRefused) as refused:
        propose_correction(order.entry, **CASE, by=daud, at=at)
    assert [each.code for each in refused.value.unmet] == ["not_correctable"]
    assert list(invariants.check()) == []


def test_two_corrections_of_one_entry_are_proposed_and_one_is_posted(sold, move, daud, dua, at):
    wrong = JournalEntry.objects.get(kind="distribute")
    first, second = (propose_correction(wrong, **CASE, by=daud, at=at) for _ in range(2))
    move(first, "carry_out", dua)
    assert refused_with(lambda: move(second, "carry_out", dua)) == (
        "already_corrected",
        "This entry has been corrected already.",
    )


def test_two_corrections_of_one_redemption_count_it_back_once(bond, move, daud, dua, at):
    """The second would count what was redeemed below nothing, before anybody says that it is the second."""
    redeem(bond, source=A.CLIENTS, units=30, key="r1", case_ref="SBP/9", by=daud, at=at)
    wrong = JournalEntry.objects.get(kind="redeem")
    first, second = (propose_correction(wrong, **CASE, by=daud, at=at) for _ in range(2))
    move(first, "carry_out", dua)
    assert refused_with(lambda: move(second, "carry_out", dua))[0] == "already_corrected"
    assert (type(bond.asset).objects.get().redeemed_units, held(bond)["clients"]) == (0, 30)
    assert list(invariants.check()) == []


def test_a_correction_of_another_amount_is_refused(sold, daud, dua, at):
    wrong = JournalEntry.objects.get(kind="distribute")
    act = lambda: ledger.post(  # noqa: E731  one act
        EntryKind.CORRECT,
        sold.asset,
        venue_id=sold.venue_id,
        units=299,
        key="half",
        maker_id=daud.pk,
        checker_id=dua.pk,
        reverses_id=wrong.pk,
        case_ref="HC/7",
        at=at,
    )
    assert refused_with(act)[0] == "not_correctable"


def test_a_corrected_redemption_takes_from_the_cap_again(bond, programme, move, daud, dua, at):
    redeem(bond, source=A.CLIENTS, units=30, key="r1", case_ref="SBP/9", by=daud, at=at)
    order = propose_correction(JournalEntry.objects.get(kind="redeem"), **CASE, by=daud, at=at)
    type(programme).objects.update(cap_usd_cents=99 * 1786)
    with pytest.raises(MoveRefused) as refused:
        move(order, "carry_out", dua)
    assert [each.code for each in refused.value.unmet] == ["programme_has_headroom"]
    type(programme).objects.update(cap_usd_cents=100 * 1786)
    move(order, "carry_out", dua)
    programme.refresh_from_db()
    assert programme.committed_usd_cents == 100 * 1786
    assert held(bond)["clients"] == 30
    assert list(invariants.check()) == []


def test_a_wrong_allocation_is_not_corrected_when_its_units_are_sold(sold, move, daud, dua, at):
    order = propose_correction(JournalEntry.objects.get(kind="allocate"), **CASE, by=daud, at=at)
    assert refused_with(lambda: move(order, "carry_out", dua))[0] == "over_allocation"


# ── While the asset is not live ──────────────────────────────────────────────────────────────────────────────────────
def test_a_paused_asset_knows_orders_and_nothing_else(sold, move, amina, daud, dua, at):
    freeze(sold, source=A.CLIENTS, units=10, key="f", case_ref="HC/7", by=daud, at=at)
    move(sold.asset, "pause", dua)
    release = propose_release(sold, source=A.FROZEN_CLIENTS, units=10, **CASE, by=daud, at=at)
    for act in (
        lambda: allocate(sold, units=1, key="a", by=daud, at=at),
        lambda: place(sold, units=1, key="p", by=amina, at=at),
        lambda: take_back(sold, units=1, key="t", by=daud, at=at),
        lambda: move(release, "carry_out", dua),
    ):
        assert refused_with(act)[0] == "asset_not_issued"
    freeze(sold, source=A.INVENTORY, units=10, key="f2", case_ref="HC/7", by=daud, at=at)
    move(propose_forced_transfer(sold, source=A.CLIENTS, units=1, **CASE, by=daud, at=at), "carry_out", dua)
    wrong = JournalEntry.objects.get(kind="distribute")
    order = propose_correction(wrong, **CASE, by=daud, at=at)
    assert refused_with(lambda: move(order, "carry_out", dua))[0] == "over_holding"
    assert list(invariants.check()) == []
