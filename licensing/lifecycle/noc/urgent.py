"""P1, a part of its own: a NOC suspended at once, the board's votes on that, and its end without them."""

from licensing.access import RATIFY_SUSPENSIONS, SUSPEND_NOC
from licensing.rules import noc as term
from licensing.rules import ratification
from licensing.rules.hands import BY_VOTE, HAD_NO_HAND
from licensing.states import NocState as S
from pvara.kernel.machine import SYSTEM, Stateful, move


class NocUrgentMoves(Stateful):
    class Meta:
        abstract = True

    # Without a notice, where waiting for the answer would do harm; the note says which.
    @move(
        "state",
        S.GRANTED,
        S.SUSPENDED,
        SUSPEND_NOC,
        gates=[*HAD_NO_HAND],
        letter="L16",
        clock=("start:hearing", "start:ratification"),
        signed_as="suspended_by",
        note_required=True,
        note_title="What happened, and why it does not wait for an answer; the firm reads it",
        title="Suspend the NOC urgently",
    )
    def suspend_noc_urgently(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.SUSPENDED,
        SUSPEND_NOC,
        gates=[term.hearing_is_outstanding, *HAD_NO_HAND],
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
        letter="L62",
        clock="halt:ratification",
        signed_as="ratified_by",
        note_required=True,
        title="Ratify the urgent suspension",
    )
    def ratify_suspension(self) -> None: ...

    @move(
        "state",
        S.SUSPENDED,
        S.GRANTED,
        (RATIFY_SUSPENSIONS, SYSTEM),
        gates=[
            ratification.suspension_waits_for_ratification,
            ratification.ratification_has_failed,
            *HAD_NO_HAND,
            term.noc_is_in_term,
        ],
        letter="L10",
        clock=("halt:hearing", "halt:ratification"),
        note_required=True,
        title="Lift the suspension that was not ratified",
    )
    def lift_unratified(self) -> None: ...
