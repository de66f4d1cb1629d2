"""Cases at the stages that the gates are tried at."""

import pytest

from licensing.actions import measures
from pvara.demo import life, path
from pvara.kernel import roles
from tests.licensing import judging


@pytest.fixture
def also(at):
    """`also(sana, "committee_member")`: the person takes on a second role."""

    def grant(person, code):
        roles.grant(person, code, by=None, at=at)
        return person

    return grant


@pytest.fixture
def rerate(firm, people, criterion):
    """`rerate("1.8", 2, at=at)`: given anew by the assessor and confirmed by the moderator."""

    def give(code, rating, *, at):
        given = judging.rate(firm, criterion(code), by=people.assessor, at=at, rating=rating, rationale="Read again.")
        return judging.moderate(given, by=people.moderator, at=at)

    return give


@pytest.fixture
def draft(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="draft")


@pytest.fixture
def recommended(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="recommended")


@pytest.fixture
def opened(firm, people, at):
    """A set-up on its first day."""
    return path.noc_case(firm, people=people, at=at, rating=3).setup


@pytest.fixture
def confirmed(opened, people, at):
    return path.confirmed_setup(opened.noc, people=people, at=at, rating=3)


@pytest.fixture
def full_recommended(confirmed, people, at):
    """Largely met throughout: 75%, the very bar of gate G3."""
    return path.full_case(confirmed, people=people, at=at, until="recommended", rating=3)


@pytest.fixture
def suspended(full_recommended, people, at):
    case = path.decide(full_recommended, "approve_with_conditions", people=people, at=at)
    licence = path.decide(case, "grant_licence", people=people, at=at).issued_licence
    licence = life.suspend(licence, people=people, at=at)
    measures.verify_remedy(licence, note="Nothing is missing.", by=people.supervisor, at=at)
    path.vote(licence, "reinstate", people=people, at=at)
    return licence
