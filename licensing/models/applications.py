"""What both applications have in common: a form with answers, a declaration, a score and the people of the case."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.scores import criteria_outstanding, facts, people_who_assessed, score_of
from licensing.questions import Section
from licensing.scoring import Score
from pvara.kernel.models import User


def signature() -> Any:
    """The field that keeps the person who made a move."""
    return models.ForeignKey(User, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+")


class Application(models.Model):
    """The applicant's side of a case. The lifecycle beside it says what may become of it."""

    prefix: ClassVar[str]
    phase: ClassVar[str]
    form: ClassVar[tuple[Section, ...]]
    closed_states: ClassVar[frozenset[str]]

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="%(class)ss")
    answers = models.JSONField(default=dict, blank=True)
    conditions = models.JSONField(default=list, blank=True)
    fee_reference = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    declaration_signed_at = models.DateTimeField(null=True, blank=True)
    declaration_signed_by = signature()
    submitted_by = signature()
    case_officer = signature()
    recommended_by = signature()
    decided_by = signature()

    objects = CaseQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.reference} {self.firm}"

    @property
    def reference(self) -> str:
        return f"{self.prefix}-{self.opened_at:%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def requested_activities(self) -> list[str]:
        return list(self.answers.get("activities", {}).get("activities", []))

    def open_siblings(self) -> "models.QuerySet[Any]":
        """Other cases of this kind that the firm has submitted and that are not decided."""
        others: models.QuerySet[Any] = type(self)._default_manager.filter(firm=self.firm_id).exclude(pk=self.pk)
        return others.exclude(state__in=[*self.closed_states, "draft"])

    def score(self, at: datetime) -> Score:
        return score_of(self.firm, self.phase, at)

    def score_facts(self, at: datetime) -> dict[str, Any]:
        """The score with everything that led to it, as the audit entry keeps it."""
        return facts(self.score(at))

    def ratings_outstanding(self, at: datetime) -> list[str]:
        """A sentence for each criterion of this phase that is not rated or not moderated yet."""
        return criteria_outstanding(self.firm, self.phase, at)

    def assessor_ids(self) -> set[int]:
        """Those who rated or moderated for this firm."""
        return people_who_assessed(self.firm)
