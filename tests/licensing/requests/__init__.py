"""Requests for information: how the tests ask and answer."""

from pvara.kernel import clock
from pvara.kernel.clock import Limit
from pvara.kernel.machine import unmet
from pvara.kernel.models import Job

DAYS60 = Limit(60)


def shut(subject, name, *, by=None, at):
    fresh = type(subject)._base_manager.get(pk=subject.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


def decision(case, at):
    return clock.reading(case, "decision", limit=DAYS60, at=at)


def notices():
    """What the firm was told of the case and its requests; of its people it was told before."""
    told = Job.objects.filter(kind="notice").exclude(payload__subject__startswith="KEY").order_by("pk")
    return list(told.values_list("payload__subject", flat=True))
