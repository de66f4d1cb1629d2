"""The conditions of an asset beside the venues' returns: what is kept, what opens a break, and what cannot be told."""

import hashlib
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from pvara.kernel.gates import Shut
from pvara.kernel.machine import MoveRefused
from tokenisation import invariants, ledger
from tokenisation.actions.assets import propose_asset
from tokenisation.actions.ledger import place
from tokenisation.actions.night import run_night
from tokenisation.actions.reconciliation import Holdings, file_holdings
from tokenisation.conditions import in_words
from tokenisation.faces.holdings import read
from tokenisation.models import Asset, Break, HoldingsReturn, Reconciliation
from tokenisation.rules import no_break_stands
from tokenisation.states import EntryKind


@pytest.fixture
def today(at):
    return timezone.localdate(at)


@pytest.fixture
def sold(stocked, amina, at):
    place(stocked, units=300, key="1", by=amina, at=at)
    return stocked


@pytest.fixture
def on_condition(sold):
    """`on_condition(per_investor_cap=…)`: the authorisation for an asset that is sold on these conditions."""

    def conditioned(**conditions):
        Asset.objects.filter(pk=sold.asset_id).update(**{"retail_allowed": True, **conditions})
        sold.asset.refresh_from_db()
        return sold

    return conditioned


@pytest.fixture
def hand_in(amina, at):
    """`hand_in(authorisation, day, …)`: a return of 300 units; what it is found to keep, by condition."""

    def handed_in(authorisation, on, *, later=0, **said):
        holdings = Holdings(**{**AGREES, **said})
        made = file_holdings([(authorisation, on, holdings)], by=amina, at=at + timedelta(days=later))
        assert [each.against for each in made if not each.is_of_a_condition] == ["return"]
        return {each.against: each.agrees for each in made if each.is_of_a_condition}

    return handed_in


AGREES = {"units_held": 300, "holders": 5, "retail_units": 0, "institutional_units": 300, "non_resident_units": 0}
RETAIL = {"retail_units": 1, "institutional_units": 299}


# ── Each condition, at its bar and beyond ────────────────────────────────────────────────────────────────────────────
def test_retail_units_where_retail_is_not_allowed(on_condition, hand_in, today):
    sold = on_condition(retail_allowed=False)
    assert hand_in(sold, today) == {"retail": True}
    assert Break.objects.count() == 0
    assert hand_in(sold, today, **RETAIL) == {"retail": False}
    found = Break.objects.get()
    assert (found.against, found.venue, found.ledger_units, found.found_units) == ("retail", sold.venue, 0, 1)
    assert str(found) == "mtb-1, retail clients: 1 units by the venue's return, 0 permitted"
    assert hand_in(on_condition(), today, **RETAIL) == {"retail": True}
    assert list(invariants.check()) == []


@pytest.mark.parametrize(("largest", "kept"), [(100, True), (101, False)])
def test_the_cap_of_one_investor(on_condition, hand_in, today, largest, kept):
    assert hand_in(on_condition(per_investor_cap=100), today, largest_holding=largest) == {"cap": kept}
    assert Break.objects.filter(against="cap").exists() is not kept
    assert list(invariants.check()) == []


@pytest.mark.parametrize(("moved", "kept"), [(0, True), (1, False)])
def test_units_that_moved_within_the_lock_up(on_condition, hand_in, today, moved, kept):
    assert hand_in(on_condition(lockup_until=today), today, transferred_units=moved) == {"lock_up": kept}


def test_a_return_is_held_to_a_lock_up_for_the_days_since_the_one_before(on_condition, hand_in, today):
    days = [today + timedelta(days=number) for number in range(4)]
    sold = on_condition(lockup_until=days[1])
    assert hand_in(sold, days[0], transferred_units=0) == {"lock_up": True}
    # It speaks of the last day of the lock-up, too.
    assert hand_in(sold, days[2], later=2, transferred_units=7) == {"lock_up": False}
    assert hand_in(sold, days[1], later=2, transferred_units=0) == {"lock_up": True}
    # Since that day's return, nothing of what moved was locked up; a break is closed by it.
    assert hand_in(sold, days[2], later=2, transferred_units=7) == {"lock_up": True}
    assert hand_in(sold, days[3], later=3, transferred_units=9) == {"lock_up": True}


def test_a_venue_is_held_to_no_lock_up_that_was_over_before_it_began(on_condition, hand_in, today):
    sold = on_condition(lockup_until=today - timedelta(days=1))
    assert hand_in(sold, today, transferred_units=9) == {}


def test_what_a_return_does_not_say_is_not_tested(on_condition, hand_in, today):
    assert hand_in(on_condition(per_investor_cap=1, lockup_until=today), today) == {}
    filed = HoldingsReturn.objects.get()
    assert {each.against: each.is_kept for each in filed.conditions} == {"cap": None, "lock_up": None}
    assert Break.objects.count() == 0


def test_with_no_condition_nothing_is_held_against_anybody(on_condition, hand_in, today):
    said = {"retail_holders": 1, "largest_holding": 300, "transferred_units": 900, **RETAIL}
    assert hand_in(on_condition(), today, **said) == {}


# ── What such a break halts, and how it is closed ────────────────────────────────────────────────────────────────────
def test_it_halts_the_issue_by_gate_and_by_the_ledger(on_condition, hand_in, today, daud, at):
    sold = on_condition(per_investor_cap=100)
    hand_in(sold, today, largest_holding=101)
    asset, found = sold.asset, Break.objects.get()
    verdict = no_break_stands.verdict(asset, by=daud, at=at)
    assert isinstance(verdict, Shut)
    assert verdict.details == (f"{found.reference}, {found}.",)
    Asset.objects.filter(pk=asset.pk).update(authorised_units=2_000_000)
    with pytest.raises(ledger.PostingRefused) as posting:
        ledger.post(EntryKind.ISSUE, asset, units=1, key="more", maker_id=daud.pk, at=at)
    assert posting.value.code == "break_stands"


def test_two_people_close_it_once_a_return_keeps_the_condition(on_condition, hand_in, move, today, daud, dua, at):
    sold = on_condition(per_investor_cap=100)
    hand_in(sold, today, largest_holding=101)
    found = move(Break.objects.get(), "explain", daud, note="Two accounts of one client.")
    # A return that does not say it shows nothing.
    hand_in(sold, today)
    with pytest.raises(MoveRefused) as refused:
        move(found, "close", dua)
    assert [(each.code, each.details) for each in refused.value.unmet] == [
        ("figures_agree_again", ("Have the venue put it right and hand in a return that keeps the condition.",))
    ]
    hand_in(sold, today, largest_holding=100)
    assert move(found, "close", dua).state == "closed"
    hand_in(sold, today, largest_holding=102)
    assert Break.objects.standing().count() == 1
    assert list(invariants.check()) == []


def test_a_break_of_a_lock_up_can_be_closed_after_the_lock_up(on_condition, hand_in, move, today, daud, dua):
    sold = on_condition(lockup_until=today)
    hand_in(sold, today, transferred_units=5)
    found = move(Break.objects.get(), "explain", daud)
    assert hand_in(sold, today + timedelta(days=1), later=1, transferred_units=8) == {"lock_up": True}
    assert move(found, "close", dua).state == "closed"


def test_breaks_of_records_and_of_each_condition_stand_side_by_side(on_condition, hand_in, today):
    sold = on_condition(retail_allowed=False, per_investor_cap=100, lockup_until=today)
    said = {**RETAIL, "units_held": 299, "institutional_units": 298, "largest_holding": 200, "transferred_units": 3}
    for _ in range(2):
        hand_in(sold, today, **said)
    assert sorted(Break.objects.values_list("against", flat=True)) == ["cap", "lock_up", "retail", "return"]
    assert Break.objects.standing().counted() == {"differing": 1, "unkept": 3}
    assert list(invariants.check()) == []


def test_the_night_holds_a_return_to_the_conditions_once_more(on_condition, hand_in, today, at):
    hand_in(on_condition(per_investor_cap=100), today, largest_holding=101)
    run_night(at=at + timedelta(days=1))
    run_night(at=at + timedelta(days=1))
    assert Break.objects.count() == 1
    assert Reconciliation.objects.filter(against="cap", difference=Break.objects.get()).count() == 3


# ── What is kept of a return, and what cannot be true ────────────────────────────────────────────────────────────────
def test_the_digest_of_what_was_handed_in_is_kept(sold, today, amina, at):
    file_holdings([(sold, today, Holdings(**AGREES))], by=amina, at=at, handed_in=b"a file")
    file_holdings([(sold, today, Holdings(**AGREES))], by=amina, at=at)
    digests = [each.sha256 for each in HoldingsReturn.objects.order_by("pk")]
    assert digests == [hashlib.sha256(b"a file").hexdigest(), ""]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"retail_holders": 1}, "retail_holders_hold_retail_units"),
        ({**RETAIL, "retail_holders": 0}, "retail_holders_hold_retail_units"),
        ({**RETAIL, "retail_holders": 6}, "retail_holders_hold_retail_units"),
        ({"largest_holding": 301}, "largest_holding_is_one_of_them"),
        ({"largest_holding": 59}, "largest_holding_is_one_of_them"),
        ({"largest_holding": 0}, "largest_holding_is_one_of_them"),
    ],
)
def test_a_return_that_cannot_be_true_is_refused_by_form_and_by_the_database(sold, today, amina, at, said, name):
    with pytest.raises(ValidationError):
        file_holdings([(sold, today, Holdings(**{**AGREES, **said}))], by=amina, at=at)
    filed = HoldingsReturn(authorisation=sold, as_of=today, filed_by=amina, filed_at=at, **{**AGREES, **said})
    with pytest.raises(IntegrityError) as failed, transaction.atomic():
        filed.save(force_insert=True)
    assert failed.value.__cause__.diag.constraint_name == name


@pytest.mark.parametrize(
    "said",
    [
        {**RETAIL, "retail_holders": 5},
        {"largest_holding": 60},
        {"largest_holding": 300},
        # The product of the two is beyond the columns' own type, and nothing fails.
        {"units_held": 2**62, "institutional_units": 2**62, "holders": 2**31 - 1, "largest_holding": 2**62},
    ],
)
def test_a_return_at_the_bar_is_taken(sold, today, amina, at, said):
    file_holdings([(sold, today, Holdings(**{**AGREES, **said}))], by=amina, at=at)
    assert HoldingsReturn.objects.count() == 1


@pytest.mark.parametrize("cap", [0, -1])
def test_a_cap_has_units(programme, daud, at, cap):
    with pytest.raises(ValidationError) as refused:
        propose_asset(programme, by=daud, at=at, per_investor_cap=cap)
    assert "per_investor_cap" in refused.value.message_dict


def test_conditions_read_aloud():
    assert in_words(Asset()) == ["Not for retail clients."]
    assert in_words(Asset(retail_allowed=True, per_investor_cap=5_000, lockup_until=date(2026, 6, 30))) == [
        "May be sold to retail clients.",
        "At most 5,000 units for one investor.",
        "Locked up until 30 June 2026: no unit changes hands between investors.",
    ]


# ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────────
OLD = "asset,as_of,units_held,holders,retail_units,institutional_units,non_resident_units"
ROW = "mtb-1,2026-03-04,300,5,200,60,40"
UNSAID = (
    "Cap per investor cannot be tested: largest_holding is not said. "
    "Lock-up cannot be tested: transferred_units is not said."
)


@pytest.mark.parametrize(
    ("more", "cells", "wrong", "missing"),
    [
        ("", "", "", UNSAID),
        (",retail_holders,largest_holding,transferred_units", ",4,90,0", "", ""),
        (",retail_holders,largest_holding,transferred_units", ",,,", "", UNSAID),
        (",largest_holding", ",90", "", "Lock-up cannot be tested: transferred_units is not said."),
        (",largest_holding", ",301", "The largest holding is at most all units, at least an equal share of them.", ""),
        (",transferred_units", ",1e3", "Give whole numbers, without separators: transferred_units.", ""),
        (",retail_holders", ",9999999999", "Give whole numbers, without separators: retail_holders.", ""),
        (",retail_holders", "", "It has 7 cells instead of 8.", ""),
        (
            ",retail_holders",
            ",0",
            "Where there are retail units there are retail holders, and no more than all holders.",
            "",
        ),
    ],
)
def test_a_row_may_leave_out_what_came_later_and_is_told_what_is_missing(
    on_condition, today, more, cells, wrong, missing
):
    sold = on_condition(per_investor_cap=100, lockup_until=today)
    [found] = read(f"{OLD}{more}\n{ROW}{cells}\n", {"mtb-1": sold}, today=today)
    assert (found.wrong, found.missing, found.filed is None) == (wrong, missing, bool(wrong))


def test_what_is_left_out_is_none_and_not_nought(sold, today):
    [found] = read(f"{OLD},largest_holding\n{ROW},90\n", {"mtb-1": sold}, today=today)
    assert found.filed[2] == Holdings(300, 5, 200, 60, 40, largest_holding=90)
    assert found.cells == ("mtb-1", "2026-03-04", "300", "5", "200", "60", "40", "", "90", "")


@pytest.mark.parametrize("more", [",transferred_units,largest_holding", ",other", ",largest_holding,largest_holding"])
def test_columns_that_are_not_ours_or_in_another_order(sold, today, more):
    with pytest.raises(ValidationError, match="May be left out: retail_holders, largest_holding"):
        read(f"{OLD}{more}\n{ROW},1,1\n", {"mtb-1": sold}, today=today)
