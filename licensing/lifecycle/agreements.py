"""Agreements between the state and others, and what was promised under them."""

from licensing.access import KEEP_AGREEMENTS
from licensing.rules.agreements import (
    accepter_did_not_record_the_delivery,
    agreement_is_signed,
    delivery_is_documented,
    signing_day_is_given,
    term_has_ended,
)
from licensing.states import DeliverableState as D
from licensing.states import MouState as S
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class MouLifecycle(Stateful):
    chapter = "P7 agreement"
    state = StateField(default=S.DRAFT, choices=S.choices)

    class Meta:
        abstract = True

    @move(
        state,
        S.DRAFT,
        S.SIGNED,
        KEEP_AGREEMENTS,
        gates=[signing_day_is_given],
        signed_as="recorded_by",
        title="Record the signing",
    )
    def sign(self) -> None: ...

    @move(
        state,
        [S.DRAFT, S.SIGNED],
        S.ENDED,
        KEEP_AGREEMENTS,
        signed_as="ended_by",
        note_required=True,
        title="End the agreement",
    )
    def end(self) -> None: ...

    @move(state, S.SIGNED, S.ENDED, SYSTEM, gates=[term_has_ended], title="End with the term")
    def expire(self) -> None: ...


class DeliverableLifecycle(Stateful):
    chapter = "P7 deliverable"
    state = StateField(default=D.PROMISED, choices=D.choices)

    class Meta:
        abstract = True

    @move(
        state,
        D.PROMISED,
        D.DELIVERED,
        KEEP_AGREEMENTS,
        gates=[agreement_is_signed, delivery_is_documented],
        signed_as="delivery_recorded_by",
        note_required=True,
        note_title="What was delivered, when and to whom",
        title="Record the delivery",
    )
    def record_delivery(self) -> None: ...

    @move(
        state,
        D.DELIVERED,
        D.ACCEPTED,
        KEEP_AGREEMENTS,
        gates=[accepter_did_not_record_the_delivery],
        signed_as="accepted_by",
        title="Accept the delivery",
    )
    def accept(self) -> None: ...

    @move(
        state,
        D.DELIVERED,
        D.PROMISED,
        KEEP_AGREEMENTS,
        note_required=True,
        note_title="What is wanting",
        title="Send the delivery back",
    )
    def send_back(self) -> None: ...

    @move(
        state,
        [D.PROMISED, D.DELIVERED],
        D.DROPPED,
        KEEP_AGREEMENTS,
        signed_as="dropped_by",
        note_required=True,
        title="Drop the deliverable",
    )
    def drop(self) -> None: ...
