"""Internal memos: what a recommendation rested on, for those who decide. No firm ever sees a row of it."""

from typing import Any

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils import timezone

from licensing.models.firms import Firm, StaffOnlyQuerySet
from pvara.kernel.models import AuditEntry


class Memo(models.Model):
    """The memo of one recommendation, as of its day. Never changed, never sent: the next one is another row."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="memos")
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()
    sha256 = models.CharField("SHA-256 of the content", max_length=64)
    written_at = models.DateTimeField()

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="memo_by_subject")]

    def __str__(self) -> str:
        return f"{self.reference} {self.content['case']}"

    def get_absolute_url(self) -> str:
        return reverse("staff:memo", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"MEM-{timezone.localdate(self.written_at):%Y}-{self.pk:05d}"

    @property
    def subject(self) -> Any:
        """The application that was recommended."""
        return apps.get_model(self.subject_type)._base_manager.get(pk=self.subject_id)

    @property
    def access_anchor(self) -> Firm:
        return self.firm


def memos_of(case: Any) -> "models.QuerySet[Memo]":
    """The memos on one application, the latest first."""
    return Memo.objects.filter(subject_type=case._meta.label_lower, subject_id=case.pk)
