"""A key individual: nominated by the firm, vetted by a case officer, decided on by somebody else, and one day gone."""

from licensing.access import DECIDE_INDIVIDUALS, REPRESENT, VET_INDIVIDUALS
from licensing.rules.hands import HAD_NO_HAND
from licensing.rules.interests import person_has_no_interest
from licensing.rules.people import (
    checks_are_clear,
    decider_made_no_check,
    mlro_is_employed_in_house,
    no_check_is_adverse,
    role_is_vacant,
)
from licensing.states import KeyIndividualState as S
from pvara.kernel.machine import StateField, Stateful, move


class KeyIndividualLifecycle(Stateful):
    chapter = "P4 key individual"
    standing_gates = (person_has_no_interest,)
    state = StateField(default=S.NOMINATED, choices=S.choices)

    class Meta:
        abstract = True

    @move(state, S.NOMINATED, S.VETTING, VET_INDIVIDUALS, signed_as="vetted_by", title="Take up the vetting")
    def take_up(self) -> None: ...

    @move(
        state,
        S.VETTING,
        S.APPROVED,
        DECIDE_INDIVIDUALS,
        gates=[mlro_is_employed_in_house, role_is_vacant, checks_are_clear, decider_made_no_check, *HAD_NO_HAND],
        signed_as="decided_by",
        title="Approve the person",
    )
    def approve(self) -> None: ...

    @move(
        state,
        S.VETTING,
        S.APPROVED_CONDITIONAL,
        DECIDE_INDIVIDUALS,
        gates=[mlro_is_employed_in_house, role_is_vacant, no_check_is_adverse, decider_made_no_check, *HAD_NO_HAND],
        signed_as="decided_by",
        note_required=True,
        note_title="Conditions, one on each line",
        title="Approve the person with conditions",
    )
    def approve_with_conditions(self) -> None: ...

    @move(
        state,
        S.VETTING,
        S.OBJECTED,
        DECIDE_INDIVIDUALS,
        gates=[decider_made_no_check, *HAD_NO_HAND],
        signed_as="decided_by",
        note_required=True,
        note_title="Reasons, as the firm will read them",
        title="Object to the person",
    )
    def object_to(self) -> None: ...

    @move(
        state,
        [S.NOMINATED, S.VETTING, S.APPROVED, S.APPROVED_CONDITIONAL, S.OBJECTED],
        S.DEPARTED,
        REPRESENT,
        note_required=True,
        title="Report the departure",
    )
    def report_departure(self) -> None: ...
