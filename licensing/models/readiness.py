"""How ready a firm is for a phase, as the firm itself may know it: colours, and for what is not met what would show it.

Nothing here is a figure of the score: no weight, no point, no rating. The regime shows a firm its weak places.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.utils import timezone

from licensing.models.assessed import assessed_by
from licensing.models.evidence import Evidence, EvidenceLink
from licensing.models.firms import Firm
from licensing.models.framework import Criterion, EvidenceKind
from licensing.models.scores import score_of
from licensing.scoring import KNOCK_OUT_BAR, EvidenceStanding, Line, Score
from licensing.states import EvidenceState


class Showing(StrEnum):
    """The best that can be said of the documents for a criterion."""

    ACCEPTED = "accepted"
    IN_GRACE = "in_grace"
    WAITING = "waiting"
    EXPIRED = "expired"
    REJECTED = "rejected"
    MISSING = "missing"

    @property
    def is_there(self) -> bool:
        return self in (Showing.ACCEPTED, Showing.IN_GRACE, Showing.WAITING)


class Assessed(StrEnum):
    """What the assessment made of a criterion, without saying how much."""

    NOT_ASSESSED = "not_assessed"
    NOT_MET = "not_met"
    MET = "met"


@dataclass(frozen=True)
class Piece:
    """A document that is there, and the last day on which it proves this criterion."""

    evidence: Evidence
    expires_on: date | None
    is_over: bool

    @property
    def replaced_by(self) -> Evidence | None:
        """The newer version of it that is there, which waits or was rejected."""
        return self.evidence.next_version


@dataclass(frozen=True)
class Asked:
    """A criterion of the phase: what would show that it is met, and what of that is there."""

    criterion: Criterion
    kinds: tuple[str, ...]
    pieces: tuple[Piece, ...]
    showing: Showing
    assessed: Assessed


@dataclass(frozen=True)
class DomainReadiness:
    """`documents` is the colour of what is there, `assessment` that of the score; empty before anything is assessed."""

    code: str
    title: str
    asked: tuple[Asked, ...]
    documents: str
    assessment: str

    @property
    def unmet(self) -> list[Asked]:
        return [each for each in self.asked if each.assessed != Assessed.MET]

    @property
    def met(self) -> list[Asked]:
        return [each for each in self.asked if each.assessed == Assessed.MET]


@dataclass(frozen=True)
class Readiness:
    phase: str
    score: Score
    domains: tuple[DomainReadiness, ...]


def phase_reached(firm: Firm) -> str:
    """The phase for which a firm now has to show something."""
    if not firm.setups.exists():
        return "NOC"
    return "FULL" if firm.licenceapplications.exists() else "SETUP"


def readiness_of(firm: Firm, phase: str, at: datetime) -> Readiness:
    """How a firm stands for a phase on a day; as many queries for sixty criteria as for one."""
    framework = assessed_by(firm, at)
    score = score_of(firm, phase, at, framework)
    titles = dict(EvidenceKind.objects.values_list("code", "title"))
    rows = {each.code: each for each in Criterion.objects.filter(domain__framework=framework)}
    pieces = _pieces(firm, timezone.localdate(at))
    asked: dict[str, list[Asked]] = defaultdict(list)
    for line in score.lines:
        row = rows[line.criterion.code]
        there = tuple(pieces[row.code])
        asked[line.criterion.domain].append(
            Asked(row, tuple(titles[code] for code in row.kinds), there, _showing(line, there), _assessed(line))
        )
    untouched = score.untouched_domains
    domains = tuple(
        DomainReadiness(
            code=code,
            title=score.framework.domains[code],
            asked=tuple(asked[code]),
            documents=_colour(asked[code]),
            assessment="" if code in untouched else score.colour(value),
        )
        for code, value in score.domains.items()
        if asked[code]
    )
    return Readiness(phase, score, domains)


def _pieces(firm: Firm, today: date) -> dict[str, list[Piece]]:
    """The firm's documents by the code of what they serve: one for a criterion of another version proves the same."""
    found: dict[str, list[Piece]] = defaultdict(list)
    # What is superseded shows nothing any more; it stands on the page of its document.
    links = EvidenceLink.objects.filter(evidence__firm=firm).exclude(evidence__state=EvidenceState.SUPERSEDED)
    links = links.select_related("evidence__kind", "evidence__replaced_by", "criterion")
    for link in links.order_by("-evidence__pk"):
        # Before its acceptance nobody has said how long it is good.
        until = link.expires_on if link.evidence.was_accepted else None
        found[link.criterion.code].append(Piece(link.evidence, until, until is not None and until < today))
    return found


def _showing(line: Line, pieces: tuple[Piece, ...]) -> Showing:
    states = {each.evidence.state for each in pieces}
    if line.evidence == EvidenceStanding.VALID:
        return Showing.ACCEPTED
    if EvidenceState.UPLOADED in states:
        return Showing.WAITING
    if line.evidence == EvidenceStanding.IN_GRACE:
        return Showing.IN_GRACE
    if line.evidence == EvidenceStanding.EXPIRED:
        return Showing.EXPIRED
    return Showing.REJECTED if EvidenceState.REJECTED in states else Showing.MISSING


def _assessed(line: Line) -> Assessed:
    if line.rating is None:
        return Assessed.NOT_ASSESSED
    return Assessed.MET if not line.counts or line.effective >= KNOCK_OUT_BAR else Assessed.NOT_MET


def _colour(asked: list[Asked]) -> str:
    """Red where what is marked has nothing to show, green where all is accepted, amber in between."""
    if any(each.criterion.mark and not each.showing.is_there for each in asked):
        return "red"
    return "green" if all(each.showing == Showing.ACCEPTED for each in asked) else "amber"
