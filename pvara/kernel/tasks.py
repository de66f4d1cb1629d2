"""Periodic and queued work of the ground floor. Each task calls one function; the times of jobs are the database's."""

import os
import socket

from celery import shared_task
from django.utils import timezone

from pvara.kernel import audit, outbox


def worker_name() -> str:
    """Machine and process: with the number of the attempt it names one claim of a job."""
    return f"{socket.gethostname()}:{os.getpid()}"


# A job that hangs would keep its worker for ever; the sweep finds the job of a worker that was ended.
@shared_task(name="kernel.run_job", time_limit=300)
def run_job(job_id: int) -> None:
    outbox.execute(job_id, worker_name())


@shared_task(name="kernel.sweep_jobs")
def sweep_jobs() -> None:
    outbox.sweep()


@shared_task(name="kernel.seal_audit")
def seal_audit() -> None:
    audit.seal(at=timezone.now())
