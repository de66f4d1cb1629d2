"""P1, third part: the life of a No Objection Certificate that was granted."""

from licensing.access import DECIDE, SIGN, SUSPEND_NOC
from licensing.rules import appeals
from licensing.rules import noc as term
from licensing.rules.fees import extension_fee_is_paid
from licensing.rules.hands import BY_VOTE, HAD_NO_HAND
from licensing.rules.refusals import firm_was_heard, grounds_are_drafted, representations_are_considered
from licensing.states import NocState as S
from pvara.kernel.machine import SYSTEM, Stateful, move

# What is decided on a notice: others than whoever gave it, with what the firm said in mind.
AFTER_NOTICE = (representations_are_considered, term.decider_did_not_give_the_notice, *BY_VOTE)


class NocCertificateMoves(Stateful):
    class Meta:
        abstract = True

    @move(
        "state",
        S.GRANTED,
        S.GRANTED,
        SIGN,
        gates=[term.noc_is_in_term, term.noc_was_not_extended, term.no_extension_waits],
        note_required=True,
        note_title="Why the NOC is needed for longer",
        title="Ask for an extension",
    )
    def ask_to_extend(self) -> None: ...

    @move(
        "state",
        S.GRANTED,
        S.GRANTED,
        DECIDE,
        gates=[
            term.noc_is_in_term,
            term.noc_was_not_extended,
            term.extension_was_asked_for,
            extension_fee_is_paid,
            *BY_VOTE,
        ],
        letter="L10",
        title="Extend the NOC",
    )
    def extend_noc(self) -> None: ...

    # ── Its loss, after its holder was heard ─────────────────────────────────────────────────────────────────────────
    @move(
        "state",
        S.GRANTED,
        S.GRANTED,
        SUSPEND_NOC,
        gates=[grounds_are_drafted, term.no_notice_waits, *HAD_NO_HAND],
        letter="L18",
        clock="start:representations",
        note_required=True,
        note_title="Summary for the firm; the grounds follow it",
        title="Give notice: minded to suspend or revoke",
    )
    def notify_loss(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.SUSPENDED,
        SUSPEND_NOC,
        gates=[grounds_are_drafted, term.no_notice_waits, *HAD_NO_HAND],
        letter="L18",
        clock="start:representations",
        note_required=True,
        note_title="Summary for the firm; the grounds follow it",
        title="Give notice: minded to revoke",
    )
    def notify_loss_suspended(self) -> None: ...

    @move(
        "state",
        S.GRANTED,
        S.GRANTED,
        DECIDE,
        gates=[term.a_notice_waits, *AFTER_NOTICE],
        letter="L19",
        clock="halt:all",
        note_required=True,
        title="Drop the notice",
    )
    def drop_notice(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.SUSPENDED,
        DECIDE,
        gates=[term.a_notice_waits, *AFTER_NOTICE],
        letter="L19",
        clock="stop:representations",
        note_required=True,
        title="Drop the notice, with the suspension in force",
    )
    def drop_notice_suspended(self) -> None: ...

    @move(
        "state",
        S.GRANTED,
        S.SUSPENDED,
        DECIDE,
        gates=[firm_was_heard, *AFTER_NOTICE],
        letter="L16",
        clock="halt:all",
        signed_as="suspended_by",
        note_required=True,
        title="Suspend the NOC",
    )
    def suspend_noc(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.GRANTED,
        DECIDE,
        gates=[term.noc_is_in_term, term.reinstater_is_not_suspender, *BY_VOTE],
        letter="L10",
        clock=("halt:hearing", "halt:ratification"),
        note_required=True,
        title="Reinstate the NOC",
    )
    def reinstate_noc(self) -> None: ...

    @move(
        "state",
        [S.GRANTED, S.SUSPENDED],
        S.REVOKED,
        DECIDE,
        gates=[firm_was_heard, term.revoker_is_not_suspender, appeals.suspension_is_not_stayed, *AFTER_NOTICE],
        letter="L17",
        clock="halt:all",
        signed_as="revoked_by",
        note_required=True,
        title="Revoke the NOC",
    )
    def revoke_noc(self) -> None: ...

    @move(
        "state",
        [S.GRANTED, S.SUSPENDED],
        S.EXPIRED,
        SYSTEM,
        gates=[term.noc_term_or_set_up_has_ended],
        letter="L15",
        clock="halt:all",
        title="Let the NOC expire",
    )
    def expire_noc(self) -> None: ...

    @move(
        "state",
        [S.SUSPENDED, S.REVOKED],
        S.GRANTED,
        SYSTEM,
        gates=[*appeals.OF_A_NOC_THAT_COMES_BACK, term.noc_is_in_term, appeals.no_suspension_lies_beneath],
        letter="L10",
        clock=("halt:hearing", "halt:ratification"),
        note_required=True,
        title="Restore the NOC after an appeal",
    )
    def restore_noc(self) -> None: ...

    @move(
        "state",
        S.REVOKED,
        S.SUSPENDED,
        SYSTEM,
        gates=[*appeals.OF_A_NOC_THAT_COMES_BACK, term.noc_is_in_term, appeals.a_suspension_lies_beneath],
        note_required=True,
        title="Restore the NOC, with the suspension in force",
    )
    def restore_noc_suspended(self) -> None: ...
