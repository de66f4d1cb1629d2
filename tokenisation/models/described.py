"""What an asset says of itself: who answers for it, what a holder owns, who may buy it.

Its figures are its own, and its conditions (`conditions.py`), of which one says whether retail clients may buy it.
"""

from typing import Any

from django.db import models
from django.db.models import Q

from tokenisation.models.conditions import Conditions
from tokenisation.states import AuthoritativeRecord, InvestorClass, LegalNature

# What a draft says beside its terms, and so what amending it changes.
DETAILS = (
    "programme",
    "code",
    "name",
    "kind",
    "issuer",
    "issuer_lei",
    "guarantor",
    "isin",
    "cfi",
    "fisn",
    "legal_nature",
    "authoritative_record",
    "risk_text",
    "tax_note",
    "currency",
    "unit_nominal",
    "authorised_units",
    "retail_allowed",
    "institutional_allowed",
    "non_resident_allowed",
    "per_investor_cap",
    "lockup_until",
)


class Described(Conditions):
    guarantor = models.CharField(max_length=200, blank=True)
    legal_nature = models.CharField(max_length=14, choices=LegalNature.choices)
    authoritative_record = models.CharField(
        max_length=10, choices=AuthoritativeRecord.choices, default=AuthoritativeRecord.DEPOSITORY
    )
    risk_text = models.TextField(help_text="In plain words: what the holder owns and what can go wrong.")
    tax_note = models.TextField(blank=True, help_text="In plain words: what is withheld, and from whom.")
    institutional_allowed = models.BooleanField(default=True)
    # Not unless it is said: what non-residents may hold is a matter of the State Bank's rules on foreign exchange.
    non_resident_allowed = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @property
    def eligible_investors(self) -> list[InvestorClass]:
        """The classes of investors that may buy it."""
        allowed = {
            InvestorClass.RETAIL: self.retail_allowed,
            InvestorClass.INSTITUTIONAL: self.institutional_allowed,
            InvestorClass.NON_RESIDENT: self.non_resident_allowed,
        }
        return [each for each in InvestorClass if allowed[each]]


def somebody_may_buy_it() -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(retail_allowed=True) | Q(institutional_allowed=True) | Q(non_resident_allowed=True),
        name="somebody_may_buy_the_asset",
        violation_error_message="Say who may buy it: choose one class of investors at least.",
    )


def said_of(asset: Any) -> dict[str, Any]:
    """Everything that a draft says, its terms included, by the names of the fields."""
    return {name: getattr(asset, name) for name in DETAILS} | said_in(asset.terms)


def said_in(terms: models.Model | None) -> dict[str, Any]:
    if terms is None:
        return {}
    return {each.name: getattr(terms, each.name) for each in terms._meta.fields if each.name not in ("id", "asset")}
