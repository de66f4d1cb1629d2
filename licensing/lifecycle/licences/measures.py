"""P4, first part: restrictions, show-cause notices, suspensions, and how a licence comes back from them."""

from licensing.access import (
    DECIDE,
    ENFORCE,
    REINSTATE_LICENCE,
    SUSPEND_LICENCE,
)
from licensing.rules import licences as rules
from licensing.rules.appeals import suspension_is_not_stayed
from licensing.rules.applications import score_clears_g4
from licensing.rules.hands import BY_VOTE
from licensing.rules.ratification import suspension_is_ratified
from licensing.rules.renewals import no_invoice_is_unpaid
from licensing.rules.supervision import returns_are_up_to_date
from licensing.states import LicenceState as S
from pvara.kernel.machine import Stateful, move

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
LIFTERS = [rules.lifter_did_not_propose_it, *BY_VOTE]
HEARERS = [rules.decider_did_not_issue_the_notice, *BY_VOTE]


class MeasureMoves(Stateful):
    class Meta:
        abstract = True

    # ── Restrictions ─────────────────────────────────────────────────────────────────────────────────────────────────
    @move(
        "state",
        [S.ACTIVE, S.RESTRICTED],
        S.RESTRICTED,
        DECIDE,
        gates=[
            rules.restriction_is_proposed,
            rules.restriction_has_a_cause,
            rules.decider_did_not_propose_restriction,
            *BY_VOTE,
        ],
        letter="L41",
        note_required=True,
        title="Impose the restriction",
    )
    def impose_restriction(self) -> None: ...

    @move(
        "state",
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
        "state",
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
        "state",
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
        "state",
        S.SHOW_CAUSE,
        S.ACTIVE,
        DECIDE,
        gates=[rules.firm_was_heard, rules.no_restriction_stands, *HEARERS],
        letter="L58",
        clock="stop:reply",
        note_required=True,
        title="Dismiss the show-cause notice",
    )
    def dismiss_show_cause(self) -> None: ...

    @move(
        "state",
        S.SHOW_CAUSE,
        S.RESTRICTED,
        DECIDE,
        gates=[rules.firm_was_heard, rules.a_restriction_stands, *HEARERS],
        letter="L58",
        clock="stop:reply",
        note_required=True,
        title="Dismiss the notice, with the restrictions in force",
    )
    def dismiss_show_cause_restricted(self) -> None: ...

    # ── Suspension ───────────────────────────────────────────────────────────────────────────────────────────────────
    @move(
        "state",
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
        "state",
        S.SUSPENDED,
        S.SUSPENDED,
        SUSPEND_LICENCE,
        gates=[
            rules.suspension_is_proposed,
            rules.period_suits,
            rules.firm_was_heard,
            rules.decider_did_not_propose_suspension,
            suspension_is_not_stayed,
            suspension_is_ratified,
            *BY_VOTE,
        ],
        letter="L51",
        note_required=True,
        title="Prolong the suspension",
    )
    def prolong_suspension(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.ACTIVE,
        REINSTATE_LICENCE,
        gates=[*REINSTATEMENT, rules.no_restriction_stands, *BY_VOTE],
        letter="L53",
        clock="halt:all",
        note_required=True,
        title="Reinstate the licence",
    )
    def reinstate(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.RESTRICTED,
        REINSTATE_LICENCE,
        gates=[
            *REINSTATEMENT,
            rules.a_restriction_stands_or_is_proposed,
            rules.decider_did_not_propose_restriction,
            *BY_VOTE,
        ],
        letter="L53",
        clock="halt:all",
        note_required=True,
        title="Reinstate the licence with restrictions",
    )
    def reinstate_restricted(self) -> None: ...
