"""Runs the demonstration on one machine: database, web server, worker and scheduler, up together and down together.

Ctrl-C, SIGTERM, or the death of one of them stops all. Installing is pvara/install.py's, and what the demonstration
shows is pvara/demo's. A ministry runs the same three programs under its own supervisor and needs nothing of this.
"""

import fcntl
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 20  # seconds for a program to finish what it is doing before it is killed
READY_SECONDS = 60
# What the demonstration keeps under `var/`, apart from the log files and the bundled database.
KEPT = ("uploads", "seals", "signing", "broker", "mail", "beat-schedule*", "demonstration.json")
MARK = "PVARA demonstration"


class Stop(BaseException):
    """Somebody asked us to stop; not an Exception, so that nothing on the way takes it for a failure."""


def say(line: str, end: str = "\n") -> None:
    sys.stdout.write(line + end)
    sys.stdout.flush()


@contextmanager
def step(title: str) -> Iterator[None]:
    began = time.monotonic()
    say(f"  {title} …", end="")
    try:
        yield
    except BaseException:
        say("")
        raise
    say(f" {time.monotonic() - began:.1f} s")


# ── Before anything starts ───────────────────────────────────────────────────────────────────────────────────────────
def the_settings() -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pvara.settings")
    from django.conf import settings

    try:
        var: Path = settings.VAR
        for folder in (var, var / "log", settings.BROKER_FOLDER / "control"):
            folder.mkdir(parents=True, exist_ok=True)
        (var / "log" / "writable").write_text("")
        (var / "log" / "writable").unlink()
    except OSError as error:
        sys.exit(f"{error.filename} cannot be written: {error.strerror}.")
    if not settings.DEMONSTRATION:
        sys.exit("This is a production setting: the demonstration never runs in one.")
    return settings


@contextmanager
def the_only_one(var: Path) -> Iterator[None]:
    """Nobody else runs or resets the demonstration of this folder meanwhile; a killed one keeps nobody out."""
    with (var / "demonstration.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("The demonstration of this folder is running already: stop it with Ctrl-C first.")
        yield


def free_port(port: int) -> None:
    with socket.socket() as trial:
        # As the web server does it: a port that was in use a moment ago is free.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(
                f"Port {port} cannot be used ({error.strerror}): choose another, as in `make demo PORT={port + 1}`."
            )


# ── Data ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def prepare_database(settings: Any) -> None:
    """Bring the tables up to date and load the demonstration world, unless it is there."""
    from django.core.management import call_command
    from django.db import OperationalError, connection

    try:
        tables = connection.introspection.table_names()
    except OperationalError as error:
        sys.exit(f"The database in DATABASE_URL does not answer: {str(error).strip().splitlines()[-1]}")
    if settings.DATABASE_URL and tables and not is_demonstration():
        sys.exit("The database in DATABASE_URL holds data that are not a demonstration's: give an empty one.")
    with step("Bringing the database up to date"):
        if not tables:
            with connection.cursor() as cursor:
                cursor.execute(f"COMMENT ON SCHEMA public IS '{MARK}'")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    call_command("demo", load=True)
    # The programs that follow make their own connections.
    connection.close()


def is_demonstration() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('public'::regnamespace, 'pg_namespace')")
        return bool(cursor.fetchone() == (MARK,))


# ── Programs ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def programs(port: int) -> dict[str, list[str]]:
    gunicorn = ["gunicorn", "pvara.wsgi:application", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    gunicorn += ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--graceful-timeout", "5"]
    gunicorn += ["--preload"]  # read the code once for both workers: they are up in half the time
    celery = ["celery", "--app", "pvara.celery", "--quiet"]
    worker = [*celery, "worker", "--pool", "prefork", "--concurrency", "2", "--loglevel", "INFO"]
    # One worker has nobody to gossip with, and the broker made of files cannot carry it.
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile="]
    return {"web": gunicorn, "worker": worker, "scheduler": beat}


class Program:
    """One of the programs, in a process group of its own, so that Ctrl-C reaches it only through us."""

    def __init__(self, name: str, module: list[str], log_folder: Path):
        self.name = name
        self.log = log_folder / f"{name}.log"
        command = [sys.executable, "-m", *module]
        if setpriv := shutil.which("setpriv"):
            # Should we be killed outright, the kernel tells the program to stop.
            command = [setpriv, "--pdeathsig", "TERM", "--", *command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def is_running(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)

    def stop(self, until: float) -> None:
        """Wait for it, then sweep away whatever is left of its group."""
        try:
            self.process.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"  The {self.name} did not stop in time and is killed.")
        with suppress(ProcessLookupError):  # all of them are gone, as they should be
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self, count: int = 12) -> str:
        return "\n".join(f"    {line}" for line in self.log.read_text(errors="replace").splitlines()[-count:])


@contextmanager
def running(port: int, log_folder: Path) -> Iterator[list[Program]]:
    started: list[Program] = []
    try:
        for name, module in programs(port).items():
            started.append(Program(name, module, log_folder))
        yield started
    finally:
        say("\n  Stopping …")
        for each in started:
            each.ask_to_stop()
        until = time.monotonic() + PATIENCE
        for each in started:
            each.stop(until)


def insist_on_life(started: list[Program]) -> None:
    for each in started:
        if not each.is_running():
            code = each.process.returncode
            sys.exit(
                f"The {each.name} stopped by itself (exit code {code}), so everything stops.\n"
                f"  The end of {each.log}:\n{each.last_words()}"
            )


def wait_for_web(port: int, started: list[Program]) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        insist_on_life(started)
        with socket.socket() as knock:
            knock.settimeout(5)
            try:
                knock.connect(("127.0.0.1", port))
                knock.sendall(f"GET /accounts/login/ HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n".encode())
                answer = knock.recv(12)
            except OSError:
                answer = b""  # not yet
        if answer.startswith(b"HTTP/1.1 5"):
            sys.exit(
                f"The web server answers with an error.\n  The end of {started[0].log}:\n{started[0].last_words()}"
            )
        if answer:
            return
        time.sleep(0.1)
    sys.exit(f"The web server did not answer within {READY_SECONDS} s; see {started[0].log}.")


# ── What the person sees ─────────────────────────────────────────────────────────────────────────────────────────────
def show_the_way(site: str) -> None:
    from django.core.management import call_command

    written = io.StringIO()
    call_command("demo", json=True, stdout=written)
    accounts = json.loads(written.getvalue())["accounts"]
    columns = ("email", "password", "role", "name")
    rows = [tuple(str(each[column]) for column in columns) for each in accounts]
    widths = [max(len(row[column]) for row in [columns, *rows]) for column in range(len(columns))]
    say("")
    for row in [columns, *rows]:
        say("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    say(f"\n  The demonstration is ready: {site}/accounts/login/")
    say("  Ctrl-C stops it and keeps the data; `make demo-reset` throws them away.\n")


# ── The two commands ─────────────────────────────────────────────────────────────────────────────────────────────────
def up() -> None:
    began = time.monotonic()
    with ExitStack() as house:
        settings = the_settings()
        house.enter_context(the_only_one(settings.VAR))
        free_port(settings.PORT)
        import django

        from pvara.kernel import embedded

        if not settings.DATABASE_URL:
            with step("Starting the bundled PostgreSQL"):
                house.enter_context(embedded.held(settings.VAR))
        django.setup()
        prepare_database(settings)
        with step("Starting the web server, the worker and the scheduler"):
            started = house.enter_context(running(settings.PORT, settings.VAR / "log"))
            wait_for_web(settings.PORT, started)
        show_the_way(settings.SITE_ADDRESS)
        say(f"  Up after {time.monotonic() - began:.0f} s. What the programs say is in {settings.VAR / 'log'}.")
        while True:
            insist_on_life(started)
            time.sleep(0.5)


def reset() -> None:
    settings = the_settings()
    with the_only_one(settings.VAR):
        if settings.DATABASE_URL:
            _empty_the_database()
        else:
            from pvara.kernel import embedded

            embedded.stop(settings.VAR)
        # Another server's data are not ours to remove with the files.
        gone = KEPT if settings.DATABASE_URL else ("postgres", *KEPT)
        for path in (found for pattern in gone for found in settings.VAR.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    say("The demonstration's data are gone; `make demo` makes new ones.")


def _empty_the_database() -> None:
    import django

    django.setup()
    from django.db import connection

    if connection.introspection.table_names() and not is_demonstration():
        sys.exit("The database in DATABASE_URL is not marked as a demonstration's, so nothing was deleted.")
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    # Once is enough: a second Ctrl-C must not interrupt the cleaning up, which ends by itself.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stop


def main(arguments: list[str]) -> None:
    from pvara.kernel.embedded import EmbeddedError

    commands = {"up": up, "reset": reset}
    if len(arguments) != 1 or arguments[0] not in commands:
        sys.exit("Say what to do: up, or reset.")
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _stop)
    try:
        commands[arguments[0]]()
    except Stop:
        say("\n  Stopped; no process is left.")
    except EmbeddedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
