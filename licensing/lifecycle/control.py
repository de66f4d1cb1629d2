"""A change of control: notified before it happens, assessed, and decided on by the committee (prior approval)."""

from licensing.access import ASSESS_CONTROL, DECIDE_CONTROL, SIGN
from licensing.rules.hands import BY_VOTE
from licensing.rules.interests import person_has_no_interest
from licensing.rules.ownership import decider_is_not_assessor, new_ownership_is_disclosed
from licensing.states import ControlState as S
from pvara.kernel.machine import StateField, Stateful, move


class ChangeOfControlLifecycle(Stateful):
    chapter = "P4 change of control"
    standing_gates = (person_has_no_interest,)
    state = StateField(default=S.NOTIFIED, choices=S.choices)

    class Meta:
        abstract = True

    @move(
        state,
        S.NOTIFIED,
        S.ASSESSED,
        ASSESS_CONTROL,
        signed_as="assessed_by",
        note_required=True,
        note_title="Finding",
        title="Assess the change",
    )
    def assess(self) -> None: ...

    @move(
        state,
        S.ASSESSED,
        S.NO_OBJECTION,
        DECIDE_CONTROL,
        gates=[new_ownership_is_disclosed, decider_is_not_assessor, *BY_VOTE],
        signed_as="decided_by",
        title="Raise no objection",
    )
    def raise_no_objection(self) -> None: ...

    @move(
        state,
        S.ASSESSED,
        S.OBJECTED,
        DECIDE_CONTROL,
        gates=[decider_is_not_assessor, *BY_VOTE],
        signed_as="decided_by",
        note_required=True,
        note_title="Reasons, as the firm will read them",
        title="Object to the change",
    )
    def object_to(self) -> None: ...

    @move(state, [S.NOTIFIED, S.ASSESSED], S.WITHDRAWN, SIGN, note_required=True, title="Withdraw the notification")
    def withdraw(self) -> None: ...
