"""P2: the set-up of the local subsidiary, and its milestones."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing.identifiers import IDENTIFIERS
from licensing.lifecycle.setup import MilestoneLifecycle, SetUpLifecycle
from licensing.models.applications import signature
from licensing.models.documents import Document
from licensing.models.extensions import MayBeExtended
from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.framework import KeepsFramework
from licensing.models.noc import NocApplication
from licensing.models.ownership import OwnersSince, owners_since, statement_in_effect
from licensing.models.people import officers_outstanding
from licensing.models.scores import criteria_outstanding, facts, people_who_assessed, score_of
from licensing.questions import MILESTONE_PARTICULARS
from licensing.scoring import Score
from licensing.states import MilestoneCode, MilestoneState
from pvara.kernel import audit, figures


class SetUp(MayBeExtended, KeepsFramework, SetUpLifecycle):
    """Opens by itself when the NOC is granted."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="setups")
    noc = models.OneToOneField(NocApplication, on_delete=models.PROTECT, related_name="setup")
    opened_at = models.DateTimeField()
    extended_by_days = models.PositiveSmallIntegerField(default=0, editable=False)
    confirmed_by = signature()

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "set-up"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.reference} {self.firm}"

    def get_absolute_url(self) -> str:
        return reverse("staff:setup", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"SET-{timezone.localdate(self.opened_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def began_on(self) -> date:
        return timezone.localdate(self.opened_at)

    @property
    def case_officer_id(self) -> int | None:
        """Whoever had the NOC in hand has its set-up too."""
        return self.noc.case_officer_id

    def officer_ids(self) -> frozenset[int]:
        return self.noc.officer_ids()

    def assessor_ids(self) -> set[int]:
        return people_who_assessed(self.firm)

    def particulars(self, code: str) -> dict[str, Any]:
        """What the firm said of a milestone; empty as long as it said nothing."""
        return next((each.particulars for each in self.milestones.all() if each.code == code), {})

    @property
    def requested_activities(self) -> list[str]:
        return self.noc.requested_activities

    @property
    def subsidiary_name(self) -> str:
        return str(self.particulars("M1").get("subsidiary_name", ""))

    @property
    def cuin(self) -> str:
        return str(self.particulars("M1").get("cuin", ""))

    @property
    def share(self) -> Decimal | None:
        """The NOC holder's share of the subsidiary, in per cent."""
        try:
            return Decimal(str(self.particulars("M1").get("share")))
        except InvalidOperation:
            return None

    def stated_share(self, at: datetime) -> tuple[str, Decimal] | None:
        """The statement of ownership in effect, if it names the subsidiary, and the share of it that it states."""
        statement = statement_in_effect(self.firm, at)
        if statement is None or not statement.subsidiary_name:
            return None
        return statement.reference, statement.share_in_the_subsidiary

    @property
    def paid_up_capital(self) -> Decimal | None:
        """In PKR, as verified in milestone M7; None as long as it is not."""
        verified = any(
            each.code == MilestoneCode.M7 and each.state == MilestoneState.VERIFIED for each in self.milestones.all()
        )
        try:
            return Decimal(str(self.particulars("M7").get("capital_pkr"))) if verified else None
        except InvalidOperation:
            return None

    def minimum_share(self, at: datetime) -> Decimal:
        return Decimal(figures.value("subsidiary.minimum_share", on=timezone.localdate(at)))

    def more_time(self, clock: str) -> int:
        """By how much a clock of this set-up was made longer, in days."""
        return self.extended_by_days if clock == "set_up" else 0

    def last_day(self, at: datetime) -> date:
        """The last day on which the set-up may be confirmed: counted anew where an appeal brought its NOC back."""
        again = audit.history(self).filter(event="reopen_with_noc").last()
        first = timezone.localdate(again.at if again else self.opened_at)
        return figures.last_day("setup.finish", first, on=self.began_on, more=self.extended_by_days)

    def lapsed_with_noc(self) -> bool:
        """Whether it lapsed for no other reason than that its NOC was revoked."""
        revoked = audit.history(self.noc).filter(event="revoke_noc").last()
        lapsed = audit.history(self).filter(event="lapse").last()
        return revoked is not None and lapsed is not None and lapsed.at == revoked.at

    def unverified_milestones(self) -> list["Milestone"]:
        return [each for each in self.milestones.all() if each.state != MilestoneState.VERIFIED]

    def score(self, at: datetime) -> Score:
        return score_of(self.firm, "SETUP", at, self.framework_at(at))

    def score_facts(self, at: datetime) -> dict[str, Any]:
        return facts(self.score(at), self.firm)

    def ratings_outstanding(self, at: datetime) -> list[str]:
        """A sentence for each criterion of the set-up that is not rated or not moderated yet."""
        return criteria_outstanding(self.firm, "SETUP", at, self.framework_at(at))


class MilestoneQuerySet(CaseQuerySet):
    firm_path = "setup__firm"


class Milestone(MilestoneLifecycle):
    """One of the nine things a NOC holder sets up before it may apply for the licence."""

    setup = models.ForeignKey(SetUp, on_delete=models.PROTECT, related_name="milestones")
    code = models.CharField(max_length=2, choices=MilestoneCode.choices)
    particulars = models.JSONField(default=dict, blank=True)
    submitted_by = signature()
    verified_by = signature()

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["setup", "code"], name="milestone_once"),
            models.CheckConstraint(
                condition=Q(submitted_by__isnull=True)
                | Q(verified_by__isnull=True)
                | ~Q(submitted_by=F("verified_by")),
                name="milestone_verifier_is_not_submitter",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.get_code_display()}"

    def get_absolute_url(self) -> str:
        return self.setup.get_absolute_url()

    @property
    def reference(self) -> str:
        return f"{self.setup.reference}/{self.code}"

    @property
    def access_anchor(self) -> Firm:
        return self.setup.firm

    @property
    def began_on(self) -> date:
        return self.setup.began_on

    @property
    def described(self) -> dict[str, Any]:
        """What the firm says of it, by the key of each question."""
        return {question.key: self.particulars.get(question.key) for question in MILESTONE_PARTICULARS[self.code]}

    def has_document(self) -> bool:
        return Document.objects.about(self).exists()

    def taken_identifiers(self) -> list[tuple[str, str, str]]:
        """The registration numbers given here that another firm has given too: label, number, the other firm."""
        found = []
        for question in MILESTONE_PARTICULARS[self.code]:
            number = self.particulars.get(question.key)
            if question.kind in IDENTIFIERS and number:
                others = Milestone.objects.filter(code=self.code, **{f"particulars__{question.key}": number})
                others = others.exclude(setup__firm=self.setup.firm_id).exclude(state=MilestoneState.PENDING)
                found += [
                    (question.label, number, str(each.setup.firm)) for each in others.select_related("setup__firm")
                ]
        return found

    def officers_outstanding(self, at: datetime) -> list[str]:
        """A sentence for each required role that nobody approved holds; asked of the milestone that is about them."""
        return officers_outstanding(self.setup.firm, at) if self.code == MilestoneCode.M6 else []

    def owners_since_the_noc(self, at: datetime) -> OwnersSince | None:
        """The owners of the NOC held against those of today; asked of the milestone that is about them."""
        granted_at = self.setup.noc.granted_at
        if self.code != MilestoneCode.M9 or granted_at is None:
            return None
        return owners_since(self.setup.firm, granted_at, at)
