"""What the README says is so: the regime, the paths, the commands."""

import re
from pathlib import Path

from pvara.kernel.management.commands import regime

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_the_regime_in_the_readme_is_the_regime_of_the_house() -> None:
    """After a change of the regime: `make readme`."""
    assert regime.written_into(README) == README
    assert "<!-- regime: begin -->\n\n**" in README


def test_every_path_it_names_is_there() -> None:
    named = re.findall(r"`((?:pvara|licensing|tokenisation|tests|fixtures|docs)/[\w/.]*)`", README)
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert len(named) >= 8


def test_every_make_target_it_names_is_there() -> None:
    targets = re.findall(r"^([\w-]+)(?: [\w-]+)?:", (ROOT / "Makefile").read_text(), re.M)
    named = set(re.findall(r"(?:`|^)make ([\w-]+)", README, re.M))
    assert {"demo", "test", "check"} <= named
    assert named - set(targets) == set()


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text()))
    assert listed == {path.name for path in folder.glob("0*.md")}
