"""A piece of evidence: uploaded by the firm, accepted or rejected by staff. Expiry is a date, not a state."""

from licensing.access import ACCEPT_EVIDENCE
from licensing.rules.evidence import accepter_is_not_uploader, file_is_not_infected
from licensing.rules.interests import person_has_no_interest
from licensing.states import EvidenceState as S
from pvara.kernel.machine import StateField, Stateful, move


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

    @move(state, [S.UPLOADED, S.ACCEPTED], S.REJECTED, ACCEPT_EVIDENCE, note_required=True)
    def reject(self) -> None: ...
