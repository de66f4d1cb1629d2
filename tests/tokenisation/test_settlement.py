"""In what a placement is settled: recorded with it, by the list of its day, and refused where the list says no."""

import json
from datetime import date

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.tokenisation.test_invariants import by_hand
from tests.tokenisation.test_ledger import refused_with
from tokenisation import invariants
from tokenisation.actions.ledger import place, post_file
from tokenisation.actions.orders import propose_correction
from tokenisation.faces.lines import COLUMNS, COLUMNS_OF_PLACEMENTS, read
from tokenisation.ledger import Line
from tokenisation.models import (
    JournalEntry,
    Settlement,
    SettlementAsset,
    not_permitted,
    placed_by_settlement,
    settlement_assets,
)

FIXTURE = settings.BASE_DIR / "fixtures" / "settlement.json"
NOT_PERMITTED = ("settlement_not_permitted", "Nothing may be settled in this on that day.")


@pytest.fixture
def listed(db):
    call_command("load_settlement_assets", verbosity=0)


@pytest.fixture
def permits(db):
    """`permits("USD1", on)`: a newer row by which a settlement asset is permitted from a day on, or no longer."""

    def said(code: str, on: date, permitted: bool = True) -> SettlementAsset:
        (row,) = [each for each in json.loads(FIXTURE.read_text())["settlement_assets"] if each["code"] == code]
        return SettlementAsset.objects.create(**{**row, "permitted": permitted, "effective_from": on})

    return said


def settled() -> list[tuple[int, str]]:
    return list(Settlement.objects.order_by("pk").values_list("entry__units", "settled_in__code"))


def test_the_list_is_loaded_once_and_never_overwritten(listed, capsys):
    call_command("load_settlement_assets")
    assert capsys.readouterr().out == "0 settlement assets added.\n"
    assert [(each.code, each.kind, each.permitted) for each in settlement_assets(date(2026, 3, 4))] == [
        ("PKR", "bank_money", True),
        ("DPKR", "cbdc", False),
        ("USD1", "stablecoin", False),
    ]
    assert settlement_assets(date(2025, 7, 8)) == []


def test_a_placement_is_settled_in_the_default_unless_it_says_otherwise(listed, permits, stocked, amina, at):
    permits("DPKR", date(2026, 3, 4))
    place(stocked, units=10, key="1", by=amina, at=at)
    place(stocked, units=20, key="2", by=amina, at=at, settlement="DPKR")
    assert settled() == [(10, "PKR"), (20, "DPKR")]
    assert placed_by_settlement(stocked.asset) == [
        {"settled_in__code": "DPKR", "settled_in__name": "Digital rupee, pilot of the State Bank", "units": 20},
        {"settled_in__code": "PKR", "settled_in__name": "Pakistani rupee, bank money", "units": 10},
    ]
    assert list(invariants.check()) == []


def test_where_no_list_stands_none_is_recorded_and_none_can_be_named(stocked, amina, at):
    place(stocked, units=10, key="1", by=amina, at=at)
    assert settled() == []
    code, _ = refused_with(lambda: place(stocked, units=10, key="2", by=amina, at=at, settlement="PKR"))
    assert code == "settlement_not_permitted"


def test_what_is_not_permitted_on_the_day_is_refused_and_nothing_is_posted(listed, permits, stocked, amina, at):
    # From tomorrow, and before that not.
    permits("USD1", date(2026, 3, 5))
    assert not_permitted(["USD1", "PKR", "X", ""], date(2026, 3, 4)) == {"USD1", "X"}
    assert not_permitted(["USD1"], date(2026, 3, 5)) == set()
    for code in ("USD1", "NONE"):
        assert refused_with(lambda code=code: place(stocked, units=1, key="1", by=amina, at=at, settlement=code)) == (
            "settlement_not_permitted",
            f"{NOT_PERMITTED[1]} {code} is not on the list of 2026-03-04.",
        )
    assert not JournalEntry.objects.filter(kind="distribute").exists()
    stocked.refresh_from_db()
    assert stocked.distributed_units == 0


def test_a_permission_that_was_taken_away_is_none(listed, permits, stocked, amina, at):
    permits("USD1", date(2026, 3, 1))
    permits("USD1", date(2026, 3, 4), permitted=False)
    code, _ = refused_with(lambda: place(stocked, units=1, key="1", by=amina, at=at, settlement="USD1"))
    assert code == "settlement_not_permitted"


def test_a_key_that_is_sent_again_names_the_same_or_none(listed, permits, stocked, amina, at):
    permits("DPKR", date(2026, 3, 4))
    first = place(stocked, units=10, key="1", by=amina, at=at, settlement="DPKR")
    for again in ("DPKR", ""):
        posted = place(stocked, units=10, key="1", by=amina, at=at, settlement=again)
        assert (posted.entry_id, posted.replayed) == (first.entry_id, True)
    code, _ = refused_with(lambda: place(stocked, units=10, key="1", by=amina, at=at, settlement="PKR"))
    assert code == "key_reused"
    assert settled() == [(10, "DPKR")]


def test_a_file_is_answered_line_by_line_and_posted_whole_or_not_at_all(listed, permits, stocked, amina, at):
    lines = [Line("1", 10), Line("2", 20, "", "DPKR"), Line("3", 30, "", "USD1"), Line("4", 5_000)]
    permits("DPKR", date(2026, 3, 4))
    answers = post_file(stocked, lines, by=amina, at=at)
    assert [each.refusal for each in answers] == ["", "", "settlement_not_permitted", "over_allocation"]
    assert answers[2].reason == NOT_PERMITTED[1]
    assert settled() == []
    post_file(stocked, lines[:2], by=amina, at=at)
    assert settled() == [(10, "PKR"), (20, "DPKR")]
    assert [each.replayed for each in post_file(stocked, lines[:2], by=amina, at=at)] == [True, True]
    assert list(invariants.check()) == []


def test_a_placement_that_was_corrected_counts_no_more(listed, stocked, daud, dua, amina, move, at):
    posted = place(stocked, units=10, key="1", by=amina, at=at)
    entry = JournalEntry.objects.get(pk=posted.entry_id)
    order = propose_correction(entry, case_ref="Letter 7", reasons="It was cancelled.", by=daud, at=at)
    move(order, "carry_out", dua)
    assert placed_by_settlement(stocked.asset) == []


def test_what_was_settled_stays_and_is_looked_at_every_night(listed, permits, stocked, amina, at):
    place(stocked, units=10, key="1", by=amina, at=at)
    for statement in ("UPDATE tokenisation_settlement SET entry_id = 1", "DELETE FROM tokenisation_settlementasset"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    usd = SettlementAsset.objects.get(code="USD1")
    with transaction.atomic():
        by_hand(f"UPDATE tokenisation_settlement SET settled_in_id = {usd.pk}")
        broken = [each.name for each in invariants.check()]
        transaction.set_rollback(True)
    assert broken == ["What a placement was settled in was permitted on its day."]


def test_a_default_is_permitted(permits):
    with pytest.raises(IntegrityError, match="default_is_permitted"):
        permits("PKR", date(2026, 3, 4), permitted=False)


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_file_of_placements_may_name_the_settlement():
    (one, two) = read("key,units,settlement\na,1,dpkr\nb,2,\n", COLUMNS_OF_PLACEMENTS)
    assert (one.line, two.line) == (Line("a", 1, "", "DPKR"), Line("b", 2))
    (row,) = read("key,units,reference,settlement\na,1,client 1,US D\n", COLUMNS_OF_PLACEMENTS)
    assert (row.line, row.reference) == (None, "client 1")
    assert row.wrong == "Give the settlement by its code, or leave it empty for the default."


@pytest.mark.parametrize(
    ("columns", "head", "words"),
    [
        (COLUMNS, "key,units,settlement", "key,units,reference. The reference may be left out."),
        (
            COLUMNS_OF_PLACEMENTS,
            "key,units,settlement,reference",
            "key,units,reference,settlement. The reference and the settlement may be left out.",
        ),
    ],
)
def test_and_one_of_allocations_may_not(columns, head, words):
    with pytest.raises(ValidationError) as refused:
        read(f"{head}\na,1,PKR\n", columns)
    assert refused.value.messages == [f"The first row must name the columns: {words}"]
