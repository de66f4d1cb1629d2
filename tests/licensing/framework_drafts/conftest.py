"""A draft, and by whom it is drafted."""

import pytest

from pvara.demo import path
from tests.licensing.framework_drafts import APRIL


@pytest.fixture
def draft(regime, people, at):
    return path.drafted_framework("2.0", APRIL, people=people, at=at)


@pytest.fixture
def by(people, at):
    return {"by": people.supervisor, "at": at}
