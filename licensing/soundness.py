"""Whether a scoring framework adds up: every fault of it, with the field in which it stands. Pure, like the score."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from licensing.scoring import PHASES, Criterion, Framework, Gate, Mark, exact, in_order


@dataclass(frozen=True)
class Fault:
    """One thing that keeps a framework from being published: where it stands, and why it is wrong.

    `part` is the code of the criterion or gate, empty for the framework itself; `field` its field, or the domain whose
    floor it is.
    """

    part: str
    field: str
    sentence: str

    @property
    def where(self) -> str:
        return f"{self.part} {self.field}".strip()


def faults(framework: Framework) -> list[Fault]:
    """What keeps a framework from being published, with the field of each; empty when it is sound."""
    said = []
    points = sum((each.points for each in framework.criteria), Decimal(0))
    if points != 100:
        said.append(Fault("", "points", f"The points of all criteria sum to {exact(points)}; they must sum to 100."))
    codes = [each.code for each in framework.criteria]
    said += [
        Fault(code, "code", f"Criterion {code} is there more than once.")
        for code in sorted(set(codes), key=in_order)
        if codes.count(code) > 1
    ]
    for each in framework.criteria:
        said += _faults_of_criterion(each, framework)
    for gate in framework.gates.values():
        said += _faults_of_gate(gate, framework)
    if not 0 <= framework.amber <= framework.green <= 100:
        said.append(Fault("", "amber", "The colours need 0 ≤ amber ≤ green ≤ 100."))
    return said


def _faults_of_criterion(each: Criterion, framework: Framework) -> Iterable[Fault]:
    name = f"Criterion {each.code}"
    if each.points <= 0:
        yield Fault(each.code, "points", f"{name} has {exact(each.points)} points; give it more than 0.")
    if each.domain not in framework.domains:
        yield Fault(each.code, "domain", f"{name} is in the domain {each.domain}, which is not there.")
    if each.applies_from not in PHASES:
        yield Fault(each.code, "applies_from", f"{name} applies from “{each.applies_from}”, which is no phase.")
    if each.waivable and each.mark is Mark.KNOCK_OUT:
        said = f"{name} is a knock-out, which nobody waives: take one of the two away."
        yield Fault(each.code, "waivable_by_committee", said)
    if not each.kinds:
        yield Fault(each.code, "kinds", f"{name} accepts no kind of evidence; choose at least one.")


def _faults_of_gate(gate: Gate, framework: Framework) -> Iterable[Fault]:
    if gate.phase not in PHASES:
        yield Fault(gate.code, "phase", f"Gate {gate.code} is at “{gate.phase}”, which is no phase.")
    for code in gate.floors:
        if code not in framework.domains:
            yield Fault(gate.code, code, f"Gate {gate.code} has a floor for {code}, which is no domain.")
    bars = {
        "total": gate.total,
        **gate.floors,
        "other_floor": gate.other_floor,
        "conditions_below": gate.conditions_below,
    }
    for where, bar in bars.items():
        if bar is not None and not 0 <= bar <= 100:
            said = f"Gate {gate.code} has a bar of {exact(bar)}%; bars run from 0 to 100."
            yield Fault(gate.code, where, said)
