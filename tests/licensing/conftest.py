"""What the tests of the score start from: a criterion by its code, and ratings given and moderated."""

from collections.abc import Callable
from datetime import datetime

import pytest

from licensing.actions import ratings
from licensing.models import Criterion, Firm, Rating
from pvara.kernel.models import User


@pytest.fixture
def criterion(regime: None) -> Callable[[str], Criterion]:
    """`criterion("1.1")`: one of the framework in force."""
    return lambda code: Criterion.objects.get(code=code, domain__framework__version="1.0")


@pytest.fixture
def rated(firm: Firm, criterion: Callable[[str], Criterion], asif: User, at: datetime) -> Callable[..., Rating]:
    """`rated("1.1", 3)`: as asif the assessor gives it."""

    def give(code: str, rating: int | None, *, by: User = asif, **more: object) -> Rating:
        given = {"rationale": "The policy was read.", "at": at, **more}
        return ratings.rate(firm, criterion(code), by=by, rating=rating, **given)  # type: ignore[arg-type]  # as the test says

    return give
