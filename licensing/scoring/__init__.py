"""The arithmetic of the compliance score: ratings, evidence and a day in; total, domains and verdicts out.

Pure: it knows no Django, reads no clock and no database. All sums are Decimals; gates compare unrounded values, and
rounding to two places, half up, happens only where a figure is shown. The rules are section 4 of the regime.

`scale` has the ratings and the rules of evidence, `frameworks` the rules as data, `sheets` the score itself, `words`
how its figures are written. What may come of a score is beside it: `rising` (what would lift it), `expiring` (what is
about to lower it), `changing` (why it is another than it was), `levels` (what it
asks of supervision). `agreement` says how far two assessors agree who rated the same.
"""

from licensing.scoring.agreement import (
    Agreement,
    agreement,
    weighted_kappa,
)
from licensing.scoring.changing import (
    Cause,
    Held,
    causes,
    knocked_out,
    missed,
)
from licensing.scoring.expiring import (
    Ending,
    endings,
)
from licensing.scoring.frameworks import (
    Criterion,
    Framework,
    Gate,
)
from licensing.scoring.levels import (
    level,
)
from licensing.scoring.rising import (
    Lift,
    lifts,
)
from licensing.scoring.scale import (
    BEST,
    KNOCK_OUT_BAR,
    MANDATORY_BAR,
    NOT_APPLICABLE,
    NOT_COUNTED,
    PHASES,
    WAIVED,
    WITH_EXPIRED_EVIDENCE,
    WITHOUT_EVIDENCE,
    EvidenceStanding,
    Mark,
    Rating,
    effective_rating,
    evidence_standing,
    latest_expiry,
)
from licensing.scoring.sheets import (
    Bar,
    Line,
    Score,
    Verdict,
    percentage,
    score,
)
from licensing.scoring.words import (
    below,
    exact,
    in_order,
    shown,
)

__all__ = [
    "BEST",
    "KNOCK_OUT_BAR",
    "MANDATORY_BAR",
    "NOT_APPLICABLE",
    "NOT_COUNTED",
    "PHASES",
    "WAIVED",
    "WITHOUT_EVIDENCE",
    "WITH_EXPIRED_EVIDENCE",
    "Agreement",
    "Bar",
    "Cause",
    "Criterion",
    "Ending",
    "EvidenceStanding",
    "Framework",
    "Gate",
    "Held",
    "Lift",
    "Line",
    "Mark",
    "Rating",
    "Score",
    "Verdict",
    "agreement",
    "below",
    "causes",
    "effective_rating",
    "endings",
    "evidence_standing",
    "exact",
    "in_order",
    "knocked_out",
    "latest_expiry",
    "level",
    "lifts",
    "missed",
    "percentage",
    "score",
    "shown",
    "weighted_kappa",
]
