"""What happens to a holder's rights while an asset lives, and the rate of a period that floats."""

from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move
from tokenisation.access import CONFIRM_ACTION, PROPOSE_ACTION
from tokenisation.rules import (
    action_is_a_payment,
    action_is_an_event,
    amount_is_known,
    confirmer_is_not_recorder,
    decider_is_not_proposer,
    due_date_has_come,
    evidence_covers_what_is_due,
    fixer_is_not_proposer,
    nobody_held_units,
    payment_is_not_of_the_terms,
    rate_is_open,
    record_date_is_over,
    time_for_evidence_is_over,
)
from tokenisation.states import ActionState as C
from tokenisation.states import FixingState as F


class CorporateActionLifecycle(Stateful):
    """A payment to holders, from its announcement to the evidence that it was made, or an event that puts it in doubt.

    The registry keeps the dates, who is owed what, and the evidence; it pays nobody. What the terms promise the
    scheduler announces when the asset is issued, and dates alone move it until people come with evidence.
    """

    chapter = "T5"
    # A payment that is missed is flagged like any clock that runs out, until the evidence of it is confirmed.
    clocks = (
        ClockRule("evidence", "programme.payment_grace", "Evidence of payment", ("debt_officer", "debt_approver")),
    )
    state = StateField(default=C.PROPOSED, choices=C.choices)

    class Meta:
        abstract = True

    @move(
        state,
        C.PROPOSED,
        C.ANNOUNCED,
        [CONFIRM_ACTION, SYSTEM],
        gates=[action_is_a_payment, decider_is_not_proposer],
        signed_as="decided_by",
        title="Announce the payment",
    )
    def announce(self) -> None: ...

    @move(
        state,
        C.PROPOSED,
        C.ESTABLISHED,
        CONFIRM_ACTION,
        gates=[action_is_an_event, decider_is_not_proposer],
        signed_as="decided_by",
        title="Establish the event",
    )
    def establish(self) -> None: ...

    @move(
        state,
        C.PROPOSED,
        C.REFUSED,
        CONFIRM_ACTION,
        gates=[decider_is_not_proposer],
        signed_as="decided_by",
        note_required=True,
        title="Refuse the proposal",
    )
    def refuse(self) -> None: ...

    @move(state, C.PROPOSED, C.WITHDRAWN, PROPOSE_ACTION, note_required=True, title="Withdraw the proposal")
    def withdraw(self) -> None: ...

    @move(
        state,
        C.ANNOUNCED,
        C.CALLED_OFF,
        CONFIRM_ACTION,
        gates=[payment_is_not_of_the_terms],
        note_required=True,
        title="Call the payment off",
    )
    def call_off(self) -> None: ...

    @move(
        state, C.ANNOUNCED, C.RECORD_TAKEN, SYSTEM, gates=[record_date_is_over], title="Take the record of the holders"
    )
    def take_record(self) -> None: ...

    @move(state, C.RECORD_TAKEN, C.CALLED_OFF, SYSTEM, gates=[nobody_held_units], title="Close, as nobody held units")
    def close_unheld(self) -> None: ...

    @move(state, C.RECORD_TAKEN, C.DUE, SYSTEM, gates=[due_date_has_come], clock="start:evidence", title="Mark as due")
    def fall_due(self) -> None: ...

    @move(state, C.DUE, C.MISSED, SYSTEM, gates=[time_for_evidence_is_over], title="Mark as missed")
    def miss(self) -> None: ...

    @move(
        state,
        [C.DUE, C.MISSED],
        C.PAID,
        CONFIRM_ACTION,
        gates=[amount_is_known, evidence_covers_what_is_due, confirmer_is_not_recorder],
        signed_as="confirmed_by",
        clock="halt:all",
        title="Confirm the payment by its evidence",
    )
    def confirm_payment(self) -> None: ...


class RateFixingLifecycle(Stateful):
    """The rate of one period of a floating debt: one person proposes what was published, another fixes it."""

    chapter = "T6"
    state = StateField(default=F.PROPOSED, choices=F.choices)

    class Meta:
        abstract = True

    @move(
        state,
        F.PROPOSED,
        F.FIXED,
        CONFIRM_ACTION,
        gates=[fixer_is_not_proposer, rate_is_open],
        signed_as="decided_by",
        title="Fix the rate",
    )
    def fix(self) -> None: ...

    @move(
        state,
        F.PROPOSED,
        F.REFUSED,
        CONFIRM_ACTION,
        gates=[fixer_is_not_proposer],
        signed_as="decided_by",
        note_required=True,
        title="Refuse the rate",
    )
    def refuse(self) -> None: ...

    @move(state, F.PROPOSED, F.WITHDRAWN, PROPOSE_ACTION, note_required=True, title="Withdraw the rate")
    def withdraw(self) -> None: ...
