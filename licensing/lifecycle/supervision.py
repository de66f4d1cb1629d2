"""Supervision of a licensee: the returns that it files, and the incidents that it reports."""

from licensing.access import REPRESENT, SUPERVISE
from licensing.rules.interests import person_has_no_interest
from licensing.rules.supervision import figures_are_filed, return_is_documented
from licensing.states import FilingState as S
from licensing.states import IncidentState as I
from pvara.kernel.machine import StateField, Stateful, move


class FilingLifecycle(Stateful):
    chapter = "P4 return"
    standing_gates = (person_has_no_interest,)
    state = StateField(default=S.DUE, choices=S.choices)

    class Meta:
        abstract = True

    @move(
        state,
        [S.DUE, S.QUERIED],
        S.FILED,
        REPRESENT,
        gates=[figures_are_filed, return_is_documented],
        signed_as="filed_by",
        title="File the return",
    )
    def file(self) -> None: ...

    @move(
        state,
        S.FILED,
        S.QUERIED,
        SUPERVISE,
        note_required=True,
        note_title="What is asked, as the firm will read it",
        title="Query the return",
    )
    def query(self) -> None: ...

    @move(state, S.FILED, S.ACCEPTED, SUPERVISE, signed_as="accepted_by", title="Accept the return")
    def accept(self) -> None: ...


class IncidentLifecycle(Stateful):
    chapter = "P4 incident"
    standing_gates = (person_has_no_interest,)
    state = StateField(default=I.REPORTED, choices=I.choices)

    class Meta:
        abstract = True

    @move(
        state,
        I.REPORTED,
        I.CLOSED,
        SUPERVISE,
        signed_as="closed_by",
        note_required=True,
        note_title="What came of it",
        title="Close the incident",
    )
    def close(self) -> None: ...

    @move(state, I.CLOSED, I.REPORTED, SUPERVISE, note_required=True, title="Open the incident again")
    def reopen(self) -> None: ...
