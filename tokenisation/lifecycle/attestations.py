"""What a custodian says of the reserve behind a commodity."""

from pvara.kernel.machine import SYSTEM, StateField, Stateful, move
from tokenisation.access import ACCEPT_ATTESTATION, ATTEST
from tokenisation.rules import (
    a_later_attestation_is_accepted,
    attestation_decider_is_not_recorder,
    attestation_has_run_out,
    attestation_is_in_force,
    attestation_suits_the_terms,
    no_later_attestation_is_accepted,
)
from tokenisation.states import AttestationState as R


class AttestationLifecycle(Stateful):
    """One person records what the custodian's document says, another reads the document and accepts it. From then on it
    backs approval and issue, until it runs out, a later one takes its place, or it is withdrawn."""

    chapter = "T9"
    state = StateField(default=R.SUBMITTED, choices=R.choices)

    class Meta:
        abstract = True

    @move(
        state,
        R.SUBMITTED,
        R.ACCEPTED,
        ACCEPT_ATTESTATION,
        gates=[
            attestation_decider_is_not_recorder,
            attestation_is_in_force,
            attestation_suits_the_terms,
            no_later_attestation_is_accepted,
        ],
        signed_as="decided_by",
        title="Accept the attestation",
    )
    def accept(self) -> None: ...

    @move(
        state,
        R.SUBMITTED,
        R.REJECTED,
        ACCEPT_ATTESTATION,
        gates=[attestation_decider_is_not_recorder],
        signed_as="decided_by",
        note_required=True,
        title="Reject the attestation",
    )
    def reject(self) -> None: ...

    @move(
        state,
        R.ACCEPTED,
        R.SUPERSEDED,
        SYSTEM,
        gates=[a_later_attestation_is_accepted],
        title="Let the later one take its place",
    )
    def supersede(self) -> None: ...

    @move(state, [R.SUBMITTED, R.ACCEPTED], R.EXPIRED, SYSTEM, gates=[attestation_has_run_out], title="Mark as expired")
    def expire(self) -> None: ...

    @move(
        state,
        [R.SUBMITTED, R.ACCEPTED],
        R.WITHDRAWN,
        [ATTEST, ACCEPT_ATTESTATION],
        note_required=True,
        title="Withdraw the attestation",
    )
    def withdraw(self) -> None: ...
