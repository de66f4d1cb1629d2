"""What the tests of licensing start from: a criterion by its code, ratings, and a licence that is lived with."""

from collections.abc import Callable
from datetime import datetime

import pytest
from guardian.shortcuts import assign_perm

from licensing.models import Criterion, Firm, Licence, Rating
from pvara.demo import path
from pvara.kernel.models import User
from tests.licensing import judging
from tests.tokenisation.conftest import licensed_venue


@pytest.fixture
def criterion(regime: None) -> Callable[[str], Criterion]:
    """`criterion("1.1")`: one of the framework in force."""
    return lambda code: Criterion.objects.get(code=code, domain__framework__edition="1.0")


@pytest.fixture
def rated(firm: Firm, criterion: Callable[[str], Criterion], asif: User, at: datetime) -> Callable[..., Rating]:
    """`rated("1.1", 3)`: as asif the assessor gives it."""

    def give(code: str, rating: int | None, *, by: User = asif, **more: object) -> Rating:
        given = {"rationale": "The policy was read.", "at": at, **more}
        return judging.rate(firm, criterion(code), by=by, rating=rating, **given)  # type: ignore[arg-type]  # as the test says

    return give


@pytest.fixture
def licence(regime: None, people: path.People, at: datetime) -> Licence:
    """A licence for exchange and custody, without the walk that leads to it; amina acts and signs for the holder."""
    venue = licensed_venue("Ravi Exchange", at=at)
    for permission in ("licensing.represent_firm", "licensing.sign_for_firm"):
        assign_perm(permission, people.applicant, venue.firm)
    Licence.objects.filter(pk=venue.licence_id).update(activities=["exchange", "custody"])
    return Licence.objects.get(pk=venue.licence_id)
