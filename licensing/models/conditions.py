"""Conditions of a NOC, of an approval in principle and of the licence that comes of it.

A condition is drafted on a case, imposed by the decision, and numbered then; those that continue go over to the licence
under the same number. What it says never changes once it is imposed: the database keeps that.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing.access import Body
from licensing.lifecycle.conditions import ConditionLifecycle
from licensing.models.documents import Document
from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.models.votes import DecidedByVote
from licensing.states import ConditionKind, ConditionState, FullState, NocState
from pvara.kernel import audit, figures
from pvara.kernel.machine import Move
from pvara.kernel.models import User

# Neither a duty any more.
SETTLED = (ConditionState.SATISFIED, ConditionState.WAIVED)


class ConditionQuerySet(CaseQuerySet):
    def visible_to(self, user: Any) -> "CaseQuerySet":
        """What is only drafted is the regulator's own."""
        found = super().visible_to(user)
        return found if user.is_staff else found.exclude(state=ConditionState.DRAFTED)


def default_due(kind: str, at: datetime) -> date:
    """The day by which a condition is to be met when nobody says another."""
    today = timezone.localdate(at)
    key = "conditions_precedent" if kind == ConditionKind.PRECEDENT else "conditions_continuing"
    return figures.last_day(key, today)


class Condition(ConditionLifecycle, DecidedByVote):
    """One condition of one decision."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="conditions")
    noc = models.ForeignKey(
        "licensing.NocApplication", null=True, blank=True, on_delete=models.PROTECT, related_name="conditions"
    )
    application = models.ForeignKey(
        "licensing.LicenceApplication", null=True, blank=True, on_delete=models.PROTECT, related_name="conditions"
    )
    licence = models.ForeignKey(
        "licensing.Licence", null=True, blank=True, on_delete=models.PROTECT, related_name="conditions"
    )
    kind = models.CharField(max_length=10, choices=ConditionKind.choices)
    number = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    text = models.TextField()
    due_on = models.DateField(null=True, blank=True)
    is_public = models.BooleanField(default=True)
    drafted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    imposed_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_by = signature()
    verified_by = signature()
    waived_by = signature()

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = ["number", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(noc__isnull=False, application__isnull=True, licence__isnull=True)
                | Q(noc__isnull=True, application__isnull=False)
                | Q(noc__isnull=True, application__isnull=True, licence__isnull=False),
                name="condition_is_of_one_case",
            ),
            models.CheckConstraint(
                condition=Q(kind="continuing") | Q(due_on__isnull=False, application__isnull=False),
                name="condition_precedent_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="drafted") | Q(number__isnull=False, imposed_at__isnull=False),
                name="condition_is_numbered_when_imposed",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="condition_says_something"),
            models.CheckConstraint(
                condition=Q(submitted_by__isnull=True)
                | Q(verified_by__isnull=True)
                | ~Q(submitted_by=F("verified_by")),
                name="condition_verifier_is_not_submitter",
            ),
            models.UniqueConstraint(fields=["noc", "number"], name="condition_number_once_a_noc"),
            models.UniqueConstraint(fields=["application", "number"], name="condition_number_once_an_application"),
            models.UniqueConstraint(fields=["licence", "number"], name="condition_number_once_a_licence"),
        ]

    def __str__(self) -> str:
        return f"Condition {self.number or 'drafted'}, {self.text}"

    def get_absolute_url(self) -> str:
        return reverse("staff:condition", args=[self.pk])

    @property
    def terms(self) -> str:
        """What it says and by when, on one line."""
        by = f" By {self.due_on:%-d %B %Y}." if self.due_on else ""
        return f"{self.get_kind_display()}: {self.text}{by}"

    @property
    def case(self) -> Any:
        """The row on which it was imposed."""
        return self.noc or self.application or self.licence

    @property
    def reference(self) -> str:
        return f"{self.case.reference}/C{self.number or f'-draft-{self.pk}'}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    def officer_ids(self) -> frozenset[int]:
        officers: frozenset[int] = self.case.officer_ids()
        return officers

    def assessor_ids(self) -> set[int]:
        assessors: set[int] = self.case.assessor_ids()
        return assessors

    # ── Votes ────────────────────────────────────────────────────────────────────────────────────────────────────────
    voted_with = ("noc", "application", "licence")

    def waits_for(self, move: str) -> bool:
        """A waiver is never due: a member who thinks that a condition has become pointless puts it."""
        return False

    @classmethod
    def waiting_for(cls, moves: Iterable[Move]) -> Q:
        return Q(pk__in=[])

    def kept_from_voting(self, body: Body) -> dict[int, str]:
        parts: dict[int, str] = self.case.kept_from_voting(body)
        return parts

    def terms_of(self, move: str) -> list[str]:
        return [self.terms]

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def is_to_be_imposed(self) -> bool:
        """Whether its case was decided in a way that imposes it; asked by the scheduler's own move."""
        return self.case.state in (NocState.GRANTED, FullState.IN_PRINCIPLE) or self.case == self.licence

    def due_day_fault(self, at: datetime) -> str:
        """Why it cannot fall due on its day if it is imposed now; empty when it can."""
        if self.due_on is None:
            return ""
        if self.due_on <= timezone.localdate(at):
            return f"“{self.text}” falls due on {self.due_on:%-d %B %Y}, which is not a day to come."
        if self.kind == ConditionKind.PRECEDENT and self.due_on > (last := default_due(self.kind, at)):
            return f"“{self.text}” falls due on {self.due_on:%-d %B %Y}; the last day for it is {last:%-d %B %Y}."
        return ""

    def has_new_document(self) -> bool:
        """Whether a document was handed in with it since the evidence was last sent back."""
        rows = Document.objects.about(self)
        if sent_back := audit.history(self).filter(event="send_back").last():
            rows = rows.filter(uploaded_at__gt=sent_back.at)
        return rows.exists()


class HasConditions(models.Model):
    """A row with conditions. They are read once for a row in hand, and from what was fetched with it where it was."""

    class Meta:
        abstract = True

    def _conditions(self) -> list[Condition]:
        rows: list[Condition] = list(self.conditions.all())  # type: ignore[attr-defined]  # the relation of each
        return sorted(rows, key=lambda each: (each.number or 0, each.pk))

    def drafted_conditions(self) -> list[Condition]:
        return [each for each in self._conditions() if each.state == ConditionState.DRAFTED]

    @property
    def imposed_conditions(self) -> list[Condition]:
        """Every condition that was imposed, whatever became of it, in the order of its number."""
        return [each for each in self._conditions() if each.state != ConditionState.DRAFTED]

    @property
    def public_conditions(self) -> list[str]:
        """The conditions that the public may read and that still bind."""
        return [each.text for each in self.imposed_conditions if each.is_public and not each.is_settled]

    def conditions_precedent(self) -> list[Condition]:
        return [each for each in self.imposed_conditions if each.kind == ConditionKind.PRECEDENT]
