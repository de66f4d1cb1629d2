"""P2: the set-up of the local subsidiary and its nine milestones. No virtual-asset business yet."""

from django_fsm import FSMField

from licensing.access import CONFIRM_SETUP, REPRESENT, VERIFY_MILESTONES
from licensing.rules.applications import noc_is_in_force, score_clears_g2
from licensing.rules.setup import (
    confirmer_did_not_verify,
    milestones_are_verified,
    particulars_are_given,
    subsidiary_is_held,
    verifier_is_not_submitter,
)
from licensing.states import MilestoneState as M
from licensing.states import SetUpState as S
from pvara.kernel.machine import Stateful, move


class SetUpLifecycle(Stateful):
    chapter = "P2"
    state = FSMField(default=S.OPEN, choices=S.choices, protected=True)

    class Meta:
        abstract = True

    @move(
        state,
        S.OPEN,
        S.COMPLETE,
        CONFIRM_SETUP,
        gates=[milestones_are_verified, subsidiary_is_held, noc_is_in_force, score_clears_g2, confirmer_did_not_verify],
        letter="L22",
        clock="stop:set_up",
        signed_as="confirmed_by",
        title="Confirm the set-up",
    )
    def confirm_setup(self) -> None: ...


class MilestoneLifecycle(Stateful):
    chapter = "P2 milestone"
    state = FSMField(default=M.PENDING, choices=M.choices, protected=True)

    class Meta:
        abstract = True

    @move(
        state,
        [M.PENDING, M.DEFICIENT],
        M.SUBMITTED,
        REPRESENT,
        gates=[particulars_are_given],
        clock="start:verification",
        signed_as="submitted_by",
    )
    def submit(self) -> None: ...

    @move(
        state,
        M.SUBMITTED,
        M.VERIFIED,
        VERIFY_MILESTONES,
        gates=[verifier_is_not_submitter],
        clock="stop:verification",
        signed_as="verified_by",
    )
    def verify(self) -> None: ...

    @move(
        state,
        M.SUBMITTED,
        M.DEFICIENT,
        VERIFY_MILESTONES,
        clock="stop:verification",
        note_required=True,
        title="Find deficient",
    )
    def find_deficient(self) -> None: ...
