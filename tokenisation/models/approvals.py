"""The approvals of the authorities, on which an asset rests."""

from django.db import models
from django.db.models import F, Q

from pvara.kernel.models import User
from tokenisation.models.assets import Asset
from tokenisation.states import Authority


class Approval(models.Model):
    """An authority's approval, by the reference of its letter; recorded by somebody other than the proposer."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="approvals")
    authority = models.CharField(max_length=8, choices=Authority.choices)
    reference = models.CharField("reference of the authority's letter", max_length=80)
    # Copied from the asset, so that a constraint of this table can see both people.
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "authority"], name="one_approval_an_authority"),
            models.CheckConstraint(
                condition=~Q(recorded_by=F("proposed_by")), name="approval_recorder_is_not_proposer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_authority_display()}: {self.reference}"
