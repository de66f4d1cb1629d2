"""P4: the life of a licence. Its standing as a venue follows every move in the same transaction."""

from django_fsm import FSMField

from licensing.access import REINSTATE_LICENCE, REVOKE_LICENCE, SUSPEND_LICENCE
from licensing.rules.applications import score_clears_g4
from licensing.rules.licences import licence_is_in_term, reinstater_is_not_suspender
from licensing.states import LicenceState as S
from pvara.kernel.machine import Stateful, move


class LicenceLifecycle(Stateful):
    chapter = "P4"
    state = FSMField(default=S.ACTIVE, choices=S.choices, protected=True)

    class Meta:
        abstract = True

    @move(
        state,
        S.ACTIVE,
        S.SUSPENDED,
        SUSPEND_LICENCE,
        letter="L51",
        signed_as="suspended_by",
        note_required=True,
        title="Suspend the licence",
    )
    def suspend(self) -> None: ...

    @move(
        state,
        S.SUSPENDED,
        S.ACTIVE,
        REINSTATE_LICENCE,
        gates=[licence_is_in_term, score_clears_g4, reinstater_is_not_suspender],
        letter="L53",
        note_required=True,
        title="Reinstate the licence",
    )
    def reinstate(self) -> None: ...

    @move(
        state,
        [S.ACTIVE, S.SUSPENDED],
        S.REVOKED,
        REVOKE_LICENCE,
        letter="L54",
        signed_as="revoked_by",
        note_required=True,
        title="Revoke the licence",
    )
    def revoke(self) -> None: ...
