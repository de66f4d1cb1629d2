"""P3, second part: what the committee and the board decide on it, and how it ends where there is nothing to decide."""

from licensing.access import DECIDE, GRANT_LICENCE, SIGN
from licensing.rules.activities import capital_is_paid_up, criteria_of_the_activities_are_met
from licensing.rules.appeals import appeal_took_the_refusal_away, decider_is_new_after_an_appeal
from licensing.rules.applications import (
    conditions_are_imposed_where_compulsory,
    evidence_is_unexpired,
    no_licence_is_live,
    no_other_case_is_open,
    noc_is_in_force,
    score_clears_g3,
    score_is_clear_of_g3_conditions,
)
from licensing.rules.conditions import (
    a_condition_precedent_is_unmet,
    conditions_are_drafted,
    conditions_precedent_are_met,
    drafted_conditions_can_be_met,
    time_for_the_conditions_is_over,
)
from licensing.rules.consultations import no_blocking_objection_stands
from licensing.rules.fees import annual_fee_is_paid
from licensing.rules.hands import HAD_NO_HAND, UNINVOLVED, granter_is_not_recommender_or_approver
from licensing.rules.inspections import no_critical_finding_is_open, no_high_finding_is_open
from licensing.rules.ownership import ownership_is_disclosed_to_natural_persons
from licensing.rules.people import key_individuals_are_fit_and_proper, officers_are_approved
from licensing.rules.refusals import firm_was_heard, grounds_are_drafted, representations_are_considered
from licensing.rules.requests import applicant_was_silent
from licensing.rules.votes import votes_carry_the_decision
from licensing.states import FullState as S
from pvara.kernel.machine import SYSTEM, Stateful, move

# Before anything is recommended.
UNTIL_RECOMMENDED = (
    *(S.DRAFT, S.SUBMITTED, S.COMPLETENESS_CHECK, S.RETURNED),
    *(S.UNDER_ASSESSMENT, S.RFI, S.INSPECTION),
)


class FullDecisionMoves(Stateful):
    class Meta:
        abstract = True

    @move(
        "state",
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
            noc_is_in_force,
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
        "state",
        S.RECOMMENDED,
        S.IN_PRINCIPLE,
        DECIDE,
        gates=[
            score_clears_g3,
            no_critical_finding_is_open,
            no_blocking_objection_stands,
            criteria_of_the_activities_are_met,
            capital_is_paid_up,
            noc_is_in_force,
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
        "state",
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
        "state",
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
        "state",
        S.MINDED_TO_REFUSE,
        S.RECOMMENDED,
        DECIDE,
        gates=[representations_are_considered, *UNINVOLVED, votes_carry_the_decision],
        clock="stop:representations",
        note_required=True,
        title="Reopen the case",
    )
    def reopen(self) -> None: ...

    @move(
        "state",
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
        "state",
        S.IN_PRINCIPLE,
        S.LICENSED,
        GRANT_LICENCE,
        gates=[
            score_clears_g3,
            evidence_is_unexpired,
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
            *HAD_NO_HAND,
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
        "state",
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
        "state",
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
        "state",
        S.IN_PRINCIPLE,
        S.LAPSED,
        SYSTEM,
        gates=[time_for_the_conditions_is_over, a_condition_precedent_is_unmet],
        letter="L14",
        clock="halt:all",
        note_required=True,
    )
    def let_approval_lapse(self) -> None: ...
