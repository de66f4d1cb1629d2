"""P3: the subsidiary's application for the full licence, from its draft to the licence."""

from licensing.lifecycle.full.application import FullApplicationMoves
from licensing.lifecycle.full.decision import FullDecisionMoves
from licensing.lifecycle.noc import TELLS
from licensing.rules.interests import person_has_no_interest
from licensing.states import FullState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import StateField


class FullLifecycle(FullApplicationMoves, FullDecisionMoves):
    chapter = "P3"
    state = StateField(default=S.DRAFT, choices=S.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (
        ClockRule("completeness", "full.completeness", "Completeness check", TELLS, inward=True),
        ClockRule("decision", "full.decision", "Decision", TELLS),
        ClockRule("conditions", "conditions_precedent", "Conditions precedent"),
        ClockRule("answer", "returned.answer", "Answers to what is missing"),
        ClockRule("representations", "representations", "Representations"),
        ClockRule("confirmation", "refusal_confirmation", "Confirmation of the refusal", TELLS, inward=True),
    )
    keeps = (
        "returned.rounds",
        "full.request_stops_clock",
        "request.stop_at_most",
        "request.lapse",
        "silence.warning",
        "silence.lapse",
    )

    class Meta:
        abstract = True
