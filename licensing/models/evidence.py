"""Evidence: a document of a firm that serves one or more criteria, each for as long as the criterion allows."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from licensing import scoring
from licensing.lifecycle.evidence import EvidenceLifecycle
from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.framework import Criterion, EvidenceKind
from licensing.states import EvidenceState
from pvara.kernel.models import User
from pvara.kernel.uploads import Scan

# What was accepted counts by its days, whatever has been said of them since.
WAS_ACCEPTED = (EvidenceState.ACCEPTED, EvidenceState.EXPIRING, EvidenceState.EXPIRED)


def file_path(piece: "Evidence", filename: str) -> str:
    """Stored under the hash of the content: a name that somebody else chose never becomes a path."""
    return f"evidence/{piece.firm_id}/{piece.sha256}"


class Evidence(EvidenceLifecycle):
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=200)
    # None for what was uploaded before kinds were stated.
    kind = models.ForeignKey(EvidenceKind, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file = models.FileField(upload_to=file_path, max_length=200)
    file_name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField("SHA-256", max_length=64)
    scan = models.CharField(max_length=10, choices=Scan.choices)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    accepted_by: Any = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    criteria = models.ManyToManyField(Criterion, through="EvidenceLink", related_name="evidence")

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "evidence"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | ~Q(accepted_by=F("uploaded_by")),
                name="accepter_is_not_uploader",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("staff:firm", args=[self.firm_id])

    @property
    def reference(self) -> str:
        return f"EVI-{self.pk:06d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def was_accepted(self) -> bool:
        return self.state in WAS_ACCEPTED

    @property
    def last_day(self) -> date | None:
        """The last day on which it proves anything; None before its acceptance, or when something never expires."""
        return scoring.latest_expiry(link.expires_on for link in self.links.all()) if self.was_accepted else None


class EvidenceLink(models.Model):
    """What a piece proves, and the last day on which it does; dated when the piece is accepted."""

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="links")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="evidence_links")
    expires_on = models.DateField(null=True, blank=True)
    # How many days before that the firm was told last; none while it was not.
    told_ahead = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evidence", "criterion"], name="evidence_linked_once")]

    def __str__(self) -> str:
        return f"{self.evidence} for {self.criterion.code}"
