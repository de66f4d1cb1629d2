"""What a licensee's score proposes to enforcement (gate G5). It restricts and suspends nothing: an officer takes it up,
and goes on by the measures that there are, or dismisses it; it lapses when the score is no longer such."""

from licensing.access import ENFORCE
from licensing.rules.interests import person_has_no_interest
from licensing.rules.supervision import score_is_at_another_level
from licensing.states import ProposalState as S
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class ProposalLifecycle(Stateful):
    chapter = "P4 proposal"
    state = StateField(default=S.RAISED, choices=S.choices)
    standing_gates = (person_has_no_interest,)

    class Meta:
        abstract = True

    @move(state, S.RAISED, S.TAKEN_UP, ENFORCE, signed_as="settled_by", title="Take the proposal up")
    def take_up(self) -> None: ...

    @move(
        state,
        S.RAISED,
        S.DISMISSED,
        ENFORCE,
        signed_as="settled_by",
        note_required=True,
        title="Dismiss the proposal",
    )
    def dismiss(self) -> None: ...

    @move(state, S.RAISED, S.LAPSED, SYSTEM, gates=[score_is_at_another_level], title="Lapse")
    def lapse(self) -> None: ...
