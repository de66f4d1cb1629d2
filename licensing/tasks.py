"""Job handlers and nightly work of licensing; each calls one action."""

from celery import shared_task
from django.utils import timezone

from licensing.actions import letters, licences, notices, scores, timers
from pvara.kernel import outbox
from pvara.kernel.models import Job


@outbox.handler("letter")
def letter(job: Job) -> None:
    letters.write_letter(job)


@outbox.handler("letter_issue")
def letter_issue(job: Job) -> None:
    letters.issue_checked_letter(job)


@outbox.handler("letter_email")
def letter_email(job: Job) -> None:
    letters.send_letter(job)


@outbox.handler("notice")
def notice(job: Job) -> None:
    notices.send_notice(job)


@shared_task(name="licensing.hour")
def hour() -> None:
    timers.run(at=timezone.now())


@shared_task(name="licensing.night")
def night() -> None:
    at = timezone.now()
    scores.score_night(at=at)
    licences.refresh_every_standing(at=at)
