"""A request for information: drafted, put to the applicant, answered, closed; a question may be put again in between.

It is put and answered by the moves of its case, which the scheduler's moves here follow in the same transaction.
"""

from licensing.access import CHECK_INTAKE, RATE, SIGN
from licensing.rules.interests import person_has_no_interest
from licensing.rules.requests import (
    more_time_waits_for_an_answer,
    more_time_was_not_asked_for,
    nothing_is_left_to_ask,
    person_is_not_recused,
    time_is_not_over,
)
from licensing.states import RequestState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class RequestLifecycle(Stateful):
    chapter = "P3 request"
    state = StateField(default=S.DRAFT, choices=S.choices)
    standing_gates = (person_has_no_interest, person_is_not_recused)
    clocks = (ClockRule("answer", "request.answer", "Answers"),)
    keeps = ("request.extension",)

    class Meta:
        abstract = True

    @move(state, [S.DRAFT, S.ANSWERED], S.OPEN, SYSTEM, clock="start:answer", title="Put to the applicant")
    def put(self) -> None: ...

    @move(state, S.OPEN, S.ANSWERED, SYSTEM, clock="stop:answer", title="Answered")
    def hand_in(self) -> None: ...

    @move(
        state,
        S.OPEN,
        S.OPEN,
        SIGN,
        gates=[more_time_was_not_asked_for, time_is_not_over],
        note_required=True,
        note_title="Why you need more time",
        title="Ask for more time",
    )
    def ask_for_more_time(self) -> None: ...

    @move(state, S.OPEN, S.OPEN, (CHECK_INTAKE, RATE), gates=[more_time_waits_for_an_answer], title="Grant more time")
    def grant_more_time(self) -> None: ...

    @move(
        state,
        S.OPEN,
        S.OPEN,
        (CHECK_INTAKE, RATE),
        gates=[more_time_waits_for_an_answer],
        note_required=True,
        note_title="Why not, as the firm will read it",
        title="Decline more time",
    )
    def decline_more_time(self) -> None: ...

    @move(
        state,
        S.ANSWERED,
        S.CLOSED,
        (CHECK_INTAKE, RATE),
        gates=[nothing_is_left_to_ask],
        title="Close the request",
    )
    def close(self) -> None: ...

    @move(state, [S.DRAFT, S.OPEN, S.ANSWERED], S.ENDED, SYSTEM, clock="halt:all", title="End with the case")
    def end_with_case(self) -> None: ...
