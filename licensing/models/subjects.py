"""Rows that belong to an application of either kind: which one, and who may see them."""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from licensing.models.firms import CaseQuerySet, Firm

# What an application of each kind is called in addresses.
APPLICATIONS = {"noc": "licensing.nocapplication", "full": "licensing.licenceapplication"}


class OfApplicationQuerySet(CaseQuerySet):
    def about(self, case: models.Model) -> Any:
        return self.filter(subject_type=case._meta.label_lower, subject_id=case.pk)


class OfApplication(models.Model):
    """A row of a case in P1 or P3."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()

    class Meta:
        abstract = True

    @property
    def case(self) -> Any:
        """The application itself; one query."""
        return apps.get_model(self.subject_type)._base_manager.select_related("firm").get(pk=self.subject_id)

    @property
    def kind(self) -> str:
        """What its kind is called in addresses."""
        return next(kind for kind, label in APPLICATIONS.items() if label == self.subject_type)

    @property
    def access_anchor(self) -> Firm:
        return self.firm


def of(case: models.Model) -> dict[str, Any]:
    """The columns by which a new row belongs to a case."""
    return {"firm_id": case.firm_id, "subject_type": case._meta.label_lower, "subject_id": case.pk}  # type: ignore[attr-defined]


def is_of_an_application(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(subject_type__in=sorted(APPLICATIONS.values())), name=name)
