"""Weighted kappa, by hand."""

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest

from licensing.scoring import Agreement, agreement, weighted_kappa


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        # Always the same, over the whole scale.
        ([(0, 0), (1, 1), (4, 4)], 1),
        # Seen 2·32 over 16 + 0 + 0 + 16 by chance: as far apart as can be.
        ([(0, 4), (4, 0)], -1),
        # Seen 4·(1+0+0+1) = 8; by chance 10 + 2 + 2 + 10 = 24.
        ([(1, 2), (2, 2), (3, 3), (4, 3)], Fraction(2, 3)),
        # Seen 3·(0+1+4) = 15; by chance 4 + 3 + 8 = 15 too: no better than that.
        ([(1, 1), (2, 3), (3, 1)], 0),
        # Seen 2·(0+1) = 2; by chance 4 + 2 = 6.
        ([(2, 2), (3, 4)], Fraction(2, 3)),
        # Seen 2·(1+1) = 4; by chance (1+4) + (0+1) = 6.
        ([(1, 2), (2, 3)], Fraction(1, 3)),
    ],
)
def test_worked_by_hand(pairs, kappa):
    assert weighted_kappa(pairs) == Decimal(kappa.numerator) / kappa.denominator


@pytest.mark.parametrize("pairs", [[], [(3, 3)], [(3, 3), (3, 3), (3, 3)]])
def test_nothing_that_could_differ_has_no_kappa(pairs):
    assert weighted_kappa(pairs) is None


def test_one_pair_that_differs_is_what_chance_would_give():
    assert weighted_kappa([(1, 4)]) == 0


def test_a_step_too_far_weighs_four_times_as_much():
    near, far = [(0, 0), (4, 4), (2, 3)], [(0, 0), (4, 4), (2, 4)]
    loss = [Fraction(1 - weighted_kappa(each)) * chance(each) for each in (near, far)]
    assert round(loss[1] / loss[0], 9) == 4


def chance(pairs):
    return sum((one - other) ** 2 for (one, _), (_, other) in product(pairs, pairs))


def test_who_came_first_does_not_matter():
    pairs = [(1, 2), (4, 4), (0, 3), (2, 2)]
    assert weighted_kappa(pairs) == weighted_kappa([(other, one) for one, other in pairs])


def test_it_equals_one_minus_the_ratio_of_the_tables():
    """The definition of Cohen's tables: observed and expected counts, weighted by squared steps."""
    pairs = [(0, 1), (1, 1), (2, 4), (3, 3), (4, 4), (4, 2), (2, 2)]
    n = len(pairs)
    observed = expected = Fraction(0)
    for one, other in product(range(5), range(5)):
        weight = Fraction((one - other) ** 2, 16)
        observed += weight * Fraction(pairs.count((one, other)), n)
        rows = Fraction(sum(a == one for a, _ in pairs), n)
        columns = Fraction(sum(b == other for _, b in pairs), n)
        expected += weight * rows * columns
    exact = 1 - observed / expected
    assert weighted_kappa(pairs) == 1 - Decimal((1 - exact).numerator) / (1 - exact).denominator


def test_the_counts_beside_it():
    found = agreement([(1, 1), (2, 3), (0, 3), (4, 4)])
    assert (found.pairs, found.equal, found.within_a_step, found.share) == (4, 2, 3, 50)
    assert agreement([]) == Agreement(pairs=0, equal=0, within_a_step=0, kappa=None)
    assert agreement([]).share is None
