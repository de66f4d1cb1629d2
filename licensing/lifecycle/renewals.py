"""P4: the renewal of a licence's term, a status apart from the licence's own; and variations of what it covers."""

from licensing.access import DECIDE, SIGN
from licensing.lifecycle.licences import BODIES_TOLD
from licensing.rules import appeals
from licensing.rules import renewals as rules
from licensing.rules.applications import score_clears_g4
from licensing.rules.hands import BY_VOTE
from licensing.rules.interests import person_has_no_interest
from licensing.rules.supervision import returns_are_up_to_date
from licensing.states import RenewalState as R
from licensing.states import VariationState as V
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class RenewalLifecycle(Stateful):
    chapter = "P4 renewal"
    state = StateField(default=R.NOT_DUE, choices=R.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (ClockRule("decision", "renewal.decision", "Decision", BODIES_TOLD),)

    class Meta:
        abstract = True

    @move(
        state,
        R.NOT_DUE,
        R.DUE,
        SYSTEM,
        gates=[rules.renewal_window_is_open, rules.licence_is_live],
        title="Open the renewal",
    )
    def fall_due(self) -> None: ...

    @move(
        state,
        R.DUE,
        R.SUBMITTED,
        SIGN,
        gates=[rules.renewal_is_declared, rules.licence_is_live],
        clock="start:decision",
        signed_as="submitted_by",
        title="Ask for renewal",
    )
    def submit(self) -> None: ...

    @move(
        state,
        R.SUBMITTED,
        R.RENEWED,
        DECIDE,
        gates=[
            score_clears_g4,
            returns_are_up_to_date,
            rules.renewal_fee_is_paid,
            rules.no_invoice_is_unpaid,
            rules.licence_is_in_force,
            appeals.decider_is_new_after_an_appeal,
            *BY_VOTE,
        ],
        letter="L43",
        clock="stop:decision",
        signed_as="decided_by",
        title="Renew the licence",
    )
    def renew(self) -> None: ...

    @move(
        state,
        R.SUBMITTED,
        R.FAILED,
        DECIDE,
        gates=[appeals.decider_is_new_after_an_appeal, *BY_VOTE],
        letter="L12",
        clock="stop:decision",
        signed_as="decided_by",
        note_required=True,
        title="Refuse the renewal",
    )
    def refuse_renewal(self) -> None: ...

    @move(
        state,
        [R.NOT_DUE, R.DUE, R.SUBMITTED],
        R.FAILED,
        SYSTEM,
        gates=[rules.licence_is_over],
        clock="halt:all",
        note_required=True,
        title="End with the licence",
    )
    def end_with_licence(self) -> None: ...

    @move(
        state,
        R.FAILED,
        R.SUBMITTED,
        SYSTEM,
        gates=[appeals.appeal_took_the_refusal_away, rules.licence_is_live],
        clock="start:decision",
        note_required=True,
        title="Remit for a new decision",
    )
    def remit(self) -> None: ...

    @move(
        state,
        R.FAILED,
        R.NOT_DUE,
        SYSTEM,
        gates=[appeals.renewal_ended_with_its_licence, rules.licence_is_live],
        note_required=True,
        title="Begin again with the licence",
    )
    def begin_again(self) -> None: ...


class VariationLifecycle(Stateful):
    chapter = "P4 variation"
    state = StateField(default=V.REQUESTED, choices=V.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (ClockRule("decision", "variation.decision", "Decision", BODIES_TOLD),)

    class Meta:
        abstract = True

    @move(
        state,
        V.REQUESTED,
        V.VARIED,
        DECIDE,
        gates=[
            rules.licence_is_in_force,
            rules.variation_fee_is_paid,
            rules.criteria_of_the_added_activities_are_met,
            rules.capital_reaches_the_varied_licence,
            rules.variation_suits_the_licence,
            appeals.decider_is_new_after_an_appeal,
            *BY_VOTE,
        ],
        letter="L42",
        clock="stop:decision",
        signed_as="decided_by",
        title="Vary the licence",
    )
    def vary(self) -> None: ...

    @move(
        state,
        V.REQUESTED,
        V.REFUSED,
        DECIDE,
        gates=[appeals.decider_is_new_after_an_appeal, *BY_VOTE],
        letter="L12",
        clock="stop:decision",
        signed_as="decided_by",
        note_required=True,
        title="Refuse the variation",
    )
    def refuse_variation(self) -> None: ...

    @move(
        state,
        V.REQUESTED,
        V.WITHDRAWN,
        SIGN,
        clock="stop:decision",
        note_required=True,
        title="Withdraw the request",
    )
    def withdraw(self) -> None: ...

    @move(
        state,
        V.REQUESTED,
        V.LAPSED,
        SYSTEM,
        gates=[rules.licence_is_over],
        clock="halt:all",
        note_required=True,
        title="End with the licence",
    )
    def end_with_licence(self) -> None: ...

    @move(
        state,
        V.REFUSED,
        V.REQUESTED,
        SYSTEM,
        gates=[appeals.appeal_took_the_refusal_away, rules.licence_is_live, appeals.no_other_request_is_live],
        clock="start:decision",
        note_required=True,
        title="Remit for a new decision",
    )
    def remit(self) -> None: ...
