"""P4: the life of a licence. Its standing as a venue follows every move in the same transaction.

What a restriction, a notice, a suspension or a revocation says (activities, dates, grounds) is a row that somebody
proposes first; the move takes it. Where a licence goes back to what it was, there are two moves, one for a licence on
which restrictions stand. Nothing is ever given back by time: a measure holds until somebody ends it. The exception is
an urgent suspension, which one member of the board confirms: without the board's votes for it, in time, it ends.
"""

from licensing.lifecycle.licences.appealed import AppealedLicenceMoves
from licensing.lifecycle.licences.ending import EndingMoves
from licensing.lifecycle.licences.measures import MeasureMoves
from licensing.lifecycle.licences.urgent import UrgentMoves
from licensing.rules.interests import person_has_no_interest
from licensing.states import LicenceState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import StateField

# Who is told when a clock of the Authority runs out, and who next.
BODIES_TOLD = ("committee_member", "board_member")


class LicenceLifecycle(MeasureMoves, UrgentMoves, EndingMoves, AppealedLicenceMoves):
    chapter = "P4"
    state = StateField(default=S.ACTIVE, choices=S.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (
        ClockRule("reply", "show_cause.reply", "Reply to the show-cause notice"),
        ClockRule("hearing", "suspension.hearing", "Hearing after an urgent suspension", BODIES_TOLD),
        ClockRule(
            "ratification", "suspension.ratification", "Ratification of the urgent suspension", ("board_member",)
        ),
        ClockRule("surrender", "surrender.decision", "Decision on the surrender", BODIES_TOLD),
    )

    class Meta:
        abstract = True


# What ends a licence, and whatever hangs on it.
ENDING = ("accept_surrender", "revoke", "expire")
