"""In what placements may be settled, and no longer."""

from pvara.kernel.machine import StateField, Stateful, move
from tokenisation.access import CONFIRM_PERMIT, PERMIT
from tokenisation.rules import (
    default_stays_permitted,
    no_later_row_is_listed,
    permit_begins_on_a_day_to_come,
    permit_confirmer_is_not_proposer,
    permit_is_a_change,
)
from tokenisation.states import PermissionState as P


class SettlementPermissionLifecycle(Stateful):
    """A permission to settle placements in something from a day on, or its end. One person proposes it and another
    confirms it; the list of settlement assets then says so for that day and those after it, and nothing unsays it but a
    later one."""

    chapter = "T8"
    state = StateField(default=P.PROPOSED, choices=P.choices)

    class Meta:
        abstract = True

    @move(
        state,
        P.PROPOSED,
        P.CONFIRMED,
        CONFIRM_PERMIT,
        gates=[
            permit_confirmer_is_not_proposer,
            permit_begins_on_a_day_to_come,
            no_later_row_is_listed,
            permit_is_a_change,
            default_stays_permitted,
        ],
        signed_as="decided_by",
        title="Confirm and list it",
    )
    def confirm(self) -> None: ...

    @move(
        state,
        P.PROPOSED,
        P.REFUSED,
        CONFIRM_PERMIT,
        gates=[permit_confirmer_is_not_proposer],
        signed_as="decided_by",
        note_required=True,
        title="Refuse the proposal",
    )
    def refuse(self) -> None: ...

    @move(state, P.PROPOSED, P.WITHDRAWN, PERMIT, note_required=True, title="Withdraw the proposal")
    def withdraw(self) -> None: ...
