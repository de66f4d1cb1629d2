"""The numbers of the regime as versioned rows: a change is a new row with a later date, never an edited one."""

from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Figure(models.Model):
    """One number of the regime, from the day on which it takes effect until the next row of the same key does."""

    class Unit(models.TextChoices):
        WORKING_DAYS = "working_days", "working days"
        DAYS = "days", "calendar days"
        MONTHS = "months", "months"
        PERCENT = "percent", "per cent"
        USD = "usd", "US dollars"
        PKR = "pkr", "rupees"
        COUNT = "count", "number"
        SWITCH = "switch", "on or off"
        WORDS = "words", "words"

    class Mark(models.TextChoices):
        FACT = "F", "a fact with a source"
        WEAK = "F-weak", "one weak source"
        KNOWLEDGE = "K", "general knowledge"
        PROPOSAL = "I", "our own proposal"

    key = models.CharField(max_length=80)
    value = models.JSONField(encoder=DjangoJSONEncoder)
    unit = models.CharField(max_length=20, choices=Unit.choices)
    effective_from = models.DateField()
    mark = models.CharField(max_length=10, choices=Mark.choices)
    source = models.TextField()

    class Meta:
        ordering = ["key", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["key", "effective_from"], name="figure_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.key} from {self.effective_from}: {self.value} {self.unit}"

    @property
    def amount(self) -> Any:
        """The value as the code reckons with it: an exact Decimal, or a bool, text or list for what is no number."""
        if self.unit in (self.Unit.SWITCH, self.Unit.WORDS):
            return self.value
        return Decimal(str(self.value))
