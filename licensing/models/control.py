"""Changes of control: the ownership that a firm intends, which takes effect with our no objection and not before."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing.access import Body
from licensing.lifecycle.control import ChangeOfControlLifecycle
from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.models.officers import officers_of
from licensing.models.ownership import OwnershipStatement
from licensing.models.scores import people_who_assessed
from licensing.models.votes import DecidedByVote
from licensing.states import ControlState
from pvara.kernel.models import User


class ChangeOfControl(ChangeOfControlLifecycle, DecidedByVote):
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="changes_of_control")
    statement = models.OneToOneField(OwnershipStatement, on_delete=models.PROTECT, related_name="change")
    replaces = models.ForeignKey(OwnershipStatement, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    notified_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    notified_at = models.DateTimeField()
    finding = models.TextField(blank=True, editable=False)
    assessed_by = signature()
    decided_by = signature()
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CaseQuerySet.as_manager()

    # Nothing is left to decide on the change.
    closed_states = frozenset({ControlState.NO_OBJECTION, ControlState.OBJECTED, ControlState.WITHDRAWN})

    class Meta:
        verbose_name = "change of control"
        verbose_name_plural = "changes of control"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(assessed_by__isnull=True) | Q(decided_by__isnull=True) | ~Q(assessed_by=F("decided_by")),
                name="control_decider_is_not_assessor",
            ),
            models.UniqueConstraint(
                fields=["firm"], condition=Q(state__in=["notified", "assessed"]), name="one_open_change_a_firm"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.firm}"

    def get_absolute_url(self) -> str:
        return reverse("staff:change", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"COC-{timezone.localdate(self.notified_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    # ── Votes ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def officer_ids(self) -> frozenset[int]:
        """Everybody who has or had an application of the firm in hand: what they judged is who owns it."""
        return officers_of(self.firm)

    def assessor_ids(self) -> set[int]:
        return people_who_assessed(self.firm)

    def kept_from_voting(self, body: Body) -> dict[int, str]:
        assessed = {} if self.assessed_by_id is None else {self.assessed_by_id: "Assessed the change."}
        return super().kept_from_voting(body) | assessed

    def terms_of(self, move: str) -> list[str]:
        return [self.finding] if self.finding else []
