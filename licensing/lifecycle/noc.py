"""P1: Form A1 to the No Objection Certificate. A NOC is not an operating licence."""

from django_fsm import FSMField

from licensing.access import CHECK_INTAKE, DECIDE, RECOMMEND, SIGN
from licensing.rules.applications import (
    criteria_are_rated_and_moderated,
    decider_did_not_assess,
    decider_is_not_recommender,
    declaration_is_signed,
    fee_reference_is_given,
    no_other_case_is_open,
    score_clears_g1,
    score_is_clear_of_g1_conditions,
    sections_are_complete,
)
from licensing.states import NocState as S
from pvara.kernel.machine import Stateful, move


class NocLifecycle(Stateful):
    chapter = "P1"
    state = FSMField(default=S.DRAFT, choices=S.choices, protected=True)

    class Meta:
        abstract = True

    @move(
        state,
        S.DRAFT,
        S.SUBMITTED,
        SIGN,
        gates=[sections_are_complete, declaration_is_signed, fee_reference_is_given, no_other_case_is_open],
        letter="L01",
        clock="start:decision",
        signed_as="submitted_by",
    )
    def submit(self) -> None: ...

    @move(state, S.SUBMITTED, S.COMPLETENESS_CHECK, CHECK_INTAKE, clock="start:intake", signed_as="case_officer")
    def accept_intake(self) -> None: ...

    @move(state, S.COMPLETENESS_CHECK, S.UNDER_ASSESSMENT, CHECK_INTAKE, clock="stop:intake")
    def declare_complete(self) -> None: ...

    @move(
        state,
        S.UNDER_ASSESSMENT,
        S.RECOMMENDED,
        RECOMMEND,
        gates=[criteria_are_rated_and_moderated],
        signed_as="recommended_by",
        note_required=True,
    )
    def recommend(self) -> None: ...

    @move(
        state,
        S.RECOMMENDED,
        S.GRANTED,
        DECIDE,
        gates=[
            score_clears_g1,
            score_is_clear_of_g1_conditions,
            decider_is_not_recommender,
            decider_did_not_assess,
        ],
        letter="L10",
        clock="stop:decision",
        signed_as="decided_by",
        title="Grant the NOC",
    )
    def grant_noc(self) -> None: ...

    @move(
        state,
        S.RECOMMENDED,
        S.GRANTED,
        DECIDE,
        gates=[score_clears_g1, decider_is_not_recommender, decider_did_not_assess],
        letter="L10",
        clock="stop:decision",
        signed_as="decided_by",
        note_required=True,
        note_title="Conditions, one on each line",
        title="Impose conditions and grant",
    )
    def grant_with_conditions(self) -> None: ...

    @move(
        state,
        S.RECOMMENDED,
        S.REFUSED,
        DECIDE,
        gates=[decider_is_not_recommender, decider_did_not_assess],
        letter="L12",
        clock="stop:decision",
        signed_as="decided_by",
        note_required=True,
        title="Refuse the NOC",
    )
    def refuse_noc(self) -> None: ...
