"""The arithmetic of the score: worked examples to the last digit, every bar at the bar and just below, and what holds
for any sheet at all. No database.
"""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licensing import scoring
from licensing.scoring import EvidenceStanding, Gate, Mark, evidence_standing, faults, shown
from tests.licensing.framework import (
    CODES,
    DEFAULT,
    GRACE,
    TODAY,
    as_rating,
    pairs,
    sheet,
    standing_at,
    without,
    worked_examples,
)

ALL_MET = dict.fromkeys(DEFAULT.domains, Decimal(100))
HUNDREDTH = Decimal("0.01")
MARKED = [
    (each.code, phase) for phase in scoring.PHASES for each in DEFAULT.applicable(phase) if each.mark is not Mark.NONE
]
GATE_OF = {"NOC": "G1", "SETUP": "G2", "FULL": "G3"}


def missed(score, code):
    return [bar.code for bar in score.verdict(code).failed]


# ── Worked examples ──────────────────────────────────────────────────────────────────────────────────────────────────
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


# ── Every bar at the bar and just below ──────────────────────────────────────────────────────────────────────────────
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


# ── What the sentences say ───────────────────────────────────────────────────────────────────────────────────────────
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


# ── Bad input ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("rating", [5, -1, True, "good"])
def test_a_rating_off_the_scale_is_refused(rating):
    with pytest.raises(ValueError, match=r"^1\.1: "):
        sheet("NOC", {"1.1": rating})


def test_a_gate_of_another_phase_is_refused():
    with pytest.raises(ValueError, match="Gate G3 asks for a score at FULL; this one is at NOC"):
        sheet("NOC", {"all": 4}).verdict("G3")


def test_the_default_framework_is_sound():
    assert faults(DEFAULT) == []


def changed(which: str, **values):
    criteria = tuple(replace(each, **values) if each.code == which else each for each in DEFAULT.criteria)
    return replace(DEFAULT, criteria=criteria)


def with_gate(**values):
    return replace(DEFAULT, gates={"G1": replace(DEFAULT.gates["G1"], **values)})


@pytest.mark.parametrize(
    ("framework", "said"),
    [
        (without(["12.1"]), ["The points of all criteria sum to 98; they must sum to 100."]),
        (changed("1.2", code="1.1"), ["Criterion 1.1 is there more than once."]),
        (
            changed("1.2", points=Decimal(0)),
            [
                "The points of all criteria sum to 98; they must sum to 100.",
                "Criterion 1.2 has 0 points; give it more than 0.",
            ],
        ),
        (changed("1.2", domain="D13"), ["Criterion 1.2 is in the domain D13, which is not there."]),
        (changed("1.2", applies_from="LATER"), ["Criterion 1.2 applies from “LATER”, which is no phase."]),
        (with_gate(phase="LATER"), ["Gate G1 is at “LATER”, which is no phase."]),
        (with_gate(floors={"D13": Decimal(60)}), ["Gate G1 has a floor for D13, which is no domain."]),
        (with_gate(floors={"D1": Decimal(101)}), ["Gate G1 has a bar of 101%; bars run from 0 to 100."]),
        (with_gate(total=Decimal("-0.5")), ["Gate G1 has a bar of -0.5%; bars run from 0 to 100."]),
        (replace(DEFAULT, amber=Decimal(90)), ["The colours need 0 ≤ amber ≤ green ≤ 100."]),
    ],
)
def test_a_framework_that_does_not_add_up(framework, said):
    assert faults(framework) == said


# ── Evidence and time ────────────────────────────────────────────────────────────────────────────────────────────────
def test_evidence_is_good_through_its_last_day_and_then_in_grace():
    last = date(2026, 3, 4)
    standing = {
        days: evidence_standing([last], on=last + timedelta(days=days), grace_days=30) for days in (0, 1, 30, 31)
    }
    assert standing == {
        0: EvidenceStanding.VALID,
        1: EvidenceStanding.IN_GRACE,
        30: EvidenceStanding.IN_GRACE,
        31: EvidenceStanding.EXPIRED,
    }


def test_the_longest_lived_piece_decides_and_one_without_end_outlives_all():
    on = date(2026, 3, 4)
    assert evidence_standing([date(2020, 1, 1), on], on=on, grace_days=0) == EvidenceStanding.VALID
    assert evidence_standing([date(2020, 1, 1), None], on=on, grace_days=0) == EvidenceStanding.VALID
    assert evidence_standing([], on=on, grace_days=0) == EvidenceStanding.NONE


def test_a_gate_holds_until_the_day_after_the_grace_of_what_it_needs():
    expiries = {code: (date(2027, 3, 4),) for code in CODES} | {"1.5": (None,), "4.2": (date(2026, 9, 4),)}
    score = scoring.score(
        DEFAULT, "NOC", ratings=dict.fromkeys(CODES, 4), expiries=expiries, on=TODAY, grace_days=GRACE
    )
    # The letter of good standing expires first and costs one point; a year on, the mandatory criteria fall.
    assert score.holds_until("G1") == date(2027, 4, 4)
    assert score.at(date(2027, 4, 3)).clears("G1")
    assert not score.at(date(2027, 4, 4)).clears("G1")


def test_a_gate_that_does_not_hold_held_until_today():
    assert sheet("NOC", {}).holds_until("G1") == TODAY


def test_a_gate_holds_for_ever_on_evidence_that_never_expires():
    score = scoring.score(
        DEFAULT,
        "NOC",
        ratings=dict.fromkeys(CODES, 4),
        expiries=dict.fromkeys(CODES, (None,)),
        on=TODAY,
        grace_days=GRACE,
    )
    assert score.holds_until("G1") is None


# ── What a decision keeps ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_facts_suffice_to_reckon_the_score_again():
    score = sheet("FULL", {"all": 3, "2.1": 4, "11.1": None, "12.1": "n/a"}, evidence={"6.2": "none", "4.2": "expired"})
    kept = json.loads(json.dumps(score.facts()))
    again = scoring.score(
        DEFAULT,
        kept["phase"],
        ratings={code: each["rating"] for code, each in kept["criteria"].items()},
        expiries={
            code: tuple(day and date.fromisoformat(day) for day in each["expires"])
            for code, each in kept["criteria"].items()
        },
        on=date.fromisoformat(kept["on"]),
        grace_days=kept["grace_days"],
    )
    assert again.facts() == kept


def test_the_hash_does_not_depend_on_how_a_number_is_written():
    written_out = replace(
        DEFAULT, criteria=tuple(replace(each, points=each.points.quantize(HUNDREDTH)) for each in DEFAULT.criteria)
    )
    score = sheet("FULL", {"all": 3})
    assert sheet("FULL", {"all": 3}, framework=written_out).facts() == score.facts()
    assert (score.facts()["total"], len(score.facts()["hash"])) == ("75", 64)


def test_the_hash_depends_on_every_input():
    same = {"all": 3}
    hashes = {
        sheet("FULL", same).facts()["hash"],
        sheet("FULL", {**same, "1.1": 4}).facts()["hash"],
        sheet("FULL", same, evidence={"1.1": "in_grace"}).facts()["hash"],
        sheet("FULL", same, framework=replace(DEFAULT, version="1.1")).facts()["hash"],
        sheet("FULL", same).at(TODAY - timedelta(days=1)).facts()["hash"],
    }
    assert len(hashes) == 5


# ── What holds for any sheet ─────────────────────────────────────────────────────────────────────────────────────────
RATINGS = st.one_of(st.integers(0, 4), st.none(), st.just(scoring.NOT_APPLICABLE))
# Up to four months on both sides of today, so that evidence is valid, in grace and expired.
DAYS = st.one_of(st.none(), st.integers(-120, 120).map(lambda days: TODAY + timedelta(days=days)))
SHEETS = st.fixed_dictionaries(dict.fromkeys(CODES, RATINGS))
FILES = st.fixed_dictionaries(dict.fromkeys(CODES, st.lists(DAYS, max_size=2).map(tuple)))
PHASES = st.sampled_from(scoring.PHASES)
# No test is timed: a busy machine is not a wrong score.
untimed = settings(deadline=None)


def of(phase, ratings, files, framework=DEFAULT):
    return scoring.score(framework, phase, ratings=ratings, expiries=files, on=TODAY, grace_days=GRACE)


def gates_at(phase):
    return [code for code, gate in DEFAULT.gates.items() if gate.phase == phase]


@untimed
@given(PHASES, SHEETS, FILES, st.sampled_from(CODES), st.integers(0, 4), st.integers(0, 4))
def test_raising_a_rating_never_lowers_a_score_nor_shuts_a_gate(phase, ratings, files, code, one, other):
    lower = of(phase, {**ratings, code: min(one, other)}, files)
    higher = of(phase, {**ratings, code: max(one, other)}, files)
    assert higher.total >= lower.total
    assert all(value is None or value >= lower.domains[domain] for domain, value in higher.domains.items())
    for gate in gates_at(phase):
        assert set(missed(higher, gate)) <= set(missed(lower, gate))


@untimed
@given(PHASES, SHEETS, FILES, st.permutations(DEFAULT.criteria))
def test_the_order_of_the_criteria_never_matters(phase, ratings, files, criteria):
    shuffled = of(phase, ratings, files, replace(DEFAULT, criteria=tuple(criteria)))
    score = of(phase, ratings, files)
    assert shuffled.facts() == score.facts()
    for gate in gates_at(phase):
        assert shuffled.verdict(gate) == score.verdict(gate)


@untimed
@given(PHASES, SHEETS, FILES)
def test_every_figure_is_the_exact_quotient_from_0_to_100(phase, ratings, files):
    score = of(phase, ratings, files)
    for value, lines in [
        (score.total, score.lines),
        *((score.domains[code], [each for each in score.lines if each.criterion.domain == code]) for code in ALL_MET),
    ]:
        counted = [(Fraction(each.criterion.points), each.effective) for each in lines if each.counts]
        possible = sum(points for points, _ in counted)
        if not possible:
            assert value in (None, 0)
            continue
        true = Fraction(100) * sum(points * effective for points, effective in counted) / 4 / possible
        assert 0 <= value <= 100
        # 28 digits keep the quotient on its own side of every bar: bars have two places, quotients small divisors.
        assert abs(Fraction(value) - true) < Fraction(1, 10**24)
        for gate in DEFAULT.gates.values():
            for bar in (gate.total, *gate.floors.values()):
                assert (value < bar) == (true < bar)


@untimed
@given(PHASES, SHEETS, FILES)
def test_what_does_not_apply_might_as_well_not_be_there(phase, ratings, files):
    absent = [code for code, rating in ratings.items() if rating == scoring.NOT_APPLICABLE]
    score, pruned = of(phase, ratings, files), of(phase, ratings, files, without(absent))
    assert (score.total, score.domains) == (pruned.total, pruned.domains)


@untimed
@given(PHASES, SHEETS, FILES, st.data())
def test_a_knock_out_cannot_be_bought_with_points(phase, ratings, files, data):
    knock_outs = [each.code for each in DEFAULT.applicable(phase) if each.mark is Mark.KNOCK_OUT]
    code = data.draw(st.sampled_from(knock_outs))
    low = data.draw(st.sampled_from([0, 1, 2, None, scoring.NOT_APPLICABLE]))
    best = {**dict.fromkeys(CODES, 4), code: low}
    for score in (of(phase, {**ratings, code: low}, files), of(phase, best, dict.fromkeys(CODES, (None,)))):
        assert all(code in missed(score, gate) for gate in gates_at(phase))


@untimed
@given(PHASES, SHEETS, FILES)
def test_evidence_never_lifts_a_rating(phase, ratings, files):
    for line in of(phase, ratings, files).lines:
        assert line.effective <= (line.rating if isinstance(line.rating, int) else 0)


@untimed
@given(PHASES, SHEETS, FILES, st.integers(0, 200), st.integers(0, 200))
def test_time_alone_never_raises_a_score(phase, ratings, files, one, other):
    score = of(phase, ratings, files)
    sooner, later = (score.at(TODAY + timedelta(days=days)) for days in sorted((one, other)))
    assert later.total <= sooner.total


@untimed
@given(st.fixed_dictionaries(dict.fromkeys(CODES, st.integers(3, 4))), FILES)
def test_a_gate_holds_until_the_day_that_walking_there_finds(ratings, files):
    score = of("NOC", ratings, files)
    days = (TODAY + timedelta(days=each) for each in range(160))
    walked = next((day for day in days if not score.at(day).clears("G1")), None)
    assert score.holds_until("G1") == walked
