"""P4, third part: what a successful appeal gives back."""

from licensing.rules import appeals
from licensing.rules import licences as rules
from licensing.states import LicenceState as S
from pvara.kernel.machine import SYSTEM, Stateful, move

AFTER_APPEAL = [rules.appeal_took_the_decision_away, rules.no_other_licence_is_live]


class AppealedLicenceMoves(Stateful):
    class Meta:
        abstract = True

    # ── After an appeal ──────────────────────────────────────────────────────────────────────────────────────────────
    @move(
        "state",
        [S.REVOKED, S.SUSPENDED],
        S.ACTIVE,
        SYSTEM,
        gates=[*AFTER_APPEAL, rules.no_suspension_stands, rules.no_restriction_stands],
        letter="L53",
        clock="halt:all",
        note_required=True,
        title="Restore the licence after an appeal",
    )
    def restore(self) -> None: ...

    @move(
        "state",
        [S.REVOKED, S.SUSPENDED],
        S.RESTRICTED,
        SYSTEM,
        gates=[*AFTER_APPEAL, rules.no_suspension_stands, rules.a_restriction_stands],
        letter="L53",
        clock="halt:all",
        note_required=True,
        title="Restore the licence, with the restrictions in force",
    )
    def restore_restricted(self) -> None: ...

    @move(
        "state",
        S.REVOKED,
        S.SUSPENDED,
        SYSTEM,
        gates=[*AFTER_APPEAL, rules.a_suspension_stands],
        note_required=True,
        title="Restore the licence, with the suspension in force",
    )
    def restore_suspended(self) -> None: ...

    @move(
        "state",
        S.RESTRICTED,
        S.ACTIVE,
        SYSTEM,
        gates=[appeals.appeal_took_a_restriction_away, appeals.no_other_restriction_stands],
        letter="L41",
        note_required=True,
        title="Lift the restriction after an appeal",
    )
    def lift_after_appeal(self) -> None: ...

    @move(
        "state",
        S.RESTRICTED,
        S.RESTRICTED,
        SYSTEM,
        gates=[appeals.appeal_took_a_restriction_away, appeals.another_restriction_stands],
        letter="L41",
        note_required=True,
        title="Ease the restrictions after an appeal",
    )
    def ease_after_appeal(self) -> None: ...

    @move(
        "state",
        [S.ACTIVE, S.RESTRICTED],
        S.SURRENDER_REQUESTED,
        SYSTEM,
        gates=[appeals.appeal_took_the_refusal_of_surrender_away, rules.surrender_is_declared],
        clock="start:surrender",
        note_required=True,
        title="Take up the surrender again",
    )
    def take_up_surrender_again(self) -> None: ...
