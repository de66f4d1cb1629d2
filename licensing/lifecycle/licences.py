"""P4: the life of a licence. Its standing as a venue follows every move in the same transaction.

What a restriction, a notice, a suspension or a revocation says (activities, dates, grounds) is a row that somebody
proposes first; the move takes it. Where a licence goes back to what it was, there are two moves, one for a licence on
which restrictions stand. Nothing is ever given back by time: a measure holds until somebody ends it.
"""

from licensing.access import (
    DECIDE,
    ENFORCE,
    REINSTATE_LICENCE,
    REVOKE_LICENCE,
    SIGN,
    SUSPEND_LICENCE,
    SUSPEND_URGENTLY,
)
from licensing.rules import appeals
from licensing.rules import licences as rules
from licensing.rules.applications import score_clears_g4
from licensing.rules.interests import person_has_no_interest
from licensing.rules.renewals import no_invoice_is_unpaid
from licensing.rules.supervision import returns_are_up_to_date
from licensing.rules.votes import votes_carry_the_decision
from licensing.states import IN_FORCE
from licensing.states import LicenceState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move

REINSTATEMENT = [
    rules.licence_is_in_term,
    score_clears_g4,
    rules.remedy_is_verified,
    rules.reinstater_is_not_suspender,
    rules.reinstater_did_not_verify_the_remedy,
    returns_are_up_to_date,
    no_invoice_is_unpaid,
]
# Who decides that a restriction is lifted, on a notice, that a licence is taken back; each with the votes of the body.
LIFTERS = [rules.lifter_did_not_propose_it, votes_carry_the_decision]
HEARERS = [rules.decider_did_not_issue_the_notice, votes_carry_the_decision]
TAKERS = [rules.decider_did_not_confirm_the_assets, appeals.decider_is_new_after_an_appeal, votes_carry_the_decision]
AFTER_APPEAL = [rules.appeal_took_the_decision_away, rules.no_other_licence_is_live]

# Who is told when a clock of the Authority runs out, and who next.
BODIES_TOLD = ("committee_member", "board_member")


class LicenceLifecycle(Stateful):
    chapter = "P4"
    state = StateField(default=S.ACTIVE, choices=S.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (
        ClockRule("reply", "show_cause.reply", "Reply to the show-cause notice"),
        ClockRule("hearing", "suspension.hearing", "Hearing after an urgent suspension", BODIES_TOLD),
        ClockRule("surrender", "surrender.decision", "Decision on the surrender", BODIES_TOLD),
    )

    class Meta:
        abstract = True

    # ── Restrictions ─────────────────────────────────────────────────────────────────────────────────────────────────
    @move(
        state,
        [S.ACTIVE, S.RESTRICTED],
        S.RESTRICTED,
        DECIDE,
        gates=[rules.restriction_is_proposed, rules.decider_did_not_propose_restriction, votes_carry_the_decision],
        letter="L41",
        note_required=True,
        title="Impose the restriction",
    )
    def impose_restriction(self) -> None: ...

    @move(
        state,
        S.RESTRICTED,
        S.ACTIVE,
        DECIDE,
        gates=[rules.lifting_is_proposed, rules.every_restriction_is_to_be_lifted, *LIFTERS],
        letter="L41",
        note_required=True,
        title="Lift the restrictions",
    )
    def lift_restriction(self) -> None: ...

    @move(
        state,
        S.RESTRICTED,
        S.RESTRICTED,
        DECIDE,
        gates=[rules.lifting_is_proposed, rules.a_restriction_remains, *LIFTERS],
        letter="L41",
        note_required=True,
        title="Ease the restrictions",
    )
    def ease_restrictions(self) -> None: ...

    # ── Show-cause ───────────────────────────────────────────────────────────────────────────────────────────────────
    @move(
        state,
        [S.ACTIVE, S.RESTRICTED],
        S.SHOW_CAUSE,
        ENFORCE,
        gates=[rules.show_cause_is_drafted],
        letter="L50",
        clock="start:reply",
        signed_as="show_cause_by",
        title="Issue the show-cause notice",
    )
    def issue_show_cause(self) -> None: ...

    @move(
        state,
        S.SHOW_CAUSE,
        S.ACTIVE,
        DECIDE,
        gates=[rules.firm_was_heard, rules.no_restriction_stands, *HEARERS],
        clock="stop:reply",
        note_required=True,
        title="Dismiss the show-cause notice",
    )
    def dismiss_show_cause(self) -> None: ...

    @move(
        state,
        S.SHOW_CAUSE,
        S.RESTRICTED,
        DECIDE,
        gates=[rules.firm_was_heard, rules.a_restriction_stands, *HEARERS],
        clock="stop:reply",
        note_required=True,
        title="Dismiss the notice, with the restrictions in force",
    )
    def dismiss_show_cause_restricted(self) -> None: ...

    # ── Suspension ───────────────────────────────────────────────────────────────────────────────────────────────────
    @move(
        state,
        S.SHOW_CAUSE,
        S.SUSPENDED,
        SUSPEND_LICENCE,
        gates=[
            rules.suspension_is_proposed,
            rules.period_suits,
            rules.firm_was_heard,
            rules.decider_did_not_propose_suspension,
            *HEARERS,
        ],
        letter="L51",
        clock="stop:reply",
        signed_as="suspended_by",
        note_required=True,
        title="Suspend the licence",
    )
    def suspend(self) -> None: ...

    @move(
        state,
        S.SUSPENDED,
        S.SUSPENDED,
        SUSPEND_LICENCE,
        gates=[
            rules.suspension_is_proposed,
            rules.period_suits,
            rules.firm_was_heard,
            rules.decider_did_not_propose_suspension,
            votes_carry_the_decision,
        ],
        letter="L51",
        note_required=True,
        title="Prolong the suspension",
    )
    def prolong_suspension(self) -> None: ...

    @move(
        state,
        IN_FORCE,
        S.SUSPENDED,
        SUSPEND_URGENTLY,
        gates=[
            rules.urgent_suspension_is_proposed,
            rules.grounds_are_urgent,
            rules.urgent_period_suits,
            rules.confirmer_did_not_propose,
            rules.decider_did_not_issue_the_notice,
        ],
        letter="L52",
        clock=("halt:all", "start:hearing"),
        signed_as="suspended_by",
        note_required=True,
        title="Confirm the urgent suspension",
    )
    def urgent_suspend(self) -> None: ...

    @move(
        state,
        S.SUSPENDED,
        S.SUSPENDED,
        ENFORCE,
        gates=[rules.hearing_is_outstanding],
        clock="stop:hearing",
        note_required=True,
        note_title="Who was heard, and what was said",
        title="Record the hearing",
    )
    def hold_hearing(self) -> None: ...

    @move(
        state,
        S.SUSPENDED,
        S.ACTIVE,
        REINSTATE_LICENCE,
        gates=[*REINSTATEMENT, rules.no_restriction_stands, votes_carry_the_decision],
        letter="L53",
        clock="halt:all",
        note_required=True,
        title="Reinstate the licence",
    )
    def reinstate(self) -> None: ...

    @move(
        state,
        S.SUSPENDED,
        S.RESTRICTED,
        REINSTATE_LICENCE,
        gates=[
            *REINSTATEMENT,
            rules.a_restriction_stands_or_is_proposed,
            rules.decider_did_not_propose_restriction,
            votes_carry_the_decision,
        ],
        letter="L53",
        clock="halt:all",
        note_required=True,
        title="Reinstate the licence with restrictions",
    )
    def reinstate_restricted(self) -> None: ...

    # ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────
    @move(
        state,
        [S.SHOW_CAUSE, S.SUSPENDED],
        S.REVOKED,
        REVOKE_LICENCE,
        gates=[
            rules.revocation_is_proposed,
            rules.firm_was_heard,
            rules.revoker_did_not_propose,
            rules.decider_did_not_issue_the_notice,
            rules.revoker_is_not_suspender,
            votes_carry_the_decision,
        ],
        letter="L54",
        clock="halt:all",
        signed_as="revoked_by",
        note_required=True,
        title="Revoke the licence",
    )
    def revoke(self) -> None: ...

    @move(
        state,
        [S.ACTIVE, S.RESTRICTED],
        S.SURRENDER_REQUESTED,
        SIGN,
        gates=[rules.surrender_is_declared],
        clock="start:surrender",
        title="Ask to surrender the licence",
    )
    def request_surrender(self) -> None: ...

    @move(
        state,
        S.SURRENDER_REQUESTED,
        S.SURRENDERED,
        DECIDE,
        gates=[rules.client_assets_are_returned, rules.no_enforcement_is_open, *TAKERS],
        letter="L55",
        clock="halt:all",
        title="Accept the surrender",
    )
    def accept_surrender(self) -> None: ...

    @move(
        state,
        S.SURRENDER_REQUESTED,
        S.ACTIVE,
        DECIDE,
        gates=[rules.no_restriction_stands, *TAKERS],
        letter="L12",
        clock="stop:surrender",
        note_required=True,
        title="Refuse the surrender",
    )
    def refuse_surrender(self) -> None: ...

    @move(
        state,
        S.SURRENDER_REQUESTED,
        S.RESTRICTED,
        DECIDE,
        gates=[rules.a_restriction_stands, *TAKERS],
        letter="L12",
        clock="stop:surrender",
        note_required=True,
        title="Refuse the surrender, with the restrictions in force",
    )
    def refuse_surrender_restricted(self) -> None: ...

    @move(
        state,
        [*IN_FORCE, S.SUSPENDED],
        S.EXPIRED,
        SYSTEM,
        gates=[rules.term_and_grace_have_ended, rules.no_renewal_is_pending],
        letter="L56",
        clock="halt:all",
        title="Let the licence expire",
    )
    def expire(self) -> None: ...

    # ── After an appeal ──────────────────────────────────────────────────────────────────────────────────────────────
    @move(
        state,
        [S.REVOKED, S.SUSPENDED],
        S.ACTIVE,
        SYSTEM,
        gates=[*AFTER_APPEAL, rules.no_suspension_stands, rules.no_restriction_stands],
        letter="L53",
        clock="halt:all",
        note_required=True,
        title="Restore the licence after an appeal",
    )
    def restore(self) -> None: ...

    @move(
        state,
        [S.REVOKED, S.SUSPENDED],
        S.RESTRICTED,
        SYSTEM,
        gates=[*AFTER_APPEAL, rules.no_suspension_stands, rules.a_restriction_stands],
        letter="L53",
        clock="halt:all",
        note_required=True,
        title="Restore the licence, with the restrictions in force",
    )
    def restore_restricted(self) -> None: ...

    @move(
        state,
        S.REVOKED,
        S.SUSPENDED,
        SYSTEM,
        gates=[*AFTER_APPEAL, rules.a_suspension_stands],
        note_required=True,
        title="Restore the licence, with the suspension in force",
    )
    def restore_suspended(self) -> None: ...

    @move(
        state,
        S.RESTRICTED,
        S.ACTIVE,
        SYSTEM,
        gates=[appeals.appeal_took_a_restriction_away, appeals.no_other_restriction_stands],
        letter="L41",
        note_required=True,
        title="Lift the restriction after an appeal",
    )
    def lift_after_appeal(self) -> None: ...

    @move(
        state,
        S.RESTRICTED,
        S.RESTRICTED,
        SYSTEM,
        gates=[appeals.appeal_took_a_restriction_away, appeals.another_restriction_stands],
        letter="L41",
        note_required=True,
        title="Ease the restrictions after an appeal",
    )
    def ease_after_appeal(self) -> None: ...

    @move(
        state,
        [S.ACTIVE, S.RESTRICTED],
        S.SURRENDER_REQUESTED,
        SYSTEM,
        gates=[appeals.appeal_took_the_refusal_of_surrender_away, rules.surrender_is_declared],
        clock="start:surrender",
        note_required=True,
        title="Take up the surrender again",
    )
    def take_up_surrender_again(self) -> None: ...


# What ends a licence, and whatever hangs on it.
ENDING = ("accept_surrender", "revoke", "expire")
