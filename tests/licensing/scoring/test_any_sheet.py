"""What holds for any sheet."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from licensing import scoring
from licensing.scoring import Mark
from tests.licensing.framework import CODES, DEFAULT, GRACE, TODAY, without
from tests.licensing.scoring import ALL_MET, missed

RATINGS = st.one_of(st.integers(0, 4), st.none(), st.sampled_from([scoring.NOT_APPLICABLE, scoring.WAIVED]))


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
    absent = [code for code, rating in ratings.items() if rating in scoring.NOT_COUNTED]
    score, pruned = of(phase, ratings, files), of(phase, ratings, files, without(absent))
    assert (score.total, score.domains) == (pruned.total, pruned.domains)


@untimed
@given(PHASES, SHEETS, FILES, st.data())
def test_a_knock_out_cannot_be_bought_with_points(phase, ratings, files, data):
    knock_outs = [each.code for each in DEFAULT.applicable(phase) if each.mark is Mark.KNOCK_OUT]
    code = data.draw(st.sampled_from(knock_outs))
    low = data.draw(st.sampled_from([0, 1, 2, None, scoring.NOT_APPLICABLE, scoring.WAIVED]))
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
