"""Row 33: an inspection, from its notice to its report; and a finding, from its being raised to its being verified."""

from licensing.access import CLOSE_FINDINGS, INSPECT, REPRESENT, VERIFY_FINDINGS
from licensing.rules.inspections import (
    closer_is_not_raiser,
    day_of_the_inspection_has_come,
    plan_is_given,
    remediation_is_evidenced,
    results_are_recorded,
    verifier_is_not_raiser,
    verifier_is_not_remediator,
)
from licensing.rules.interests import person_has_no_interest
from licensing.states import FindingState as F
from licensing.states import InspectionState as S
from pvara.kernel.machine import SYSTEM, StateField, Stateful, move


class InspectionLifecycle(Stateful):
    chapter = "P3 inspection"
    standing_gates = (person_has_no_interest,)
    state = StateField(default=S.SCHEDULED, choices=S.choices)

    class Meta:
        abstract = True

    @move(
        state,
        S.SCHEDULED,
        S.REPORTED,
        INSPECT,
        gates=[day_of_the_inspection_has_come, results_are_recorded],
        signed_as="reported_by",
        note_required=True,
        note_title="What was found, in short",
        title="Report the inspection",
    )
    def report(self) -> None: ...

    @move(state, S.SCHEDULED, S.CANCELLED, (INSPECT, SYSTEM), note_required=True, title="Cancel the inspection")
    def cancel(self) -> None: ...


class FindingLifecycle(Stateful):
    chapter = "P3 finding"
    standing_gates = (person_has_no_interest,)
    state = StateField(default=F.OPEN, choices=F.choices)

    class Meta:
        abstract = True

    @move(state, F.OPEN, F.PLAN_AGREED, INSPECT, gates=[plan_is_given], title="Agree to the plan")
    def agree_plan(self) -> None: ...

    @move(
        state,
        F.PLAN_AGREED,
        F.REMEDIATED,
        REPRESENT,
        gates=[remediation_is_evidenced],
        signed_as="remediated_by",
        note_required=True,
        note_title="What was done",
        title="Report the remediation",
    )
    def report_remediation(self) -> None: ...

    @move(
        state,
        F.REMEDIATED,
        F.VERIFIED,
        VERIFY_FINDINGS,
        gates=[verifier_is_not_raiser, verifier_is_not_remediator],
        signed_as="verified_by",
        note_required=True,
        note_title="How it was verified",
        title="Verify the remediation",
    )
    def verify(self) -> None: ...

    @move(
        state,
        F.REMEDIATED,
        F.PLAN_AGREED,
        VERIFY_FINDINGS,
        note_required=True,
        note_title="What is wanting, as the firm will read it",
        title="Send the remediation back",
    )
    def send_back(self) -> None: ...

    @move(
        state,
        [F.OPEN, F.PLAN_AGREED, F.REMEDIATED],
        F.CLOSED,
        CLOSE_FINDINGS,
        gates=[closer_is_not_raiser],
        signed_as="closed_by",
        note_required=True,
        title="Close the finding without remedy",
    )
    def close(self) -> None: ...
