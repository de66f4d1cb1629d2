"""The numbers of the regime as versioned rows: a change is a new row with a later date, never an edited one."""

from datetime import date
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
        DAY = "day", "a day, or none"
        WORDS = "words", "words"

    class Mark(models.TextChoices):
        FACT = "F", "a fact with a source"
        WEAK = "F-weak", "one weak source"
        KNOWLEDGE = "K", "general knowledge"
        PROPOSAL = "I", "our own proposal"

    key = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    # Empty where a day is not set.
    value = models.JSONField(encoder=DjangoJSONEncoder, blank=True)
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
        return f"{self.title}: {self.words}, from {self.effective_from:%-d %B %Y}"

    @property
    def amount(self) -> Any:
        """The value as the code reckons with it: an exact Decimal, a day or None, or a bool, text or list."""
        if self.unit in (self.Unit.SWITCH, self.Unit.WORDS):
            return self.value
        if self.unit == self.Unit.DAY:
            return date.fromisoformat(self.value) if self.value else None
        return Decimal(str(self.value))

    @property
    def words(self) -> str:
        """The value as people read it, such as “20 working days”, “51 per cent” or “off”."""
        return in_words(self.value, self.unit)


def in_words(value: Any, unit: str) -> str:
    """A value of a figure as people read it."""
    match unit:
        case Figure.Unit.SWITCH:
            return "on" if value else "off"
        case Figure.Unit.DAY:
            return f"{date.fromisoformat(value):%-d %B %Y}" if value else "no day yet"
        case Figure.Unit.WORDS:
            return (", ".join(value) or "none") if isinstance(value, list) else str(value)
    amount = f"{Decimal(str(value)).normalize():,f}"
    match unit:
        case Figure.Unit.COUNT:
            return amount
        case Figure.Unit.USD:
            return f"US${amount}"
        case Figure.Unit.PKR:
            return f"PKR {amount}"
    titles = {"working_days": "working day", "days": "calendar day", "months": "month"}
    return f"{amount} {titles[unit]}{'' if amount == '1' else 's'}" if unit in titles else f"{amount} per cent"
