"""Celery tasks and job handlers of the registry; each calls one action."""

from celery import shared_task
from django.utils import timezone

from tokenisation.actions.night import run_night


@shared_task(name="tokenisation.night")
def night() -> None:
    run_night(at=timezone.now())
