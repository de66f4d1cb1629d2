"""A programme's sub-limits."""

from pvara.kernel.machine import StateField, Stateful, move
from tokenisation.access import CONFIRM_LIMIT, LIMIT
from tokenisation.rules import limit_begins_today_or_later, limit_confirmer_is_not_proposer, no_later_limit_is_confirmed
from tokenisation.states import LimitState as L


class SubLimitLifecycle(Stateful):
    """A share of a programme's cap for a class of assets, a venue or a class of investors. One person proposes it and
    another confirms it; from then on it stands as it is, until a later one of the same takes effect."""

    chapter = "T7"
    state = StateField(default=L.PROPOSED, choices=L.choices)

    class Meta:
        abstract = True

    @move(
        state,
        L.PROPOSED,
        L.CONFIRMED,
        CONFIRM_LIMIT,
        gates=[limit_confirmer_is_not_proposer, limit_begins_today_or_later, no_later_limit_is_confirmed],
        signed_as="decided_by",
        title="Confirm the sub-limit",
    )
    def confirm(self) -> None: ...

    @move(
        state,
        L.PROPOSED,
        L.REFUSED,
        CONFIRM_LIMIT,
        gates=[limit_confirmer_is_not_proposer],
        signed_as="decided_by",
        note_required=True,
        title="Refuse the sub-limit",
    )
    def refuse(self) -> None: ...

    @move(state, L.PROPOSED, L.WITHDRAWN, LIMIT, note_required=True, title="Withdraw the proposal")
    def withdraw(self) -> None: ...
