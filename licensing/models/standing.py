"""The switch: whether a licensed venue may distribute tokenised assets, as of its last change.

Only `licensing.standing` writes it, in the transaction of whatever changed it. A trigger takes the venue's exclusive
lock before the row changes, so that no posting of the ledger can slip past a suspension.
"""

from django.db import models

from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.licences import Licence


class VenueStanding(models.Model):
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="venues")
    licence = models.OneToOneField(Licence, on_delete=models.PROTECT, related_name="standing")
    may_distribute = models.BooleanField(default=False)
    # The moment at which standing is lost by the mere passing of time: a term that ends, evidence that expires.
    holds_until = models.DateTimeField(null=True)
    reasons = models.JSONField(default=list)
    standing_version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.licence.holder_name

    @property
    def reference(self) -> str:
        return self.licence.reference
