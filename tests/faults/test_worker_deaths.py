"""Real workers that are killed, and messages that come twice: what a job brings about exists once.

The workers are processes of their own on the test's database, with a broker of files in the test's folder.
"""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone

from licensing.models import Letter, LetterDocument, NocApplication
from licensing.models.letters import LetterCounter
from pvara.celery import app as pvara_app
from pvara.demo import path
from pvara.kernel import outbox, signing
from pvara.kernel.models import Figure, Job
from tests.conftest_embedded import database_url

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = "tests.faults.slow_worker"
LEASE_SECONDS = 3
PATIENCE_SECONDS = 45  # far more than any of this takes; a machine may be busy


class Workers:
    """Starts workers, looks where they halted, and leaves none behind."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *options: str, halt: str = "") -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        environment |= {
            "DATABASE_URL": database_url(),
            "BROKER_URL": "filesystem://",
            "PVARA_VAR": str(self.folder),
            "SIGNING_FOLDER": str(django_settings.SIGNING_FOLDER),
            "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            "FAULT_FOLDER": str(self.folder),
            "FAULT_HALT": halt,
        }
        command = [sys.executable, "-m", "celery", "-A", "pvara.celery", "worker", "-I", SLOW, "-l", "INFO", *options]
        with (self.folder / "workers.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, "-n", f"worker-{uuid.uuid4().hex}"],
                cwd=django_settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
                # A group of its own: killing the group kills the worker with its children and nobody else.
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.started.remove(process)

    def kill_all(self) -> None:
        for process in list(self.started):
            if process.poll() is None:
                self.kill(process)

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for a condition, and fail in words when it does not come or a worker ends unbidden."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"Waited {PATIENCE_SECONDS} s in vain for {what}."
            ended = [process.args for process in self.started if process.poll() is not None]
            assert not ended, f"A worker ended by itself while we waited for {what}: {ended}"
            time.sleep(0.05)

    def halted(self) -> list[int]:
        """The numbers of the processes that reached the point where they halt."""
        return [int(path.name.removeprefix("reached-")) for path in self.folder.glob("reached-*")]

    def returned(self, job: Job) -> int:
        """How many deliveries of a job have been dealt with, whatever came of them."""
        return len(list(self.folder.glob(f"returned-{job.pk}-*")))

    def release(self) -> None:
        (self.folder / "go").touch()

    def messages(self) -> list[str]:
        return [path.name for path in (self.folder / "broker").glob("*.jobs.msg")]


@pytest.fixture
def workers(tmp_path, settings) -> Iterator[Workers]:
    """Workers on a broker of their own, to which this process sends as the web server does."""
    settings.JOB_LEASE_SECONDS = LEASE_SECONDS
    broker = str(tmp_path / "broker")
    app = Celery("test", broker="filesystem://", task_default_queue="jobs", task_ignore_result=True)
    app.conf.broker_transport_options = {
        "data_folder_in": broker,
        "data_folder_out": broker,
    }
    app.set_current()
    found = Workers(tmp_path)
    yield found
    found.kill_all()
    app.close()
    pvara_app.set_current()
    print((tmp_path / "workers.log").read_text())  # noqa: T201  pytest shows it when the test fails


class Effect:
    """The plainest work: each time it takes effect there is one figure more."""

    def ask(self) -> Job:
        with transaction.atomic():
            return outbox.enqueue("effect", key="the only one", payload={}, at=timezone.now())

    def count(self) -> int:
        return Figure.objects.filter(key__startswith="effect.").count()


class LetterOfAcknowledgement:
    """A real letter: numbered, rendered, signed, kept and announced, because a firm submitted its application."""

    def __init__(self, case: NocApplication, people: path.People, at: datetime):
        self.case, self.people, self.at = case, people, at

    def ask(self) -> Job:
        path.step(self.case, "submit", by=self.people.applicant, at=self.at)
        return Job.objects.get(kind="letter")

    def count(self) -> int:
        """Letters, once it is certain that number, document and announcement are as many."""
        found = Letter.objects.count()
        assert LetterDocument.objects.count() == found
        assert sum(LetterCounter.objects.values_list("last", flat=True)) == found
        assert Job.objects.filter(kind="letter_email").count() == found
        return found


@pytest.fixture(params=["effect", "letter"])
def work(request) -> Effect | LetterOfAcknowledgement:
    if request.param == "effect":
        return Effect()
    signing.demonstration_authority(django_settings.SIGNING_FOLDER)
    firm, people, at = (request.getfixturevalue(name) for name in ("firm", "people", "at"))
    case = path.noc_case(firm, people=people, at=at, until="draft")
    return LetterOfAcknowledgement(path.fill_in(case, people=people, at=at), people, at)


def state(job: Job) -> tuple[str, int]:
    job.refresh_from_db()
    return job.state, job.attempts


def test_a_worker_killed_in_the_middle_of_a_job(workers, work):
    first = workers.start("-P", "prefork", "-c", "1", halt="before the finish")
    job = work.ask()
    workers.wait_until(workers.halted, "the worker to be in the middle of the job")
    assert (state(job), work.count()) == (("leased", 1), 0)
    workers.kill(first)
    workers.start("-P", "solo")
    workers.wait_until(lambda: outbox.sweep() or state(job)[0] == "done", "the lease to expire")
    workers.wait_until(lambda: state(job) == ("done", 2), "the second worker to do the job")
    assert work.count() == 1


def test_a_worker_whose_child_alone_is_killed(workers, work):
    workers.start("-P", "prefork", "-c", "1", halt="before the finish")
    job = work.ask()
    workers.wait_until(workers.halted, "the child to be in the middle of the job")
    workers.release()
    os.kill(workers.halted()[0], signal.SIGKILL)
    workers.wait_until(lambda: outbox.sweep() or state(job)[0] == "done", "the lease to expire")
    workers.wait_until(lambda: state(job)[0] == "done", "the next child to do the job")
    assert work.count() == 1


def test_a_worker_that_dies_before_it_takes_the_job(workers, work):
    first = workers.start("-P", "prefork", "-c", "1", halt="before the claim")
    job = work.ask()
    workers.wait_until(workers.halted, "the worker to have the message")
    assert (workers.messages(), state(job)) == ([], ("queued", 0))
    workers.kill(first)
    # The message is gone with the worker. The scheduler of the next one (-B) sweeps, so nobody else need do anything.
    workers.start("-P", "solo")
    workers.start("-P", "prefork", "-c", "1", "-B")
    workers.wait_until(lambda: state(job)[0] == "done", "the sweep to find the job")
    assert work.count() == 1


def test_a_job_delivered_twice_at_the_same_time(workers, work):
    workers.start("-P", "solo", halt="before the claim")
    workers.start("-P", "solo", halt="before the claim")
    job = work.ask()
    outbox.send(job.pk)
    workers.wait_until(lambda: len(workers.halted()) == 2, "both workers to have a message each")
    workers.release()
    workers.wait_until(lambda: workers.returned(job) == 2, "both to be through")
    assert (state(job), work.count()) == (("done", 1), 1)
    outbox.send(job.pk)
    workers.wait_until(lambda: workers.returned(job) == 3, "a late message to be dealt with")
    assert (state(job), work.count()) == (("done", 1), 1)


def test_a_worker_so_slow_that_another_takes_over(workers, work):
    workers.start("-P", "solo", halt="before the finish")
    job = work.ask()
    workers.wait_until(workers.halted, "the worker to be in the middle of the job")
    workers.start("-P", "solo")
    workers.wait_until(lambda: outbox.sweep() or state(job)[1] == 2, "the lease to expire")
    workers.wait_until(lambda: state(job)[1] == 2, "the second worker to take over")
    workers.release()
    workers.wait_until(lambda: workers.returned(job) == 2, "both to be through")
    assert (state(job), work.count()) == (("done", 2), 1)
