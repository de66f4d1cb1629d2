"""The supervisor's parts, with real processes; tests/faults/test_demonstration.py starts the whole demonstration."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pvara import supervisor

ROOT = Path(__file__).resolve().parent.parent
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`module("code")`: a module of that code, which `python -m` finds."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def write(code: str) -> list[str]:
        (tmp_path / "program_under_test.py").write_text(code)
        return ["program_under_test"]

    return write


def until(true, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_program_that_will_not_stop_is_killed_with_its_children(module, tmp_path: Path) -> None:
    program = supervisor.Program("worker", module(STUBBORN), tmp_path)
    until(lambda: program.log.read_text().strip())
    child = psutil.Process(int(program.log.read_text()))
    program.ask_to_stop()
    program.stop(time.monotonic() + 0.3)
    assert program.is_running() is False
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_when_one_dies_it_is_named_with_its_last_words(module, tmp_path: Path) -> None:
    program = supervisor.Program("worker", module("raise SystemExit('out of paper')"), tmp_path)
    until(lambda: not program.is_running())
    with pytest.raises(SystemExit) as raised:
        supervisor.insist_on_life([program])
    assert raised.value.code == (
        "The worker stopped by itself (exit code 1), so everything stops.\n"
        f"  The end of {tmp_path}/worker.log:\n    out of paper"
    )


def test_programs_go_when_the_supervisor_is_killed_outright(module, tmp_path: Path) -> None:
    name = module("import time; time.sleep(60)")
    code = (
        "import sys, time; from pathlib import Path; from pvara.supervisor import Program\n"
        f"print(Program('worker', {name!r}, Path({str(tmp_path)!r})).process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        program = psutil.Process(int(killed.stdout.readline()))
        # Only once setpriv has become the program is the kernel's promise given.
        until(lambda: "python" in program.name())
        os.kill(killed.pid, signal.SIGKILL)
    until(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE)


def test_a_port_that_is_taken_gets_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as raised:
            supervisor.free_port(port)
    assert raised.value.code == (
        f"Port {port} cannot be used (Address already in use): choose another, as in `make demo PORT={port + 1}`."
    )
    supervisor.free_port(port)


def test_a_second_demonstration_of_one_folder_gets_a_sentence(tmp_path: Path) -> None:
    with supervisor.the_only_one(tmp_path):
        with pytest.raises(SystemExit) as raised, supervisor.the_only_one(tmp_path):
            pass
        assert raised.value.code == "The demonstration of this folder is running already: stop it with Ctrl-C first."
    with supervisor.the_only_one(tmp_path):
        pass
