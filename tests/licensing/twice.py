"""A framework that has every criterion rated twice, in force from the day after it is published."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from licensing.actions import framework, seconds
from licensing.models import Criterion, Firm, Framework, Rating, SealedRating
from licensing.models.ratings import judged
from pvara.demo import path
from pvara.kernel.models import User
from pvara.kernel.seen import mark
from tests.conftest import person

# The pages have a draft of 2.0 already.
EDITION = "8.0"


def in_force(*, people: path.People, at: datetime) -> Framework:
    def asks_for_two(draft: Framework) -> None:
        framework.change_version(draft, rated_twice=True, seen=mark(draft.said), by=people.supervisor, at=at)

    day = timezone.localdate(at) + timedelta(days=1)
    return path.published_framework(EDITION, day, people=people, at=at, but=asks_for_two)


def another_assessor() -> User:
    return person("Azra", "assessor")


def give(firm: Firm, code: str, rating: int | None, *, by: User, at: datetime, **more: Any) -> Rating | SealedRating:
    """As whoever has just read what there is to be read of the criterion."""
    former = Rating.objects.filter(firm=firm, criterion__code=code, current=True).first()
    return seconds.give_rating(
        firm,
        Criterion.objects.get(code=code, domain__framework__edition=EDITION),
        by=by,
        at=at,
        rating=rating,
        not_applicable=rating is None,
        seen=mark(judged(former)),
        **{"rationale": f"{by} read the policy.", **more},
    )
