"""The installer, as the system's own Python runs it: in a copy of the checkout, with Debian's commands written anew.

A real installation from the registry is too slow for every run; continuous integration begins with one.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pvara import install

ROOT = Path(__file__).resolve().parent.parent
# The Python behind the virtual environment: the installer is never run by the one it makes.
SYSTEM_PYTHON = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"


def executable(path: Path, lines: str) -> None:
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)


def fresh_checkout(folder: Path) -> Path:
    """A checkout with empty locks, and a `bin` that stands before everything else on the PATH."""
    (folder / "pvara").mkdir(parents=True)
    shutil.copy(ROOT / "pvara" / "install.py", folder / "pvara")
    shutil.copy(ROOT / "Makefile", folder)
    (folder / ".lock").mkdir()
    for name in ("run", "dev"):
        (folder / ".lock" / f"{name}.txt").write_text("")
    (folder / "bin").mkdir()
    said = "\n".join(f"echo '{name} installed'" for name in install.DEBIAN_DEV)
    executable(folder / "bin" / "dpkg-query", said)
    executable(folder / "bin" / "apt-get", 'echo "$@" >> apt-calls')
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return fresh_checkout(tmp_path / "checkout")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A checkout after its first installation, and what that said."""
    folder = fresh_checkout(tmp_path_factory.mktemp("once") / "checkout")
    return folder, install_it(folder)


@pytest.fixture
def installed(once: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> Path:
    return Path(shutil.copytree(once[0], tmp_path / "installed", symlinks=True))


def run(checkout: Path, *command: str, user: int | None = None) -> subprocess.CompletedProcess[str]:
    path = f"{checkout / 'bin'}:{os.defpath}"
    return subprocess.run(
        command, cwd=checkout, env={"PATH": path}, capture_output=True, text=True, check=False, user=user
    )


def install_it(checkout: Path, purpose: str = "run", user: int | None = None) -> subprocess.CompletedProcess[str]:
    return run(checkout, str(SYSTEM_PYTHON), "-I", "pvara/install.py", purpose, user=user)


# ── What a newcomer sees ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_first_time_it_says_what_it_does(once: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, said = once
    assert (said.returncode, said.stderr) == (0, "")
    assert [re.sub(r"\d+ s", "0 s", line) for line in said.stdout.splitlines()] == [
        "  Making the virtual environment …",
        "  Making the virtual environment … done in 0 s",
        "  Installing Python packages …",
        "  Installing Python packages … done in 0 s",
    ]


def test_the_second_time_there_is_nothing_to_do(installed: Path) -> None:
    said = install_it(installed)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_a_changed_lock_is_installed(installed: Path) -> None:
    (installed / ".lock" / "run.txt").write_text("# changed\n")
    said = install_it(installed).stdout.splitlines()
    assert said[0] == "  Installing Python packages …"
    assert install_it(installed).stdout == ""


def test_a_broken_environment_is_made_anew(installed: Path) -> None:
    (installed / ".venv" / "bin" / "python").unlink()
    assert install_it(installed).stdout.splitlines()[0] == "  Making the virtual environment …"
    assert install_it(installed).stdout == ""


def test_the_development_set_serves_the_demonstration_too(installed: Path) -> None:
    assert install_it(installed, "dev").stdout.splitlines()[0] == "  Installing Python packages …"
    (installed / ".lock" / "run.txt").write_text("# changed\n")
    assert install_it(installed, "dev").stdout == ""
    assert install_it(installed, "run").stdout.splitlines()[0] == "  Installing Python packages …"


def test_a_package_without_a_hash_is_not_installed(installed: Path) -> None:
    (installed / ".lock" / "run.txt").write_text("six==1.17.0\n")
    said = install_it(installed)
    assert (said.returncode, said.stderr) == (1, "The Python packages could not be installed from .lock/run.txt.\n")
    assert "Hashes are required in --require-hashes mode" in said.stdout


# ── Debian ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs Debian packages")
def test_root_gets_the_missing_debian_packages(installed: Path) -> None:
    executable(installed / "bin" / "dpkg-query", "echo 'libmagic1 installed'; echo 'libpango-1.0-0 config-files'")
    assert install_it(installed).returncode == 0
    missing = " ".join(name for name in install.DEBIAN_RUN if name != "libmagic1")
    assert (installed / "apt-calls").read_text().splitlines() == [
        "-q -o DPkg::Lock::Timeout=120 update",
        f"-q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends {missing}",
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else takes root")
def test_anybody_else_gets_the_exact_command() -> None:
    if not Path("/usr/bin/python3.11").exists():
        pytest.skip("the Python of this virtual environment may be root's own, and there is no other")
    # Not under pytest's own folder, which nobody else may enter.
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        checkout = fresh_checkout(Path(made) / "checkout")
        executable(checkout / "bin" / "dpkg-query", "echo 'libmagic1 installed'; echo 'python3.11-venv installed'")
        said = run(checkout, "/usr/bin/python3.11", "-I", "pvara/install.py", "run", user=65534)
        missing = " ".join(name for name in install.DEBIAN_RUN if name != "libmagic1")
        assert said.returncode == 1
        assert said.stderr.endswith(f"  sudo apt-get install -y --no-install-recommends {missing}\n")
        assert not (checkout / ".venv").exists()


# ── One sentence for what is wrong ───────────────────────────────────────────────────────────────────────────────────
def test_an_old_python_gets_a_sentence(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(sys, "version", "3.9.2 (default)")
    monkeypatch.setenv("PATH", str(checkout / "bin"))
    with pytest.raises(SystemExit) as raised:
        install.the_right_python()
    assert raised.value.code == "Python 3.11 or newer is needed; this is Python 3.9.2, and no newer one was found."


def test_an_old_python_gives_way_to_a_new_one_that_works(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", f"{checkout / 'bin'}:{os.defpath}")
    executable(checkout / "bin" / "python3.11", "exit 127")
    executable(checkout / "bin" / "python3.12", "exit 0")
    assert install.the_right_python() == str(checkout / "bin" / "python3.12")


def test_older_pythons_can_read_the_installer() -> None:
    ast.parse((ROOT / "pvara" / "install.py").read_text(), feature_version=(3, 7))


def test_the_installer_needs_the_standard_library_alone() -> None:
    tree = ast.parse((ROOT / "pvara" / "install.py").read_text())
    imported = {
        each.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names
    }
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported - set(sys.stdlib_module_names) == set()


def test_no_python_at_all_gets_a_sentence(checkout: Path) -> None:
    said = run(checkout, "make", "install", "PYTHON=python3-that-is-not-there")
    assert said.stderr.splitlines()[0] == "Python 3.11 or newer is needed, and there is no python3-that-is-not-there."


def test_a_folder_that_cannot_be_written_gets_a_sentence(checkout: Path) -> None:
    (checkout / ".venv").write_text("in the way")
    said = install_it(checkout)
    assert (said.returncode, said.stderr) == (1, f"{checkout}/.venv cannot be written: File exists.\n")


def test_a_purpose_that_is_none_gets_a_sentence(checkout: Path) -> None:
    assert install_it(checkout, "fun").stderr == "Say what for: install.py run, or install.py dev.\n"


# ── The locks ────────────────────────────────────────────────────────────────────────────────────────────────────────
def pins(purpose: str) -> dict[str, str]:
    """Package and version, markers included, for each line of a lock."""
    lines = install.lock(purpose).read_text().splitlines()
    return dict(line.removesuffix(" \\").split("==", 1) for line in lines if "==" in line and not line.startswith(" "))


def test_the_development_lock_has_the_running_lock_in_it_pin_for_pin() -> None:
    dev = pins("dev")
    assert {name: version.split(" ;")[0] for name, version in pins("run").items()} == {
        name: dev[name].split(" ;")[0] for name in pins("run")
    }


@pytest.mark.parametrize("purpose", ["run", "dev"])
def test_every_pin_has_hashes_and_no_address(purpose: str) -> None:
    text = install.lock(purpose).read_text()
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block


def test_the_running_lock_has_everything_that_pyproject_asks_for() -> None:
    import tomllib

    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[\[<>=~! ;]", each)[0].lower().replace("_", "-") for each in asked}
    assert names - set(pins("run")) == set()
