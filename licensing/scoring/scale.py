"""The scale of ratings, and what the rules of evidence make of a rating on a day."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

PHASES = ("NOC", "SETUP", "FULL")

# Rating scale: 0 not met, 1 weak, 2 partial, 3 largely met, 4 fully met.
BEST = 4
# Without accepted evidence nothing counts as more than weak.
WITHOUT_EVIDENCE = 1
# With evidence that expired, past its grace, a criterion that is not mandatory counts as partial at most.
WITH_EXPIRED_EVIDENCE = 2
KNOCK_OUT_BAR = 3
MANDATORY_BAR = {"NOC": 2, "SETUP": 2, "FULL": 3}

NOT_APPLICABLE = "n/a"
# By the votes of the committee: it counts as though it did not apply, and stays apart from what an assessor found.
WAIVED = "waived"
NOT_COUNTED = frozenset({NOT_APPLICABLE, WAIVED})
# Why a knock-out is missed that was so taken out of a sheet.
NO_WAY_ROUND = {NOT_APPLICABLE: "it cannot be found not applicable", WAIVED: "it cannot be waived"}
Rating = int | str | None


class Mark(StrEnum):
    NONE = ""
    MANDATORY = "mandatory"
    KNOCK_OUT = "knock_out"


class EvidenceStanding(StrEnum):
    NONE = "none"
    VALID = "valid"
    IN_GRACE = "in_grace"
    EXPIRED = "expired"


def latest_expiry(expiries: Iterable[date | None]) -> date | None:
    """The day on which the longest-lived piece expires; None without evidence, or when one piece never expires."""
    known = list(expiries)
    if not known or None in known:
        return None
    return max(day for day in known if day is not None)


def evidence_standing(expiries: Iterable[date | None], *, on: date, grace_days: int) -> EvidenceStanding:
    """Where a criterion's evidence stands. A piece is good through the day on which it expires, then in grace."""
    known = list(expiries)
    if not known:
        return EvidenceStanding.NONE
    last = latest_expiry(known)
    if last is None or on <= last:
        return EvidenceStanding.VALID
    return EvidenceStanding.IN_GRACE if on <= last + timedelta(days=grace_days) else EvidenceStanding.EXPIRED


def effective_rating(rating: Rating, mark: Mark, standing: EvidenceStanding) -> int:
    """What a rating counts after the rules of evidence; unrated counts nothing."""
    if not isinstance(rating, int):
        return 0
    if standing is EvidenceStanding.NONE:
        return min(rating, WITHOUT_EVIDENCE)
    if standing is EvidenceStanding.EXPIRED:
        return 0 if mark is not Mark.NONE else min(rating, WITH_EXPIRED_EVIDENCE)
    return rating
