"""P2: AML Registered Services, permitted beside a NOC when the Authority has switched them on. Off by default."""

from licensing.access import DECIDE, SIGN
from licensing.rules import appeals
from licensing.rules.aml import (
    aml_milestones_are_verified,
    aml_services_are_switched_on,
    decider_did_not_verify,
    full_licence_is_decided,
    full_licence_is_not_decided,
    noc_is_no_longer_in_force,
    services_may_be_registered,
)
from licensing.rules.applications import criteria_are_rated_and_moderated, noc_is_in_force, score_clears_g2a
from licensing.rules.hands import HAD_NO_HAND
from licensing.rules.interests import person_has_no_interest
from licensing.rules.votes import votes_carry_the_decision
from licensing.states import AmlState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class AmlLifecycle(Stateful):
    chapter = "P2 AML services"
    standing_gates = (person_has_no_interest,)
    clocks = (ClockRule("decision", "aml.decision", "Decision", ("supervisor", "committee_member")),)
    state = StateField(default=S.REQUESTED, choices=S.choices)

    class Meta:
        abstract = True

    @move(
        state,
        S.REQUESTED,
        S.PERMITTED,
        DECIDE,
        gates=[
            aml_services_are_switched_on,
            services_may_be_registered,
            aml_milestones_are_verified,
            noc_is_in_force,
            criteria_are_rated_and_moderated,
            score_clears_g2a,
            decider_did_not_verify,
            *HAD_NO_HAND,
            appeals.decider_is_new_after_an_appeal,
            votes_carry_the_decision,
        ],
        letter="L23",
        clock="halt:all",
        signed_as="decided_by",
        title="Permit the services",
    )
    def permit_aml_services(self) -> None: ...

    @move(
        state,
        S.REQUESTED,
        S.REFUSED,
        DECIDE,
        gates=[
            decider_did_not_verify,
            *HAD_NO_HAND,
            appeals.decider_is_new_after_an_appeal,
            votes_carry_the_decision,
        ],
        letter="L12",
        clock="halt:all",
        signed_as="decided_by",
        note_required=True,
        title="Refuse the services",
    )
    def refuse_aml_services(self) -> None: ...

    @move(
        state,
        S.REFUSED,
        S.REQUESTED,
        SYSTEM,
        gates=[appeals.appeal_took_the_refusal_away, noc_is_in_force, appeals.no_other_request_is_live],
        clock="start:decision",
        note_required=True,
        title="Remit for a new decision",
    )
    def remit(self) -> None: ...

    @move(state, S.REQUESTED, S.WITHDRAWN, SIGN, clock="halt:all", note_required=True, title="Withdraw the request")
    def withdraw(self) -> None: ...

    @move(
        state,
        S.PERMITTED,
        S.ENDED,
        DECIDE,
        gates=[*HAD_NO_HAND, votes_carry_the_decision],
        letter="L25",
        signed_as="ended_by",
        note_required=True,
        title="End the permission",
    )
    def end_aml_services(self) -> None: ...

    @move(
        state,
        [S.REQUESTED, S.PERMITTED],
        S.ENDED,
        SYSTEM,
        gates=[noc_is_no_longer_in_force],
        letter="L25",
        clock="halt:all",
        note_required=True,
        title="End with the NOC",
    )
    def end_with_noc(self) -> None: ...

    # It bridged the time until then.
    @move(
        state,
        [S.REQUESTED, S.PERMITTED],
        S.ENDED,
        SYSTEM,
        gates=[full_licence_is_decided],
        letter="L25",
        clock="halt:all",
        note_required=True,
        title="End with the decision on the licence",
    )
    def end_with_licence_decision(self) -> None: ...

    @move(
        state,
        S.ENDED,
        S.PERMITTED,
        SYSTEM,
        gates=[
            appeals.appeal_took_the_end_away,
            noc_is_in_force,
            full_licence_is_not_decided,
            appeals.no_other_request_is_live,
        ],
        letter="L23",
        note_required=True,
        title="Restore the permission",
    )
    def restore_aml_services(self) -> None: ...
