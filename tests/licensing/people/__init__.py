"""Key individuals: what is shared by the tests of their vetting and of the cases that ask for them."""

from datetime import datetime

from django.utils import timezone

from licensing.actions import people as actions


def day(*said: int) -> datetime:
    return timezone.make_aware(datetime(*said))


def check(individual, people, at, *, by=None, **changed):
    said = {"kind": "police", "result": "clear", "made_on": timezone.localdate(at), **changed}
    return actions.record_check(individual, by=by or people.officer, at=at, **said)
