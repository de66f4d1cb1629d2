"""Every gate of the shipped framework, and every marked criterion that fails alone before it."""

from decimal import Decimal

import pytest

from licensing import scoring
from licensing.scoring import KNOCK_OUT_BAR, MANDATORY_BAR, NOT_APPLICABLE, WAIVED, Criterion, Gate, Mark
from tests.licensing.framework import DEFAULT, sheet, standing_at
from tests.licensing.scoring import missed

GATES = list(DEFAULT.gates.values())
# Every gate with every criterion that is mandatory or a knock-out in its phase.
BARRED = [(gate, each) for gate in GATES for each in DEFAULT.applicable(gate.phase) if each.mark is not Mark.NONE]
KNOCK_OUTS = [(gate, each) for gate, each in BARRED if each.mark is Mark.KNOCK_OUT]
MANDATORY = [(gate, each) for gate, each in BARRED if each.mark is Mark.MANDATORY]
EACH = {"ids": lambda each: each.code}


def bar_of(criterion: Criterion, gate: Gate) -> int:
    return KNOCK_OUT_BAR if criterion.mark is Mark.KNOCK_OUT else MANDATORY_BAR[gate.phase]


def sums_missed(gate: Gate, criterion: Criterion, counts: int) -> list[str]:
    """By hand, which sums fall when one criterion counts so much and every other one is fully met."""
    lost = criterion.points * (4 - counts) / 4
    inside = [each for each in DEFAULT.applicable(gate.phase) if each.domain == criterion.domain]
    domain = sum((each.points for each in inside), Decimal(0))
    everything = sum((each.points for each in DEFAULT.applicable(gate.phase)), Decimal(0))
    floor = gate.floors.get(criterion.domain, gate.other_floor)
    found = ["total"] if 100 * (everything - lost) < gate.total * everything else []
    return found + ([criterion.domain] if floor is not None and 100 * (domain - lost) < floor * domain else [])


def test_the_shipped_framework_has_these_gates_and_marks():
    assert [each.code for each in GATES] == ["G1", "G2", "G2a", "G3", "G4", "G5", "G5r", "G5s", "G6"]
    marks = {gate.code: sum(gate is each for each, _ in BARRED) for gate in GATES}
    assert marks == {"G1": 7, "G2": 10, "G2a": 10, **dict.fromkeys(("G3", "G4", "G5", "G5r", "G5s", "G6"), 22)}
    assert {(gate.phase, sum(gate is each for each, _ in KNOCK_OUTS)) for gate in GATES} == {
        *(("NOC", 4), ("SETUP", 5), ("FULL", 6)),
    }


@pytest.mark.parametrize("gate", GATES, **EACH)
def test_full_marks_open_every_gate_and_none_shut_it(gate):
    assert missed(sheet(gate.phase, {"all": 4}), gate.code) == []
    assert {"total", *(each.code for at, each in BARRED if at is gate)} <= set(missed(sheet(gate.phase, {}), gate.code))


@pytest.mark.parametrize(("gate", "criterion"), BARRED, **EACH)
def test_at_its_bar_a_marked_criterion_shuts_nothing_by_itself(gate, criterion):
    bar = bar_of(criterion, gate)
    assert missed(sheet(gate.phase, {"all": 4, criterion.code: bar}), gate.code) == sums_missed(gate, criterion, bar)


@pytest.mark.parametrize(("gate", "criterion"), BARRED, **EACH)
def test_just_under_its_bar_it_shuts_the_gate_alone(gate, criterion):
    under = bar_of(criterion, gate) - 1
    expected = [*sums_missed(gate, criterion, under), criterion.code]
    assert missed(sheet(gate.phase, {"all": 4, criterion.code: under}), gate.code) == expected


@pytest.mark.parametrize("standing", ["none", "expired"])
@pytest.mark.parametrize(("gate", "criterion"), BARRED, **EACH)
def test_without_good_evidence_it_shuts_the_gate_alone_whatever_its_rating(gate, criterion, standing):
    """Nothing that was accepted: it counts 1. Something that has expired, past its grace: it counts 0."""
    counts = {"none": 1, "expired": 0}[standing]
    score = sheet(gate.phase, {"all": 4}, evidence={criterion.code: standing})
    assert missed(score, gate.code) == [*sums_missed(gate, criterion, counts), criterion.code]


@pytest.mark.parametrize(("gate", "criterion"), BARRED, **EACH)
def test_in_its_grace_the_evidence_is_as_good_as_ever(gate, criterion):
    assert missed(sheet(gate.phase, {"all": 4}, evidence={criterion.code: "in_grace"}), gate.code) == []


@pytest.mark.parametrize(("gate", "criterion"), BARRED, **EACH)
def test_unrated_it_shuts_the_gate_alone(gate, criterion):
    score = sheet(gate.phase, {"all": 4, criterion.code: None})
    assert missed(score, gate.code) == [*sums_missed(gate, criterion, 0), criterion.code]


@pytest.mark.parametrize(("gate", "criterion"), KNOCK_OUTS, **EACH)
def test_a_knock_out_is_not_called_away_at_any_gate(gate, criterion):
    for word in (NOT_APPLICABLE, WAIVED):
        assert missed(sheet(gate.phase, {"all": 4, criterion.code: word}), gate.code) == [criterion.code]


@pytest.mark.parametrize(("gate", "criterion"), MANDATORY, **EACH)
def test_what_is_mandatory_asks_nothing_where_it_does_not_apply(gate, criterion):
    for word in (NOT_APPLICABLE, WAIVED):
        assert missed(sheet(gate.phase, {"all": 4, criterion.code: word}), gate.code) == []


@pytest.mark.parametrize("gate", GATES, **EACH)
def test_what_is_not_marked_shuts_no_gate_but_by_its_points(gate):
    for each in DEFAULT.applicable(gate.phase):
        if each.mark is Mark.NONE:
            assert missed(sheet(gate.phase, {"all": 4, each.code: 0}), gate.code) == sums_missed(gate, each, 0)


# ── What supervision is told (G5) ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("percent", "level"),
    [
        *(("100", ""), ("75", ""), ("74.99", "watch"), ("65", "watch"), ("64.99", "restrict")),
        *(("60", "restrict"), ("59.99", "show_cause"), ("0", "show_cause")),
    ],
)
def test_the_levels_of_supervision_at_each_bar_and_just_under(percent, level):
    """Of a licensee whose every domain stands at so many per cent, without a mark to miss."""
    even = dict.fromkeys(DEFAULT.domains, Decimal(percent))
    bars = {code: missed(standing_at(DEFAULT.gates[code], even), code) for code in ("G5", "G5r", "G5s")}
    assert scoring.level(bars, knocked_out=False) == level


@pytest.mark.parametrize("criterion", [each for gate, each in KNOCK_OUTS if gate.code == "G5"], **EACH)
def test_a_knock_out_that_fails_alone_proposes_a_notice_whatever_the_total(criterion):
    score = sheet("FULL", {"all": 4, criterion.code: KNOCK_OUT_BAR - 1})
    assert score.total >= 97
    bars = {code: tuple(missed(score, code)) for code in ("G5", "G5r", "G5s")}
    held = {line.criterion.code: line.effective for line in score.lines if line.criterion.mark is Mark.KNOCK_OUT}
    assert scoring.level(bars, knocked_out=min(held.values()) < KNOCK_OUT_BAR) == "show_cause"


@pytest.mark.parametrize("criterion", [each for gate, each in MANDATORY if gate.code == "G5"], **EACH)
def test_a_mandatory_criterion_that_fails_alone_proposes_nothing_by_its_total(criterion):
    score = sheet("FULL", {"all": 4, criterion.code: MANDATORY_BAR["FULL"] - 1})
    bars = {code: tuple(missed(score, code)) for code in ("G5", "G5r", "G5s")}
    assert scoring.level(bars, knocked_out=False) == ""
