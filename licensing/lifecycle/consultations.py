"""Row 9: asking another authority about a case. The agency replies, or its time passes without a word.

An objection that blocks is gone over by the votes of the board alone.
"""

from licensing.access import CONSULT, OVERRIDE_OBJECTIONS
from licensing.rules.consultations import (
    objection_blocks,
    objection_is_not_overridden,
    reply_is_on_record,
    time_to_reply_is_over,
)
from licensing.rules.hands import BY_VOTE
from licensing.rules.interests import person_has_no_interest
from licensing.states import ConsultationState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class ConsultationLifecycle(Stateful):
    chapter = "P1 consultation"
    standing_gates = (person_has_no_interest,)
    clocks = (ClockRule("reply", "consultation.reply", "Reply", ("case_officer", "supervisor"), inward=True),)
    state = StateField(default=S.REQUESTED, choices=S.choices)

    class Meta:
        abstract = True

    # A reply that comes late is still a reply.
    @move(
        state,
        [S.REQUESTED, S.NO_REPLY],
        S.REPLIED,
        CONSULT,
        gates=[reply_is_on_record],
        clock="halt:all",
        title="Record the reply",
    )
    def record_reply(self) -> None: ...

    @move(
        state,
        S.REQUESTED,
        S.NO_REPLY,
        CONSULT,
        gates=[time_to_reply_is_over],
        clock="halt:all",
        title="Record that no reply came",
    )
    def close_without_reply(self) -> None: ...

    # It stays what the agency said; another reply asks for another decision.
    @move(
        state,
        S.REPLIED,
        S.REPLIED,
        OVERRIDE_OBJECTIONS,
        gates=[objection_blocks, objection_is_not_overridden, *BY_VOTE],
        note_required=True,
        title="Go on over the objection",
    )
    def go_on_over_the_objection(self) -> None: ...

    @move(state, S.REQUESTED, S.ENDED, SYSTEM, clock="halt:all", title="End with the case")
    def end_with_case(self) -> None: ...
