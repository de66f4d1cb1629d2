"""What an asset says of itself in words: what a holder owns, who may buy it. Its figures are its own."""

from django.db import models

from tokenisation.states import AuthoritativeRecord, LegalNature


class Described(models.Model):
    legal_nature = models.CharField(max_length=14, choices=LegalNature.choices)
    authoritative_record = models.CharField(
        max_length=10, choices=AuthoritativeRecord.choices, default=AuthoritativeRecord.DEPOSITORY
    )
    risk_text = models.TextField(help_text="In plain words: what the holder owns and what can go wrong.")
    lockup_until = models.DateField(null=True, blank=True)
    retail_allowed = models.BooleanField(default=False)

    class Meta:
        abstract = True
