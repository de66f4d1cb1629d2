"""From rows to a score: what the engine needs of one firm on one day, in a fixed number of queries."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from licensing import scoring
from licensing.models.evidence import WAS_ACCEPTED, EvidenceLink
from licensing.models.firms import Firm
from licensing.models.framework import framework_in_force
from licensing.models.ratings import Rating
from pvara.kernel import figures, looks


def ratings_of(firm: Firm) -> dict[str, Rating]:
    """The current rating of each criterion, by its code."""
    # By code, not by row: what was given under an older version of the framework holds until it is given anew.
    return {each.criterion.code: each for each in _last_words(firm) if each.current}


@looks.remembered
def _last_words(firm: Firm) -> tuple[Rating, ...]:
    """What was given last, and what a moderator has seen, in the order in which it was given."""
    seen = Rating.objects.filter(Q(current=True) | Q(moderated_at__isnull=False), firm=firm)
    return tuple(seen.select_related("criterion__domain").order_by("pk"))


def _that_count(firm: Firm) -> dict[str, Rating]:
    """The rating that counts of each criterion, by its code: the last word that a moderator has seen.

    Once a criterion is moderated, a new rating waits for its own moderation: no assessor alone lifts a score over a
    bar, nor takes a venue's standing away. Before the first moderation the assessor's rating counts provisionally; it
    opens nothing, because a case is recommended only when everything is moderated.
    """
    found: dict[str, Rating] = {}
    for each in _last_words(firm):
        code = each.criterion.code
        if each.is_moderated or code not in found or not found[code].is_moderated:
            found[code] = each
    return found


def ratings_that_count(firm: Firm) -> dict[str, scoring.Rating]:
    """What the engine takes of each criterion, by its code."""
    return {code: each.counts for code, each in _that_count(firm).items()}


def expiries_of(firm: Firm) -> dict[str, tuple[date | None, ...]]:
    """The days on which the accepted evidence for each criterion expires."""
    found: dict[str, list[date | None]] = defaultdict(list)
    links = EvidenceLink.objects.filter(evidence__firm=firm, evidence__state__in=WAS_ACCEPTED)
    for code, expires_on in links.values_list("criterion__code", "expires_on"):
        found[code].append(expires_on)
    return {code: tuple(days) for code, days in found.items()}


def score_of(firm: Firm, phase: str, at: datetime) -> scoring.Score:
    """The firm's score at a phase, under the framework in force on that day in Pakistan. Eight queries, always."""
    return _score_on(firm, phase, timezone.localdate(at))


@looks.remembered
def _score_on(firm: Firm, phase: str, on: date) -> scoring.Score:
    return scoring.score(
        framework_in_force(on),
        phase,
        ratings=ratings_that_count(firm),
        expiries=expiries_of(firm),
        on=on,
        grace_days=int(figures.value("evidence.grace_days", on=on)),
    )


def facts(score: scoring.Score) -> dict[str, Any]:
    """The score with its inputs and hash, as an audit entry keeps it."""
    return score.facts()


def criteria_outstanding(firm: Firm, phase: str, at: datetime) -> list[str]:
    """A sentence for each criterion of a phase that is not rated, or not moderated."""
    ratings = ratings_of(firm)
    said = []
    for criterion in framework_in_force(timezone.localdate(at)).applicable(phase):
        rating = ratings.get(criterion.code)
        if rating is None:
            said.append(f"{criterion.code} {criterion.title} is not rated.")
        elif not rating.is_moderated:
            said.append(f"{criterion.code} {criterion.title} is not moderated.")
    return said


def people_who_assessed(firm: Firm) -> set[int]:
    """Those who gave or moderated a rating of the firm that is current, or that counts until the current one does."""
    ratings = [*ratings_of(firm).values(), *_that_count(firm).values()]
    return {person for each in ratings for person in (each.assessor_id, each.moderator_id) if person is not None}
