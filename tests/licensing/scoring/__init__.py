"""The engine of the score: what the tests of it share."""

from decimal import Decimal

from licensing import scoring
from licensing.scoring import Mark
from tests.licensing.framework import DEFAULT

ALL_MET = dict.fromkeys(DEFAULT.domains, Decimal(100))

HUNDREDTH = Decimal("0.01")

MARKED = [
    (each.code, phase) for phase in scoring.PHASES for each in DEFAULT.applicable(phase) if each.mark is not Mark.NONE
]

GATE_OF = {"NOC": "G1", "SETUP": "G2", "FULL": "G3"}


def missed(score, code):
    return [bar.code for bar in score.verdict(code).failed]
