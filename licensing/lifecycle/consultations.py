"""Row 9: asking another authority about a case. The agency replies, or its time passes without a word."""

from licensing.access import CONSULT
from licensing.rules.consultations import reply_is_on_record, time_to_reply_is_over
from licensing.rules.interests import person_has_no_interest
from licensing.states import ConsultationState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import StateField, Stateful, move


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
