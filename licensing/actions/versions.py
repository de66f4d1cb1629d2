"""Versions of a document: which one a newer one replaces, what it serves, and what its acceptance does to the older.

An older version counts until a newer one is accepted, and again when that one is rejected after all.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError

from licensing.models import Criterion, Evidence, EvidenceKind, Firm
from licensing.models.assessed import criteria_asked_of
from licensing.scoring import in_order
from licensing.states import EvidenceState
from pvara.kernel.machine import perform

SUPERSEDED_FROM = (EvidenceState.UPLOADED, EvidenceState.ACCEPTED, EvidenceState.EXPIRING, EvidenceState.EXPIRED)


def locked(piece: Evidence) -> Evidence:
    """The piece as it is now: in turn with another scheduler, and with whoever accepts, rejects or replaces it."""
    return Evidence.objects.select_for_update(of=("self",), no_key=True).get(pk=piece.pk)


def replaceable(earlier: Evidence) -> Evidence:
    """The earlier version, locked. Raises ValidationError where another took its place, naming the latest."""
    earlier = locked(earlier)
    if earlier.next_version is not None:
        last = earlier.versions[0]
        raise ValidationError(
            {"replaces": f"{earlier.reference} was replaced already: replace {last.reference}, version {last.edition}."}
        )
    return earlier


def served_anew(
    firm: Firm, earlier: Evidence, criteria: list[Criterion], kind: EvidenceKind, at: datetime
) -> list[Criterion]:
    """The criteria of a newer version: those that are chosen, or where none is, those of the earlier version.

    Raises ValidationError where a criterion that is asked of the firm would lose its document without anybody noticing.
    """
    if earlier.firm_id != firm.pk:
        raise ValidationError({"replaces": "This is no document of the firm: choose one of its own."})
    served = criteria_served(earlier, at)
    # By now nobody asks for these, so nobody chooses them; a case under an older framework may still count them.
    kept = [each.criterion for each in served if not each.is_asked and each.criterion.accepts(kind)]
    asked = [each.criterion for each in served if each.is_asked]
    chosen = {each.code for each in criteria} or {each.code for each in asked}
    if lost := [each.code for each in asked if each.code not in chosen]:
        raise ValidationError(
            {
                "criteria": f"The earlier version serves {', '.join(lost)} too: choose that as well, or upload this as "
                "a document of its own."
            }
        )
    return [*(criteria or asked), *kept]


@dataclass(frozen=True)
class Served:
    """A criterion that a version serves, as the firm's framework has it now, and whether that still asks for it."""

    criterion: Criterion
    is_asked: bool


def criteria_served(earlier: Evidence, at: datetime) -> list[Served]:
    """What a version serves, in the order of the numbers."""
    asked = {each.code: each for each in criteria_asked_of(earlier.firm, at)}
    served = [link.criterion for link in earlier.links.select_related("criterion")]
    found = [Served(asked.get(each.code, each), each.code in asked) for each in served]
    return sorted(found, key=lambda each: in_order(each.criterion.code))


def supersede_earlier(piece: Evidence, *, at: datetime) -> None:
    """What the accepted version replaces, and what that replaced, proves nothing any more."""
    for each in _earlier(piece):
        if (older := locked(each)).state in SUPERSEDED_FROM:
            perform(older, "supersede", by=None, at=at, expected_version=older.version)


def let_earlier_stand_again(piece: Evidence, *, at: datetime) -> None:
    """With the rejection of the last accepted version, the version that was accepted before it counts again."""
    if any(each.was_accepted for each in piece.newer_versions):
        return
    for each in _earlier(piece):
        older = locked(each)
        if older.state != EvidenceState.SUPERSEDED:
            continue
        move = "wait_again" if older.accepted_by_id is None else "count_again"
        older = perform(older, move, by=None, at=at, expected_version=older.version)
        if older.was_accepted:
            return


def _earlier(piece: Evidence) -> list[Evidence]:
    """The versions before this one, the newest first: that is the order in which they are locked."""
    return [each for each in piece.versions if each.edition < piece.edition]
