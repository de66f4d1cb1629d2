"""An invoice: asked for, paid in part or in full, waived, or cancelled. What was paid is the sum of its payments."""

from licensing.access import KEEP_ACCOUNTS, WAIVE_FEES
from licensing.rules.fees import (
    nothing_is_paid,
    payments_cover_a_part,
    payments_cover_the_total,
    recorder_is_not_the_case_officer,
    waiver_is_not_by_who_asked,
    waiver_was_asked_for,
)
from licensing.rules.hands import HAD_NO_HAND
from licensing.rules.interests import person_has_no_interest
from licensing.states import InvoiceState as S
from pvara.kernel.machine import StateField, Stateful, move


class InvoiceLifecycle(Stateful):
    chapter = "P6"
    state = StateField(default=S.ISSUED, choices=S.choices)
    standing_gates = (person_has_no_interest,)

    class Meta:
        abstract = True

    @move(
        state,
        [S.ISSUED, S.PART_PAID],
        S.PART_PAID,
        KEEP_ACCOUNTS,
        gates=[payments_cover_a_part, recorder_is_not_the_case_officer],
        title="Record a part payment",
    )
    def record_part(self) -> None: ...

    @move(
        state,
        [S.ISSUED, S.PART_PAID],
        S.PAID,
        KEEP_ACCOUNTS,
        gates=[payments_cover_the_total, recorder_is_not_the_case_officer],
        title="Settle",
    )
    def settle(self) -> None: ...

    @move(
        state,
        [S.PART_PAID, S.PAID],
        S.ISSUED,
        KEEP_ACCOUNTS,
        gates=[nothing_is_paid, recorder_is_not_the_case_officer],
        note_required=True,
        title="Reopen",
    )
    def reopen(self) -> None: ...

    @move(
        state,
        [S.PART_PAID, S.PAID],
        S.PART_PAID,
        KEEP_ACCOUNTS,
        gates=[payments_cover_a_part, recorder_is_not_the_case_officer],
        note_required=True,
        title="Reopen in part",
    )
    def reopen_in_part(self) -> None: ...

    @move(
        state,
        [S.ISSUED, S.PART_PAID],
        S.WAIVED,
        WAIVE_FEES,
        gates=[waiver_was_asked_for, waiver_is_not_by_who_asked, *HAD_NO_HAND],
        signed_as="waived_by",
        note_required=True,
        title="Waive the fee",
    )
    def waive(self) -> None: ...

    @move(
        state,
        S.ISSUED,
        S.CANCELLED,
        KEEP_ACCOUNTS,
        gates=[nothing_is_paid],
        signed_as="cancelled_by",
        note_required=True,
        title="Cancel the invoice",
    )
    def cancel(self) -> None: ...
