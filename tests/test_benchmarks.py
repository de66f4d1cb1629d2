"""What `make bench` runs on: the server of DATABASE_URL or the bundled one, and a pgbench that works."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from pvara.kernel import embedded
from tests.benchmarks import server


def test_the_server_of_the_database_url_is_taken_as_it_is():
    with server.server({"DATABASE_URL": "postgresql://pvara@db.example:5433/pvara"}) as address:
        assert address == "postgresql://pvara@db.example:5433"


def test_without_one_the_bundled_server_is_up_while_it_measures(tmp_path: Path):
    with server.server({"PVARA_VAR": str(tmp_path)}) as address:
        with psycopg.connect(f"{address}/postgres") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        said = subprocess.run(
            [server.pgbench(), "-i", "-q", f"{address}/postgres"], capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stderr
    assert not embedded.running(tmp_path)


def test_the_bundled_pgbench_is_found_without_any_other():
    assert server.pgbench(path="") == str(embedded.program("pgbench"))
    assert embedded.program("no-such-program") is None


def test_a_wrapper_without_what_it_wraps_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """As on a Debian that has the client's package and no server's."""
    wrapper = tmp_path / "pgbench"
    wrapper.write_text("#!/bin/sh\nexit 1\n")
    wrapper.chmod(0o755)
    monkeypatch.setattr(embedded, "program", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        server.pgbench(path=str(tmp_path))
    assert str(ended.value) == server.NO_PGBENCH
    wrapper.write_text("#!/bin/sh\nexit 0\n")
    assert server.pgbench(path=str(tmp_path)) == str(wrapper)


def test_the_benchmark_says_so_before_it_starts_anything(tmp_path: Path):
    code = (
        "from pvara.kernel import embedded; embedded.program = lambda name: None\n"
        "from tests.benchmarks.ledger import main; main()"
    )
    env = {**os.environ, "PATH": "", "PVARA_VAR": str(tmp_path)}
    env.pop("DATABASE_URL", None)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False)
    assert (said.returncode, said.stderr.strip()) == (1, server.NO_PGBENCH)
    assert list(tmp_path.iterdir()) == []
