"""P4: what is done against a licence (restrictions, show-cause notices, suspensions, revocations), and how it ends.

A measure is proposed by one person and taken by a move of the licence, made by another: the move says that, the row
says what. Surrenders and wind-downs stand here too, because they end a licence in the same way.
"""

from datetime import date
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.models.licences import Licence
from licensing.states import Activity, Ground, MeasureKind, SurrenderOutcome
from pvara.kernel.models import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

STOPPING = (MeasureKind.SUSPENSION, MeasureKind.URGENT_SUSPENSION)


class MeasureQuerySet(CaseQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "CaseQuerySet":
        """A proposal is the regulator's own until it is decided on."""
        found = super().visible_to(user)
        return found if getattr(user, "is_staff", False) else found.filter(decided_at__isnull=False)


class Measure(models.Model):
    """One measure: proposed, then taken by a move of its licence, and ended by another; or withdrawn before that."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="measures")
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="measures")
    kind = models.CharField(max_length=20, choices=MeasureKind.choices)
    grounds = ArrayField(models.CharField(max_length=20, choices=Ground.choices), default=list, blank=True)
    # Empty for the whole licence.
    activities = ArrayField(models.CharField(max_length=20, choices=Activity.choices), default=list, blank=True)
    wording = models.TextField(blank=True, help_text="The restriction as the public reads it.")
    particulars = models.TextField(help_text="The facts and reasons on which it rests.")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    withdrawn_by = signature()
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_by = signature()
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Until when the firm may reply to a show-cause notice, or is to be heard after an urgent suspension.
    hear_by = models.DateField(null=True, blank=True, editable=False)
    heard_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Until when the board is to ratify an urgent suspension; without its votes by then it ends.
    ratify_by = models.DateField(null=True, blank=True, editable=False)
    ratified_by = signature()
    ratified_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The version of the venue's standing at which this took it away: what it stopped is set going by that number.
    standing_version = models.PositiveIntegerField(null=True, blank=True, editable=False)
    end_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    lifting_proposed_by = signature()
    lifting_reasons = models.TextField(blank=True, editable=False)
    remedy = models.TextField(blank=True, editable=False)
    remedy_verified_by = signature()
    ended_by = signature()
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_why = models.CharField(max_length=200, blank=True, editable=False)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="show_cause") | Q(decided_by__isnull=True) | ~Q(proposed_by=F("decided_by")),
                name="measure_decider_is_not_proposer",
            ),
            models.CheckConstraint(
                condition=Q(lifting_proposed_by__isnull=True)
                | Q(ended_by__isnull=True)
                | ~Q(lifting_proposed_by=F("ended_by")),
                name="measure_lifter_did_not_propose_it",
            ),
            models.CheckConstraint(
                condition=Q(remedy_verified_by__isnull=True)
                | Q(ended_by__isnull=True)
                | ~Q(remedy_verified_by=F("ended_by")),
                name="measure_remedy_is_verified_by_another",
            ),
            models.CheckConstraint(
                condition=Q(ratified_by__isnull=True)
                | ~Q(ratified_by=F("proposed_by")) & ~Q(ratified_by=F("decided_by")) & Q(kind="urgent_suspension"),
                name="measure_ratifier_did_not_suspend",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["suspension", "urgent_suspension"])
                | Q(starts_on__isnull=False, ends_on__isnull=False),
                name="suspension_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(starts_on__lt=F("ends_on")),
                name="measure_runs_forward",
            ),
            models.CheckConstraint(
                condition=Q(kind="restriction") | Q(grounds__len__gt=0), name="measure_cites_a_ground"
            ),
            models.CheckConstraint(
                condition=~Q(kind="restriction") | ~Q(wording="") | Q(activities__len__gt=0),
                name="restriction_restricts_something",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="measure_is_taken_or_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(decided_at__isnull=False), name="measure_ends_after_it_began"
            ),
            models.UniqueConstraint(
                fields=["licence", "kind"],
                condition=Q(decided_at__isnull=True, withdrawn_at__isnull=True),
                name="one_proposal_of_a_kind",
            ),
        ]
        indexes = [models.Index(fields=["licence", "-id"], name="measure_by_licence")]

    def __str__(self) -> str:
        return f"{self.reference} {self.get_kind_display()}"

    @property
    def reference(self) -> str:
        return f"MEA-{timezone.localdate(self.proposed_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def lifting(self) -> dict[str, str]:
        """Why a restriction is proposed to be lifted, by the name of its form."""
        return {"reasons": self.lifting_reasons}

    @property
    def is_proposed(self) -> bool:
        return self.decided_at is None and self.withdrawn_at is None

    @property
    def is_in_force(self) -> bool:
        return self.decided_at is not None and self.ended_at is None

    @property
    def waits_for_ratification(self) -> bool:
        return self.is_in_force and self.ratify_by is not None and self.ratified_at is None

    @property
    def takes_replies(self) -> bool:
        """A notice does until it is decided on; an urgent suspension until its holder was heard on it."""
        waits = self.hear_by is not None and self.heard_at is None
        notice, urgent = self.kind == MeasureKind.SHOW_CAUSE, self.kind == MeasureKind.URGENT_SUSPENSION
        return self.is_in_force and (notice or (urgent and waits))

    @property
    def ground_titles(self) -> list[str]:
        return [str(Ground(each).label) for each in self.grounds]

    @property
    def activity_titles(self) -> list[str]:
        return [str(Activity(each).label) for each in self.activities]

    @property
    def scope(self) -> str:
        return ", ".join(self.activity_titles) or "the whole licence"

    @property
    def public_text(self) -> str:
        """What a restriction says, in a sentence."""
        return self.wording or f"Restricted: {self.scope}."

    @property
    def terms(self) -> str:
        """What is decided, as those read it who vote on it."""
        what = self.public_text if self.kind == MeasureKind.RESTRICTION else f"Of {self.scope}."
        until = f" Until {self.ends_on:%-d %B %Y}." if self.ends_on else ""
        return f"{self.reference}, {self.get_kind_display().lower()}: {what}{until}"

    @property
    def status(self) -> str:
        if self.withdrawn_at is not None:
            return "Withdrawn"
        if self.decided_at is None:
            return "Proposed"
        return "Ended" if self.ended_at is not None else "In force"

    def covers(self, activity: str) -> bool:
        """Whether it stops or restricts an activity; a restriction in mere words stops none."""
        if self.kind == MeasureKind.RESTRICTION:
            return activity in self.activities
        return self.kind in STOPPING and (not self.activities or activity in self.activities)

    def is_over(self, on: date) -> bool:
        """Whether its last day has passed; it holds all the same until somebody decides."""
        return self.is_in_force and self.ends_on is not None and on > self.ends_on


class Reply(models.Model):
    """What a firm answers to a show-cause notice. Documents hang on it; nothing of it is ever changed."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="replies")
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    replied_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    replied_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "reply to a show-cause notice"
        verbose_name_plural = "replies to show-cause notices"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Reply to {self.measure.reference}"


class Surrender(models.Model):
    """A holder's wish to give the licence back, with its declaration on client assets."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="surrenders")
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="surrenders")
    reasons = models.TextField()
    declaration = models.TextField(help_text="What is held for clients, and how and by when it is returned.")
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    assets_note = models.TextField(blank=True, editable=False)
    assets_confirmed_by = signature()
    assets_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    outcome = models.CharField(max_length=10, choices=SurrenderOutcome.choices, blank=True, editable=False)
    decided_by = signature()
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["licence"], condition=Q(outcome=""), name="one_open_surrender"),
            models.CheckConstraint(
                condition=Q(assets_confirmed_by__isnull=True)
                | Q(decided_by__isnull=True)
                | ~Q(assets_confirmed_by=F("decided_by")),
                name="surrender_decider_did_not_confirm_assets",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="accepted") | Q(assets_confirmed_at__isnull=False),
                name="surrender_after_assets_are_returned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.licence.holder_name}"

    @property
    def assets_noted(self) -> dict[str, str]:
        """What was found of the assets of clients, by the name of its form."""
        return {"note": self.assets_note}

    @property
    def reference(self) -> str:
        return f"SUR-{timezone.localdate(self.declared_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm
