"""How ready a firm is, in the words that its pages and its programs share."""

from licensing.models.readiness import Asked, Assessed, Readiness, Showing
from licensing.scoring import shown

PHASE_TITLES = {"NOC": "Registration", "SETUP": "Set-up", "FULL": "Full licence"}

SHOWN = {
    Showing.ACCEPTED: ("Accepted", "success"),
    Showing.IN_GRACE: ("Expired: renew it now", "warning"),
    Showing.WAITING: ("Waits for us", "info"),
    Showing.EXPIRED: ("Expired", "warning"),
    Showing.REJECTED: ("Rejected", "danger"),
    Showing.MISSING: ("Missing", "secondary"),
}
FOUND = {
    Assessed.NOT_ASSESSED: ("Not assessed yet", "secondary"),
    Assessed.NOT_MET: ("Not met yet", "warning"),
    Assessed.MET: ("Met", "success"),
}


def validity(asked: Asked) -> str:
    """For how long a document for the criterion is good once it is accepted."""
    months = asked.criterion.validity_months
    if months is None:
        return "Good until something changes."
    return f"Good for {months} month{'' if months == 1 else 's'} from its acceptance."


def what_is_next(asked: Asked) -> str:
    """What the firm is to do about a criterion that is not met; said of its documents first, which it can change."""
    if asked.showing in (Showing.MISSING, Showing.REJECTED):
        return "Upload a document of one of these kinds."
    if asked.showing in (Showing.EXPIRED, Showing.IN_GRACE):
        return "Upload a newer document."
    if asked.assessed == Assessed.NOT_MET:
        return "What is there does not show enough: upload something that shows more."
    if asked.showing == Showing.WAITING:
        return "Nothing: a case officer looks at it."
    return "Nothing: it is assessed once you have applied."


def total_of(readiness: Readiness) -> str:
    """The total, two places; empty while nothing is assessed."""
    return "" if readiness.score.is_untouched else shown(readiness.score.total)
