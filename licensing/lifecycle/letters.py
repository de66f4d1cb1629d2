"""A letter: drafted by a decision, approved by somebody who did not make it, then numbered, signed and issued.

Which kinds are checked is a setting (`letters.checked`); the others are approved by the system at once. What was issued
never changes: a later letter supersedes or revokes it.
"""

from licensing.access import CHECK_LETTERS
from licensing.rules.interests import person_has_no_interest
from licensing.rules.letters import (
    checker_did_not_decide,
    checker_is_not_recused_from_the_case,
    letter_is_checked,
    letter_is_numbered_and_signed,
    letter_is_routine,
)
from licensing.states import LetterState as S
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class LetterLifecycle(Stateful):
    chapter = "P5 letter"
    state = StateField(default=S.DRAFT, choices=S.choices)
    standing_gates = (person_has_no_interest,)

    class Meta:
        abstract = True

    @move(
        state,
        S.DRAFT,
        S.APPROVED,
        CHECK_LETTERS,
        gates=[letter_is_checked, checker_did_not_decide, checker_is_not_recused_from_the_case],
        signed_as="approved_by",
        title="Approve the letter",
    )
    def approve(self) -> None: ...

    # After its wording was corrected, which is data.
    @move(
        state,
        S.DRAFT,
        S.DRAFT,
        CHECK_LETTERS,
        gates=[letter_is_checked, checker_is_not_recused_from_the_case],
        note_required=True,
        note_title="What was wrong",
        title="Write it anew",
    )
    def write_anew(self) -> None: ...

    @move(state, S.DRAFT, S.APPROVED, SYSTEM, gates=[letter_is_routine])
    def pass_as_routine(self) -> None: ...

    @move(state, S.APPROVED, S.ISSUED, SYSTEM, gates=[letter_is_numbered_and_signed])
    def issue(self) -> None: ...

    @move(state, S.ISSUED, S.SUPERSEDED, SYSTEM)
    def supersede(self) -> None: ...

    @move(state, S.ISSUED, S.REVOKED, SYSTEM)
    def revoke(self) -> None: ...
