"""Jobs: what must happen after a change, written in the transaction of the change."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Job(models.Model):
    """A piece of work to be done once, outside the transaction that asked for it.

    Plain data, not a machine: no person moves a job and no gate guards it. Its state is the workers' bookkeeping,
    decided by one compare-and-set on the database's clock; an audit entry for each lease would bury the record of
    decisions and cost more than the claim. What a job brings about is audited where it happens.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "waiting"
        LEASED = "leased", "in a worker's hands"
        DONE = "done", "done"
        FAILED = "failed", "given up"

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    subject_type = models.CharField(max_length=80, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    # The moment of the change that asked for the job: what is dated by the change is dated by this.
    at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    run_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["run_at"], condition=Q(state="queued"), name="job_queued"),
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="job_leased"),
            models.Index(fields=["id"], condition=Q(state="failed"), name="job_failed"),
            models.Index(fields=["subject_type", "subject_id"], name="job_of_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="leased", lease_until__isnull=False)
                | (~Q(state="leased") & Q(lease_until__isnull=True)),
                name="job_leased_until",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"], finished_at__isnull=False)
                | Q(state__in=["queued", "leased"], finished_at__isnull=True),
                name="job_finished_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}: {self.state}"
