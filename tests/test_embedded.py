"""The bundled PostgreSQL, started for real in folders of these tests."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import psycopg
import pytest

from pvara.kernel import embedded

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    embedded.stop(tmp_path)


def ask(var: Path, question: str) -> object:
    with psycopg.connect(embedded.address(var)) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def do(var: Path, command: str) -> None:
    with psycopg.connect(embedded.address(var)) as connection:
        connection.execute(command)


def kill(var: Path) -> None:
    """As a power cut would: nothing is written any more."""
    number = embedded._process(var)
    assert number is not None
    os.kill(number, signal.SIGKILL)
    until = time.monotonic() + 10
    while embedded._process(var) is not None and time.monotonic() < until:
        time.sleep(0.02)


# ── Its address ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_address_is_known_before_anything_starts() -> None:
    var = Path("/srv/pvara/var")
    parsed = dj_database_url.parse(embedded.address(var))
    assert parsed["HOST"] == "/srv/pvara/var/postgres/socket"
    assert (parsed["NAME"], parsed["USER"], parsed["PORT"]) == ("pvara", "postgres", 5432)
    assert not var.exists()


@pytest.mark.parametrize("name", ["a" * 100, "two, with a comma", "گھر"])
def test_a_path_that_no_socket_can_have_gets_a_short_one(tmp_path: Path, name: str) -> None:
    host = dj_database_url.parse(embedded.address(tmp_path / name))["HOST"]
    assert len(host) < 30
    assert host.startswith("/tmp/pvara-")
    assert host != dj_database_url.parse(embedded.address(tmp_path / f"{name}2"))["HOST"]


# ── Its life ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_starts_keeps_its_data_and_stops(var: Path) -> None:
    assert embedded.running(var) is False
    assert embedded.start(var) is True
    assert embedded.start(var) is False
    assert embedded.running(var) is True
    do(var, "CREATE TABLE kept AS SELECT 1 AS one")
    embedded.stop(var)
    assert embedded.running(var) is False
    assert embedded._process(var) is None
    embedded.start(var)
    assert ask(var, "SELECT one FROM kept") == 1


def test_it_is_safe_unicode_and_on_no_port(var: Path) -> None:
    embedded.start(var)
    assert ask(var, "SHOW fsync") == "on"
    assert ask(var, "SHOW server_encoding") == "UTF8"
    assert ask(var, "SELECT upper('éß')") == "ÉSS" or ask(var, "SELECT upper('é')") == "É"
    assert ask(var, "SHOW listen_addresses") == ""
    assert ask(var, "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'") == 1
    assert (var / "postgres").stat().st_mode & 0o777 == 0o700


def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    var = tmp_path / ("a" * 100)
    try:
        embedded.start(var)
        assert ask(var, "SELECT 1") == 1
    finally:
        embedded.stop(var)
        shutil.rmtree(embedded._socket_folder(var))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has PostgreSQL run by somebody else")
def test_for_root_it_runs_as_another_user_who_may_look_and_nothing_more(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a checkout under /root: neither the programs nor the data lie where that user may go."""
    closed = var / "closed"
    closed.mkdir(mode=0o700)
    wheel = embedded._programs().parent.parent
    for folder in (wheel, wheel.with_suffix(".libs")):
        shutil.copytree(folder, closed / folder.name)
    programs = closed / wheel.name / "pginstall" / "bin"
    monkeypatch.setattr(embedded, "_programs", lambda: programs)
    embedded.start(var)
    assert ask(var, "SELECT 1") == 1
    status = Path(f"/proc/{embedded._process(var)}/status").read_text()
    held = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert held["Uid"].split() == [str((var / "postgres").stat().st_uid)] * 4
    assert held["Uid"].split()[0] != "0"
    assert int(held["CapEff"], 16) == 1 << 2  # CAP_DAC_READ_SEARCH
    assert closed.stat().st_mode & 0o777 == 0o700


def test_after_a_kill_nothing_that_was_committed_is_lost(var: Path) -> None:
    embedded.start(var)
    do(var, "CREATE TABLE kept AS SELECT 1 AS one")
    kill(var)
    assert embedded.running(var) is False
    assert embedded.start(var) is True
    assert ask(var, "SELECT one FROM kept") == 1


def test_a_process_number_that_is_somebody_elses_by_now_is_not_believed(var: Path) -> None:
    embedded.start(var)
    embedded.stop(var)
    with subprocess.Popen(["sleep", "60"]) as somebody:
        try:
            lines = [str(somebody.pid), str(var / "postgres" / "data"), "0", "5432", "", "", "", "ready"]
            (var / "postgres" / "data" / "postmaster.pid").write_text("\n".join(lines))
            assert embedded.running(var) is False
            assert embedded.start(var) is True
            embedded.stop(var)
            assert somebody.poll() is None
        finally:
            somebody.kill()


def test_a_first_start_that_was_broken_off_is_made_anew(var: Path) -> None:
    (var / "postgres" / "data.new" / "base").mkdir(parents=True)
    (var / "postgres").chmod(0o700)
    assert embedded.start(var) is True
    assert ask(var, "SELECT 1") == 1


def test_the_last_one_out_stops_it(var: Path) -> None:
    with embedded.held(var):
        # A command beside the demonstration, in a process of its own.
        code = (
            f"from pathlib import Path; from pvara.kernel import embedded\nwith embedded.held(Path({str(var)!r})): pass"
        )
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        assert embedded.running(var) is True
    assert embedded.running(var) is False


def test_of_two_starts_at_once_one_starts_it(var: Path) -> None:
    code = f"from pathlib import Path; from pvara.kernel import embedded; print(embedded.start(Path({str(var)!r})))"
    both = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert sorted(each.communicate()[0].strip() for each in both) == ["False", "True"]
    assert ask(var, "SELECT 1") == 1


def test_whoever_fails_inside_still_stops_it(var: Path) -> None:
    with pytest.raises(KeyboardInterrupt), embedded.held(var):
        raise KeyboardInterrupt
    assert embedded.running(var) is False


# ── What it says when it cannot ──────────────────────────────────────────────────────────────────────────────────────
def test_data_of_another_version_are_left_alone(var: Path) -> None:
    embedded.start(var)
    embedded.stop(var)
    version = var / "postgres" / "data" / "PG_VERSION"
    kept = version.read_text()
    version.write_text("12\n")
    with pytest.raises(embedded.EmbeddedError) as raised:
        embedded.start(var)
    assert str(raised.value) == (
        f"The data in {var}/postgres/data were written by PostgreSQL 12; the bundled one is {kept.strip()}. "
        "Keep them with pg_dump of the old version, or begin again with `make demo-reset`."
    )


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    var = tmp_path / "file" / "var"
    with pytest.raises(embedded.EmbeddedError) as raised:
        embedded.start(var)
    assert str(raised.value) == (
        f"The bundled PostgreSQL keeps its data in {var}, which cannot be written: Not a directory."
    )


def test_a_socket_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(embedded.EmbeddedError) as raised:
        embedded.start(tmp_path)
    assert str(raised.value).startswith(f"{folder} is not a private folder of ")
