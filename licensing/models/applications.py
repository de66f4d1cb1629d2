"""What both applications have in common: a form with answers, a declaration, a score and the people of the case."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from licensing.models import checklists, deficiencies
from licensing.models.activities import ActivityKind, terms_in_force
from licensing.models.agencies import Agency, agencies_in_force
from licensing.models.appealed import MayBeAppealed
from licensing.models.conditions import HasConditions
from licensing.models.fees import Invoice, Payment, due, invoice_for
from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.models.framework import KeepsFramework
from licensing.models.handovers import officers_of
from licensing.models.ownership import ownership_faults
from licensing.models.people import individuals_outstanding, officers_outstanding
from licensing.models.refusals import MayBeRefused
from licensing.models.requests import InformationRequest
from licensing.models.scores import criteria_outstanding, facts, people_who_assessed, score_of
from licensing.models.votes import DecidedByVote
from licensing.questions import Section
from licensing.scoring import Score
from licensing.states import ConsultationState, NocState, RequestState
from pvara.kernel import audit, clock, figures
from pvara.kernel.machine import Move


def are_different(one: str, other: str) -> Q:
    """The condition of a constraint: two people, as far as both are known."""
    return Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{one: F(other)})


class Application(KeepsFramework, MayBeAppealed, DecidedByVote, HasConditions, MayBeRefused):
    """The applicant's side of a case. The lifecycle beside it says what may become of it."""

    prefix: ClassVar[str]
    phase: ClassVar[str]
    fee_kind: ClassVar[str]
    form: ClassVar[tuple[Section, ...]]
    # The moves that impose what conditions are drafted.
    imposing: ClassVar[tuple[str, ...]]
    # Nothing is left to decide on the application; what was granted may have a life of its own after that.
    closed_states: ClassVar[frozenset[str]]

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="%(class)ss")
    answers = models.JSONField(default=dict, blank=True)
    fee_reference = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    declaration_signed_at = models.DateTimeField(null=True, blank=True)
    declaration_signed_by = signature()
    submitted_by = signature()
    case_officer = signature()
    recommended_by = signature()
    decided_by = signature()
    # When an appeal brought a refusal back for a new decision, by others.
    remitted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.reference} {self.firm}"

    @property
    def reference(self) -> str:
        return f"{self.prefix}-{timezone.localdate(self.opened_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def began_on(self) -> date:
        return timezone.localdate(self.opened_at)

    def reason_to_turn(self, row: Move) -> str:
        """A pause for a return names which one; requests name themselves where they turn the clock."""
        return f"Return {self.rounds_made() + 1} as incomplete" if row.name == "return_incomplete" else row.title

    def answers_of(self, section: str) -> dict[str, Any]:
        """What one section of the form says, by the key of each of its questions."""
        said = self.answers.get(section, {})
        asked = next(each.questions for each in self.form if each.key == section)
        return {question.key: said.get(question.key) for question in asked}

    @property
    def requested_activities(self) -> list[str]:
        return list(self.answers.get("activities", {}).get("activities", []))

    def activity_terms(self) -> dict[str, ActivityKind]:
        """The terms of the activities asked for, by code: a case keeps those that it was opened under."""
        return terms_in_force(timezone.localdate(self.opened_at), self.requested_activities)

    # ── Fees ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def fee_due(self, at: datetime) -> Decimal:
        """What the tariff asks for this application on a day, in PKR."""
        return due(self.fee_kind, self.requested_activities, timezone.localdate(at))

    def moment_of(self, *events: str) -> datetime | None:
        """When something first happened to the case."""
        return next((at for event, _, at in audit.outline(self) if event in events), None)

    @property
    def submitted_at(self) -> datetime | None:
        return self.moment_of("submit")

    @property
    def fee_invoice(self) -> Invoice | None:
        """What was charged for the application; None when nothing was."""
        return invoice_for(self, self.fee_kind)

    def payment_recorder_ids(self) -> set[int]:
        """Those who recorded money that came in for the case."""
        invoices = Invoice.objects.about(self)
        return set(Payment.objects.filter(invoice__in=invoices).values_list("recorded_by", flat=True))

    # ── What goes back to the applicant ──────────────────────────────────────────────────────────────────────────────
    @property
    def is_open_to_change(self) -> bool:
        """Whether the form is the applicant's to write in: before it is submitted, and when it came back."""
        return self.state in (NocState.DRAFT, NocState.RETURNED)  # type: ignore[attr-defined]

    def checklist_wanting(self, at: datetime) -> list[str]:
        """A sentence for each item of the completeness checklist that is not in order."""
        return checklists.wanting(self, at)

    def documents_missing(self, at: datetime) -> list[str]:
        """A sentence for each criterion of this phase that always applies and has no document yet."""
        return checklists.documents_missing(self, at)

    def found_wanting(self, at: datetime) -> list[str]:
        """The items of the checklist that somebody looked at and found wanting."""
        return checklists.found_wanting(self, at)

    def drafters_of_deficiencies(self) -> list[int]:
        """Who drafted what is still to be returned, once for each deficiency."""
        return list(deficiencies.Deficiency.objects.about(self).drafts().values_list("drafted_by", flat=True))

    def deficiencies_unanswered(self) -> list[str]:
        """What was returned and has no answer yet."""
        return [str(each) for each in deficiencies.Deficiency.objects.about(self).asked().filter(answer="")]

    def rounds_made(self) -> int:
        """How often the case was returned as incomplete."""
        return deficiencies.rounds_of(self)

    def answer_due_on(self) -> date | None:
        """The last day for the answers to what was returned; None when none are awaited."""
        return deficiencies.answer_due_on(self)

    def requests(self) -> Any:
        return InformationRequest.objects.about(self)

    def questions_unanswered(self) -> list[str]:
        """A sentence for each question put to the applicant that has no answer yet."""
        return [
            sentence
            for each in self.requests().filter(state=RequestState.OPEN).prefetch_related("items").order_by("pk")
            for sentence in each.unanswered()
        ]

    def requests_not_closed(self) -> list[str]:
        """The requests whose answers nobody has accepted yet."""
        going = self.requests().filter(state__in=(RequestState.OPEN, RequestState.ANSWERED)).order_by("pk")
        return [f"{each.reference} is {each.get_state_display().lower()}." for each in going]

    def silent_since(self) -> datetime:
        """When the applicant last did something with the case, or it last went to them or came from them."""
        theirs = Q(actor__isnull=False, actor__role_assignments__isnull=True)
        heard = audit.history(self).filter(theirs | ~Q(to_state="")).last()
        asked: datetime | None = self.requests().aggregate(at=models.Max("extension_asked_at"))["at"]
        return max(each for each in (self.opened_at, heard and heard.at, asked) if each)

    def answers_overdue_since(self) -> date | None:
        """The last day for the answers to a request, once it is over and the applicant was told so."""
        going = self.requests().filter(state=RequestState.OPEN, overdue_told_for__isnull=False)
        return min((each.overdue_told_for for each in going if each.overdue_told_for == each.due_on), default=None)

    def lapses_on(self) -> date:
        """The last day before it lapses, should the applicant stay silent, or leave a question without its answer."""
        silent = timezone.localdate(self.silent_since())
        last = figures.last_day("silence.lapse", silent, on=self.began_on)
        overdue = self.answers_overdue_since()
        return min(last, figures.last_day("request.lapse", overdue, on=self.began_on)) if overdue else last

    def warned_at(self) -> datetime | None:
        """When the applicant was warned that it lapses, if that was since they were last heard of.

        Words are no answers: once these are overdue, a remark takes no warning back.
        """
        since = self.silent_since()
        if overdue := self.answers_overdue_since():
            since = min(since, clock.begin_of(overdue + timedelta(days=1)))
        entry = audit.history(self).filter(event="lapse_warned", at__gte=since).last()
        return entry.at if entry else None

    def open_siblings(self) -> "models.QuerySet[Any]":
        """Other cases of this kind that the firm has submitted and that are not decided."""
        others: models.QuerySet[Any] = type(self)._default_manager.filter(firm=self.firm_id).exclude(pk=self.pk)
        return others.exclude(state__in=[*self.closed_states, "draft"])

    def score(self, at: datetime) -> Score:
        return score_of(self.firm, self.phase, at, self.framework_at(at))

    def score_facts(self, at: datetime) -> dict[str, Any]:
        """The score with everything that led to it, as the audit entry keeps it."""
        return facts(self.score(at), self.firm)

    def ratings_outstanding(self, at: datetime) -> list[str]:
        """A sentence for each criterion of this phase that is not rated or not moderated yet."""
        return criteria_outstanding(self.firm, self.phase, at, self.framework_at(at))

    def individuals_outstanding(self, at: datetime) -> list[str]:
        """A sentence for everything that keeps the firm's key individuals from being found fit and proper."""
        return individuals_outstanding(self.firm, at)

    def officers_outstanding(self, at: datetime) -> list[str]:
        """A sentence for each role that a firm must fill and nobody approved holds."""
        return officers_outstanding(self.firm, at)

    def ownership_faults(self, at: datetime) -> list[str]:
        """A sentence for everything that keeps the firm's ownership from being disclosed."""
        return ownership_faults(self.firm, at)

    # ── After an appeal ──────────────────────────────────────────────────────────────────────────────────────────────
    def former_decider_ids(self) -> set[int]:
        """Those who decided on the case before it was remitted."""
        if self.remitted_at is None:
            return set()
        before = audit.history(self).filter(at__lt=self.remitted_at, event__in=self.refusals)
        return set(before.exclude(actor=None).values_list("actor", flat=True))

    # ── Consultation ─────────────────────────────────────────────────────────────────────────────────────────────────
    def agencies(self) -> list[Agency]:
        """Whom this phase consults: a case keeps to the terms under which it was opened."""
        return agencies_in_force(timezone.localdate(self.opened_at), self.phase)

    def consultations_outstanding(self) -> list[str]:
        """A sentence for each agency that was not asked, or that has neither replied nor let its time pass."""
        states = {each.agency_id: each.state for each in self._consultations()}
        said = []
        for agency in self.agencies():
            if agency.pk not in states:
                said.append(f"{agency}: not asked.")
            elif states[agency.pk] == ConsultationState.REQUESTED:
                said.append(f"{agency}: no reply yet.")
        return said

    def blocking_objections(self) -> list[Any]:
        """The consultations whose reply blocks the case, overridden or not."""
        rows = self._consultations().select_related("agency", "reply__override__overridden_by")
        return [each for each in rows if each.blocks]

    def _consultations(self) -> "models.QuerySet[Any]":
        rows: models.QuerySet[Any] = getattr(self, "consultations").all()  # noqa: B009  rows of the model above
        return rows

    @property
    def has_an_officer_at_work(self) -> bool:
        """Whether somebody has the case in hand and it is not over."""
        return self.case_officer_id is not None and self.state not in self.closed_states  # type: ignore[attr-defined]

    def decider_ids(self) -> set[int]:
        """Those who recommended the case or signed a decision on it, as it now is."""
        signed = (
            "recommended_by_id",
            "decided_by_id",
            "granted_by_id",
            "rejected_by_id",
            "suspended_by_id",
            "revoked_by_id",
        )
        people = {getattr(self, each, None) for each in signed}
        return {each for each in people if each is not None} | self.former_decider_ids()

    def officer_ids(self) -> frozenset[int]:
        """Everybody who has or had the case in hand."""
        return officers_of(self)

    def assessor_ids(self) -> set[int]:
        """Those who rated or moderated for this firm."""
        return people_who_assessed(self.firm)

    def terms_of(self, move: str) -> list[str]:
        """What a decision carries with it: the conditions that it imposes, the grounds that it gives."""
        if move in self.imposing:
            return [each.terms for each in self.drafted_conditions()]
        return [str(each) for each in self.drafted_grounds()] if move == "notify_refusal" else []
