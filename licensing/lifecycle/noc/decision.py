"""P1, second part: what the committee decides on Form A1, and how it ends where there is nothing to decide."""

from licensing.access import DECIDE, SIGN
from licensing.rules import requests
from licensing.rules.appeals import appeal_took_the_refusal_away
from licensing.rules.applications import no_other_case_is_open, score_clears_g1, score_is_clear_of_g1_conditions
from licensing.rules.conditions import conditions_are_drafted, drafted_conditions_can_be_met, no_condition_is_drafted
from licensing.rules.consultations import no_blocking_objection_stands
from licensing.rules.hands import UNINVOLVED
from licensing.rules.people import officers_are_approved
from licensing.rules.refusals import firm_was_heard, grounds_are_drafted, representations_are_considered
from licensing.rules.votes import votes_carry_the_decision
from licensing.states import NocState as S
from pvara.kernel.machine import SYSTEM, Stateful, move


class NocDecisionMoves(Stateful):
    class Meta:
        abstract = True

    @move(
        "state",
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
        "state",
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
        gates=[appeal_took_the_refusal_away, no_other_case_is_open],
        clock="start:decision",
        note_required=True,
        title="Remit for a new decision",
    )
    def remit(self) -> None: ...

    # Without a decision.
    @move(
        "state",
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
        "state",
        [S.DRAFT, S.RETURNED, S.RFI],
        S.LAPSED,
        SYSTEM,
        gates=[requests.applicant_was_silent],
        letter="L14",
        clock="halt:all",
        note_required=True,
    )
    def lapse(self) -> None: ...
