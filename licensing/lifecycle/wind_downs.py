"""P4: the orderly end of a business whose licence was revoked or ran out: the firm's plan, and what came of it.

It begins with the end of the licence. The plan is the firm's; that the business has ended is found by the regulator,
with a plan or without. Two clocks go: one for the plan, one for the whole; a stay of the revocation stops both.
"""

from licensing.access import SIGN, VERIFY_REMEDY
from licensing.rules.hands import HAD_NO_HAND
from licensing.rules.interests import person_has_no_interest
from licensing.rules.wind_downs import licence_was_given_back, plan_is_written
from licensing.states import WindDownState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move

SUPERVISION = ("supervisor", "enforcement_officer")


class WindDownLifecycle(Stateful):
    chapter = "P4 wind-down"
    state = StateField(default=S.AWAITING_PLAN, choices=S.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (
        ClockRule("plan", "wind_down.plan", "Wind-down plan", SUPERVISION),
        ClockRule("finish", "wind_down.finish", "Wind-down", SUPERVISION),
    )

    class Meta:
        abstract = True

    @move(
        state,
        S.AWAITING_PLAN,
        S.PLAN_SUBMITTED,
        SIGN,
        gates=[plan_is_written],
        clock="stop:plan",
        signed_as="submitted_by",
        title="Submit the plan",
    )
    def submit_plan(self) -> None: ...

    @move(
        state,
        S.PLAN_SUBMITTED,
        S.UNDER_WAY,
        VERIFY_REMEDY,
        gates=HAD_NO_HAND,
        signed_as="approved_by",
        title="Approve the plan",
    )
    def approve_plan(self) -> None: ...

    @move(
        state,
        S.PLAN_SUBMITTED,
        S.AWAITING_PLAN,
        VERIFY_REMEDY,
        gates=HAD_NO_HAND,
        clock="start:plan",
        note_required=True,
        note_title="What is missing, as the firm will read it",
        title="Send the plan back",
    )
    def send_plan_back(self) -> None: ...

    @move(
        state,
        [S.AWAITING_PLAN, S.PLAN_SUBMITTED, S.UNDER_WAY],
        S.FINISHED,
        VERIFY_REMEDY,
        gates=HAD_NO_HAND,
        clock="halt:all",
        signed_as="closed_by",
        note_required=True,
        note_title="What was examined, and what was found of the assets of clients",
        title="Confirm that the business is wound down",
    )
    def confirm_finished(self) -> None: ...

    @move(
        state,
        [S.AWAITING_PLAN, S.PLAN_SUBMITTED, S.UNDER_WAY],
        S.ENDED,
        SYSTEM,
        gates=[licence_was_given_back],
        clock="halt:all",
        note_required=True,
        title="End: the licence was given back",
    )
    def end_with_appeal(self) -> None: ...
