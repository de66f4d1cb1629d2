"""P3: the subsidiary's application for the full licence, from its draft to the licence."""

from licensing.access import CHECK_INTAKE, DECIDE, GRANT_LICENCE, RATE, RECOMMEND, RETURN_CASES, SIGN
from licensing.lifecycle.noc import TELLS, UNINVOLVED
from licensing.rules.activities import capital_is_paid_up, criteria_of_the_activities_are_met
from licensing.rules.appeals import appeal_took_the_refusal_away, decider_is_new_after_an_appeal
from licensing.rules.applications import (
    conditions_are_imposed_where_compulsory,
    criteria_are_rated_and_moderated,
    decider_did_not_assess,
    decider_is_not_case_officer,
    declaration_is_signed,
    granter_is_not_recommender_or_approver,
    no_licence_is_live,
    no_other_case_is_open,
    noc_is_in_force,
    recommender_did_not_assess,
    recommender_is_not_case_officer,
    score_clears_g3,
    score_is_clear_of_g3_conditions,
    sections_are_complete,
    window_is_open,
)
from licensing.rules.completeness import (
    checklist_is_complete,
    deficiencies_are_answered,
    deficiencies_are_drafted,
    returner_did_not_draft,
    rounds_are_left,
    time_or_rounds_are_used_up,
)
from licensing.rules.conditions import (
    a_condition_precedent_is_unmet,
    conditions_are_drafted,
    conditions_precedent_are_met,
    drafted_conditions_can_be_met,
    time_for_the_conditions_is_over,
)
from licensing.rules.consultations import consultations_are_closed, no_blocking_objection_stands
from licensing.rules.fees import (
    annual_fee_is_paid,
    fee_is_confirmed,
    fee_reference_is_given,
    officer_did_not_record_the_payment,
)
from licensing.rules.inspections import (
    inspection_is_closed,
    inspection_is_over,
    inspection_is_scheduled,
    no_critical_finding_is_open,
    no_high_finding_is_open,
)
from licensing.rules.interests import person_has_no_interest
from licensing.rules.ownership import ownership_is_disclosed_to_natural_persons
from licensing.rules.people import key_individuals_are_fit_and_proper, officers_are_approved
from licensing.rules.refusals import firm_was_heard, grounds_are_drafted, representations_are_considered
from licensing.rules.requests import (
    applicant_was_silent,
    questions_are_answered,
    questions_are_drafted,
    requests_are_closed,
)
from licensing.rules.votes import votes_carry_the_decision
from licensing.states import FullState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move

UNTIL_RECOMMENDED = (
    *(S.DRAFT, S.SUBMITTED, S.COMPLETENESS_CHECK, S.RETURNED),
    *(S.UNDER_ASSESSMENT, S.RFI, S.INSPECTION),
)


class FullLifecycle(Stateful):
    chapter = "P3"
    state = StateField(default=S.DRAFT, choices=S.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (
        ClockRule("completeness", "full.completeness", "Completeness check", TELLS, inward=True),
        ClockRule("decision", "full.decision", "Decision", TELLS),
        ClockRule("conditions", "conditions_precedent", "Conditions precedent"),
        ClockRule("answer", "returned.answer", "Answers to what is missing"),
        ClockRule("representations", "representations", "Representations"),
        ClockRule("confirmation", "refusal_confirmation", "Confirmation of the refusal", TELLS, inward=True),
    )

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
            window_is_open,
        ],
        letter="L30",
        clock="start:completeness",
        signed_as="submitted_by",
    )
    def submit(self) -> None: ...

    @move(
        state,
        S.SUBMITTED,
        S.COMPLETENESS_CHECK,
        CHECK_INTAKE,
        gates=[fee_is_confirmed, officer_did_not_record_the_payment],
        signed_as="case_officer",
    )
    def accept_intake(self) -> None: ...

    @move(
        state,
        S.COMPLETENESS_CHECK,
        S.RETURNED,
        RETURN_CASES,
        gates=[deficiencies_are_drafted, returner_did_not_draft, rounds_are_left],
        letter="L31",
        clock=("pause:completeness", "start:answer"),
        signed_as="returned_by",
        note_required=True,
        note_title="What the firm reads above the list of what is missing",
        title="Return as incomplete",
    )
    def return_incomplete(self) -> None: ...

    @move(
        state,
        S.RETURNED,
        S.COMPLETENESS_CHECK,
        SIGN,
        gates=[deficiencies_are_answered, sections_are_complete, declaration_is_signed],
        clock=("resume:completeness", "stop:answer"),
    )
    def resubmit(self) -> None: ...

    @move(
        state,
        [S.COMPLETENESS_CHECK, S.RETURNED],
        S.REJECTED,
        (RETURN_CASES, SYSTEM),
        gates=[time_or_rounds_are_used_up],
        letter="L03",
        clock="halt:all",
        signed_as="rejected_by",
        note_required=True,
        title="Reject as incomplete",
    )
    def reject_incomplete(self) -> None: ...

    @move(
        state,
        S.COMPLETENESS_CHECK,
        S.UNDER_ASSESSMENT,
        CHECK_INTAKE,
        gates=[checklist_is_complete],
        letter="L32",
        clock=("stop:completeness", "start:decision"),
    )
    def declare_complete(self) -> None: ...

    # Only the first request of a case stops its decision clock: actions/requests.py turns it.
    @move(
        state,
        S.UNDER_ASSESSMENT,
        S.RFI,
        (CHECK_INTAKE, RATE),
        gates=[questions_are_drafted],
        letter="L33",
        title="Request information",
    )
    def raise_rfi(self) -> None: ...

    @move(state, S.RFI, S.UNDER_ASSESSMENT, SIGN, gates=[questions_are_answered], title="Answer the request")
    def answer_rfi(self) -> None: ...

    @move(
        state,
        S.UNDER_ASSESSMENT,
        S.INSPECTION,
        CHECK_INTAKE,
        gates=[inspection_is_scheduled],
        title="Schedule an inspection",
    )
    def schedule_inspection(self) -> None: ...

    @move(
        state,
        S.INSPECTION,
        S.UNDER_ASSESSMENT,
        CHECK_INTAKE,
        gates=[inspection_is_over],
        note_required=True,
        title="Report the inspection",
    )
    def report_inspection(self) -> None: ...

    @move(
        state,
        S.UNDER_ASSESSMENT,
        S.RECOMMENDED,
        RECOMMEND,
        gates=[
            criteria_are_rated_and_moderated,
            consultations_are_closed,
            inspection_is_closed,
            no_critical_finding_is_open,
            requests_are_closed,
            key_individuals_are_fit_and_proper,
            ownership_is_disclosed_to_natural_persons,
            recommender_is_not_case_officer,
            recommender_did_not_assess,
        ],
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
            no_high_finding_is_open,
            no_blocking_objection_stands,
            score_is_clear_of_g3_conditions,
            criteria_of_the_activities_are_met,
            capital_is_paid_up,
            drafted_conditions_can_be_met,
            *UNINVOLVED,
            officers_are_approved,
            votes_carry_the_decision,
        ],
        letter="L35",
        clock=("stop:decision", "start:conditions"),
        signed_as="decided_by",
    )
    def approve_in_principle(self) -> None: ...

    @move(
        state,
        S.RECOMMENDED,
        S.IN_PRINCIPLE,
        DECIDE,
        gates=[
            score_clears_g3,
            no_critical_finding_is_open,
            no_blocking_objection_stands,
            criteria_of_the_activities_are_met,
            capital_is_paid_up,
            conditions_are_drafted,
            drafted_conditions_can_be_met,
            *UNINVOLVED,
            officers_are_approved,
            votes_carry_the_decision,
        ],
        letter="L35",
        clock=("stop:decision", "start:conditions"),
        signed_as="decided_by",
        title="Impose conditions and approve",
    )
    def approve_with_conditions(self) -> None: ...

    @move(
        state,
        S.RECOMMENDED,
        S.MINDED_TO_REFUSE,
        DECIDE,
        gates=[grounds_are_drafted, *UNINVOLVED, votes_carry_the_decision],
        letter="L11",
        clock="start:representations",
        note_required=True,
        note_title="Summary for the firm; the grounds follow it",
        title="Give notice of refusal",
    )
    def notify_refusal(self) -> None: ...

    @move(
        state,
        S.MINDED_TO_REFUSE,
        S.REFUSED,
        DECIDE,
        gates=[firm_was_heard, representations_are_considered, *UNINVOLVED, votes_carry_the_decision],
        letter="L12",
        clock="halt:all",
        signed_as="decided_by",
        note_required=True,
        note_title="Reasons, and what the representations changed",
        title="Refuse the licence",
    )
    def refuse_licence(self) -> None: ...

    @move(
        state,
        S.MINDED_TO_REFUSE,
        S.RECOMMENDED,
        DECIDE,
        gates=[representations_are_considered, *UNINVOLVED],
        clock="stop:representations",
        note_required=True,
        title="Reopen the case",
    )
    def reopen(self) -> None: ...

    @move(
        state,
        S.REFUSED,
        S.RECOMMENDED,
        SYSTEM,
        gates=[appeal_took_the_refusal_away, no_other_case_is_open, no_licence_is_live],
        clock="start:decision",
        note_required=True,
        title="Remit for a new decision",
    )
    def remit(self) -> None: ...

    @move(
        state,
        S.IN_PRINCIPLE,
        S.LICENSED,
        GRANT_LICENCE,
        gates=[
            score_clears_g3,
            no_blocking_objection_stands,
            no_critical_finding_is_open,
            conditions_are_imposed_where_compulsory,
            conditions_precedent_are_met,
            key_individuals_are_fit_and_proper,
            ownership_is_disclosed_to_natural_persons,
            criteria_of_the_activities_are_met,
            capital_is_paid_up,
            annual_fee_is_paid,
            noc_is_in_force,
            granter_is_not_recommender_or_approver,
            decider_is_not_case_officer,
            decider_did_not_assess,
            decider_is_new_after_an_appeal,
            officers_are_approved,
            votes_carry_the_decision,
        ],
        letter="L40",
        clock="halt:all",
        signed_as="granted_by",
        title="Grant the licence",
    )
    def grant_licence(self) -> None: ...

    @move(
        state,
        [*UNTIL_RECOMMENDED, S.RECOMMENDED, S.MINDED_TO_REFUSE, S.IN_PRINCIPLE],
        S.WITHDRAWN,
        SIGN,
        letter="L13",
        clock="halt:all",
        note_required=True,
        title="Withdraw the application",
    )
    def withdraw(self) -> None: ...

    @move(
        state,
        [S.DRAFT, S.RETURNED, S.RFI],
        S.LAPSED,
        SYSTEM,
        gates=[applicant_was_silent],
        letter="L14",
        clock="halt:all",
        note_required=True,
    )
    def lapse(self) -> None: ...

    # Who has met every condition waits for the board, and loses nothing by that.
    @move(
        state,
        S.IN_PRINCIPLE,
        S.LAPSED,
        SYSTEM,
        gates=[time_for_the_conditions_is_over, a_condition_precedent_is_unmet],
        letter="L14",
        clock="halt:all",
        note_required=True,
    )
    def let_approval_lapse(self) -> None: ...
