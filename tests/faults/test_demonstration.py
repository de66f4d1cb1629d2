"""The demonstration as a person starts and stops it: real programs, a folder and a port of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from pvara import supervisor
from pvara.kernel import embedded

ROOT = Path(__file__).resolve().parent.parent.parent
# A second start takes less than ten seconds; beside another process of tests nobody can say how long.
SOON = 60 if "PYTEST_XDIST_WORKER" in os.environ else 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demonstration")


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def environment(folder: Path, port: int) -> dict[str, str]:
    """As in a person's shell: nothing of the tests' own, and the bundled PostgreSQL."""
    ours = ("DATABASE_URL", "PVARA_", "PYTEST_", "DJANGO_", "SITE_ADDRESS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PVARA_VAR": str(folder), "PORT": str(port)}


def left_in(folder: Path) -> list[str]:
    """The processes that still have to do with this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            said = " ".join([*process.cmdline(), process.environ().get("PVARA_VAR", "")])
        except psutil.Error:
            continue  # gone meanwhile, or a zombie
        if str(folder) in said and process.pid != os.getpid():
            found.append(said)
    return found


class Demonstration:
    """One run of `make demo`, less the installing."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pvara.supervisor", "up"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def wait_until_up(self) -> float:
        """Seconds it took."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "Up after" in line:
                return time.monotonic() - self.began
        raise AssertionError(self.said)

    def stop(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        self.said += self.process.communicate(timeout=60)[0]
        return self.process.returncode


@pytest.fixture
def demonstration(environment: dict[str, str]) -> Iterator[Demonstration]:
    started = Demonstration(environment)
    yield started
    if started.process.poll() is None:
        started.stop(signal.SIGTERM)


def test_first_start_ctrl_c_and_second_start(
    demonstration: Demonstration, environment: dict[str, str], folder: Path, port: int
) -> None:
    demonstration.wait_until_up()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/") as answer:
        assert answer.status == 200
    manage = [sys.executable, "manage.py", "demo", "--json"]
    shown = json.loads(subprocess.run(manage, cwd=ROOT, env=environment, capture_output=True, check=True).stdout)
    for account in shown["accounts"]:
        assert re.search(rf"{re.escape(account['email'])} +{re.escape(account['password'])} ", demonstration.said)

    assert demonstration.stop(signal.SIGINT) == 0
    assert demonstration.said.endswith("Stopped; no process is left.\n")
    assert left_in(folder) == []

    again = Demonstration(environment)
    try:
        assert again.wait_until_up() < SOON
        assert all(account["password"] in again.said for account in shown["accounts"])
        second = subprocess.run(
            again.process.args, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert (second.returncode, second.stderr) == (
            1,
            "The demonstration of this folder is running already: stop it with Ctrl-C first.\n",
        )
    finally:
        assert again.stop(signal.SIGTERM) == 0
    assert left_in(folder) == []


def test_when_a_program_dies_everything_stops_and_says_why(demonstration: Demonstration, folder: Path) -> None:
    demonstration.wait_until_up()
    children = psutil.Process(demonstration.process.pid).children()
    next(each for each in children if "worker" in each.cmdline() and "celery" in " ".join(each.cmdline())).kill()
    said, _ = demonstration.process.communicate(timeout=60)
    assert demonstration.process.returncode == 1
    assert "The worker stopped by itself (exit code -9), so everything stops." in said
    assert left_in(folder) == []


def test_reset_throws_the_data_away(environment: dict[str, str], folder: Path) -> None:
    reset = [sys.executable, "-m", "pvara.supervisor", "reset"]
    said = subprocess.run(reset, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout == "The demonstration's data are gone; `make demo` makes new ones.\n"
    assert sorted(path.name for path in folder.iterdir()) == [
        "demonstration.lock",
        "log",
        "postgres.lock",
        "postgres.users",
        "secret-key",
    ]


def test_a_taken_port_stops_it_before_anything_starts(environment: dict[str, str], folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        refused = Demonstration({**environment, "PORT": number})
        said, _ = refused.process.communicate(timeout=60)
    assert refused.process.returncode == 1
    assert said.startswith(f"Port {number} cannot be used (Address already in use): choose another")
    assert left_in(folder) == []


def test_it_never_runs_in_production(environment: dict[str, str]) -> None:
    production = {**environment, "PVARA_PRODUCTION": "yes", "SECRET_KEY": "for this test alone"}
    refused = Demonstration(production)
    said, _ = refused.process.communicate(timeout=60)
    assert refused.process.returncode == 1
    assert said == "This is a production setting: the demonstration never runs in one.\n"


def test_a_database_that_is_not_a_demonstrations_is_left_alone(environment: dict[str, str], folder: Path) -> None:
    with embedded.held(folder):
        given = embedded.address(folder)
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute("CREATE TABLE somebody_elses AS SELECT 1 AS one")
        said = {}
        for command in ("up", "reset"):
            run = [sys.executable, "-m", "pvara.supervisor", command]
            environment_of_theirs = {**environment, "DATABASE_URL": given}
            done = subprocess.run(run, cwd=ROOT, env=environment_of_theirs, capture_output=True, text=True, check=False)
            said[command] = (done.returncode, done.stderr)
        assert said == {
            "up": (1, "The database in DATABASE_URL holds data that are not a demonstration's: give an empty one.\n"),
            "reset": (1, "The database in DATABASE_URL is not marked as a demonstration's, so nothing was deleted.\n"),
        }
        with psycopg.connect(given, autocommit=True) as connection:
            assert connection.execute("SELECT one FROM somebody_elses").fetchone() == (1,)
            # Marked, as every demonstration marks its own, it may be thrown away.
            connection.execute(f"COMMENT ON SCHEMA public IS '{supervisor.MARK}'")
        subprocess.run(run, cwd=ROOT, env=environment_of_theirs, check=True, stdout=subprocess.DEVNULL)
        with psycopg.connect(given) as connection:
            assert connection.execute("SELECT to_regclass('somebody_elses')").fetchone() == (None,)


def test_a_database_that_does_not_answer_gets_a_sentence(environment: dict[str, str]) -> None:
    nowhere = {**environment, "DATABASE_URL": "postgresql://pvara@127.0.0.1:1/pvara"}
    refused = Demonstration(nowhere)
    said, _ = refused.process.communicate(timeout=60)
    assert refused.process.returncode == 1
    assert said.startswith("The database in DATABASE_URL does not answer: ")
    assert len(said.splitlines()) == 1
