"""Overriding a moderated rating: proposed with reasons by one person, decided by the votes of a body, or dropped.

That a criterion is not asked of a firm at all is the committee's to decide, and a move of its own.
"""

from licensing.access import DRAFT_DECISIONS, OVERRIDE_RATINGS, OVERRIDE_RATINGS_AS_BOARD
from licensing.rules.hands import BY_VOTE
from licensing.rules.interests import person_has_no_interest
from licensing.rules.overrides import (
    a_waiver_is_proposed,
    another_rating_is_proposed,
    criterion_is_no_knock_out,
    criterion_is_waivable,
    decider_did_not_propose_the_override,
    rating_still_stands,
)
from licensing.states import OverrideState as S
from pvara.kernel.machine import StateField, Stateful, move

STANDS = (criterion_is_no_knock_out, rating_still_stands, decider_did_not_propose_the_override, *BY_VOTE)
DECIDED = (another_rating_is_proposed, *STANDS)


class RatingOverrideLifecycle(Stateful):
    chapter = "P6 override"
    standing_gates = (person_has_no_interest,)
    state = StateField(default=S.PROPOSED, choices=S.choices)

    class Meta:
        abstract = True

    @move(
        state,
        S.PROPOSED,
        S.MADE,
        OVERRIDE_RATINGS,
        gates=DECIDED,
        signed_as="decided_by",
        note_required=True,
        title="Override the rating",
    )
    def override(self) -> None: ...

    @move(
        state,
        S.PROPOSED,
        S.MADE,
        OVERRIDE_RATINGS_AS_BOARD,
        gates=DECIDED,
        signed_as="decided_by",
        note_required=True,
        title="Override the rating, as the board",
    )
    def override_as_board(self) -> None: ...

    @move(
        state,
        S.PROPOSED,
        S.MADE,
        OVERRIDE_RATINGS,
        gates=(a_waiver_is_proposed, criterion_is_waivable, *STANDS),
        signed_as="decided_by",
        note_required=True,
        title="Waive the criterion",
    )
    def waive(self) -> None: ...

    @move(state, S.PROPOSED, S.DROPPED, DRAFT_DECISIONS, note_required=True, title="Drop the proposal")
    def drop(self) -> None: ...
