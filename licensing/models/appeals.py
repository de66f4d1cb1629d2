"""P4: appeals against decisions on licences and applications, with the panels that decide on them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from licensing.lifecycle.appeals import AppealLifecycle
from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.models.licences import SUSPENDING
from licensing.models.measures import STOPPING, Measure
from licensing.models.noc import SUSPENDS, NocApplication
from licensing.models.scores import people_who_assessed
from licensing.models.votes import Vote
from licensing.states import APPEAL_PENDING, ENDED, OVERTURNED, AppealState, MeasureKind, NocState
from pvara.kernel import figures
from pvara.kernel.models import AuditEntry, User

# The decisions that may be appealed, by the kind of row and the move, in the words of a list: those that refuse,
# restrict or take away what a firm asked for or holds. Their letters name the appeal; no other letter does.
#
# Not among them: what only time does, and what follows from a decision that is (a set-up or a permission that ends with
# its NOC); a notice, which decides nothing yet; the ratification of an urgent suspension, since the suspension itself
# is appealed; an incomplete application that is rejected, for another may be made on the next day and nothing was said
# of its merits; the conditions of a grant, which may be asked to be waived; an objection to a change of control or to a
# person, after which another is notified or nominated; and a restriction that comes with a reinstatement, which may be
# asked to be lifted. The Act may say otherwise once it is at hand.
APPEALABLE: dict[str, dict[str, str]] = {
    "licensing.nocapplication": {
        "refuse_noc": "Refusal of the NOC",
        "suspend_noc": "Suspension of the NOC",
        "suspend_noc_urgently": "Urgent suspension of the NOC",
        "revoke_noc": "Revocation of the NOC",
    },
    "licensing.amlregistration": {
        "refuse_aml_services": "Refusal of AML Registered Services",
        "end_aml_services": "End of AML Registered Services",
    },
    "licensing.licenceapplication": {"refuse_licence": "Refusal of the licence"},
    "licensing.licence": {
        "impose_restriction": "Restriction",
        "suspend": "Suspension",
        "prolong_suspension": "Prolongation of a suspension",
        "urgent_suspend": "Urgent suspension",
        "revoke": "Revocation",
        "refuse_surrender": "Refusal of a surrender",
        "refuse_surrender_restricted": "Refusal of a surrender",
    },
    "licensing.renewal": {"refuse_renewal": "Refusal of a renewal"},
    "licensing.variation": {"refuse_variation": "Refusal of a variation"},
}

# Decisions that last: one of these that is varied stays in force until it is brought into line (decisions/0018).
LASTING = ("impose_restriction", *SUSPENDING, *SUSPENDS)
# What takes the place of a loss that was varied, or leaves nothing in whose place to decide.
SETTLES_A_LOSS = (
    *("impose_restriction", *SUSPENDING, "dismiss_show_cause", "dismiss_show_cause_restricted"),
    *("reinstate", "reinstate_restricted", "revoke", "accept_surrender", "expire"),
    *(*SUSPENDS, "drop_notice", "drop_notice_suspended", "reinstate_noc", "revoke_noc", "expire_noc"),
    *("end_aml_services", "end_with_noc", "end_with_licence_decision"),
)


class AppealQuerySet(CaseQuerySet):
    def about(self, subject: models.Model) -> "AppealQuerySet":
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)

    def pending(self) -> "AppealQuerySet":
        return self.filter(state__in=APPEAL_PENDING)

    def that_took_away(self) -> "AppealQuerySet":
        """Those that left nothing of the decision: a varied one too, unless it lasts and stays in force meanwhile."""
        varied = Q(state=AppealState.VARIED) & ~Q(decision__event__in=LASTING)
        return self.filter(Q(state__in=OVERTURNED) | varied)

    def with_errand(self) -> "AppealQuerySet":
        """Each with `is_to_be_carried_out`, and what the tribunal said of it in `varied_to` and when in `varied_at`.

        A measure that was varied is carried out once it no longer stands as it was decided, by whatever move that is;
        a loss that was varied and given back, once something is decided in its place.
        """
        measures = Measure.objects.filter(
            licence=OuterRef("subject_id"), decided_at=OuterRef("decision__at"), ended_at=None
        ).exclude(licence__state__in=ENDED)
        since = AuditEntry.objects.filter(
            subject_type=OuterRef("subject_type"),
            subject_id=OuterRef("subject_id"),
            seq__gt=OuterRef("decision__seq"),
        )
        suspended = NocApplication.objects.filter(pk=OuterRef("subject_id"), state=NocState.SUSPENDED)
        stands = (
            Q(decision__event="impose_restriction") & Exists(measures.filter(kind=MeasureKind.RESTRICTION))
            | Q(decision__event__in=SUSPENDING) & Exists(measures.filter(kind__in=STOPPING))
            | Q(decision__event__in=SUSPENDS) & Exists(suspended) & ~Exists(since.filter(event__in=SUSPENDS))
            | Q(decision__event__in=("revoke", "revoke_noc", "end_aml_services"), effect_given_at__isnull=False)
            & ~Exists(since.filter(event__in=SETTLES_A_LOSS))
        )
        said = AuditEntry.objects.filter(
            subject_type="licensing.appeal", subject_id=OuterRef("pk"), event="vary_decision"
        )
        return self.annotate(
            is_to_be_carried_out=models.ExpressionWrapper(
                Q(state=AppealState.VARIED) & stands, output_field=models.BooleanField()
            ),
            varied_to=Subquery(said.values("note")[:1]),
            varied_at=Subquery(said.values("at")[:1]),
        )

    def to_be_carried_out(self) -> "AppealQuerySet":
        return self.with_errand().filter(is_to_be_carried_out=True)


class Appeal(AppealLifecycle):
    """An appeal against one decision: a move, by the entry that the log has of it."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="appeals")
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    decision = models.ForeignKey(AuditEntry, on_delete=models.PROTECT, related_name="+")
    grounds = models.TextField(help_text="Why the firm holds the decision to be wrong, as it says itself.")
    filed_on = models.DateField()
    tribunal_number = models.CharField(max_length=60, blank=True)
    leave = models.TextField(blank=True, help_text="By whom and why a late appeal was allowed.")
    panel = models.ManyToManyField(User, related_name="+", blank=True)
    noticed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noticed_at = models.DateTimeField()
    recorded_by = signature()
    closed_by = signature()
    effect_given_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AppealQuerySet.as_manager()

    closed_states = frozenset(set(AppealState) - {AppealState.NOTICED, *APPEAL_PENDING})

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision"],
                condition=~Q(state__in=["withdrawn", "not_admitted"]),
                name="one_appeal_a_decision",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="appeal_by_subject"),
            models.Index(fields=["state", "-id"], name="appeal_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.firm}"

    def get_absolute_url(self) -> str:
        return reverse("staff:appeal", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"APP-{timezone.localdate(self.noticed_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def subject(self) -> Any:
        """The row that was decided on."""
        return apps.get_model(self.subject_type)._base_manager.get(pk=self.subject_id)

    @property
    def decision_title(self) -> str:
        return APPEALABLE.get(self.subject_type, {}).get(self.decision.event, self.decision.event)

    @property
    def noted(self) -> dict[str, str]:
        """What is noted before an appeal is recorded, by the names of its form."""
        return {"tribunal_number": self.tribunal_number, "leave": self.leave}

    @property
    def named(self) -> dict[str, list[User]]:
        """Who sits on it, likewise."""
        return {"members": list(self.panel.all())}

    @property
    def is_pending(self) -> bool:
        return self.state in APPEAL_PENDING

    def last_day(self) -> date:
        """The last day on which the decision may be appealed without leave."""
        decided = timezone.localdate(self.decision.at)
        return figures.last_day("appeal.window", decided)

    def panel_size(self, at: datetime) -> int:
        return int(figures.value("appeal.panel_size", on=timezone.localdate(at)))

    def participant_ids(self) -> set[int]:
        """Whoever had a hand in it: in its moves, its votes, the proposals it rests on, the assessment before it."""
        moved = AuditEntry.objects.filter(
            subject_type=self.subject_type, subject_id=self.subject_id, seq__lte=self.decision.seq
        )
        found = set(moved.exclude(actor=None).exclude(from_state="").values_list("actor", flat=True))
        voted = Vote.objects.filter(
            motion__subject_type=self.subject_type,
            motion__subject_id=self.subject_id,
            motion__move=self.decision.event,
            cast_at__lte=self.decision.at,
        )
        found |= set(voted.values_list("member", flat=True))
        licences = [self.subject_id] if self.subject_type == "licensing.licence" else []
        for measure in Measure.objects.filter(licence__in=licences, proposed_at__lte=self.decision.at):
            found |= {measure.proposed_by_id, measure.decided_by_id or measure.proposed_by_id}
        return found | people_who_assessed(self.firm)


def with_subjects(appeals: Iterable[Appeal]) -> list[tuple[Appeal, Any]]:
    """Each with the row that was decided on; one query for a kind of rows."""
    found = list(appeals)
    ids: dict[str, set[int]] = defaultdict(set)
    for each in found:
        ids[each.subject_type].add(each.subject_id)
    rows = {kind: apps.get_model(kind)._base_manager.in_bulk(those) for kind, those in ids.items()}
    return [(each, rows[each.subject_type][each.subject_id]) for each in found]


def decisions_of(firm: Firm) -> list[AuditEntry]:
    """Every decision on a firm that may be appealed and is not under appeal, newest first."""
    rows = Q(pk__in=[])
    for kind, moves in APPEALABLE.items():
        model: Any = apps.get_model(kind)
        ids = model._base_manager.filter(firm=firm).values("pk")
        rows |= Q(subject_type=kind, subject_id__in=ids, event__in=list(moves))
    under_appeal = Appeal.objects.filter(firm=firm).exclude(state__in=(AppealState.WITHDRAWN, AppealState.NOT_ADMITTED))
    return list(AuditEntry.objects.filter(rows).exclude(pk__in=under_appeal.values("decision")).order_by("-pk"))


def title_of(entry: AuditEntry) -> str:
    """A decision in the words of a list."""
    what = APPEALABLE.get(entry.subject_type, {}).get(entry.event, entry.event)
    return f"{what}, {timezone.localdate(entry.at):%-d %B %Y}"
