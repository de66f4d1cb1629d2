"""The world and the cast of the page tests, in a database that a live server can see."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from tests import snapshot
from tests.browser.chromium import browser, complaints, opened
from tests.pages.conftest import adil, aisha, browse, cast, danish, everybody, laila, people, stranger, world
from tests.world import Ground

__all__ = [
    "adil",
    "aisha",
    "browse",
    "browser",
    "cast",
    "complaints",
    "danish",
    "everybody",
    "laila",
    "opened",
    "people",
    "stranger",
    "world",
]


@pytest.fixture
def ground(transactional_db: None, built: Ground, settings: Settings, tmp_path: Path) -> Iterator[Ground]:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    with transaction.atomic():
        snapshot.put_back(built.kept)
    yield built
    snapshot.forget()
