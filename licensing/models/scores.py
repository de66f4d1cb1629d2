"""From rows to a score: what the engine needs of one firm on one day, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from licensing import scoring
from licensing.models.evidence import WAS_ACCEPTED, EvidenceLink
from licensing.models.firms import Firm
from licensing.models.framework import Framework, as_rules, framework_row
from licensing.models.ratings import Rating
from licensing.models.sealed import waiting_for_a_second
from licensing.scoring import frozen
from licensing.states import OverrideState
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
    return that_count(_last_words(firm))


def that_count(last_words: Iterable[Rating]) -> dict[str, Rating]:
    """The rating that counts of each criterion, by its code: the last word that a moderator has seen.

    Once a criterion is moderated, a new rating waits for its own moderation: no assessor alone lifts a score over a
    bar, nor takes a venue's standing away. Before the first moderation the assessor's rating counts provisionally; it
    lets no firm in, because everything is moderated before a NOC or a licence is recommended, a set-up confirmed, or
    AML services permitted. So of a licensee only what a later version of the framework adds can count unmoderated.
    """
    found: dict[str, Rating] = {}
    for each in last_words:
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


def score_of(firm: Firm, phase: str, at: datetime, framework: Framework | None = None) -> scoring.Score:
    """The firm's score at a phase on a day in Pakistan. Seven queries, always.

    A case is scored under the version that it keeps, which it hands in; everything else under the one in force.
    """
    on = timezone.localdate(at)
    return _score_on(firm, phase, on, framework or framework_row(on))


@looks.remembered
def _score_on(firm: Firm, phase: str, on: date, framework: Framework) -> scoring.Score:
    return scoring.score(
        as_rules(framework),
        phase,
        ratings=ratings_that_count(firm),
        expiries=expiries_of(firm),
        on=on,
        grace_days=int(figures.value("evidence.grace_days", on=on)),
    )


def facts(score: scoring.Score, firm: Firm) -> dict[str, Any]:
    """The score with its rules, its inputs and a hash over all of it, as an audit entry keeps it."""
    files: dict[str, list[str]] = defaultdict(list)
    links = EvidenceLink.objects.filter(evidence__firm=firm, evidence__state__in=WAS_ACCEPTED)
    for code, sha256 in links.values_list("criterion__code", "evidence__sha256"):
        files[code].append(sha256)
    counted = _that_count(firm)
    return frozen.freeze(
        score,
        ratings={code: each.pk for code, each in counted.items()},
        evidence=files,
        waivers={code: waiver_of(each) for code, each in counted.items() if each.waived},
    )


def waiver_of(rating: Rating) -> str:
    """The reference of the decision by which the committee waived its criterion; empty where it did not."""
    made = rating.overrides.filter(state=OverrideState.MADE, to_rating=None).first() if rating.waived else None
    return made.reference if made else ""


def criteria_outstanding(firm: Firm, phase: str, at: datetime, framework: Framework | None = None) -> list[str]:
    """A sentence for each criterion of a phase that is not rated, or not moderated.

    The criteria are those of the version that is handed in, else of the one in force.
    """
    ratings, sealed = ratings_of(firm), waiting_for_a_second(firm)
    said = []
    for criterion in as_rules(framework or framework_row(timezone.localdate(at))).applicable(phase):
        rating = ratings.get(criterion.code)
        if criterion.code in sealed:
            said.append(f"{criterion.code} {criterion.title} waits for its second rating.")
        elif rating is None:
            said.append(f"{criterion.code} {criterion.title} is not rated.")
        elif not rating.is_moderated:
            said.append(f"{criterion.code} {criterion.title} is not moderated.")
    return said


def people_who_assessed(firm: Firm) -> set[int]:
    """Those who gave or moderated a rating of the firm that is current, or that counts until the current one does.

    The second of two assessors is one of them, and so is the first whose rating is still sealed.
    """
    ratings = [*ratings_of(firm).values(), *_that_count(firm).values()]
    found = {person for each in ratings for person in (each.assessor_id, each.second_assessor_id, each.moderator_id)}
    found |= {each.assessor_id for each in waiting_for_a_second(firm).values()}
    return {person for person in found if person is not None}
