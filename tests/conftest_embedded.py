"""The database of the tests: the server in DATABASE_URL, or else the bundled one, up while the tests run."""

from collections.abc import Iterator

import pytest
from django.conf import settings

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
