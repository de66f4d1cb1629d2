"""A house that is open: a web server, a browser for each of the cast, and a worker that writes the letters."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from celery import Celery
from django.conf import settings as django_settings
from playwright.sync_api import Browser, BrowserContext
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from pvara.celery import app as pvara_app
from pvara.demo import path
from pvara.kernel.models import Job, User
from tests.browser.chromium import browser
from tests.conftest import PASSWORD
from tests.conftest_embedded import database_url
from tests.journeys.eyes import Eyes
from tests.journeys.pages import PageWalk
from tests.journeys.person import Person

__all__ = ["browser"]

PATIENCE_SECONDS = 60  # far more than a letter takes; a machine may be busy


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    """Keys, seals and uploads of one journey."""
    settings.SIGNING_FOLDER = tmp_path / "signing"
    settings.SEAL_FOLDER = tmp_path / "seals"
    settings.MEDIA_ROOT = tmp_path / "uploads"


class Worker:
    """The project's own worker, as a process of its own on the test's database."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "worker.log"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        environment |= {
            "DATABASE_URL": database_url(),
            "BROKER_URL": "filesystem://",
            "PVARA_VAR": str(folder),
            "SIGNING_FOLDER": str(django_settings.SIGNING_FOLDER),
        }
        command = [sys.executable, "-m", "celery", "--app", "pvara.celery", "worker", "--concurrency", "1"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--without-gossip", "--without-mingle", "--without-heartbeat"],
                cwd=django_settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
                # A group of its own, so that its end takes its children along and nobody else.
                start_new_session=True,
            )

    def finish(self) -> None:
        """Wait until every job is done; fail with the reason of the first that was not."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while left := list(Job.objects.exclude(state="done").order_by("pk")):
            failed = [f"{each.kind} {each.key}: {each.last_error}" for each in left if each.last_error]
            assert not failed, failed
            assert self.process.poll() is None, f"The worker ended by itself: {self.log.read_text()}"
            assert time.monotonic() < deadline, f"{len(left)} jobs wait in vain: {self.log.read_text()}"
            time.sleep(0.05)

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


@pytest.fixture
def worker(folders: None, tmp_path: Path, transactional_db: None) -> Iterator[Worker]:
    """A worker on a broker of its own, to which all threads of this process send."""
    broker = str(tmp_path / "broker")
    app = Celery("journey", broker="filesystem://localhost", task_default_queue="jobs", task_ignore_result=True)
    app.conf.broker_transport_options = {"data_folder_in": broker, "data_folder_out": broker}
    # The threads of the web server know only the default; this one has a current application too.
    app.set_default()
    app.set_current()
    started = Worker(tmp_path)
    yield started
    started.stop()
    app.close()
    pvara_app.set_default()
    pvara_app.set_current()


@pytest.fixture
def confirmed(people: path.People) -> path.People:
    """The cast, with the confirmed addresses that signing in asks for."""
    for user in vars(people).values():
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return people


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
def browser_of(browser: Browser, live_server: LiveServer, eyes: Eyes) -> Iterator[Callable[[User | None], Person]]:
    """`browser_of(omar)`: a browser of omar's own, in which he has signed in; nobody has, with None."""
    contexts: list[BrowserContext] = []

    def opened(user: User | None) -> Person:
        # Who wants no motion is scrolled at once: half of a journey was waiting for pages to glide to a stop.
        context = browser.new_context(base_url=live_server.url, locale="en-GB", reduced_motion="reduce")
        contexts.append(context)
        person = Person(context.new_page(), eyes)
        person.open("/")
        if user is not None:
            person.sign_in(user.email, PASSWORD)
        return person

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def walk(confirmed: path.People, browser_of: Callable[[User | None], Person]) -> PageWalk:
    """One exchange and everybody whom it meets."""
    return PageWalk(confirmed, browser_of, "Indus Exchange (Pvt) Limited")
