"""Rating and moderating as they are done by people who have just read what was said of the criterion."""

from typing import Any

from licensing.actions import ratings
from licensing.models import Criterion, Firm, Rating
from licensing.models.ratings import judged
from pvara.kernel.seen import mark


def rate(firm: Firm, criterion: Criterion, **said: Any) -> Rating:
    former = Rating.objects.filter(firm=firm, criterion__code=criterion.code, current=True).first()
    return ratings.rate(firm, criterion, seen=mark(judged(former)), **said)


def moderate(given: Rating, **said: Any) -> Rating:
    return ratings.moderate(given, seen=mark(judged(Rating.objects.get(pk=given.pk))), **said)
