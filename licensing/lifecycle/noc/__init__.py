"""P1: Form A1 to the No Objection Certificate. A NOC is not an operating licence."""

from licensing.lifecycle.noc.application import NocApplicationMoves
from licensing.lifecycle.noc.certificate import NocCertificateMoves
from licensing.lifecycle.noc.decision import NocDecisionMoves
from licensing.lifecycle.noc.urgent import NocUrgentMoves
from licensing.rules.interests import person_has_no_interest
from licensing.states import NocState as S
from pvara.kernel.clock import ClockRule
from pvara.kernel.machine import StateField

# Who is told when a clock of the Authority runs out, and who next, and next.
TELLS = ("case_officer", "supervisor", "committee_member")


class NocLifecycle(NocApplicationMoves, NocDecisionMoves, NocCertificateMoves, NocUrgentMoves):
    chapter = "P1"
    state = StateField(default=S.DRAFT, choices=S.choices)
    standing_gates = (person_has_no_interest,)
    clocks = (
        ClockRule("decision", "noc.decision", "Decision", TELLS),
        ClockRule("intake", "noc.intake", "Completeness check", TELLS, inward=True),
        ClockRule("answer", "returned.answer", "Answers to what is missing"),
        ClockRule("representations", "representations", "Representations"),
        ClockRule("hearing", "suspension.hearing", "Hearing after an urgent suspension", TELLS[1:]),
        ClockRule(
            "ratification", "suspension.ratification", "Ratification of the urgent suspension", ("board_member",)
        ),
        ClockRule("confirmation", "refusal_confirmation", "Confirmation of the refusal", TELLS, inward=True),
    )
    keeps = (
        "returned.rounds",
        "noc.request_stops_clock",
        "request.stop_at_most",
        "request.lapse",
        "silence.warning",
        "silence.lapse",
    )

    class Meta:
        abstract = True
