"""The ledger beside the traditional register and the venues' returns: what agrees, what breaks, and what that halts."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from pvara.kernel import roles
from pvara.kernel.machine import MoveRefused
from tokenisation import invariants, ledger
from tokenisation.actions.ledger import freeze, place
from tokenisation.actions.night import run_night
from tokenisation.actions.reconciliation import Holdings, file_holdings, record_register
from tokenisation.faces.holdings import read
from tokenisation.models import Asset, Break, Reconciliation
from tokenisation.states import AccountKind, EntryKind


@pytest.fixture
def today(at):
    return timezone.localdate(at)


@pytest.fixture
def sold(stocked, amina, at):
    # With no condition of the asset in the way: those are in `test_conditions.py`.
    Asset.objects.filter(pk=stocked.asset_id).update(retail_allowed=True)
    stocked.asset.refresh_from_db()
    place(stocked, units=300, key="1", by=amina, at=at)
    return stocked


def holdings(units: int) -> Holdings:
    return Holdings(units, min(units, 5), units, 0, 0)


# ── Figures that agree and figures that do not ───────────────────────────────────────────────────────────────────────
def test_a_figure_that_agrees_opens_nothing(sold, today, amina, daud, at):
    freeze(sold, source=AccountKind.CLIENTS, units=100, key="f", case_ref="HC/7", by=daud, at=at)
    register = record_register(sold.asset, as_of=today, units=1_000_000, reference="R/1", by=daud, at=at)
    # Frozen or not, they are the clients'.
    [returned] = file_holdings([(sold, today, holdings(300))], by=amina, at=at)
    assert (register.agrees, returned.agrees) == (True, True)
    assert Break.objects.count() == 0


def test_a_difference_opens_one_break_and_a_second_day_no_second(sold, today, amina, at):
    [first] = file_holdings([(sold, today, holdings(299))], by=amina, at=at)
    [second] = file_holdings([(sold, today, holdings(298))], by=amina, at=at)
    assert first.difference == second.difference
    found = Break.objects.get()
    assert (found.ledger_units, found.found_units, found.difference, found.state) == (300, 299, -1, "open")
    assert list(invariants.check()) == []


def test_what_is_compared_is_the_end_of_the_day(sold, today, amina, daud, at):
    place(sold, units=50, key="later", by=amina, at=at + timedelta(days=1))
    [that_day] = file_holdings([(sold, today, holdings(300))], by=amina, at=at + timedelta(days=2))
    assert that_day.agrees
    yesterday = record_register(sold.asset, as_of=today - timedelta(days=1), units=0, reference="R/0", by=daud, at=at)
    assert yesterday.agrees


def test_a_day_that_has_not_come_is_refused(sold, today, amina, daud, at):
    for act in (
        lambda: record_register(sold.asset, as_of=today + timedelta(days=1), units=1, reference="R/1", by=daud, at=at),
        lambda: file_holdings([(sold, today + timedelta(days=1), holdings(1))], by=amina, at=at),
    ):
        with pytest.raises(MoveRefused) as refused:
            act()
        assert [each.code for each in refused.value.unmet] == ["day_has_come"]


def test_who_may_hand_in_figures(sold, today, amina, dua, daud, stranger, at):
    for person in (amina, dua):
        with pytest.raises(PermissionDenied):
            record_register(sold.asset, as_of=today, units=1, reference="R/1", by=person, at=at)
    for person in (daud, stranger):
        with pytest.raises(PermissionDenied):
            file_holdings([(sold, today, holdings(1))], by=person, at=at)


def test_a_return_that_does_not_add_up_files_nothing(sold, today, amina, at):
    wrong = Holdings(300, 5, 100, 100, 99)
    with pytest.raises(ValidationError):
        file_holdings([(sold, today, holdings(300)), (sold, today, wrong)], by=amina, at=at)
    assert Reconciliation.objects.count() == 0


# ── What a break halts, and how it is closed ─────────────────────────────────────────────────────────────────────────
def test_a_break_halts_the_issue_by_gate_and_by_the_ledger(propose, approve, move, today, daud, dua, at):
    asset = approve(propose(units=100))
    made = record_register(asset, as_of=today, units=100, reference="R/1", by=daud, at=at)
    with pytest.raises(MoveRefused) as refused:
        move(asset, "issue", daud)
    assert [(each.code, each.details) for each in refused.value.unmet] == [
        ("no_break_stands", (f"{made.difference.reference}, mtb-1: +100 units by the traditional register.",))
    ]
    # Shut for the move; and for whoever would go around it, by the ledger itself, on an asset that is issued.
    record_register(asset, as_of=today, units=0, reference="R/2", by=daud, at=at)
    move(move(made.difference, "explain", daud), "close", dua)
    issued = move(asset, "issue", daud)
    record_register(issued, as_of=today, units=99, reference="R/3", by=daud, at=at)
    Asset.objects.filter(pk=issued.pk).update(authorised_units=200)
    with pytest.raises(ledger.PostingRefused) as posting:
        ledger.post(EntryKind.ISSUE, issued, units=1, key="more", maker_id=daud.pk, at=at)
    assert posting.value.code == "break_stands"


def test_two_people_close_a_break_once_the_figures_agree(sold, today, move, amina, daud, dua, at):
    [made] = file_holdings([(sold, today, holdings(299))], by=amina, at=at)
    found = move(made.difference, "explain", daud, note="A late trade.")
    with pytest.raises(MoveRefused) as refused:
        move(found, "close", dua)
    assert [each.code for each in refused.value.unmet] == ["figures_agree_again"]
    file_holdings([(sold, today, holdings(300))], by=amina, at=at)
    roles.grant(daud, "debt_approver", by=None, at=at)
    with pytest.raises(MoveRefused) as refused:
        move(found, "close", daud)
    assert [each.code for each in refused.value.unmet] == ["closer_is_not_explainer"]
    found = move(move(found, "reopen", dua), "explain", daud)
    assert move(found, "close", dua).state == "closed"
    # A new difference is a new break.
    file_holdings([(sold, today, holdings(1))], by=amina, at=at)
    assert Break.objects.count() == 2
    assert list(invariants.check()) == []


def test_the_night_compares_once_more(sold, today, amina, daud, at):
    [before] = file_holdings([(sold, today, holdings(300))], by=amina, at=at)
    assert before.agrees
    # An entry that is booked for that day afterwards.
    place(sold, units=5, key="back", by=amina, at=at)
    run_night(at=at + timedelta(days=1))
    assert Break.objects.get().difference == -5
    run_night(at=at + timedelta(days=1))
    assert Break.objects.count() == 1


# ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────────
HEAD = "asset,as_of,units_held,holders,retail_units,institutional_units,non_resident_units\n"


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("mtb-1,2026-03-04,300,5,200,60,40", ""),
        ("other,2026-03-04,300,5,200,60,40", "You are not authorised for an asset of this code."),
        ("mtb-1,4 March,300,5,200,60,40", "Write the day as 2026-03-31."),
        ("mtb-1,2026-03-05,300,5,200,60,40", "This day has not come."),
        ("mtb-1,2026-03-04,300,5,200,60,41", "The three classes make 301, not 300."),
        ("mtb-1,2026-03-04,300,0,200,60,40", "Where there are units there are holders, and the other way round."),
        ("mtb-1,2026-03-04,3e2,5,200,60,40", "Give whole numbers, without separators: units_held."),
        ("mtb-1,2026-03-04,300", "It has 3 cells instead of 7."),
    ],
)
def test_a_row_is_told_what_is_wrong_with_it(stocked, today, row, wrong):
    [found] = read(HEAD + row + "\n", {"mtb-1": stocked}, today=today)
    assert (found.wrong, found.filed is None) == (wrong, bool(wrong))


def test_the_same_asset_and_day_twice(stocked, today):
    row = "mtb-1,2026-03-04,300,5,200,60,40\n"
    _, second = read(HEAD + row + row, {"mtb-1": stocked}, today=today)
    assert second.wrong == "A row above speaks of the same asset and day."


@pytest.mark.parametrize("text", ["", HEAD, "asset,units\nmtb-1,3\n", HEAD + '"mtb'])
def test_a_file_that_is_none(stocked, today, text):
    with pytest.raises(ValidationError):
        read(text, {"mtb-1": stocked}, today=today)
