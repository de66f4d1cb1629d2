"""The database of the tests: the server in DATABASE_URL, or else the bundled one, up while the tests run.

Of several processes the first makes the database, which takes the better part of a minute; the others copy it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from pvara.kernel import embedded

SEED = "seed"


@pytest.fixture(scope="session")
def database_server() -> Iterator[None]:
    """Started when the first test wants a database. Several pytest processes share it; the last one out stops it."""
    if settings.DATABASE_URL:
        yield
        return
    with embedded.held(settings.VAR):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """What pytest-django asks for before it makes its test database.

    No test asks what is left of it after a power cut (`faults/test_siege.py` kills a server of its own), so what this
    process commits need not wait for the disk.
    """
    connection.settings_dict["OPTIONS"]["options"] += " -c synchronous_commit=off"


@pytest.fixture(scope="session")
def in_turn(
    django_db_modify_db_settings: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExitStack]:
    """Until it is closed, no other process of this run makes its database."""
    with ExitStack() as turn:
        if hasattr(request.config, "workerinput"):
            lock = turn.enter_context(made(tmp_path_factory).open("a+"))
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection.settings_dict["TEST"]["TEMPLATE"] = made(tmp_path_factory).read_text() or None
        yield turn


def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Names the copy that the first process left for the others; empty as long as there is none."""
    return tmp_path_factory.getbasetemp().parent / "database"


@pytest.fixture(scope="session")
def django_db_setup(
    in_turn: ExitStack,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    test = connection.settings_dict["TEST"]
    if hasattr(request.config, "workerinput") and not test["TEMPLATE"]:
        # Nobody may be connected to what is copied, and this process soon is to its own.
        with django_db_blocker.unblock():
            connection.creation.clone_test_db(SEED, verbosity=0)
        made(tmp_path_factory).write_text(connection.creation.get_test_db_clone_settings(SEED)["NAME"])
    test["TEMPLATE"] = None
    in_turn.close()


def database_url() -> str:
    """The test database, for the programs that a test starts; a folder with a socket in it is a host too."""
    said = {
        name: quote(str(connection.settings_dict[name]), safe="")
        for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")
    }
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**said)
