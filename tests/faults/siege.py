"""A ledger under siege: PostgreSQL killed and restarted under load, and whoever works with it killed at random.

`python -m tests.faults SECONDS SEED`, with DATABASE_URL at a bundled server of its own below PVARA_VAR that holds
one authorisation with units on its shelf (`test_siege.py` brings both). Programs place, allocate and take back, each
under a key. What they asked and what they were answered they write down outside the database; a killed one's
successor goes on from there. Afterwards everything that was acknowledged must be in the journal as it was
acknowledged, once; the report is written to PVARA_VAR/report.json, with all that is wrong in sentences.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from pvara.kernel import embedded, outbox, verification
from pvara.kernel.models import Figure, Job, User
from tests.faults import effect
from tests.faults.answers import Answered, lost
from tokenisation import invariants
from tokenisation.actions import ledger as acts
from tokenisation.ledger import Posted
from tokenisation.models import DistributionAuthorisation, JournalEntry

PROGRAMS = 4
WORKERS = 2
# Seconds between two blows, at random.
SHORTEST, LONGEST = 0.3, 1.5
PATIENCE_SECONDS = 60  # far more than any of this takes; a machine may be busy
RETRIED_AFTERWARDS = 2_000
DEAD = (OperationalError, InterfaceError)


# ── Programs that place ──────────────────────────────────────────────────────────────────────────────────────────────
class Program:
    """Acts on one authorisation, again and again, and keeps its own record of what it asked and was told."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.number = folder, number
        self.asked = (folder / f"asked-{number}").open("a", buffering=1)
        self.told = (folder / f"told-{number}").open("a", buffering=1)

    def run(self, seed: int) -> None:
        dice = random.Random(seed)
        known = [Answered.read(line) for line in (self.folder / f"told-{self.number}").read_text().splitlines()]
        while not (self.folder / "stop").exists():
            if known and dice.random() < 0.2:
                key, units = dice.choice(known)[:2]
            else:
                key, units = f"{dice.choice(sorted(ACTS))}-{uuid.uuid4().hex}", dice.randint(1, 3)
                self.asked.write(f"{key} {units}\n")
            known.append(deliver(key, units))
            self.told.write(" ".join(map(str, known[-1])) + "\n")


ACTS: dict[str, tuple[Callable[..., Posted], str]] = {
    "place": (acts.place, "amina@example.org"),
    "allocate": (acts.allocate, "daud@example.org"),
    "return": (acts.take_back, "daud@example.org"),
}


def deliver(key: str, units: int) -> Answered:
    """Send one act until it is answered, as a program does whose connection breaks."""
    act, who = ACTS[key.split("-")[0]]
    while True:
        try:
            with transaction.atomic():
                posted = act(
                    DistributionAuthorisation.objects.select_related("asset").get(),
                    units=units,
                    key=key,
                    by=User.objects.get(email=who),
                    at=timezone.now(),
                )
                if brings_a_job(key):
                    outbox.enqueue(effect.KIND, key=key, payload={}, at=timezone.now())
            return Answered(key, units, posted.entry_id, posted.seq, posted.hash.hex())
        except DEAD:
            connection.close()
            time.sleep(0.02)


def brings_a_job(key: str) -> bool:
    return zlib.crc32(key.encode()) % 4 == 0


# ── The siege ────────────────────────────────────────────────────────────────────────────────────────────────────────
class Siege:
    """The programs and workers that run, and the blows that they and their server are dealt."""

    def __init__(self, var: Path, dice: random.Random) -> None:
        self.var, self.dice = var, dice
        self.dealt: dict[str, int] = dict.fromkeys(self.blows, 0)
        self.programs = [self._program(number) for number in range(PROGRAMS)]
        self.workers = [self._worker() for _ in range(WORKERS)]

    @property
    def blows(self) -> dict[str, Callable[[], None]]:
        return {
            "program killed": self.kill_program,
            "worker killed": self.kill_worker,
            "server restarted": self.restart_server,
            "server killed": self.kill_server,
        }

    def _program(self, number: int) -> BaseProcess:
        # Forked, so that a new one is there at once; no connection may be open that two would then share.
        connection.close()
        program = get_context("fork").Process(
            target=lambda seed: Program(self.var, number).run(seed), args=(self.dice.randrange(2**32),)
        )
        program.start()
        return program

    def _worker(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "celery", "-A", "pvara.celery", "worker", "-I", effect.__name__, "-c", "1"]
        with (self.var / "workers.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "-n", f"worker-{uuid.uuid4().hex}"],
                stdout=log,
                stderr=log,
                # A group of its own: killing the group kills the worker with its child and nobody else.
                start_new_session=True,
            )

    def kill_program(self) -> None:
        number = self.dice.randrange(PROGRAMS)
        self.programs[number].kill()
        self.programs[number].join()
        self.programs[number] = self._program(number)

    def kill_worker(self) -> None:
        number = self.dice.randrange(WORKERS)
        end(self.workers[number])
        self.workers[number] = self._worker()

    def restart_server(self) -> None:
        embedded.stop(self.var)
        embedded.start(self.var)

    def kill_server(self) -> None:
        postmaster = (self.var / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(postmaster), signal.SIGKILL)
        while embedded.running(self.var):
            time.sleep(0.01)
        embedded.start(self.var)

    def last(self, seconds: float) -> None:
        """Deal blows at random moments for so many seconds, each kind at least once."""
        deadline = time.monotonic() + seconds
        first = self.dice.sample(sorted(self.blows), len(self.blows))
        while first or time.monotonic() < deadline:
            time.sleep(self.dice.uniform(SHORTEST, LONGEST))
            blow = first.pop() if first else self.dice.choice(["program killed", *self.blows])
            self.blows[blow]()
            self.dealt[blow] += 1
            self.work_goes_on()

    def work_goes_on(self) -> None:
        """Wait until every program was answered again, as it must be after whatever happened."""
        deadline, before = time.monotonic() + PATIENCE_SECONDS, self._answers()
        while any(now <= then for now, then in zip(self._answers(), before, strict=True)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._answers()} answers, after {before} {PATIENCE_SECONDS} s before.")
            time.sleep(0.05)
            with while_the_server_is_there():
                outbox.sweep()

    def _answers(self) -> list[int]:
        return [len(lines(self.var / f"told-{number}")) for number in range(PROGRAMS)]

    def over(self) -> list[str]:
        """Let the programs finish what they are at, and stop the workers; what ended unbidden is said."""
        (self.var / "stop").touch()
        for program in self.programs:
            program.join(timeout=PATIENCE_SECONDS)
        for worker in self.workers:
            end(worker)
        codes = [program.exitcode for program in self.programs]
        return [f"A program ended with {code}." for code in codes if code != 0]


@contextmanager
def while_the_server_is_there() -> Iterator[None]:
    try:
        yield
    except DEAD:
        connection.close()


def end(worker: "subprocess.Popen[bytes]") -> None:
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


# ── Afterwards ───────────────────────────────────────────────────────────────────────────────────────────────────────
def the_journal() -> dict[str, Answered]:
    """The entries by the keys that programs know them under; the house puts the sender before a key."""
    found = {}
    for each in JournalEntry.objects.exclude(kind="issue"):
        key = each.idempotency_key.split(":")[-1]
        found[key] = Answered(key, each.units, each.pk, each.seq, bytes(each.hash).hex())
    return found


def done_once(keys: Iterable[str]) -> list[str]:
    """Which jobs were not done, or not once, after whatever was left of them was done."""
    # A job whose worker lost its server waits some seconds longer each time; nothing is shown by waiting as well.
    time.sleep(settings.JOB_LEASE_SECONDS)
    outbox.sweep()
    Job.objects.filter(state="queued").update(run_at=Now())
    outbox.drain()
    jobs = {each.key: each for each in Job.objects.filter(kind=effect.KIND)}
    took_effect = Counter(
        key.split(".")[1] for key in Figure.objects.values_list("key", flat=True) if key.startswith(f"{effect.KIND}.")
    )
    return [
        f"The job of {key}: {job and job.state}, took effect {times} times."
        for key in keys
        for job in [jobs.get(key)]
        for times in [took_effect[str(job.pk)] if job else 0]
        if job is None or (job.state, times) != ("done", 1)
    ]


def examine(var: Path, dice: random.Random) -> dict[str, object]:
    """Compare what the programs wrote down with what is there, and send again what may be sent again."""
    told = [Answered.read(line) for number in range(PROGRAMS) for line in lines(var / f"told-{number}")]
    asked = dict(line.split() for number in range(PROGRAMS) for line in lines(var / f"asked-{number}"))
    first = {each.key: each for each in reversed(told)}
    gone = lost(told, the_journal())
    # In doubt: asked and never answered. A retry settles it, whether the entry was made or not.
    doubtful = sorted(asked.keys() - first.keys())
    for key in doubtful:
        deliver(key, int(asked[key]))
    again = dice.sample(sorted(first), min(len(first), RETRIED_AFTERWARDS))
    changed = [f"{key} is answered otherwise now." for key in again if deliver(*first[key][:2]) != first[key]]
    # The stock was there before anybody asked.
    strange = sorted((the_journal().keys() ^ asked.keys()) - {"stock"})
    return {
        "acknowledged": len(first),
        "repeated": len(told) - len(first) + len(again),
        "in_doubt": len(doubtful),
        "lost": gone,
        "wrong": [
            *changed,
            *(f"{key} was asked for and is not there, or is there and was not asked for." for key in strange),
            *done_once(key for key in asked if brings_a_job(key)),
            *map(str, invariants.check()),
            *map(str, verification.examine().breaks),
        ],
    }


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def besiege(seconds: float, seed: int) -> None:
    var, dice = Path(settings.VAR), random.Random(seed)
    print(f"Siege of {seconds:g} s, seed {seed}.", flush=True)  # noqa: T201  what a person runs it for
    siege = Siege(var, dice)
    try:
        siege.last(seconds)
    finally:
        ended = siege.over()
    said = examine(var, dice)
    report = {"seed": seed, "seconds": seconds, "blows": siege.dealt, **said, "ended": ended}
    (var / "report.json").write_text(json.dumps(report))
    print(json.dumps({**report, "lost": len(report["lost"]), "wrong": len(report["wrong"])}))  # noqa: T201
