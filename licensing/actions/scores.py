"""The night's work on scores: write down whose sheet time has changed, and propose to enforcement what it asks for."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from licensing.actions.timers import each_row
from licensing.history import entries
from licensing.models import Licence, ScoreEntry, SupervisionProposal
from licensing.models.proposals import level_of
from licensing.states import ENDED, ProposalState
from pvara.kernel import audit
from pvara.kernel.machine import perform


def score_night(*, at: datetime) -> int:
    """Bring the history of everybody's score up to the day, then the proposals; how many entries that took.

    It may run late, twice, or by two schedulers at once. Raises HistoryIsLater for a day that is over and written.
    """
    written = len(entries.record_night(at=at))
    settle_proposals(at=at)
    return written


def settle_proposals(*, at: datetime) -> int:
    """Raise what the scores ask for and is not proposed, let lapse what they no longer do; how many licences changed.

    Nothing is done to a licence: each proposal waits for an enforcement officer.
    """
    level = ScoreEntry.objects.filter(firm=OuterRef("firm"), phase="FULL").order_by("-number").values("level")[:1]
    standing = SupervisionProposal.objects.filter(licence=OuterRef("pk"), over_at=None)
    rows = Licence.objects.annotate(level=Coalesce(Subquery(level), Value("")))
    rows = rows.annotate(
        has_it=Exists(standing.filter(level=OuterRef("level"))),
        has_another=Exists(standing.exclude(level=OuterRef("level"))),
    )
    is_over = Q(state__in=ENDED)
    # What stands as it should is not looked at night after night.
    lacks = ~is_over & ~Q(level="") & Q(has_it=False)
    asked = rows.filter(lacks | Q(has_another=True) | (is_over & Q(has_it=True)))
    return each_row(asked.order_by("pk"), _settle, at)


@transaction.atomic
def _settle(licence: Licence, at: datetime) -> bool:
    """One licence; in turn with another scheduler, and with whoever changes the licence."""
    licence = Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=licence.pk)
    level, changed = level_of(licence), False
    standing = list(SupervisionProposal.objects.select_for_update(of=("self",)).filter(licence=licence, over_at=None))
    for each in standing:
        if each.level == level:
            continue
        if each.state == ProposalState.RAISED:
            each = perform(each, "lapse", by=None, at=at, expected_version=each.version)
        each.over_at = at
        each.save(update_fields=["over_at"])
        changed = True
    if level and level not in {each.level for each in standing}:
        _raise(licence, level, at=at)
        changed = True
    return changed


def _raise(licence: Licence, level: str, *, at: datetime) -> None:
    entry = ScoreEntry.objects.filter(firm=licence.firm_id, phase="FULL").order_by("-number")[0]
    proposal = SupervisionProposal.objects.create(
        firm_id=licence.firm_id, licence=licence, level=level, entry=entry, raised_at=at
    )
    audit.record(
        proposal,
        event="raised",
        by=None,
        at=at,
        to_state=proposal.state,
        data={"level": level, "score_entry": entry.number, "hash": entry.hash},
    )
