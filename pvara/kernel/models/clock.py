"""Holidays and the intervals of statutory clocks. How long a clock has run is computed from these rows, never kept."""

from django.db import models
from django.db.models import F, Q


class Holiday(models.Model):
    """A day on which Pakistan's offices are shut; gazetted dates follow the moon, so staff edit this table."""

    date = models.DateField(unique=True)
    name = models.CharField(max_length=120)
    announced_by = models.CharField(max_length=200)

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date}: {self.name}"


class ClockInterval(models.Model):
    """A stretch in which one clock of one subject ran, or was paused; open until it has an end.

    A clock that was stopped may be started again, for a milestone handed in anew say: that is a new `run`.
    """

    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    clock = models.CharField(max_length=40)
    run = models.PositiveIntegerField(default=1)
    running = models.BooleanField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["subject_type", "subject_id", "clock", "id"]
        indexes = [models.Index(fields=["subject_type", "subject_id", "clock"], name="interval_of_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "clock"],
                condition=Q(ended_at=None),
                name="one_open_interval",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="interval_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} {self.clock}: {'ran' if self.running else 'paused'}"
