"""A version of the scoring framework after the first: drafted and proposed by one, published by another."""

from collections.abc import Callable
from datetime import date, datetime

from django.utils import timezone

from licensing.actions import framework
from licensing.models import Framework
from licensing.models.framework import framework_row
from pvara.demo.path.people import People, step

Change = Callable[[Framework], object]


def drafted_framework(
    edition: str, effective_from: date, *, people: People, at: datetime, but: Change | None = None
) -> Framework:
    """A draft that says what the version in force says, but for what is changed in it."""
    source = framework_row(timezone.localdate(at))
    draft = framework.start_draft(source, edition=edition, effective_from=effective_from, by=people.supervisor, at=at)
    if but is not None:
        but(draft)
    return Framework.objects.get(pk=draft.pk)


def proposed_framework(
    edition: str, effective_from: date, *, people: People, at: datetime, but: Change | None = None
) -> Framework:
    draft = drafted_framework(edition, effective_from, people=people, at=at, but=but)
    proposed: Framework = step(draft, "propose", by=people.supervisor, at=at, note="The committee asked for it.")
    return proposed


def published_framework(
    edition: str, effective_from: date, *, people: People, at: datetime, but: Change | None = None
) -> Framework:
    proposed = proposed_framework(edition, effective_from, people=people, at=at, but=but)
    published: Framework = step(proposed, "publish", by=people.board, at=at)
    return published
