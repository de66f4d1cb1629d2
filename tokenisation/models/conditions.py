"""On what conditions an asset is sold. The ledger knows no investor, so venues' returns are held to them."""

from django.core.validators import MinValueValidator
from django.db import models

from tokenisation.conditions import in_words


class Conditions(models.Model):
    """The columns of an asset that its venues' returns are tested against (`tokenisation/conditions.py`)."""

    retail_allowed = models.BooleanField(default=False)
    # In units, of one investor at one venue: nobody is named, so nobody is added up across venues.
    per_investor_cap = models.PositiveBigIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    # The last day on which units may not change hands between investors.
    lockup_until = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def condition_sentences(self) -> list[str]:
        return in_words(self)
