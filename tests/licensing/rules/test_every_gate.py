"""Each gate that is written guards a move, and none of a firm is moved by who has an interest in it."""

from importlib import import_module
from pkgutil import iter_modules

from licensing import rules
from licensing.models import (
    Deliverable,
    Framework,
    Mou,
    SettingChange,
    TableChange,
)
from licensing.rules.interests import person_has_no_interest
from pvara.kernel.gates import Gate
from pvara.kernel.machine import machines, moves_of


def test_every_gate_that_is_written_guards_a_move():
    modules = [import_module(each.name) for each in iter_modules(rules.__path__, "licensing.rules.")]
    written = {name for module in modules for name, each in vars(module).items() if isinstance(each, Gate)}
    used = {
        each.code
        for model in machines()
        if model._meta.app_label == "licensing"
        for gates in (model.standing_gates, *(row.gates for row in moves_of(model).values()))
        for each in gates
    }
    assert written == used


def test_no_machine_of_a_firm_is_moved_by_who_has_an_interest_in_it():
    here = [model for model in machines() if model._meta.app_label == "licensing"]
    # An agreement is the state's own, with whomever; being on its team is itself an interest in the firm.
    assert [model for model in here if person_has_no_interest not in model.standing_gates] == [
        Mou,
        Deliverable,
        Framework,  # about no firm, and so are the next
        SettingChange,
        TableChange,
    ]
