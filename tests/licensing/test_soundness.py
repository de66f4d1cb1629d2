"""Whether a framework adds up: each fault with the part and the field in which it stands."""

from dataclasses import replace
from decimal import Decimal

import pytest

from licensing.soundness import Fault, faults
from tests.licensing.framework import DEFAULT, without


def test_the_default_framework_is_sound():
    assert faults(DEFAULT) == []


def changed(which: str, **values):
    criteria = tuple(replace(each, **values) if each.code == which else each for each in DEFAULT.criteria)
    return replace(DEFAULT, criteria=criteria)


def with_gate(**values):
    return replace(DEFAULT, gates={"G1": replace(DEFAULT.gates["G1"], **values)})


SUM = "The points of all criteria sum to 98; they must sum to 100."


@pytest.mark.parametrize(
    ("framework", "said"),
    [
        (without(["12.1"]), [Fault("", "points", SUM)]),
        (changed("1.2", code="1.1"), [Fault("1.1", "code", "Criterion 1.1 is there more than once.")]),
        (
            changed("1.2", points=Decimal(0)),
            [
                Fault("", "points", SUM),
                Fault("1.2", "points", "Criterion 1.2 has 0 points; give it more than 0."),
            ],
        ),
        (
            changed("1.2", domain="D13"),
            [Fault("1.2", "domain", "Criterion 1.2 is in the domain D13, which is not there.")],
        ),
        (
            changed("1.2", applies_from="LATER"),
            [Fault("1.2", "applies_from", "Criterion 1.2 applies from “LATER”, which is no phase.")],
        ),
        (
            changed("1.2", kinds=()),
            [Fault("1.2", "kinds", "Criterion 1.2 accepts no kind of evidence; choose at least one.")],
        ),
        (with_gate(phase="LATER"), [Fault("G1", "phase", "Gate G1 is at “LATER”, which is no phase.")]),
        (
            with_gate(floors={"D13": Decimal(60)}),
            [Fault("G1", "D13", "Gate G1 has a floor for D13, which is no domain.")],
        ),
        (
            with_gate(floors={"D1": Decimal(101)}),
            [Fault("G1", "D1", "Gate G1 has a bar of 101%; bars run from 0 to 100.")],
        ),
        (
            with_gate(other_floor=Decimal("100.01")),
            [Fault("G1", "other_floor", "Gate G1 has a bar of 100.01%; bars run from 0 to 100.")],
        ),
        (
            with_gate(conditions_below=Decimal(101)),
            [Fault("G1", "conditions_below", "Gate G1 has a bar of 101%; bars run from 0 to 100.")],
        ),
        (
            with_gate(total=Decimal("-0.5")),
            [Fault("G1", "total", "Gate G1 has a bar of -0.5%; bars run from 0 to 100.")],
        ),
        (replace(DEFAULT, amber=Decimal(90)), [Fault("", "amber", "The colours need 0 ≤ amber ≤ green ≤ 100.")]),
    ],
)
def test_a_framework_that_does_not_add_up(framework, said):
    assert faults(framework) == said


def test_a_bar_at_either_end_is_no_fault():
    for bar in (Decimal(0), Decimal(100)):
        assert faults(with_gate(total=bar, floors={"D1": bar})) == []


def test_a_fault_says_where_it_stands():
    assert [each.where for each in faults(changed("1.2", points=Decimal(0)))] == ["points", "1.2 points"]
