"""The rows of the audit log. Written through `kernel/audit.py`, kept unchanged by `kernel/guards.py`."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now

if TYPE_CHECKING:
    from .people import User


class AuditEntry(models.Model):
    """One thing that happened to one subject, chained by its hash to the entry before it on the same subject.

    The database fills `seq`, `recorded_at`, `xact_id`, `layout`, `prev_hash` and `hash` whatever the writer says. Their
    database defaults are never stored: they only make Django leave the columns out and read them back with the
    INSERT, in one round trip.
    """

    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    seq = models.IntegerField(db_default=0, editable=False)
    event = models.CharField(max_length=60)
    # Who has acted is never deleted, only deactivated: a trigger of the people's table sees to it. The name is kept as
    # it was on the day.
    actor: "models.ForeignKey[User | None, User | None]" = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    actor_name = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    from_state = models.CharField(max_length=40, blank=True)
    to_state = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # The transaction that wrote it: a change of state must find its entry in its own transaction.
    xact_id = models.BigIntegerField(db_default=0, editable=False)
    # Which canonical text the hash was taken of, so that the text may change one day and old hashes still hold.
    layout = models.SmallIntegerField(db_default=1, editable=False)
    prev_hash = models.BinaryField(db_default=b"")
    hash = models.BinaryField(db_default=b"")

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["subject_type", "subject_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "seq"], name="audit_seq_once"),
        ]
        indexes = [models.Index(fields=["xact_id", "id"], name="audit_by_transaction")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}, entry {self.seq} ({self.event})"
