"""P4: the renewal of each term of a licence, and variations of the activities that it covers."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from licensing.lifecycle.renewals import RenewalLifecycle, VariationLifecycle
from licensing.models.activities import ActivityKind, terms_in_force
from licensing.models.appealed import MayBeAppealed
from licensing.models.fees import Invoice, due, invoice_for
from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.models.licences import Licence
from licensing.models.scores import facts, people_who_assessed, score_of
from licensing.models.votes import DecidedByVote
from licensing.scoring import Score
from licensing.states import Activity, FeeKind, RenewalState, VariationState
from pvara.kernel import figures
from pvara.kernel.models import User


def in_order(activities: Iterable[str]) -> list[str]:
    """Activities as every list of the house gives them, each once."""
    chosen = set(activities)
    return [code for code in Activity.values if code in chosen]


class LicenceCase(MayBeAppealed, DecidedByVote):
    """What a renewal and a variation have in common: a licence, its fee, its score, and who assessed the firm."""

    fee_kind: ClassVar[str]

    objects = CaseQuerySet.as_manager()

    licence: Any
    firm: Any
    firm_id: int

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.reference} {self.licence.holder_name}"

    @property
    def reference(self) -> str:
        raise NotImplementedError

    @property
    def access_anchor(self) -> Firm:
        found: Firm = self.firm
        return found

    @property
    def requested_activities(self) -> list[str]:
        raise NotImplementedError

    @property
    def charged_activities(self) -> list[str]:
        """What the fee is for."""
        return self.requested_activities

    @property
    def fee_invoice(self) -> Invoice | None:
        """What was charged; None when nothing was."""
        return invoice_for(self, self.fee_kind)

    def fee_due(self, at: datetime) -> Decimal:
        """What the tariff asks for on a day, in PKR."""
        return due(self.fee_kind, self.charged_activities, timezone.localdate(at))

    def score(self, at: datetime) -> Score:
        return score_of(self.firm, "FULL", at)

    def score_facts(self, at: datetime) -> dict[str, Any]:
        return facts(self.score(at), self.firm)

    def officer_ids(self) -> frozenset[int]:
        officers: frozenset[int] = self.licence.officer_ids()
        return officers

    def assessor_ids(self) -> set[int]:
        return people_who_assessed(self.firm)

    def returns_outstanding(self, at: datetime) -> list[str]:
        return self.licence.returns_outstanding(at)


class Renewal(LicenceCase, RenewalLifecycle):
    """Whether one term of a licence is followed by another."""

    fee_kind = FeeKind.RENEWAL
    refusals = ("refuse_renewal",)

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="renewals")
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="renewals")
    term_ends = models.DateField()
    opened_at = models.DateTimeField()
    declaration = models.TextField(blank=True, help_text="What the firm declares: no change, or which.")
    submitted_by = signature()
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_by = signature()
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    renewed_to = models.DateField(null=True, blank=True, editable=False)

    closed_states = frozenset({RenewalState.RENEWED, RenewalState.FAILED})

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["licence", "term_ends"], name="one_renewal_a_term"),
            models.CheckConstraint(
                condition=~Q(state="renewed") | Q(renewed_to__isnull=False) | Q(decided_at__isnull=True),
                name="renewal_says_until_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="renewal_by_state")]

    def get_absolute_url(self) -> str:
        return reverse("staff:renewal", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"REN-{timezone.localdate(self.opened_at):%Y}-{self.pk:05d}"

    @property
    def requested_activities(self) -> list[str]:
        return list(self.licence.activities)

    @property
    def in_time(self) -> bool:
        """Whether it was asked for before the term ended."""
        return self.submitted_at is not None and timezone.localdate(self.submitted_at) <= self.term_ends

    def opens_on(self, at: datetime) -> date:
        return self.term_ends - timedelta(days=figures.limit("renewal.opens", on=timezone.localdate(at)).length)

    def unpaid_invoices(self) -> "models.QuerySet[Invoice]":
        """A late payer is not renewed."""
        found: models.QuerySet[Invoice] = self.licence.unpaid_invoices()
        return found


class Variation(LicenceCase, VariationLifecycle):
    """A request to add activities to a licence, or to take some off."""

    fee_kind = FeeKind.VARIATION
    refusals = ("refuse_variation",)

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="variations")
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="variations")
    added = ArrayField(models.CharField(max_length=20, choices=Activity.choices), default=list, blank=True)
    removed = ArrayField(models.CharField(max_length=20, choices=Activity.choices), default=list, blank=True)
    reasons = models.TextField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = signature()
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    closed_states = frozenset(
        {VariationState.VARIED, VariationState.REFUSED, VariationState.WITHDRAWN, VariationState.LAPSED}
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(added__len__gt=0) | Q(removed__len__gt=0), name="variation_changes_something"
            ),
            models.CheckConstraint(
                condition=~Q(added__overlap=models.F("removed")), name="variation_adds_or_removes_an_activity"
            ),
            models.UniqueConstraint(fields=["licence"], condition=Q(state="requested"), name="one_open_variation"),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="variation_by_state")]

    def get_absolute_url(self) -> str:
        return reverse("staff:variation", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"VAR-{timezone.localdate(self.requested_at):%Y}-{self.pk:05d}"

    def open_siblings(self) -> "models.QuerySet[Variation]":
        """Another variation of the same licence that is not decided."""
        return Variation.objects.filter(licence=self.licence_id, state=VariationState.REQUESTED).exclude(pk=self.pk)

    def resulting_activities(self) -> list[str]:
        """What the licence would cover."""
        return in_order((set(self.licence.activities) - set(self.removed)) | set(self.added))

    @property
    def requested_activities(self) -> list[str]:
        """What criteria and capital are asked about: all that would be covered."""
        return self.resulting_activities()

    @property
    def charged_activities(self) -> list[str]:
        """What is added: the others are paid for already, and to give some up costs no more than to ask."""
        return in_order(self.added)

    def activity_terms(self) -> dict[str, ActivityKind]:
        """The terms in force when the variation was asked for."""
        return terms_in_force(timezone.localdate(self.requested_at), self.requested_activities)

    @property
    def opened_at(self) -> datetime:
        return self.requested_at

    @property
    def paid_up_capital(self) -> Decimal | None:
        capital: Decimal | None = self.licence.application.paid_up_capital
        return capital

    @property
    def added_titles(self) -> list[str]:
        return [str(Activity(each).label) for each in self.added]

    @property
    def removed_titles(self) -> list[str]:
        return [str(Activity(each).label) for each in self.removed]
