"""P1: Form A1 to the No Objection Certificate. A NOC is not an operating licence."""

from licensing.access import CHECK_INTAKE, DECIDE, RATE, RECOMMEND, RETURN_CASES, SIGN, SUSPEND_NOC
from licensing.rules import appeals, completeness, requests
from licensing.rules import noc as term
from licensing.rules.appeals import appeal_took_the_refusal_away, decider_is_new_after_an_appeal
from licensing.rules.applications import (
    criteria_are_rated_and_moderated,
    decider_did_not_assess,
    decider_is_not_case_officer,
    decider_is_not_recommender,
    declaration_is_signed,
    no_other_case_is_open,
    recommender_did_not_assess,
    recommender_is_not_case_officer,
    score_clears_g1,
    score_is_clear_of_g1_conditions,
    sections_are_complete,
)
from licensing.rules.conditions import conditions_are_drafted, drafted_conditions_can_be_met, no_condition_is_drafted
from licensing.rules.consultations import consultations_are_closed, no_blocking_objection_stands
from licensing.rules.fees import fee_is_confirmed, fee_reference_is_given, officer_did_not_record_the_payment
from licensing.rules.interests import person_has_no_interest
from licensing.rules.ownership import ownership_is_disclosed_to_natural_persons
from licensing.rules.people import key_individuals_are_fit_and_proper, officers_are_approved
from licensing.rules.refusals import firm_was_heard, grounds_are_drafted, representations_are_considered
from licensing.rules.votes import votes_carry_the_decision
from licensing.states import NocState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move

# Whoever decides on a case has had no part in it before.
UNINVOLVED = (
    decider_is_not_recommender,
    decider_is_not_case_officer,
    decider_did_not_assess,
    decider_is_new_after_an_appeal,
)
# Whoever decides on a NOC that was granted has the votes of the committee.
OF_A_NOC = (decider_is_not_case_officer, votes_carry_the_decision)

# Who is told when a clock of the Authority runs out, and who next, and next.
TELLS = ("case_officer", "supervisor", "committee_member")


class NocLifecycle(Stateful):
    chapter = "P1"
    state = StateField(default=S.DRAFT, choices=S.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (
        ClockRule("decision", "noc.decision", "Decision", TELLS),
        ClockRule("intake", "noc.intake", "Completeness check", TELLS, inward=True),
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
        gates=[sections_are_complete, declaration_is_signed, fee_reference_is_given, no_other_case_is_open],
        letter="L01",
        clock="start:decision",
        signed_as="submitted_by",
    )
    def submit(self) -> None: ...

    @move(
        state,
        S.SUBMITTED,
        S.COMPLETENESS_CHECK,
        CHECK_INTAKE,
        gates=[fee_is_confirmed, officer_did_not_record_the_payment],
        clock="start:intake",
        signed_as="case_officer",
    )
    def accept_intake(self) -> None: ...

    @move(
        state,
        S.COMPLETENESS_CHECK,
        S.RETURNED,
        RETURN_CASES,
        gates=[
            completeness.deficiencies_are_drafted,
            completeness.returner_did_not_draft,
            completeness.rounds_are_left,
        ],
        letter="L02",
        clock=("pause:intake", "pause:decision", "start:answer"),
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
        gates=[completeness.deficiencies_are_answered, sections_are_complete, declaration_is_signed],
        clock=("resume:intake", "resume:decision", "stop:answer"),
    )
    def resubmit(self) -> None: ...

    @move(
        state,
        [S.COMPLETENESS_CHECK, S.RETURNED],
        S.REJECTED,
        (RETURN_CASES, SYSTEM),
        gates=[completeness.time_or_rounds_are_used_up],
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
        gates=[completeness.checklist_is_complete],
        letter="L04",
        clock="stop:intake",
    )
    def declare_complete(self) -> None: ...

    # Only the first request of a case stops its decision clock: actions/requests.py turns it.
    @move(
        state,
        S.UNDER_ASSESSMENT,
        S.RFI,
        (CHECK_INTAKE, RATE),
        gates=[requests.questions_are_drafted],
        letter="L05",
        title="Request information",
    )
    def raise_rfi(self) -> None: ...

    @move(state, S.RFI, S.UNDER_ASSESSMENT, SIGN, gates=[requests.questions_are_answered], title="Answer the request")
    def answer_rfi(self) -> None: ...

    @move(
        state,
        S.UNDER_ASSESSMENT,
        S.RECOMMENDED,
        RECOMMEND,
        gates=[
            criteria_are_rated_and_moderated,
            consultations_are_closed,
            requests.requests_are_closed,
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
        S.GRANTED,
        DECIDE,
        gates=[
            score_clears_g1,
            no_blocking_objection_stands,
            score_is_clear_of_g1_conditions,
            no_condition_is_drafted,
            *UNINVOLVED,
            officers_are_approved,
            votes_carry_the_decision,
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
        gates=[
            score_clears_g1,
            no_blocking_objection_stands,
            conditions_are_drafted,
            drafted_conditions_can_be_met,
            *UNINVOLVED,
            officers_are_approved,
            votes_carry_the_decision,
        ],
        letter="L10",
        clock="stop:decision",
        signed_as="decided_by",
        title="Impose conditions and grant",
    )
    def grant_with_conditions(self) -> None: ...

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
        gates=[
            firm_was_heard,
            representations_are_considered,
            *UNINVOLVED,
            votes_carry_the_decision,
        ],
        letter="L12",
        clock="halt:all",
        signed_as="decided_by",
        note_required=True,
        note_title="Reasons, and what the representations changed",
        title="Refuse the NOC",
    )
    def refuse_noc(self) -> None: ...

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
        gates=[appeal_took_the_refusal_away, no_other_case_is_open],
        clock="start:decision",
        note_required=True,
        title="Remit for a new decision",
    )
    def remit(self) -> None: ...

    @move(
        state,
        [
            S.DRAFT,
            S.SUBMITTED,
            S.COMPLETENESS_CHECK,
            S.RETURNED,
            S.UNDER_ASSESSMENT,
            S.RFI,
            S.RECOMMENDED,
            S.MINDED_TO_REFUSE,
        ],
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
        gates=[requests.applicant_was_silent],
        letter="L14",
        clock="halt:all",
        note_required=True,
    )
    def lapse(self) -> None: ...

    @move(
        state,
        S.GRANTED,
        S.GRANTED,
        SIGN,
        gates=[term.noc_is_in_term, term.noc_was_not_extended, term.no_extension_waits],
        note_required=True,
        note_title="Why the NOC is needed for longer",
        title="Ask for an extension",
    )
    def ask_to_extend(self) -> None: ...

    @move(
        state,
        S.GRANTED,
        S.GRANTED,
        DECIDE,
        gates=[term.noc_is_in_term, term.noc_was_not_extended, term.extension_was_asked_for, *OF_A_NOC],
        letter="L10",
        title="Extend the NOC",
    )
    def extend_noc(self) -> None: ...

    @move(
        state,
        S.GRANTED,
        S.SUSPENDED,
        SUSPEND_NOC,
        gates=[decider_is_not_case_officer],
        letter="L16",
        signed_as="suspended_by",
        note_required=True,
        title="Suspend the NOC",
    )
    def suspend_noc(self) -> None: ...

    @move(
        state,
        S.SUSPENDED,
        S.GRANTED,
        DECIDE,
        gates=[term.noc_is_in_term, term.reinstater_is_not_suspender, *OF_A_NOC],
        letter="L10",
        note_required=True,
        title="Reinstate the NOC",
    )
    def reinstate_noc(self) -> None: ...

    @move(
        state,
        [S.GRANTED, S.SUSPENDED],
        S.REVOKED,
        DECIDE,
        gates=[term.revoker_is_not_suspender, *OF_A_NOC],
        letter="L17",
        signed_as="revoked_by",
        note_required=True,
        title="Revoke the NOC",
    )
    def revoke_noc(self) -> None: ...

    @move(
        state,
        [S.GRANTED, S.SUSPENDED],
        S.EXPIRED,
        SYSTEM,
        gates=[term.noc_term_or_set_up_has_ended],
        letter="L15",
        title="Let the NOC expire",
    )
    def expire_noc(self) -> None: ...

    @move(
        state,
        [S.SUSPENDED, S.REVOKED],
        S.GRANTED,
        SYSTEM,
        gates=[*appeals.OF_A_NOC_THAT_COMES_BACK, term.noc_is_in_term, appeals.no_suspension_lies_beneath],
        letter="L10",
        note_required=True,
        title="Restore the NOC after an appeal",
    )
    def restore_noc(self) -> None: ...

    @move(
        state,
        S.REVOKED,
        S.SUSPENDED,
        SYSTEM,
        gates=[*appeals.OF_A_NOC_THAT_COMES_BACK, term.noc_is_in_term, appeals.a_suspension_lies_beneath],
        note_required=True,
        title="Restore the NOC, with the suspension in force",
    )
    def restore_noc_suspended(self) -> None: ...
