"""Every gate tried open and shut, and how that is asked."""

from datetime import datetime

from django.utils import timezone

from pvara.kernel.machine import unmet


def shut(subject, name, *, by=None, at):
    """The gates in the way of a move, each with its particulars, as the row now is in the database."""
    fresh = type(subject)._base_manager.get(pk=subject.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


def day(*said: int) -> datetime:
    return timezone.make_aware(datetime(*said))
