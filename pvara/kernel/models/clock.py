"""Holidays, the intervals of statutory clocks, and the flags raised on them.

How long a clock has run is computed from these rows, never kept.
"""

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


class ClockFlag(models.Model):
    """That a clock was about to run out, or had, and which role was told; a fact that no later one changes.

    Level 0 is the warning, 1 the breach, and each above it the next role's turn. A clock that falls due on another day
    than it did, since a holiday was announced say, is flagged anew for that day.
    """

    WARNING = 0
    BREACH = 1

    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    clock = models.CharField(max_length=40)
    run = models.PositiveIntegerField()
    due_on = models.DateField()
    level = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=40)
    raised_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "clock", "run", "due_on", "level"], name="flag_raised_once"
            ),
            models.CheckConstraint(condition=~Q(role=""), name="flag_tells_a_role"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} {self.clock}: {self.title.lower()}"

    @property
    def is_breach(self) -> bool:
        """Whether it says that the day has passed; a warning only says that it comes."""
        return self.level >= self.BREACH

    @property
    def title(self) -> str:
        if self.level == self.WARNING:
            return "Warning"
        return "Breach" if self.level == self.BREACH else f"Escalation {self.level - self.BREACH}"
