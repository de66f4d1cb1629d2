"""The database of the tests: the server in DATABASE_URL, or else the bundled one, up while the tests run."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from pvara.kernel import embedded


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
    """What pytest-django asks for before it makes its test database."""


def database_url() -> str:
    """The test database, for the programs that a test starts; a folder with a socket in it is a host too."""
    said = {
        name: quote(str(connection.settings_dict[name]), safe="")
        for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")
    }
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**said)
