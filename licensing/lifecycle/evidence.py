"""A piece of evidence: uploaded by the firm, accepted or rejected by staff, and good for as long as its criteria allow.

The score goes by the days themselves: a piece counts from its acceptance on, and less once the grace after its last day
is over. That it is about to expire, or has expired, is said here for people. A version counts until a newer one of the
same document is accepted.
"""

from licensing.access import ACCEPT_EVIDENCE
from licensing.rules.evidence import (
    accepter_is_not_uploader,
    document_was_accepted_itself,
    document_was_not_accepted_itself,
    expiry_is_near,
    file_is_not_infected,
    last_day_is_over,
    newer_version_is_accepted,
    no_newer_version_is_accepted,
)
from licensing.rules.interests import person_has_no_interest
from licensing.states import EvidenceState as S
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class EvidenceLifecycle(Stateful):
    chapter = "P5"
    state = StateField(default=S.UPLOADED, choices=S.choices)
    standing_gates = (person_has_no_interest,)

    class Meta:
        abstract = True

    @move(
        state,
        S.UPLOADED,
        S.ACCEPTED,
        ACCEPT_EVIDENCE,
        gates=[file_is_not_infected, accepter_is_not_uploader],
        signed_as="accepted_by",
    )
    def accept(self) -> None: ...

    # Also when it has expired: in its grace it still counts.
    @move(state, [S.UPLOADED, S.ACCEPTED, S.EXPIRING, S.EXPIRED], S.REJECTED, ACCEPT_EVIDENCE, note_required=True)
    def reject(self) -> None: ...

    @move(state, S.ACCEPTED, S.EXPIRING, SYSTEM, gates=[expiry_is_near])
    def near_expiry(self) -> None: ...

    @move(state, [S.ACCEPTED, S.EXPIRING], S.EXPIRED, SYSTEM, gates=[last_day_is_over])
    def expire(self) -> None: ...

    # With the acceptance of a newer version: this one proves nothing any more, and nobody waits for it.
    @move(
        state,
        [S.UPLOADED, S.ACCEPTED, S.EXPIRING, S.EXPIRED],
        S.SUPERSEDED,
        SYSTEM,
        gates=[newer_version_is_accepted],
    )
    def supersede(self) -> None: ...

    # When the newer version is rejected after all, what stood before it stands again.
    @move(state, S.SUPERSEDED, S.ACCEPTED, SYSTEM, gates=[no_newer_version_is_accepted, document_was_accepted_itself])
    def count_again(self) -> None: ...

    @move(
        state, S.SUPERSEDED, S.UPLOADED, SYSTEM, gates=[no_newer_version_is_accepted, document_was_not_accepted_itself]
    )
    def wait_again(self) -> None: ...
