"""P3: the subsidiary's application for the full licence, from its draft to the licence."""

from django_fsm import FSMField

from licensing.access import CHECK_INTAKE, DECIDE, GRANT_LICENCE, RECOMMEND, SIGN
from licensing.rules.applications import (
    conditions_are_imposed_where_compulsory,
    criteria_are_rated_and_moderated,
    decider_did_not_assess,
    decider_is_not_recommender,
    declaration_is_signed,
    fee_reference_is_given,
    granter_is_not_recommender_or_approver,
    no_licence_is_live,
    no_other_case_is_open,
    noc_is_in_force,
    score_clears_g3,
    score_is_clear_of_g3_conditions,
    sections_are_complete,
)
from licensing.states import FullState as S
from pvara.kernel.machine import Stateful, move


class FullLifecycle(Stateful):
    chapter = "P3"
    state = FSMField(default=S.DRAFT, choices=S.choices, protected=True)

    class Meta:
        abstract = True

    @move(
        state,
        S.DRAFT,
        S.SUBMITTED,
        SIGN,
        gates=[
            sections_are_complete,
            declaration_is_signed,
            fee_reference_is_given,
            noc_is_in_force,
            no_other_case_is_open,
            no_licence_is_live,
        ],
        letter="L30",
        clock="start:completeness",
        signed_as="submitted_by",
    )
    def submit(self) -> None: ...

    @move(state, S.SUBMITTED, S.COMPLETENESS_CHECK, CHECK_INTAKE, signed_as="case_officer")
    def accept_intake(self) -> None: ...

    @move(
        state,
        S.COMPLETENESS_CHECK,
        S.UNDER_ASSESSMENT,
        CHECK_INTAKE,
        clock=("stop:completeness", "start:decision"),
    )
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
        S.IN_PRINCIPLE,
        DECIDE,
        gates=[
            score_clears_g3,
            score_is_clear_of_g3_conditions,
            decider_is_not_recommender,
            decider_did_not_assess,
        ],
        letter="L35",
        clock="stop:decision",
        signed_as="decided_by",
    )
    def approve_in_principle(self) -> None: ...

    @move(
        state,
        S.RECOMMENDED,
        S.IN_PRINCIPLE,
        DECIDE,
        gates=[score_clears_g3, decider_is_not_recommender, decider_did_not_assess],
        letter="L35",
        clock="stop:decision",
        signed_as="decided_by",
        note_required=True,
        note_title="Conditions, one on each line",
        title="Impose conditions and approve",
    )
    def approve_with_conditions(self) -> None: ...

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
        title="Refuse the licence",
    )
    def refuse_licence(self) -> None: ...

    @move(
        state,
        S.IN_PRINCIPLE,
        S.LICENSED,
        GRANT_LICENCE,
        gates=[
            score_clears_g3,
            conditions_are_imposed_where_compulsory,
            noc_is_in_force,
            granter_is_not_recommender_or_approver,
            decider_did_not_assess,
        ],
        letter="L40",
        signed_as="granted_by",
        title="Grant the licence",
    )
    def grant_licence(self) -> None: ...
