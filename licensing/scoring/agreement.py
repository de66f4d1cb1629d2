"""How far two assessors agree who rated the same things apart: weighted kappa (Cohen 1968) with quadratic weights.

A difference of two steps weighs four times as much as one of a single step. 1 is full agreement, 0 what chance would
give with the same marks handed out at random, below 0 less than that.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

Pair = tuple[int, int]


@dataclass(frozen=True)
class Agreement:
    """`kappa` is None where nothing could differ: without pairs, or where both gave one and the same mark always."""

    pairs: int
    equal: int
    within_a_step: int
    kappa: Decimal | None

    @property
    def share(self) -> Decimal | None:
        """Per cent of the pairs in which both gave the same; unrounded."""
        return 100 * Decimal(self.equal) / self.pairs if self.pairs else None


def agreement(pairs: Sequence[Pair]) -> Agreement:
    apart = [abs(one - other) for one, other in pairs]
    return Agreement(
        pairs=len(pairs),
        equal=sum(each == 0 for each in apart),
        within_a_step=sum(each <= 1 for each in apart),
        kappa=weighted_kappa(pairs),
    )


def weighted_kappa(pairs: Sequence[Pair]) -> Decimal | None:
    """1 − n·Σ(aₖ−bₖ)² / ΣᵢΣⱼ(aᵢ−bⱼ)²: what was seen of squared differences, over what chance would give of them."""
    seen = sum((one - other) ** 2 for one, other in pairs)
    firsts, seconds = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(
        (one - other) ** 2 * count * times for one, count in firsts.items() for other, times in seconds.items()
    )
    return None if by_chance == 0 else 1 - Decimal(len(pairs) * seen) / by_chance
