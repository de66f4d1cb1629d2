"""A condition: drafted before a decision, imposed by it, met with evidence or waived by the committee."""

from licensing.access import REPRESENT, VERIFY_CONDITIONS, WAIVE_CONDITIONS
from licensing.rules.conditions import (
    condition_is_proved,
    decision_imposes_conditions,
    due_day_has_passed,
    verifier_did_not_submit,
)
from licensing.rules.hands import HAD_NO_HAND
from licensing.rules.interests import person_has_no_interest
from licensing.rules.votes import votes_carry_the_decision
from licensing.states import ConditionState as S
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class ConditionLifecycle(Stateful):
    chapter = "P3 condition"
    state = StateField(default=S.DRAFTED, choices=S.choices)
    standing_gates = (person_has_no_interest,)

    class Meta:
        abstract = True

    @move(state, S.DRAFTED, S.OPEN, SYSTEM, gates=[decision_imposes_conditions], note_required=True)
    def impose(self) -> None: ...

    @move(
        state,
        [S.OPEN, S.OVERDUE],
        S.EVIDENCE_SUBMITTED,
        REPRESENT,
        gates=[condition_is_proved],
        signed_as="submitted_by",
        title="Submit the evidence",
    )
    def submit_evidence(self) -> None: ...

    @move(
        state,
        S.EVIDENCE_SUBMITTED,
        S.SATISFIED,
        VERIFY_CONDITIONS,
        gates=[verifier_did_not_submit],
        signed_as="verified_by",
        title="Find the condition satisfied",
    )
    def find_satisfied(self) -> None: ...

    @move(
        state,
        S.EVIDENCE_SUBMITTED,
        S.OPEN,
        VERIFY_CONDITIONS,
        note_required=True,
        note_title="What is missing, as the firm will read it",
        title="Send the evidence back",
    )
    def send_back(self) -> None: ...

    @move(
        state,
        [S.OPEN, S.EVIDENCE_SUBMITTED, S.OVERDUE],
        S.WAIVED,
        WAIVE_CONDITIONS,
        gates=[*HAD_NO_HAND, votes_carry_the_decision],
        signed_as="waived_by",
        note_required=True,
        title="Waive the condition",
    )
    def waive(self) -> None: ...

    @move(state, S.OPEN, S.OVERDUE, SYSTEM, gates=[due_day_has_passed], title="Mark as overdue")
    def fall_overdue(self) -> None: ...
