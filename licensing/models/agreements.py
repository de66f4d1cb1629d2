"""Agreements between the state and others: with whom, who works on them for the state, and what was promised."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing.lifecycle.agreements import DeliverableLifecycle, MouLifecycle
from licensing.models.documents import Document
from licensing.models.firms import Firm, StaffOnlyQuerySet, signature
from licensing.states import DeliverableKind, DeliverableState, MouState
from pvara.kernel.models import User


class Mou(MouLifecycle):
    """A memorandum of understanding; the cases of a firm that is party to it show the conflict of interest."""

    firms = models.ManyToManyField(Firm, through="MouParty", related_name="mous")
    title = models.CharField(max_length=200)
    state_party = models.CharField("for the state", max_length=200)
    signed_on = models.DateField(null=True, blank=True)
    in_force_from = models.DateField(null=True, blank=True)
    in_force_to = models.DateField("in force until", null=True, blank=True)
    non_binding = models.BooleanField("not binding", default=True)
    scope = models.TextField()
    source = models.URLField(blank=True)
    recorded_by = signature()
    ended_by = signature()

    objects = StaffOnlyQuerySet.as_manager()

    # What may be changed until it is signed, and is kept in its history.
    TERMS = ("title", "state_party", "signed_on", "in_force_from", "in_force_to", "non_binding", "scope", "source")

    class Meta:
        verbose_name = "memorandum of understanding"
        verbose_name_plural = "memoranda of understanding"
        ordering = [F("signed_on").desc(nulls_first=True), "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signed_on__isnull=False), name="mou_signed_on_a_day"
            ),
            models.CheckConstraint(
                condition=Q(in_force_from__isnull=True)
                | Q(in_force_to__isnull=True)
                | Q(in_force_from__lte=F("in_force_to")),
                name="mou_term_is_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.signed_on:%-d %B %Y})" if self.signed_on else f"{self.title} (draft)"

    def get_absolute_url(self) -> str:
        return reverse("staff:agreement", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"MOU-{self.pk:05d}"

    @property
    def terms(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.TERMS}

    @property
    def is_signed(self) -> bool:
        return bool(self.state == MouState.SIGNED)

    def is_in_force(self, at: datetime) -> bool:
        """Whether it is signed and its term, as far as it has one, runs; whole days, in Pakistan's time."""
        today, first = timezone.localdate(at), self.in_force_from or self.signed_on or date.max
        return self.is_signed and first <= today and (self.in_force_to is None or today <= self.in_force_to)


class MouParty(models.Model):
    """Who signed with the state: in the name that stands in the agreement, and the firm that it belongs to, if any."""

    mou = models.ForeignKey(Mou, on_delete=models.PROTECT, related_name="parties")
    name = models.CharField(max_length=200)
    firm = models.ForeignKey(Firm, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "party to an agreement"
        verbose_name_plural = "parties to agreements"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["mou", "name"], name="mou_party_once"),
            models.UniqueConstraint(fields=["mou", "firm"], name="mou_firm_once"),
        ]

    def __str__(self) -> str:
        return self.name


class MouMember(models.Model):
    """Somebody who works on an agreement for the state, and so takes no part in a case of its counterparty."""

    mou = models.ForeignKey(Mou, on_delete=models.PROTECT, related_name="team")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mou", "person"], condition=Q(left_on__isnull=True), name="mou_member_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")), name="mou_member_left_after_joining"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.mou}"


class Deliverable(DeliverableLifecycle):
    """Advice, training or technical expertise that a party promised to the state."""

    mou = models.ForeignKey(Mou, on_delete=models.PROTECT, related_name="deliverables")
    kind = models.CharField(max_length=20, choices=DeliverableKind.choices)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    delivery_recorded_by = signature()
    accepted_by = signature()
    dropped_by = signature()

    objects = StaffOnlyQuerySet.as_manager()

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(delivery_recorded_by__isnull=True)
                | Q(accepted_by__isnull=True)
                | ~Q(delivery_recorded_by=F("accepted_by")),
                name="deliverable_accepter_did_not_record_it",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("staff:deliverable", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"{self.mou.reference}/{self.pk}"

    def has_document(self) -> bool:
        return Document.objects.about(self).exists()

    def is_late(self, at: datetime) -> bool:
        promised = self.state == DeliverableState.PROMISED
        return promised and self.due_on is not None and self.due_on < timezone.localdate(at)
