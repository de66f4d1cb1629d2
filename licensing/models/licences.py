"""P4: the licence that a subsidiary holds. What is done against it stands in `measures.py`, its renewal apart."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from licensing.lifecycle.licences import ENDING, LicenceLifecycle
from licensing.models.appealed import MayBeAppealed
from licensing.models.applications import are_different, signature
from licensing.models.conditions import HasConditions
from licensing.models.fees import LIVE, Invoice
from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.full import LicenceApplication
from licensing.models.ratified import Unratified
from licensing.models.scores import facts, people_who_assessed, score_of
from licensing.models.votes import DecidedByVote
from licensing.scoring import Score
from licensing.states import ENDED, IN_FORCE, Activity, FilingState, LicenceState, MeasureKind, RenewalState
from pvara.kernel import audit, clock, figures
from pvara.kernel.models import AuditEntry

if TYPE_CHECKING:
    from licensing.models.measures import Measure, Surrender


# What suspends a licence, or goes on doing so.
SUSPENDING = ("suspend", "prolong_suspension", "urgent_suspend")

# Which proposal a move takes.
TAKES: dict[str, str] = {
    "impose_restriction": MeasureKind.RESTRICTION,
    "suspend": MeasureKind.SUSPENSION,
    "prolong_suspension": MeasureKind.SUSPENSION,
    "reinstate_restricted": MeasureKind.RESTRICTION,
    "revoke": MeasureKind.REVOCATION,
}


def imposed_by(decision: AuditEntry) -> str:
    """The reference of the restriction that a decision put into force, as its gate wrote it down."""
    return str(decision.data["gates"]["restriction_is_proposed"]["measure"])


class LicenceQuerySet(CaseQuerySet):
    def live(self) -> "LicenceQuerySet":
        """Those that are not over: in force or suspended."""
        return self.exclude(state__in=ENDED)


class Licence(MayBeAppealed, LicenceLifecycle, DecidedByVote, HasConditions):
    """One subsidiary's licence for certain activities and a term."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="licences")
    application = models.OneToOneField(LicenceApplication, on_delete=models.PROTECT, related_name="licence")
    holder_name = models.CharField(max_length=200)
    cuin = models.CharField("SECP CUIN", max_length=20, blank=True)
    activities = ArrayField(models.CharField(max_length=20, choices=Activity.choices))
    granted_at = models.DateTimeField()
    valid_from = models.DateField()
    valid_to = models.DateField()
    # Of the episode that is open; who acted in former ones stands in the measures and in the log.
    show_cause_by = signature()
    suspended_by = signature()
    revoked_by = signature()

    objects = LicenceQuerySet.as_manager()

    closed_states = frozenset(ENDED)
    refusals = ("refuse_surrender", "refuse_surrender_restricted")
    voted_with: ClassVar[tuple[str, ...]] = ("measures", "surrenders")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(valid_from__lt=F("valid_to")), name="licence_term_is_forward"),
            models.CheckConstraint(
                condition=are_different("show_cause_by", "suspended_by"), name="licence_suspender_did_not_issue_notice"
            ),
            models.CheckConstraint(
                condition=are_different("show_cause_by", "revoked_by"), name="licence_revoker_did_not_issue_notice"
            ),
            models.CheckConstraint(
                condition=are_different("suspended_by", "revoked_by"), name="licence_revoker_is_not_suspender"
            ),
            models.UniqueConstraint(
                fields=["firm"],
                condition=Q(state__in=[*IN_FORCE, LicenceState.SUSPENDED]),
                name="one_live_licence_a_firm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.holder_name}"

    def get_absolute_url(self) -> str:
        return reverse("staff:licence", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"LIC-{timezone.localdate(self.granted_at):%Y}-{self.pk:05d}"

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def activity_titles(self) -> list[str]:
        return [Activity(each).label for each in self.activities]

    # ── The term ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def is_in_term(self, at: datetime) -> bool:
        """Whether the term runs; past its end too, as long as a renewal that was asked for in time is not decided."""
        today = timezone.localdate(at)
        return self.valid_from <= today and (today <= self.valid_to or self.renewal_is_pending())

    def first_day_of_year(self, number: int) -> date:
        """The first day of the second year, the third and so on: 1 March in a year that lacks its 29 February."""
        return clock.last_day_of_months(self.valid_from, 12 * (number - 1)) + timedelta(days=1)

    def renewal_is_pending(self) -> bool:
        """Whether a renewal was submitted before the term ended and still waits for its decision."""
        return any(
            each.state == RenewalState.SUBMITTED and each.in_time
            for each in self.renewals.all()
            if each.term_ends == self.valid_to
        )

    def last_day_of_grace(self) -> date:
        return figures.last_day("licence.grace", self.valid_to)

    # ── Returns ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def returns_outstanding(self, at: datetime) -> list[str]:
        """A sentence for each return that was to be filed by now and was not, or waits for an answer to our query."""
        today = timezone.localdate(at)
        rows = self.filings.filter(state__in=(FilingState.DUE, FilingState.QUERIED), due_on__lt=today)
        return [f"{each}: was due on {each.due_on:%-d %B %Y}." for each in rows.select_related("kind").order_by("pk")]

    def unpaid_invoices(self) -> "models.QuerySet[Invoice]":
        """Whatever the holder was asked to pay and has not."""
        return Invoice.objects.filter(firm=self.firm_id, state__in=LIVE).with_paid().order_by("pk")

    # ── Measures ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def proposed(self, kind: str) -> "Measure | None":
        """The proposal of a kind that waits for its decision."""
        return next((each for each in self.measures.all() if each.kind == kind and each.is_proposed), None)

    def in_force(self, *kinds: str) -> "list[Measure]":
        return [each for each in self.measures.all() if each.kind in kinds and each.is_in_force]

    @property
    def restrictions(self) -> "list[Measure]":
        return self.in_force(MeasureKind.RESTRICTION)

    @property
    def suspensions(self) -> "list[Measure]":
        return self.in_force(MeasureKind.SUSPENSION, MeasureKind.URGENT_SUSPENSION)

    def to_be_ratified(self) -> Unratified | None:
        """The urgent suspension that waits for the votes of the board."""
        for each in self.in_force(MeasureKind.URGENT_SUSPENSION):
            if each.ratify_by is not None and each.waits_for_ratification:
                return Unratified(each.reference, each.ratify_by, frozenset({each.proposed_by_id, each.decided_by_id}))
        return None

    @property
    def way_out_unratified(self) -> str:
        """The move by which a suspension ends that the board did not ratify."""
        if self.show_cause:
            return "lift_unratified_noticed"
        return "lift_unratified_restricted" if self.restrictions else "lift_unratified"

    @property
    def show_cause(self) -> "Measure | None":
        return next(iter(self.in_force(MeasureKind.SHOW_CAUSE)), None)

    @property
    def asked(self) -> "Measure | None":
        """What its holder may answer now: an urgent suspension on which it is to be heard, else a notice."""
        return next((each for each in self.suspensions if each.takes_replies), self.show_cause)

    @property
    def suspended_activities(self) -> list[str]:
        """What a suspension in part stops; empty when the whole licence is suspended, or nothing of it."""
        found = self.suspensions
        if not found or any(not each.activities for each in found):
            return []
        stopped = {code for each in found for code in each.activities}
        return [code for code in self.activities if code in stopped]

    def stopped(self, activity: str) -> "list[Measure]":
        """What keeps the holder from one activity, though the licence covers it."""
        return [each for each in [*self.suspensions, *self.restrictions] if each.covers(activity)]

    @property
    def open_surrender(self) -> "Surrender | None":
        return next((each for each in self.surrenders.all() if not each.outcome), None)

    # ── Votes ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def is_put(self, move: str) -> bool:
        """Whether there is something to decide: what is proposed, answered, verified or asked for, as the move wants.

        Of two moves, one of which is for a licence on which restrictions stand, one only is voted on.
        """
        restricted = bool(self.restrictions)
        match move:
            case "lift_restriction" | "ease_restrictions":
                lifted = [each.lifting_proposed_by_id is not None for each in self.restrictions]
                return any(lifted) and all(lifted) == (move == "lift_restriction")
            case "reinstate":
                return self._is_remedied() and not restricted
            case "reinstate_restricted":
                return self._is_remedied() and (restricted or self._taken_by(move) is not None)
            case "ratify_suspension":
                return self.to_be_ratified() is not None
            case "dismiss_show_cause" | "refuse_surrender":
                return not restricted
            case "dismiss_show_cause_restricted" | "refuse_surrender_restricted":
                return restricted
        return move not in TAKES or self._taken_by(move) is not None

    @property
    def remedy_noted(self) -> dict[str, str]:
        """What was found of the causes of its suspensions, by the name of its form."""
        return {"note": next((each.remedy for each in self.suspensions if each.remedy), "")}

    def _is_remedied(self) -> bool:
        return all(each.remedy_verified_by_id is not None for each in self.suspensions)

    def kept_from_move(self, move: str) -> dict[int, str]:
        """Who prepared a decision has no vote on it. Who signed an earlier one for the body still sits on the body."""
        found: dict[int | None, str] = {}
        if taken := self._taken_by(move):
            found[taken.proposed_by_id] = "Proposed it."
        if move in ("lift_restriction", "ease_restrictions"):
            found |= dict.fromkeys([each.lifting_proposed_by_id for each in self.restrictions], "Proposed it.")
        if move in ("reinstate", "reinstate_restricted"):
            found |= dict.fromkeys([each.remedy_verified_by_id for each in self.suspensions], "Verified the remedy.")
        if move in ("suspend", "revoke", "dismiss_show_cause", "dismiss_show_cause_restricted"):
            found[self.show_cause_by_id] = "Issued the show-cause notice."
        if waiting := self.to_be_ratified() if move == "ratify_suspension" else None:
            found |= dict.fromkeys(waiting.made_by, "Proposed or made the suspension.")
        if "surrender" in move and self.open_surrender:
            found[self.open_surrender.assets_confirmed_by_id] = "Confirmed the return of assets."
        return {person: why for person, why in found.items() if person is not None}

    def terms_of(self, move: str) -> list[str]:
        """The proposal that a move takes, or the restrictions that it lifts."""
        taken = self._taken_by(move)
        if move == "ratify_suspension":
            return [each.terms for each in self.in_force(MeasureKind.URGENT_SUSPENSION)]
        if move in ("lift_restriction", "ease_restrictions"):
            return [each.terms for each in self.restrictions if each.lifting_proposed_by_id is not None]
        return [taken.terms] if taken else []

    def _taken_by(self, move: str) -> "Measure | None":
        return self.proposed(TAKES[move]) if move in TAKES else None

    # ── In public ────────────────────────────────────────────────────────────────────────────────────────────────────
    @property
    def public_state(self) -> str:
        """The state as the register gives it: a notice, or a wish, that nothing was decided on is not published."""
        if self.state in (LicenceState.SHOW_CAUSE, LicenceState.SURRENDER_REQUESTED):
            return str(LicenceState.RESTRICTED if self.restrictions else LicenceState.ACTIVE)
        return str(self.state)

    @property
    def public_status(self) -> str:
        """The word of the register."""
        if self.state == LicenceState.SUSPENDED and self.suspended_activities:
            return "Suspended in part"
        words = {LicenceState.ACTIVE: "Licensed", LicenceState.RESTRICTED: "Restricted"}
        state = LicenceState(self.public_state)
        return words.get(state, str(state.label))

    # ── Scores and people ────────────────────────────────────────────────────────────────────────────────────────────
    def score(self, at: datetime) -> Score:
        return score_of(self.firm, "FULL", at)

    def score_facts(self, at: datetime) -> dict[str, Any]:
        return facts(self.score(at), self.firm)

    def officer_ids(self) -> frozenset[int]:
        """Whoever had the application in hand decides on nothing that comes of it."""
        return self.application.officer_ids()

    def assessor_ids(self) -> set[int]:
        return people_who_assessed(self.firm)

    def other_live_licences(self) -> list[str]:
        return [str(each.reference) for each in Licence.objects.live().filter(firm=self.firm_id).exclude(pk=self.pk)]

    def stays_of_the_renewal(self) -> list[str]:
        """A sentence for each appeal that stays the refusal of a renewal."""
        return [said for each in self.renewals.all() for said in each.stays("refuse_renewal")]

    # ── After an appeal ──────────────────────────────────────────────────────────────────────────────────────────────
    def decision_that_holds(self) -> AuditEntry | None:
        """What the licence was revoked or suspended by; a hearing, or a revocation set aside, suspends nothing anew."""
        lost = ("revoke",) if self.state == LicenceState.REVOKED else SUSPENDING
        return audit.history(self).filter(event__in=lost).last()

    def refusal_of_surrender(self) -> AuditEntry | None:
        """The refusal of the surrender that was asked for last; None where it was not refused."""
        asked = audit.history(self).filter(event__in=("request_surrender", *ENDING, *self.refusals)).last()
        return asked if asked is not None and asked.event in self.refusals else None

    def former_decider_ids(self) -> set[int]:
        """Those who refused the surrender that is taken up again; a later one is a new matter."""
        return super().former_decider_ids() if self.refusal_of_surrender() else set()

    def former_voter_ids(self) -> set[int]:
        return super().former_voter_ids() if self.refusal_of_surrender() else set()

    def appeal_for_surrender(self) -> Any:
        """The appeal that took that refusal away."""
        from licensing.models.appeals import Appeal

        refused = self.refusal_of_surrender()
        return Appeal.objects.that_took_away().filter(decision=refused).first() if refused else None

    def behind_a_restriction(self) -> tuple[list[str], str]:
        """The findings about the firm that are open, and what its score proposes as long as it stands there."""
        from licensing.models.inspections import findings_of
        from licensing.models.proposals import proposals_of

        found = [each.reference for each in findings_of(self.firm) if each.state not in each.closed_states]
        return found, next((each.level for each in proposals_of(self) if each.over_at is None), "")

    def restrictions_taken_away(self) -> "dict[Measure, Any]":
        """The restrictions that still stand though an appeal took them away, each with that appeal."""
        from licensing.models.appeals import Appeal

        taken = Appeal.objects.about(self).that_took_away().filter(decision__event="impose_restriction")
        appeals = {imposed_by(each.decision): each for each in taken.select_related("decision")}
        return {each: appeals[each.reference] for each in self.restrictions if each.reference in appeals}
