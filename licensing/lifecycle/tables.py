"""The dated tables: one person proposes a row, another publishes it, and a day to come is its first."""

from licensing.access import PROPOSE_SETTINGS, PUBLISH_SETTINGS
from licensing.rules.settings import first_day_is_to_come, publisher_did_not_propose_it, withdrawn_by_its_proposer
from licensing.rules.tables import row_is_as_it_was
from licensing.states import SettingChangeState as S
from pvara.kernel.machine import StateField, Stateful, move


class TableChangeLifecycle(Stateful):
    chapter = "P8 table"
    state = StateField(default=S.PROPOSED, choices=S.choices)

    class Meta:
        abstract = True

    @move(
        state,
        S.PROPOSED,
        S.PUBLISHED,
        PUBLISH_SETTINGS,
        gates=[publisher_did_not_propose_it, first_day_is_to_come, row_is_as_it_was],
        signed_as="published_by",
        title="Publish the change",
    )
    def publish(self) -> None: ...

    @move(
        state,
        S.PROPOSED,
        S.REFUSED,
        PUBLISH_SETTINGS,
        signed_as="refused_by",
        note_required=True,
        title="Refuse the change",
    )
    def refuse(self) -> None: ...

    @move(
        state,
        S.PROPOSED,
        S.WITHDRAWN,
        PROPOSE_SETTINGS,
        gates=[withdrawn_by_its_proposer],
        note_required=True,
        title="Withdraw the proposal",
    )
    def withdraw(self) -> None: ...
