"""The world and the cast of the page tests, in a database that a live server can see."""

from datetime import datetime

import pytest

from pvara.demo import path
from tests.browser.chromium import browser, complaints, opened
from tests.pages.conftest import World, at, browse, build, everybody

__all__ = ["at", "browse", "browser", "complaints", "everybody", "opened"]


@pytest.fixture
def world(transactional_db: None, people: path.People, at: datetime) -> World:
    return build(people, at)
