"""Applications whose completeness is checked."""

import pytest

from pvara.demo import path


@pytest.fixture
def case(firm, people, at):
    """A NOC application whose completeness is checked."""
    return path.noc_case(firm, people=people, at=at, until="completeness_check")


@pytest.fixture
def full(firm, people, at):
    """A licence application whose completeness is checked."""
    granted = path.noc_case(firm, people=people, at=at)
    done = path.confirmed_setup(granted, people=people, at=at)
    return path.full_case(done, people=people, at=at, until="completeness_check")
