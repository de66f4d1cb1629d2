"""P4: what a licensee's score proposes to enforcement, and what became of it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from licensing.lifecycle.proposals import ProposalLifecycle
from licensing.models.firms import Firm, StaffOnlyQuerySet, signature
from licensing.models.histories import ScoreEntry
from licensing.models.licences import Licence
from licensing.scoring import Cause
from licensing.states import ENDED, ProposalLevel, ProposalState
from pvara.kernel import looks


class SupervisionProposal(ProposalLifecycle):
    """One licence at one level, from the night that found its score there until the night that finds it elsewhere."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="supervision_proposals")
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="supervision_proposals")
    level = models.CharField(max_length=10, choices=ProposalLevel.choices)
    entry: Any = models.ForeignKey(ScoreEntry, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    # Also of what was taken up or dismissed: until then the same is not proposed again.
    over_at = models.DateTimeField(null=True, blank=True, help_text="When the score was no longer at this level.")
    settled_by = signature()

    objects = StaffOnlyQuerySet.as_manager()

    closed_states = frozenset({ProposalState.TAKEN_UP, ProposalState.DISMISSED, ProposalState.LAPSED})

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["licence", "level"], condition=Q(over_at__isnull=True), name="one_proposal_a_licence_and_level"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.licence.holder_name}"

    def get_absolute_url(self) -> str:
        return reverse("staff:proposal", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"SUP-{timezone.localdate(self.raised_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def why(self) -> list[Cause]:
        """What had changed in the score when it came to this."""
        found: list[Cause] = self.entry.why
        return found

    def level_now(self) -> str:
        return level_of(self.licence)


@looks.remembered
def proposals_of(licence: Licence) -> tuple[SupervisionProposal, ...]:
    """What the score of a licence ever proposed, newest first."""
    return tuple(SupervisionProposal.objects.filter(licence=licence).select_related("settled_by"))


def level_of(licence: Licence) -> str:
    """What the score of a licence asks of supervision, by the history; nothing once the licence is over."""
    if licence.state in ENDED:
        return ""
    last = ScoreEntry.objects.filter(firm=licence.firm_id, phase="FULL").order_by("-number").first()
    return last.level if last else ""
