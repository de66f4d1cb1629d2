"""Which letter ends which: a later decision on the same case takes the place of an earlier one, or takes back its gift.

A letter that waited for its checker comes after one that reports a later decision, so the decisions give the order.
What a firm is told in one case leaves the letters of its other cases alone.
"""

from functools import reduce
from operator import or_

from django.apps import apps
from django.db.models import Q, QuerySet

from licensing.letters.kinds import KINDS
from licensing.models import Letter
from licensing.states import LetterState

# The rows on which the decisions on a licence are made, and how each leads to the application that the licence came of.
OF_A_LICENCE = {
    "licensing.licenceapplication": "pk",
    "licensing.licence": "application",
    "licensing.variation": "licence__application",
    "licensing.renewal": "licence__application",
}


def application_of(letter: Letter) -> int | None:
    """The application for the licence that a letter is about; none for a letter about something else."""
    way = OF_A_LICENCE.get(letter.subject_type)
    if way is None:
        return None
    rows = apps.get_model(letter.subject_type)._base_manager.filter(pk=letter.subject_id)
    return rows.values_list(way, flat=True).first()


def ended_with(letter: Letter) -> list[tuple[Letter, str]]:
    """The letters in force that this one ends, each with the move that does it."""
    kind = KINDS[letter.code]
    moves = {**dict.fromkeys(kind.supersedes, "supersede"), **dict.fromkeys(kind.revokes, "revoke")}
    earlier = Q(decided_at__lt=letter.decided_at) | Q(decided_at=letter.decided_at, entry__lt=letter.entry_id)
    found = _of_the_same_case(letter).filter(earlier, state=LetterState.ISSUED, code__in=moves)
    return [(each, moves[each.code]) for each in found.order_by("pk")]


def successor(letter: Letter) -> tuple[Letter, str] | None:
    """The letter that was there already and ends this one, with the move that does it."""
    moves = {kind.code: "supersede" for kind in KINDS.values() if letter.code in kind.supersedes}
    moves |= {kind.code: "revoke" for kind in KINDS.values() if letter.code in kind.revokes}
    later = Q(decided_at__gt=letter.decided_at) | Q(decided_at=letter.decided_at, entry__gt=letter.entry_id)
    found = _of_the_same_case(letter).filter(later, code__in=moves).order_by("decided_at", "entry").first()
    return (found, moves[found.code]) if found else None


def _of_the_same_case(letter: Letter) -> "QuerySet[Letter]":
    """The issued letters about the same row, or about the same licence whichever row its decisions were made on."""
    issued = Letter.objects.issued().filter(firm=letter.firm_id)
    application = application_of(letter) if KINDS[letter.code].of_licence else None
    if application is None:
        return issued.filter(subject_type=letter.subject_type, subject_id=letter.subject_id)
    rows = [
        Q(
            subject_type=kind,
            subject_id__in=apps.get_model(kind)._base_manager.filter(**{way: application}).values("pk"),
        )
        for kind, way in OF_A_LICENCE.items()
    ]
    return issued.filter(reduce(or_, rows))
