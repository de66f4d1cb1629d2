"""What would lift a score fastest, and what is about to lower it. No database."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licensing import scoring
from licensing.scoring import endings, lifts, shown
from tests.licensing.framework import CODES, DEFAULT, GRACE, TODAY, sheet

untimed = settings(deadline=None, max_examples=40)
RATINGS = st.one_of(st.integers(0, 4), st.none(), st.sampled_from([scoring.NOT_APPLICABLE, scoring.WAIVED]))
DAYS = st.one_of(st.none(), st.integers(-120, 120).map(lambda days: TODAY + timedelta(days=days)))
SHEETS = st.fixed_dictionaries(dict.fromkeys(CODES, RATINGS))
FILES = st.fixed_dictionaries(dict.fromkeys(CODES, st.lists(DAYS, max_size=2).map(tuple)))
GATES = st.sampled_from(sorted(DEFAULT.gates))


def of(gate, ratings, files):
    phase = DEFAULT.gates[gate].phase
    return scoring.score(DEFAULT, phase, ratings=ratings, expiries=files, on=TODAY, grace_days=GRACE)


# ── What would lift it ───────────────────────────────────────────────────────────────────────────────────────────────
def test_what_the_gate_asks_for_by_name_comes_first_then_what_closes_most_of_the_gap():
    ratings = {"all": 3, "1.1": 1, "1.2": 0, "1.4": 1, "4.1": 0}
    score = sheet("NOC", ratings, evidence={"1.8": "none"})
    # 19.5 of 36 points, 54.17% of 60, and 4.5 of 12 in D1, 37.50% of 60.
    assert [bar.code for bar in score.verdict("G1").failed] == ["total", "D1", "1.1"]
    found = [
        (each.criterion.code, each.mends, shown(each.total), shown(each.domain), shown(each.nearer))
        for each in lifts(score, "G1")
    ]
    # 1.1 is mandatory, so asked for by name. 1.4 brings 18.75 to D1 and the 5.83 that the total lacks.
    assert found[:5] == [
        ("1.1", ("1.1",), "4.17", "12.50", "16.67"),
        ("1.4", ("total",), "6.25", "18.75", "24.58"),
        ("1.2", (), "5.56", "16.67", "22.22"),
        ("1.8", (), "2.08", "6.25", "8.33"),
        ("4.1", ("total",), "11.11", "50.00", "5.83"),
    ]


def test_a_lift_says_what_it_wants():
    said = {
        each.criterion.code: each.wants
        for each in lifts(
            sheet(
                "NOC",
                {"all": 4, "1.1": None, "1.2": 2, "2.1": scoring.NOT_APPLICABLE, "4.2": 4},
                evidence={"1.1": "none", "1.2": "expired", "4.2": "none"},
            ),
            "G1",
        )
    }
    assert said == {
        "1.1": ("accepted evidence", "a rating"),
        "1.2": ("newer evidence", "a rating of 4 (it is 2)"),
        "2.1": ("a rating: it cannot be found not applicable",),
        "4.2": ("accepted evidence",),
    }


def test_a_full_sheet_has_nothing_to_lift():
    assert lifts(sheet("FULL", {"all": 4}), "G3") == []


def test_a_gate_of_another_phase_has_no_lifts():
    with pytest.raises(ValueError, match="Gate G3 asks for a score at FULL"):
        lifts(sheet("NOC", {"all": 3}), "G3")


@untimed
@given(GATES, SHEETS, FILES)
def test_no_lift_lowers_anything_and_each_is_what_scoring_anew_finds(gate, ratings, files):
    score = of(gate, ratings, files)
    missed = {bar.code: bar.lacks for bar in score.verdict(gate).failed}
    for each in lifts(score, gate):
        code = each.criterion.code
        best = score.supposing(ratings={code: 4}, expiries={code: (None,)})
        still = {bar.code for bar in best.verdict(gate).failed}
        assert set(each.mends) == set(missed) - still
        assert still <= set(missed)
        assert min(each.total, each.domain, each.nearer) >= 0 or each.line.rating in scoring.NOT_COUNTED
        assert each.wants != ()


@untimed
@given(GATES, SHEETS, FILES)
def test_whoever_follows_every_lift_clears_the_gate(gate, ratings, files):
    score = of(gate, ratings, files)
    codes = [each.criterion.code for each in lifts(score, gate)]
    done = score.supposing(ratings=dict.fromkeys(codes, 4), expiries=dict.fromkeys(codes, (None,)))
    # Unless all that is not a knock-out was found not applicable, everything that counts is then fully met.
    assert (done.clears(gate), lifts(done, gate)) == (True, [])


# ── What is about to expire ──────────────────────────────────────────────────────────────────────────────────────────
def expiring(**days):
    expiries = dict.fromkeys(CODES, (None,)) | {
        code.replace("_", "."): (TODAY + timedelta(days=number),) for code, number in days.items()
    }
    return scoring.score(
        DEFAULT, "FULL", ratings=dict.fromkeys(CODES, 4), expiries=expiries, on=TODAY, grace_days=GRACE
    )


@pytest.mark.parametrize(
    ("days", "listed"),
    [(-GRACE - 1, []), (-GRACE, ["6.4"]), (-1, ["6.4"]), (0, ["6.4"]), (60, ["6.4"]), (61, [])],
)
def test_what_is_listed_from_the_horizon_to_the_end_of_its_grace(days, listed):
    score = expiring(**{"6_4": days})
    assert [each.criterion.code for each in endings(score, days=60)] == listed


def test_what_an_ending_costs_and_shuts():
    # Mandatory evidence that expired counts nothing: 3 of 100 points, and 3 of 12 in its domain.
    (one,) = endings(expiring(**{"6_4": 10}), days=60)
    assert (one.last_day, one.costs_from) == (TODAY + timedelta(days=10), TODAY + timedelta(days=10 + GRACE + 1))
    assert (shown(one.total), shown(one.domain), one.shuts) == ("3.00", "25.00", ("G3", "G4", "G5", "G5r", "G5s", "G6"))


def test_endings_come_in_the_order_in_which_they_cost():
    found = endings(expiring(**{"6_2": 20, "10_1": 3, "9_3": 3}), days=60)
    assert [each.criterion.code for each in found] == ["9.3", "10.1", "6.2"]


@untimed
@given(SHEETS, FILES, st.integers(0, 150))
def test_an_ending_never_adds_and_opens_nothing(ratings, files, days):
    score = of("G3", ratings, files)
    for each in endings(score, days=days):
        assert (each.total >= 0, each.domain >= 0) == (True, True)
        assert all(score.clears(gate) for gate in each.shuts)
        assert score.on < each.costs_from <= score.on + timedelta(days=days + GRACE + 1)


def test_an_ending_costs_on_its_day_what_was_said_of_it():
    score = expiring(**{"6_4": 10})
    (one,) = endings(score, days=60)
    before, on_the_day = score.at(one.costs_from - timedelta(days=1)), score.at(one.costs_from)
    assert (before.total, before.total - on_the_day.total) == (score.total, one.total)
    assert Decimal(0) < one.total
