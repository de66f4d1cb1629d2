"""Statements of ownership: who holds what of whom, as at a date. Each stands as it was submitted.

A firm corrects its ownership with another statement. What follows from one is worked out in `licensing.ownership`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from licensing import ownership
from licensing.models.firms import CaseQuerySet, Firm
from licensing.states import ControlState
from pvara.kernel import figures, looks
from pvara.kernel.models import User

KINDS = [(each.value, words) for each, words in ownership.KINDS.items()]
RIGHTS = [(each.value, words) for each, words in ownership.RIGHTS.items()]


class OwnershipStatement(models.Model):
    """The whole chain above the firm, and above its subsidiary when there is one."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="ownership_statements")
    as_at = models.DateField()
    subsidiary_name = models.CharField(max_length=200, blank=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.reference} as at {self.as_at:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("staff:firm_people", args=[self.firm_id])

    @property
    def reference(self) -> str:
        return f"OWN-{timezone.localdate(self.submitted_at):%Y}-{self.pk:05d}"

    @property
    def subjects(self) -> tuple[str, ...]:
        return (self.firm.legal_name, *([self.subsidiary_name] if self.subsidiary_name else []))

    def stated(self) -> ownership.Statement:
        """The statement as the arithmetic takes it."""
        names = {each.pk: each.name for each in self.owners.all()}
        return ownership.Statement(
            self.subjects,
            {each.name: ownership.Kind(each.kind) for each in self.owners.all()},
            tuple(
                ownership.Holding(
                    names[each.holder_id], names[each.held_id], each.percentage, ownership.Right(each.right)
                )
                for each in self.holdings.all()
            ),
        )

    @property
    def share_in_the_subsidiary(self) -> Decimal:
        """What the firm itself holds of its subsidiary's shares, in per cent."""
        of_it = (self.firm.legal_name, self.subsidiary_name, ownership.Right.SHARES)
        found = (each.percent for each in self.stated().holdings if (each.holder, each.held, each.right) == of_it)
        return sum(found, Decimal(0))

    def faults(self, at: datetime) -> list[str]:
        """What is wrong with it by the figures in force at that moment."""
        most = figures.value("ownership.dispersed_at_most", on=timezone.localdate(at))
        return ownership.faults(self.stated(), dispersed_at_most=most)


class PartQuerySet(CaseQuerySet):
    firm_path = "statement__firm"


class Owner(models.Model):
    """A party of a statement: a natural person, a company, or where else a chain ends."""

    statement = models.ForeignKey(OwnershipStatement, on_delete=models.PROTECT, related_name="owners")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=KINDS)
    country = models.CharField("nationality or country", max_length=80, blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["statement", "name"], name="owner_once_a_statement")]

    def __str__(self) -> str:
        return self.name


class Holding(models.Model):
    """What one party holds of another, in per cent; control by other means has none."""

    statement = models.ForeignKey(OwnershipStatement, on_delete=models.PROTECT, related_name="holdings")
    holder = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="holds")
    held = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="held_by")
    right = models.CharField(max_length=10, choices=RIGHTS)
    percentage = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0))

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["holder", "held", "right"], name="holding_once"),
            models.CheckConstraint(condition=~Q(holder=F("held")), name="holder_is_not_held"),
            models.CheckConstraint(
                condition=Q(right="control", percentage=0) | Q(percentage__gt=0, percentage__lte=100),
                name="holding_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}: {self.percentage}% of {self.held}"


# ── Of a firm ────────────────────────────────────────────────────────────────────────────────────────────────────────
def statements_that_took_effect(firm: Firm) -> "models.QuerySet[Any]":
    """Newest first. What is notified as a change of control takes effect with the decision, or never."""
    rows: models.QuerySet[Any] = OwnershipStatement.objects.filter(
        Q(change__isnull=True) | Q(change__state=ControlState.NO_OBJECTION), firm=firm
    )
    rows = rows.annotate(effective_at=Coalesce("change__decided_at", "submitted_at"))
    return rows.select_related("firm", "change").prefetch_related("owners", "holdings").order_by("-effective_at", "-pk")


def statement_in_effect(firm: Firm, at: datetime) -> OwnershipStatement | None:
    """The statement by which the firm's ownership was known at that moment."""
    found: OwnershipStatement | None = statements_that_took_effect(firm).filter(effective_at__lte=at).first()
    return found


def ownership_faults(firm: Firm, at: datetime) -> list[str]:
    """Why the ownership is not disclosed down to natural persons; empty when it is."""
    statement = statement_in_effect(firm, at)
    return ["No statement of ownership was submitted."] if statement is None else statement.faults(at)


# ── Since a decision ─────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class OwnersSince:
    """The ownership above a firm as a decision found it, and as it is at a later moment.

    `then` and `now` are the statements in effect; None where there was none. `unaccounted` says, a sentence each, what
    keeps the owners from being known as those of the decision, or as those to whom we raised no objection since.
    """

    then: OwnershipStatement | None
    now: OwnershipStatement | None
    holdings: list[ownership.Difference]
    owners: list[ownership.OwnerChange]
    changes: list[str]
    unaccounted: list[str]

    @property
    def is_unchanged(self) -> bool:
        return self.then is not None and not self.holdings and not self.owners


def owners_since(firm: Firm, decided_at: datetime, at: datetime) -> OwnersSince:
    """What became of the ownership above a firm since a decision; what the firm itself holds is left out.

    A change is accounted for by the change of control with which it was notified, once we raised no objection to it.
    """
    rows = [each for each in _effective(firm) if each.effective_at <= at]
    then = next((each for each in rows if each.effective_at <= decided_at), None)
    if then is None:
        said = "No statement of ownership was in effect when the NOC was granted, so nothing can be held against it."
        return OwnersSince(None, rows[0] if rows else None, [], [], [], [said])
    course = [then, *reversed(rows[: rows.index(then)])]
    changes, unaccounted = [], []
    for before, after in pairwise(course):
        if not _differ(before, after):
            continue
        if (change := getattr(after, "change", None)) is not None:
            changes.append(change.reference)
            continue
        unaccounted.append(
            f"{after.reference} differs from {before.reference}, and was not notified as a change of control: have it "
            "notified and assessed, or find the milestone deficient."
        )
    now = course[-1]
    unaccounted += [
        f"{each.reference} is notified and not decided yet: the owners are about to change."
        for each in _undecided(firm)
        if each.notified_at <= at and _differ(now, each.statement)
    ]
    was, became = then.stated(), now.stated()
    return OwnersSince(
        then,
        now,
        ownership.differences_above(was, became, firm.legal_name),
        ownership.owners_changed(was, became, firm.legal_name),
        changes,
        unaccounted,
    )


def _differ(before: OwnershipStatement, after: OwnershipStatement) -> bool:
    was, became, name = before.stated(), after.stated(), before.firm.legal_name
    return bool(ownership.differences_above(was, became, name) or ownership.owners_changed(was, became, name))


@looks.remembered
def _effective(firm: Firm) -> list[Any]:
    return list(statements_that_took_effect(firm))


@looks.remembered
def _undecided(firm: Firm) -> list[Any]:
    """The changes of control that are open, each with its statement; at most one."""
    rows = firm.changes_of_control.filter(state__in=(ControlState.NOTIFIED, ControlState.ASSESSED))
    rows = rows.select_related("statement__firm")
    return list(rows.prefetch_related("statement__owners", "statement__holdings"))
