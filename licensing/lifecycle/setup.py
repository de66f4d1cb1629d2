"""P2: the set-up of the local subsidiary and its nine milestones. No virtual-asset business yet."""

from licensing.access import CONFIRM_SETUP, REPRESENT, SIGN, VERIFY_MILESTONES
from licensing.lifecycle.noc import TELLS
from licensing.rules.appeals import setup_lapsed_with_its_noc
from licensing.rules.applications import criteria_are_rated_and_moderated, noc_is_in_force, score_clears_g2
from licensing.rules.fees import extension_fee_is_paid
from licensing.rules.hands import HAD_NO_HAND
from licensing.rules.interests import person_has_no_interest
from licensing.rules.noc import extension_was_asked_for, no_extension_waits
from licensing.rules.people import officers_are_approved
from licensing.rules.setup import (
    confirmer_did_not_verify,
    evidence_is_attached,
    identifiers_are_nobody_elses,
    milestones_are_verified,
    owners_are_known_since_the_noc,
    particulars_are_given,
    set_up_is_open,
    setup_time_or_noc_has_ended,
    setup_was_not_extended,
    shares_are_stated_alike,
    subsidiary_is_held,
    verifier_is_not_submitter,
)
from licensing.states import MilestoneState as M
from licensing.states import SetUpState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class SetUpLifecycle(Stateful):
    chapter = "P2"
    state = StateField(default=S.OPEN, choices=S.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (ClockRule("set_up", "setup.finish", "Set-up"),)

    class Meta:
        abstract = True

    @move(
        state,
        S.OPEN,
        S.COMPLETE,
        CONFIRM_SETUP,
        gates=[
            milestones_are_verified,
            subsidiary_is_held,
            shares_are_stated_alike,
            noc_is_in_force,
            criteria_are_rated_and_moderated,
            score_clears_g2,
            confirmer_did_not_verify,
            *HAD_NO_HAND,
        ],
        letter="L22",
        clock="stop:set_up",
        signed_as="confirmed_by",
        title="Confirm the set-up",
    )
    def confirm_setup(self) -> None: ...

    @move(
        state,
        S.OPEN,
        S.OPEN,
        SIGN,
        gates=[setup_was_not_extended, no_extension_waits],
        note_required=True,
        note_title="Why more time is needed, and for which milestones",
        title="Ask for an extension",
    )
    def ask_to_extend(self) -> None: ...

    @move(
        state,
        S.OPEN,
        S.OPEN,
        CONFIRM_SETUP,
        gates=[setup_was_not_extended, extension_was_asked_for, extension_fee_is_paid, *HAD_NO_HAND],
        title="Extend the set-up",
    )
    def extend_setup(self) -> None: ...

    @move(
        state,
        S.OPEN,
        S.LAPSED,
        SYSTEM,
        gates=[setup_time_or_noc_has_ended],
        letter="L24",
        clock="halt:all",
        note_required=True,
        title="Let the set-up lapse",
    )
    def lapse(self) -> None: ...

    @move(
        state,
        S.LAPSED,
        S.OPEN,
        SYSTEM,
        gates=[noc_is_in_force, setup_lapsed_with_its_noc],
        letter="L20",
        clock="start:set_up",
        note_required=True,
        title="Open the set-up again with its NOC",
    )
    def reopen_with_noc(self) -> None: ...


class MilestoneLifecycle(Stateful):
    chapter = "P2 milestone"
    state = StateField(default=M.PENDING, choices=M.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (ClockRule("verification", "milestone.verify", "Verification", TELLS, inward=True),)

    class Meta:
        abstract = True

    @move(
        state,
        [M.PENDING, M.DEFICIENT],
        M.SUBMITTED,
        REPRESENT,
        gates=[set_up_is_open, particulars_are_given, evidence_is_attached],
        clock="start:verification",
        signed_as="submitted_by",
    )
    def submit(self) -> None: ...

    @move(
        state,
        M.SUBMITTED,
        M.VERIFIED,
        VERIFY_MILESTONES,
        gates=[
            set_up_is_open,
            verifier_is_not_submitter,
            identifiers_are_nobody_elses,
            officers_are_approved,
            owners_are_known_since_the_noc,
        ],
        clock="stop:verification",
        signed_as="verified_by",
    )
    def verify(self) -> None: ...

    @move(
        state,
        M.SUBMITTED,
        M.DEFICIENT,
        VERIFY_MILESTONES,
        gates=[set_up_is_open],
        letter="L21",
        clock="stop:verification",
        note_required=True,
        title="Find deficient",
    )
    def find_deficient(self) -> None: ...
