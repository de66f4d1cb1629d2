"""P4, a part of its own: a suspension that waits for no hearing, the board's votes on it, and its end without them.

It holds from the moment one member of the board confirms it. The board then ratifies it by its votes; a suspension that
it votes down, or does not vote on in time, is lifted. What time does here is never against the firm.
"""

from licensing.access import ENFORCE, RATIFY_SUSPENSIONS, SUSPEND_URGENTLY
from licensing.rules import licences as rules
from licensing.rules import ratification
from licensing.rules.hands import BY_VOTE, HAD_NO_HAND
from licensing.states import IN_FORCE
from licensing.states import LicenceState as S
from pvara.kernel.machine import SYSTEM, Stateful, move

LIFT = (RATIFY_SUSPENSIONS, SYSTEM)
UNRATIFIED = (ratification.suspension_waits_for_ratification, ratification.ratification_has_failed, *HAD_NO_HAND)


class UrgentMoves(Stateful):
    class Meta:
        abstract = True

    @move(
        "state",
        IN_FORCE,
        S.SUSPENDED,
        SUSPEND_URGENTLY,
        gates=[
            rules.urgent_suspension_is_proposed,
            rules.grounds_are_urgent,
            rules.urgent_period_suits,
            rules.confirmer_did_not_propose,
            rules.decider_did_not_issue_the_notice,
            *HAD_NO_HAND,
        ],
        letter="L52",
        clock=("halt:all", "start:hearing", "start:ratification"),
        signed_as="suspended_by",
        note_required=True,
        title="Confirm the urgent suspension",
    )
    def urgent_suspend(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.SUSPENDED,
        ENFORCE,
        gates=[rules.hearing_is_outstanding],
        clock="halt:hearing",
        note_required=True,
        note_title="Who was heard, and what was said",
        title="Record the hearing",
    )
    def hold_hearing(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.SUSPENDED,
        RATIFY_SUSPENSIONS,
        gates=[
            ratification.suspension_waits_for_ratification,
            ratification.time_to_ratify_has_not_passed,
            ratification.ratifier_did_not_suspend,
            *BY_VOTE,
        ],
        letter="L60",
        clock="halt:ratification",
        note_required=True,
        title="Ratify the urgent suspension",
    )
    def ratify_suspension(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.ACTIVE,
        LIFT,
        gates=[*UNRATIFIED, rules.no_notice_is_in_force, rules.no_restriction_stands],
        letter="L61",
        clock="halt:all",
        note_required=True,
        title="Lift the suspension that was not ratified",
    )
    def lift_unratified(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.RESTRICTED,
        LIFT,
        gates=[*UNRATIFIED, rules.no_notice_is_in_force, rules.a_restriction_stands],
        letter="L61",
        clock="halt:all",
        note_required=True,
        title="Lift the suspension that was not ratified, with the restrictions in force",
    )
    def lift_unratified_restricted(self) -> None: ...

    # What the suspension interrupted goes on, with the whole time to reply.
    @move(
        "state",
        S.SUSPENDED,
        S.SHOW_CAUSE,
        LIFT,
        gates=[*UNRATIFIED, rules.a_notice_is_in_force],
        letter="L61",
        clock=("halt:all", "start:reply"),
        note_required=True,
        title="Lift the suspension that was not ratified, with the notice in force",
    )
    def lift_unratified_noticed(self) -> None: ...
