"""P4, second part: the end of a licence, by revocation, surrender or time."""

from licensing.access import (
    DECIDE,
    REVOKE_LICENCE,
    SIGN,
)
from licensing.rules import appeals
from licensing.rules import licences as rules
from licensing.rules.hands import BY_VOTE
from licensing.states import IN_FORCE
from licensing.states import LicenceState as S
from pvara.kernel.machine import SYSTEM, Stateful, move

# Whoever decides that a licence is taken back, with the votes of the body.
TAKERS = [rules.decider_did_not_confirm_the_assets, appeals.decider_is_new_after_an_appeal, *BY_VOTE]


class EndingMoves(Stateful):
    class Meta:
        abstract = True

    # ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────
    @move(
        "state",
        [S.SHOW_CAUSE, S.SUSPENDED],
        S.REVOKED,
        REVOKE_LICENCE,
        gates=[
            rules.revocation_is_proposed,
            rules.firm_was_heard,
            rules.revoker_did_not_propose,
            rules.decider_did_not_issue_the_notice,
            rules.revoker_is_not_suspender,
            appeals.suspension_is_not_stayed,
            *BY_VOTE,
        ],
        letter="L54",
        clock="halt:all",
        signed_as="revoked_by",
        note_required=True,
        title="Revoke the licence",
    )
    def revoke(self) -> None: ...

    @move(
        "state",
        [S.ACTIVE, S.RESTRICTED],
        S.SURRENDER_REQUESTED,
        SIGN,
        gates=[rules.surrender_is_declared],
        clock="start:surrender",
        title="Ask to surrender the licence",
    )
    def request_surrender(self) -> None: ...

    @move(
        "state",
        S.SURRENDER_REQUESTED,
        S.SURRENDERED,
        DECIDE,
        gates=[rules.client_assets_are_returned, rules.no_enforcement_is_open, *TAKERS],
        letter="L55",
        clock="halt:all",
        title="Accept the surrender",
    )
    def accept_surrender(self) -> None: ...

    @move(
        "state",
        S.SURRENDER_REQUESTED,
        S.ACTIVE,
        DECIDE,
        gates=[rules.no_restriction_stands, *TAKERS],
        letter="L59",
        clock="stop:surrender",
        note_required=True,
        title="Refuse the surrender",
    )
    def refuse_surrender(self) -> None: ...

    @move(
        "state",
        S.SURRENDER_REQUESTED,
        S.RESTRICTED,
        DECIDE,
        gates=[rules.a_restriction_stands, *TAKERS],
        letter="L59",
        clock="stop:surrender",
        note_required=True,
        title="Refuse the surrender, with the restrictions in force",
    )
    def refuse_surrender_restricted(self) -> None: ...

    @move(
        "state",
        [*IN_FORCE, S.SUSPENDED],
        S.EXPIRED,
        SYSTEM,
        gates=[
            rules.term_and_grace_have_ended,
            rules.no_renewal_is_pending,
            appeals.refusal_of_the_renewal_is_not_stayed,
        ],
        letter="L56",
        clock="halt:all",
        title="Let the licence expire",
    )
    def expire(self) -> None: ...
