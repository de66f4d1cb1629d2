"""Worked examples to the last digit, every bar at it and just below, and what the sentences say."""

from dataclasses import replace
from decimal import Decimal

import pytest

from licensing import scoring
from licensing.scoring import Gate, Mark, shown
from tests.licensing.framework import DEFAULT, as_rating, pairs, sheet, standing_at, worked_examples
from tests.licensing.scoring import ALL_MET, GATE_OF, HUNDREDTH, MARKED, missed


# ── Worked examples ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("example", worked_examples(), ids=lambda each: each["name"].replace(" ", "_"))
def test_a_worked_example_matches_to_the_last_digit(example):
    score = sheet(
        example["phase"],
        {code: as_rating(said) for code, said in pairs(example["ratings"]).items()},
        evidence=pairs(example["evidence"]),
    )
    verdict = score.verdict(example["gate"])
    gained = sum((line.gained for line in score.lines), Decimal(0))
    possible = sum((line.possible for line in score.lines), Decimal(0))
    assert {
        "gained": scoring.exact(gained),
        "possible": scoring.exact(possible),
        "total": shown(score.total),
        "domains": " ".join(f"{code}={shown(value)}" for code, value in score.domains.items() if value is not None),
        "passed": "yes" if verdict.passed else "no",
        "conditions": "yes" if verdict.conditions_compulsory else "no",
        "failed": " ".join(bar.code for bar in verdict.failed),
    } == {key: example[key] for key in ("gained", "possible", "total", "domains", "passed", "conditions", "failed")}
    assert score.total * possible == pytest.approx(100 * gained, abs=Decimal("1e-20"))


def test_the_examples_name_every_gate_but_renewal_passed_and_missed():
    seen = {(each["gate"], each["passed"]) for each in worked_examples()}
    assert {gate for gate, passed in seen if passed == "yes"} == {"G1", "G2", "G2a", "G3", "G6"}
    assert {gate for gate, passed in seen if passed == "no"} == {"G1", "G2", "G2a", "G3", "G4", "G5", "G6"}


# ── Every bar at the bar and just below ───────────────────────────────────────────────────────────────────────────────
def at_total(gate: Gate, less: Decimal = Decimal(0)) -> dict[str, Decimal]:
    """Percentages that meet every floor of a gate and whose mean is its total, less what one domain lacks."""
    percents = dict.fromkeys(DEFAULT.domains, gate.total)
    free = [code for code in DEFAULT.domains if code not in gate.floors]
    for code, partner in zip(gate.floors, free, strict=False):
        over = max(gate.floors[code] - gate.total, Decimal(0))
        percents[code] += over
        percents[partner] -= over
    percents[free[-1]] -= less
    return percents


@pytest.mark.parametrize("gate", DEFAULT.gates.values(), ids=lambda each: each.code)
def test_the_total_of_a_gate_at_the_bar_and_just_below(gate):
    at_the_bar = standing_at(gate, at_total(gate))
    assert (at_the_bar.total, missed(at_the_bar, gate.code)) == (gate.total, [])
    assert missed(standing_at(gate, at_total(gate, HUNDREDTH)), gate.code) == ["total"]


@pytest.mark.parametrize(
    ("gate", "domain"),
    [
        (gate, domain)
        for gate in DEFAULT.gates.values()
        for domain in DEFAULT.domains
        if domain in gate.floors or gate.other_floor is not None
    ],
    ids=lambda each: getattr(each, "code", each),
)
def test_every_floor_of_a_gate_at_the_floor_and_just_below(gate, domain):
    floor = gate.floors.get(domain, gate.other_floor)
    at_the_floor = standing_at(gate, {**ALL_MET, domain: floor})
    assert (at_the_floor.domains[domain], missed(at_the_floor, gate.code)) == (floor, [])
    assert missed(standing_at(gate, {**ALL_MET, domain: floor - HUNDREDTH}), gate.code) == [domain]


@pytest.mark.parametrize("code", ["G1", "G3"])
def test_conditions_are_compulsory_just_below_their_bar_and_not_at_it(code):
    gate = DEFAULT.gates[code]
    bar = gate.conditions_below
    at_the_bar = standing_at(gate, dict.fromkeys(DEFAULT.domains, bar)).verdict(code)
    assert (at_the_bar.passed, at_the_bar.conditions_compulsory) == (True, False)
    below = standing_at(gate, {**dict.fromkeys(DEFAULT.domains, bar), "D12": bar - HUNDREDTH}).verdict(code)
    assert (below.passed, below.conditions_compulsory) == (True, True)


@pytest.mark.parametrize(("code", "phase"), MARKED)
def test_a_marked_criterion_failing_alone(code, phase):
    criterion = next(each for each in DEFAULT.criteria if each.code == code)
    bar = 3 if criterion.mark is Mark.KNOCK_OUT or phase == "FULL" else 2
    assert missed(sheet(phase, {"all": 4, code: bar}), GATE_OF[phase]) == []
    # A low rating may pull its own domain under a floor as well; nothing else may be named.
    failed = missed(sheet(phase, {"all": 4, code: bar - 1}), GATE_OF[phase])
    assert [each for each in failed if each != criterion.domain] == [code]


def test_there_are_as_many_marks_as_in_the_regime():
    assert [sum(phase == each for _, phase in MARKED) for each in scoring.PHASES] == [7, 10, 22]


# ── What the sentences say ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_sentences_of_a_refusal():
    score = sheet("NOC", {"all": 2, "1.5": 3, "2.1": 3, "3.1": 3, "3.2": 3, "4.3": 1})
    assert [bar.sentence for bar in score.verdict("G1").failed] == [
        "The total is 58.33%; the bar is 60.00%.",
        "D1 AML/CFT/CPF stands at 54.17%; the floor is 60.00%.",
        "4.3 Enforcement history disclosed and remediated is mandatory: it counts 1, at least 2 is needed.",
    ]


def test_a_figure_is_never_rounded_up_to_the_bar_that_it_misses():
    gate = DEFAULT.gates["G5"]
    score = standing_at(gate, {**dict.fromkeys(DEFAULT.domains, Decimal(75)), "D1": Decimal("74.99")})
    assert shown(score.total) == "75.00"
    assert [bar.sentence for bar in score.verdict("G5").failed] == [
        "The total is just below 75.00%; the bar is 75.00%."
    ]


def test_marks_are_named_in_the_order_of_their_numbers():
    assert missed(sheet("FULL", {"all": 0}), "G5") == [
        *["total", "1.1", "1.3", "1.5", "1.6", "1.7", "2.1", "2.2", "3.1", "3.2", "3.5", "4.3"],
        *["5.1", "5.2", "5.3", "5.5", "6.4", "7.1", "7.2", "8.1", "9.1", "10.1", "10.2"],
    ]


def test_figures_are_shown_half_up():
    assert [shown(Decimal(each)) for each in ("0.005", "2.675", "59.994999", "66.665")] == [
        *["0.01", "2.68", "59.99", "66.67"]
    ]


@pytest.mark.parametrize(
    ("value", "colour"), [("80", "green"), ("79.999", "amber"), ("65", "amber"), ("64.999", "red"), ("0", "red")]
)
def test_the_colours_at_their_bars(value, colour):
    assert sheet("NOC", {}).colour(Decimal(value)) == colour


def test_a_domain_in_which_nothing_applies_has_neither_score_nor_colour_nor_floor():
    score = sheet("NOC", {"all": 4})
    assert [code for code, value in score.domains.items() if value is None] == ["D5", "D8", "D10", "D11", "D12"]
    assert score.colour(score.domains["D5"]) == ""
    strict = replace(DEFAULT.gates["G1"], other_floor=Decimal(100))
    assert sheet("NOC", {"all": 4}, framework=replace(DEFAULT, gates={"G1": strict})).clears("G1")


def test_points_gained_and_still_to_gain():
    line = next(each for each in sheet("NOC", {"all": 3}).lines if each.criterion.code == "1.4")
    assert (line.possible, line.gained, line.still_possible) == (Decimal(3), Decimal("2.25"), Decimal("0.75"))


def test_what_is_not_rated_yet():
    score = sheet("NOC", {"1.1": 3})
    assert [each.code for each in score.unrated] == [
        each.code for each in DEFAULT.applicable("NOC") if each.code != "1.1"
    ]
    assert score.untouched_domains == ["D2", "D3", "D4", "D6", "D7", "D9"]
    assert (score.is_untouched, sheet("NOC", {}).is_untouched) == (False, True)


def test_nothing_that_counts_is_nothing_and_not_everything():
    score = sheet("NOC", {"all": scoring.NOT_APPLICABLE})
    assert score.total == 0
    assert not score.clears("G1")


def test_a_knock_out_that_does_not_apply_is_missed():
    verdict = sheet("NOC", {"all": 4, "2.1": scoring.NOT_APPLICABLE}).verdict("G1")
    assert [bar.sentence for bar in verdict.failed] == [
        "2.1 UNSC, NACTA and domestic list screening and freezing is a knock-out: it cannot be found not applicable, "
        "at least 3 is needed."
    ]


def test_a_knock_out_that_was_waived_is_missed_and_says_so():
    verdict = sheet("NOC", {"all": 4, "2.1": scoring.WAIVED}).verdict("G1")
    assert [bar.sentence for bar in verdict.failed] == [
        "2.1 UNSC, NACTA and domestic list screening and freezing is a knock-out: it cannot be waived, "
        "at least 3 is needed."
    ]


# ── Bad input ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("rating", [5, -1, True, "good"])
def test_a_rating_off_the_scale_is_refused(rating):
    with pytest.raises(ValueError, match=r"^1\.1: "):
        sheet("NOC", {"1.1": rating})


def test_a_gate_of_another_phase_is_refused():
    with pytest.raises(ValueError, match="Gate G3 asks for a score at FULL; this one is at NOC"):
        sheet("NOC", {"all": 4}).verdict("G3")
