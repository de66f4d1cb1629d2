"""Assets, the venues that distribute them, what two people order on the ledger, and breaks between records."""

from pvara.kernel.machine import SYSTEM, StateField, Stateful, move
from tokenisation.access import APPROVE, AUTHORISE, CLOSE_BREAK, CONFIRM, ISSUE, ORDER, PAUSE, PROPOSE, RECONCILE
from tokenisation.rules import (
    approval_has_run_out,
    approval_is_in_time,
    approver_is_not_proposer,
    asset_has_not_matured,
    asset_is_issued,
    authorisation_has_not_run_out,
    authorisation_has_run_out,
    authorities_have_approved,
    class_has_headroom,
    closer_is_not_explainer,
    confirmer_is_not_proposer,
    default_is_established,
    documents_are_handed_in,
    figures_agree_again,
    issuer_is_not_approver,
    maturity_has_come,
    no_break_stands,
    nothing_is_outstanding,
    programme_has_headroom,
    reserve_is_attested,
    terms_are_complete,
    terms_suit_their_kind,
    value_is_known,
    venue_is_in_good_standing,
)
from tokenisation.states import AssetState as A
from tokenisation.states import AuthorisationState as D
from tokenisation.states import BreakState as B
from tokenisation.states import OrderState as O


class AssetLifecycle(Stateful):
    """Approval takes from the programme's cap, issue mints into the treasury, cancelling gives the cap back."""

    chapter = "T1"
    state = StateField(default=A.DRAFT, choices=A.choices)

    class Meta:
        abstract = True

    @move(
        state,
        A.DRAFT,
        A.UNDER_REVIEW,
        PROPOSE,
        gates=[terms_are_complete, terms_suit_their_kind, documents_are_handed_in],
        title="Submit for review",
    )
    def submit_for_review(self) -> None: ...

    @move(
        state,
        A.UNDER_REVIEW,
        A.APPROVED,
        APPROVE,
        gates=[
            authorities_have_approved,
            documents_are_handed_in,
            approver_is_not_proposer,
            terms_suit_their_kind,
            value_is_known,
            reserve_is_attested,
            programme_has_headroom,
            class_has_headroom,
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
        gates=[
            issuer_is_not_approver,
            reserve_is_attested,
            asset_has_not_matured,
            no_break_stands,
            approval_is_in_time,
        ],
        signed_as="issued_by",
        title="Issue the units",
    )
    def issue(self) -> None: ...

    @move(state, A.APPROVED, A.CANCELLED, APPROVE, note_required=True, title="Cancel the approval")
    def cancel(self) -> None: ...

    @move(state, A.APPROVED, A.LAPSED, SYSTEM, gates=[approval_has_run_out], title="Let the approval lapse")
    def lapse(self) -> None: ...

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

    @move(
        state,
        [A.ISSUED, A.PAUSED, A.MATURED],
        A.DEFAULTED,
        SYSTEM,
        gates=[default_is_established],
        note_required=True,
        title="Record a default of the issuer",
    )
    def record_default(self) -> None: ...

    @move(
        state,
        [A.MATURED, A.DEFAULTED],
        A.REDEEMED,
        SYSTEM,
        gates=[nothing_is_outstanding],
        title="Mark as redeemed",
    )
    def close_redeemed(self) -> None: ...


class AuthorisationLifecycle(Stateful):
    """Suspended with the licence in one transaction. A person of the debt office sets it going again, or the end of the
    very measure that stopped it. After its last day it lapses, until its last day is moved and it is renewed."""

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
        gates=[venue_is_in_good_standing, asset_is_issued, authorisation_has_not_run_out],
        note_required=True,
        title="Resume the authorisation",
    )
    def resume(self) -> None: ...

    @move(
        state,
        [D.ACTIVE, D.SUSPENDED],
        D.LAPSED,
        SYSTEM,
        gates=[authorisation_has_run_out],
        title="Let the authorisation lapse",
    )
    def lapse(self) -> None: ...

    @move(
        state,
        D.LAPSED,
        D.ACTIVE,
        AUTHORISE,
        gates=[venue_is_in_good_standing, asset_is_issued, authorisation_has_not_run_out],
        note_required=True,
        title="Renew the authorisation",
    )
    def renew(self) -> None: ...

    @move(
        state,
        [D.ACTIVE, D.SUSPENDED, D.LAPSED],
        D.TERMINATED,
        [AUTHORISE, SYSTEM],
        note_required=True,
        title="Terminate the authorisation",
    )
    def terminate(self) -> None: ...


class OrderLifecycle(Stateful):
    """What is done to a holding against its holder, or to an entry that was wrong: one person proposes it with the
    reference of the case, and it is posted in the moment in which another confirms it."""

    chapter = "T3"
    state = StateField(default=O.PROPOSED, choices=O.choices)

    class Meta:
        abstract = True

    @move(
        state,
        O.PROPOSED,
        O.CARRIED_OUT,
        CONFIRM,
        gates=[confirmer_is_not_proposer],
        signed_as="decided_by",
        title="Confirm and carry out",
    )
    def carry_out(self) -> None: ...

    @move(
        state,
        O.PROPOSED,
        O.REFUSED,
        CONFIRM,
        gates=[confirmer_is_not_proposer],
        signed_as="decided_by",
        note_required=True,
        title="Refuse the order",
    )
    def refuse(self) -> None: ...

    @move(state, O.PROPOSED, O.WITHDRAWN, ORDER, note_required=True, title="Withdraw the order")
    def withdraw(self) -> None: ...


class BreakLifecycle(Stateful):
    """A difference of records. It halts the issue of its asset until one person has explained and another closed it."""

    chapter = "T4"
    state = StateField(default=B.OPEN, choices=B.choices)

    class Meta:
        abstract = True

    @move(
        state,
        B.OPEN,
        B.EXPLAINED,
        RECONCILE,
        signed_as="explained_by",
        note_required=True,
        note_title="What the difference comes from",
        title="Explain the break",
    )
    def explain(self) -> None: ...

    @move(state, B.EXPLAINED, B.OPEN, CLOSE_BREAK, note_required=True, title="Ask for another explanation")
    def reopen(self) -> None: ...

    @move(
        state,
        B.EXPLAINED,
        B.CLOSED,
        CLOSE_BREAK,
        gates=[figures_agree_again, closer_is_not_explainer],
        signed_as="closed_by",
        title="Close the break",
    )
    def close(self) -> None: ...
