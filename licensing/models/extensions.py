"""A term that may be made longer once: who asks for it pays what the tariff asks for an extension."""

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.utils import timezone

from licensing.models.fees import Invoice, due, invoice_for
from licensing.states import FeeKind


class MayBeExtended(models.Model):
    extension_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    extended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def requested_activities(self) -> list[str]:
        """The activities by which the fee is counted."""
        raise NotImplementedError

    @property
    def extension_invoice(self) -> Invoice | None:
        """What was charged for the extension; None when nothing was."""
        return invoice_for(self, FeeKind.EXTENSION)

    def extension_due(self, at: datetime) -> Decimal:
        """What the tariff asked on the day on which the extension was asked for, in PKR; before that, what it asks."""
        return due(FeeKind.EXTENSION, self.requested_activities, timezone.localdate(self.extension_asked_at or at))
