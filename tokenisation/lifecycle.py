"""The machines of the registry: one row per move, empty bodies. What follows a move stands in the actions."""

from pvara.kernel.machine import SYSTEM, StateField, Stateful, move
from tokenisation.access import APPROVE, AUTHORISE, ISSUE, PAUSE, PROPOSE
from tokenisation.rules import (
    approver_is_not_proposer,
    asset_has_not_matured,
    asset_is_issued,
    authorities_have_approved,
    issuer_is_not_approver,
    maturity_has_come,
    programme_has_headroom,
    reserve_is_attested,
    terms_are_complete,
    value_is_known,
    venue_is_in_good_standing,
)
from tokenisation.states import AssetState as A
from tokenisation.states import AuthorisationState as D


class AssetLifecycle(Stateful):
    """Approval takes from the programme's cap, issue mints into the treasury, cancelling gives the cap back."""

    chapter = "T1"
    state = StateField(default=A.DRAFT, choices=A.choices)

    class Meta:
        abstract = True

    @move(state, A.DRAFT, A.UNDER_REVIEW, PROPOSE, gates=[terms_are_complete], title="Submit for review")
    def submit_for_review(self) -> None: ...

    @move(
        state,
        A.UNDER_REVIEW,
        A.APPROVED,
        APPROVE,
        gates=[
            authorities_have_approved,
            approver_is_not_proposer,
            value_is_known,
            reserve_is_attested,
            programme_has_headroom,
        ],
        signed_as="approved_by",
        title="Approve the asset",
    )
    def approve(self) -> None: ...

    @move(state, A.UNDER_REVIEW, A.REJECTED, APPROVE, note_required=True, title="Reject the asset")
    def reject(self) -> None: ...

    @move(state, [A.DRAFT, A.UNDER_REVIEW], A.WITHDRAWN, PROPOSE, note_required=True, title="Withdraw the proposal")
    def withdraw(self) -> None: ...

    @move(
        state,
        A.APPROVED,
        A.ISSUED,
        ISSUE,
        gates=[issuer_is_not_approver, reserve_is_attested, asset_has_not_matured],
        signed_as="issued_by",
        title="Issue the units",
    )
    def issue(self) -> None: ...

    @move(state, A.APPROVED, A.CANCELLED, APPROVE, note_required=True, title="Cancel the approval")
    def cancel(self) -> None: ...

    @move(state, A.ISSUED, A.PAUSED, PAUSE, note_required=True, title="Pause the asset")
    def pause(self) -> None: ...

    @move(
        state,
        A.PAUSED,
        A.ISSUED,
        PAUSE,
        gates=[reserve_is_attested, asset_has_not_matured],
        note_required=True,
        title="End the pause",
    )
    def end_pause(self) -> None: ...

    @move(state, [A.ISSUED, A.PAUSED], A.MATURED, SYSTEM, gates=[maturity_has_come], title="Mark as matured")
    def mature(self) -> None: ...


class AuthorisationLifecycle(Stateful):
    """Suspended with the licence in one transaction. A person of the debt office sets it going again, or the end of the
    very measure that stopped it."""

    chapter = "T2"
    state = StateField(default=D.ACTIVE, choices=D.choices)

    class Meta:
        abstract = True

    @move(state, D.ACTIVE, D.SUSPENDED, [AUTHORISE, SYSTEM], note_required=True, title="Suspend the authorisation")
    def suspend(self) -> None: ...

    @move(
        state,
        D.SUSPENDED,
        D.ACTIVE,
        [AUTHORISE, SYSTEM],
        gates=[venue_is_in_good_standing, asset_is_issued],
        note_required=True,
        title="Resume the authorisation",
    )
    def resume(self) -> None: ...

    @move(
        state,
        [D.ACTIVE, D.SUSPENDED],
        D.TERMINATED,
        [AUTHORISE, SYSTEM],
        note_required=True,
        title="Terminate the authorisation",
    )
    def terminate(self) -> None: ...
