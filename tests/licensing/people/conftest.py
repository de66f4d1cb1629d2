"""Somebody nominated, somebody vetted, and the officers of a firm."""

import pytest

from pvara.demo import path


@pytest.fixture
def nominated(firm, people, at):
    return path.nominate(firm, "mlro", people=people, at=at)


@pytest.fixture
def vetted(nominated, people, at):
    return path.vet(nominated, people=people, at=at)


@pytest.fixture
def officers(firm, people, at):
    """The three whom every firm has, approved."""
    return [
        path.approved(firm, role, people=people, at=at) for role in ("chief_executive", "compliance_officer", "mlro")
    ]
