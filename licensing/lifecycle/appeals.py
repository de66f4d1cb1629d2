"""P4: an appeal against one decision. The tribunal's recorder or a legal officer keeps it; a panel decides on it.

A stay is recorded, published and told to the firm; it moves no licence by itself, and holds what builds on the
decision: see docs/decisions/0008. A licence is given back by an outcome, or reinstated as at any other time.
"""

from licensing.access import RECORD_APPEALS, SIGN
from licensing.rules.appeals import (
    appeal_is_in_time_or_has_leave,
    panel_is_complete,
    panel_took_no_part,
    recorder_took_no_part,
)
from licensing.rules.interests import person_has_no_interest
from licensing.states import APPEAL_PENDING
from licensing.states import AppealState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import StateField, Stateful, move

OF_THE_PANEL = [panel_is_complete, panel_took_no_part, recorder_took_no_part]


class AppealLifecycle(Stateful):
    chapter = "P4 appeal"
    state = StateField(default=S.NOTICED, choices=S.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (ClockRule("decision", "appeal.decision", "Decision", ("legal_officer", "board_member")),)

    class Meta:
        abstract = True

    @move(
        state,
        S.NOTICED,
        S.FILED,
        RECORD_APPEALS,
        gates=[appeal_is_in_time_or_has_leave, recorder_took_no_part],
        letter="L57",
        clock="start:decision",
        signed_as="recorded_by",
        title="Record the appeal",
    )
    def record_appeal(self) -> None: ...

    @move(
        state,
        S.NOTICED,
        S.NOT_ADMITTED,
        RECORD_APPEALS,
        gates=[recorder_took_no_part],
        letter="L57",
        signed_as="recorded_by",
        note_required=True,
        title="Do not admit the appeal",
    )
    def turn_away(self) -> None: ...

    @move(
        state,
        S.FILED,
        S.STAYED,
        RECORD_APPEALS,
        gates=OF_THE_PANEL,
        letter="L57",
        note_required=True,
        title="Stay the decision",
    )
    def stay(self) -> None: ...

    @move(
        state,
        S.STAYED,
        S.FILED,
        RECORD_APPEALS,
        gates=OF_THE_PANEL,
        letter="L57",
        note_required=True,
        title="Lift the stay",
    )
    def lift_stay(self) -> None: ...

    @move(
        state,
        APPEAL_PENDING,
        S.UPHELD,
        RECORD_APPEALS,
        gates=OF_THE_PANEL,
        letter="L57",
        clock="halt:all",
        signed_as="closed_by",
        note_required=True,
        title="Record: decision upheld",
    )
    def uphold(self) -> None: ...

    @move(
        state,
        APPEAL_PENDING,
        S.VARIED,
        RECORD_APPEALS,
        gates=OF_THE_PANEL,
        letter="L57",
        clock="halt:all",
        signed_as="closed_by",
        note_required=True,
        title="Record: decision varied",
    )
    def vary_decision(self) -> None: ...

    @move(
        state,
        APPEAL_PENDING,
        S.REMITTED,
        RECORD_APPEALS,
        gates=OF_THE_PANEL,
        letter="L57",
        clock="halt:all",
        signed_as="closed_by",
        note_required=True,
        title="Record: remitted for a new decision",
    )
    def remit(self) -> None: ...

    @move(
        state,
        APPEAL_PENDING,
        S.SET_ASIDE,
        RECORD_APPEALS,
        gates=OF_THE_PANEL,
        letter="L57",
        clock="halt:all",
        signed_as="closed_by",
        note_required=True,
        title="Record: decision set aside",
    )
    def set_aside(self) -> None: ...

    @move(
        state,
        [S.NOTICED, *APPEAL_PENDING],
        S.WITHDRAWN,
        (SIGN, RECORD_APPEALS),
        letter="L57",
        clock="halt:all",
        note_required=True,
        title="Withdraw the appeal",
    )
    def withdraw(self) -> None: ...
