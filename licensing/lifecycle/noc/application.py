"""P1, first part: Form A1 until it is recommended, or rejected as incomplete."""

from licensing.access import CHECK_INTAKE, RATE, RECOMMEND, RETURN_CASES, SIGN
from licensing.rules import completeness, requests
from licensing.rules.applications import (
    criteria_are_rated_and_moderated,
    declaration_is_signed,
    documents_are_present,
    no_other_case_is_open,
    sections_are_complete,
)
from licensing.rules.consultations import consultations_are_closed
from licensing.rules.fees import fee_is_confirmed, fee_reference_is_given, officer_did_not_record_the_payment
from licensing.rules.hands import HAD_NO_HAND, recommender_did_not_assess, recommender_is_not_case_officer
from licensing.rules.ownership import ownership_is_disclosed_to_natural_persons
from licensing.rules.people import key_individuals_are_fit_and_proper
from licensing.states import NocState as S
from pvara.kernel.machine import SYSTEM, Stateful, move


class NocApplicationMoves(Stateful):
    class Meta:
        abstract = True

    @move(
        "state",
        S.DRAFT,
        S.SUBMITTED,
        SIGN,
        gates=[
            sections_are_complete,
            documents_are_present,
            declaration_is_signed,
            fee_reference_is_given,
            no_other_case_is_open,
        ],
        letter="L01",
        clock="start:decision",
        signed_as="submitted_by",
    )
    def submit(self) -> None: ...

    @move(
        "state",
        S.SUBMITTED,
        S.COMPLETENESS_CHECK,
        CHECK_INTAKE,
        gates=[fee_is_confirmed, officer_did_not_record_the_payment],
        clock="start:intake",
        signed_as="case_officer",
    )
    def accept_intake(self) -> None: ...

    @move(
        "state",
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
        "state",
        S.RETURNED,
        S.COMPLETENESS_CHECK,
        SIGN,
        gates=[
            completeness.deficiencies_are_answered,
            sections_are_complete,
            documents_are_present,
            declaration_is_signed,
        ],
        clock=("resume:intake", "resume:decision", "stop:answer"),
    )
    def resubmit(self) -> None: ...

    @move(
        "state",
        [S.COMPLETENESS_CHECK, S.RETURNED],
        S.REJECTED,
        (RETURN_CASES, SYSTEM),
        gates=[completeness.time_or_rounds_are_used_up, *HAD_NO_HAND],
        letter="L03",
        clock="halt:all",
        signed_as="rejected_by",
        note_required=True,
        title="Reject as incomplete",
    )
    def reject_incomplete(self) -> None: ...

    @move(
        "state",
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
        "state",
        S.UNDER_ASSESSMENT,
        S.RFI,
        (CHECK_INTAKE, RATE),
        gates=[requests.questions_are_drafted],
        letter="L05",
        title="Request information",
    )
    def raise_rfi(self) -> None: ...

    @move("state", S.RFI, S.UNDER_ASSESSMENT, SIGN, gates=[requests.questions_are_answered], title="Answer the request")
    def answer_rfi(self) -> None: ...

    @move(
        "state",
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
