"""The outbox: effects leave the house only through a Job row, after commit, and exactly once per key.

The row is the truth, the broker only carries its id. A job is claimed by one compare-and-set; its effect and its
finish commit together, fenced on worker and attempt, so a worker that died, hung or was overtaken leaves no trace.
`sweep()` finds what a dead worker or a lost message left behind. All times are the database's: a worker's clock may
be a day off. What the kinds of jobs do is registered by the apps' `tasks` modules.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from pvara.kernel import audit
from pvara.kernel.models import Job, User

logger = logging.getLogger(__name__)

# After the twelfth failure, some two hours after the first, a person must look.
ATTEMPTS = 12
FIRST_DELAY_SECONDS = 5
LONGEST_DELAY_SECONDS = 3600
SWEPT_AT_ONCE = 500

Handler = Callable[[Job], None]
_handlers: dict[str, Handler] = {}


class NoHandler(LookupError):
    """No app registered what this kind of job does."""


class LeaseLost(Exception):
    """Another worker has taken the job over; whatever this one did is rolled back."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register what a kind of job does.

    The function runs in one transaction with the finish of the job, so what it writes exists once. What it does outside
    the database (a mail, a file) can happen again after a crash and must be idempotent by `job.key`.
    """

    def registered(function: Handler) -> Handler:
        if _handlers.setdefault(kind, function) is not function:
            raise ValueError(f"Jobs of kind {kind} have a handler already.")
        return function

    return registered


def handler_of(kind: str) -> Handler:
    try:
        return _handlers[kind]
    except KeyError:
        raise NoHandler(f"No app registered what a job of kind “{kind}” does.") from None


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def enqueue(
    kind: str,
    *,
    key: str,
    payload: dict[str, Any],
    at: datetime,
    subject: models.Model | None = None,
    not_before: datetime | None = None,
) -> Job:
    """Write a job into the caller's transaction; it is sent when, and only when, that commits.

    The same key again gives the row that is there. `at` is the moment of the change that asks for the job; the job is
    due at once by the database's clock, whatever `at` says, unless `not_before` is given.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A job is written in the transaction of the change it follows.")
    written = list(
        Job.objects.raw(
            """
            INSERT INTO kernel_job (kind, key, payload, subject_type, subject_id, state, at, attempts, run_at, sent_at,
                                    worker, last_error, created_at)
            VALUES (%s, %s, %s::jsonb, %s, %s, 'queued', %s, 0, coalesce(%s, clock_timestamp()),
                    CASE WHEN %s THEN NULL ELSE clock_timestamp() END, '', '', clock_timestamp())
            ON CONFLICT (key) DO NOTHING
            RETURNING *
            """,
            [
                kind,
                key,
                json.dumps(payload, cls=DjangoJSONEncoder),
                subject._meta.label_lower if subject else "",
                subject.pk if subject else None,
                at,
                not_before,
                not_before is not None,
            ],
        )
    )
    if not written:
        return Job.objects.get(key=key)
    if not_before is None:
        _send_after_commit(written[0].pk)
    return written[0]


def _send_after_commit(job_id: int) -> None:
    # A function, not a partial: Django names it in the log when it fails.
    def send_job() -> None:
        send(job_id)

    # Robust: a dead broker is logged and delays the job until the next sweep; it never fails the change.
    transaction.on_commit(send_job, robust=True)


def send(job_id: int) -> None:
    """Hand a job's id to the broker. A message too many does no harm: the claim decides."""
    current_app.send_task("kernel.run_job", args=[job_id], retry=False)


# ── Running ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def claim(job_id: int, worker: str) -> Job | None:
    """Lease a job to a worker, or None when it is done, not due, or in another worker's hands."""
    claimed = list(
        Job.objects.raw(
            """
            UPDATE kernel_job
               SET state = 'leased', worker = %s, attempts = attempts + 1,
                   lease_until = clock_timestamp() + make_interval(secs => %s)
             WHERE id = %s
               AND (state = 'queued' AND run_at <= clock_timestamp()
                    OR state = 'leased' AND lease_until < clock_timestamp() AND attempts < %s)
         RETURNING *
            """,
            [worker, settings.JOB_LEASE_SECONDS, job_id, ATTEMPTS],
        )
    )
    return claimed[0] if claimed else None


def execute(job_id: int, worker: str) -> Job | None:
    """Claim a job and do it. Returns it when it was done here, else None.

    What goes wrong is written on the row, with the time of the next attempt, and raised again for the log. LeaseLost
    is raised when another worker took over meanwhile; then nothing of this attempt remains.
    """
    job = claim(job_id, worker)
    if job is None:
        return None
    try:
        with transaction.atomic():
            handler_of(job.kind)(job)
            _finish(job)
    except LeaseLost:
        raise
    except Exception as error:  # not swallowed: whatever a handler raises is written down, then raised again
        _put_off(job, error)
        raise
    job.refresh_from_db()
    return job


def _finish(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE kernel_job
               SET state = 'done', lease_until = NULL, finished_at = clock_timestamp(), last_error = ''
             WHERE id = %s AND worker = %s AND attempts = %s AND state = 'leased'
            """,
            [job.pk, job.worker, job.attempts],
        )
        if cursor.rowcount != 1:
            raise LeaseLost(f"{job.kind} {job.key}: attempt {job.attempts} of {job.worker} was overtaken.")


def _put_off(job: Job, error: Exception) -> None:
    """Give the job back for a later attempt, each delay twice the last, or give it up."""
    delay = min(FIRST_DELAY_SECONDS * 2 ** (job.attempts - 1), LONGEST_DELAY_SECONDS)
    given_up = job.attempts >= ATTEMPTS
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE kernel_job
               SET state = %s, lease_until = NULL, worker = '', sent_at = NULL, last_error = %s,
                   run_at = clock_timestamp() + make_interval(secs => %s),
                   finished_at = CASE WHEN %s THEN clock_timestamp() END
             WHERE id = %s AND worker = %s AND attempts = %s AND state = 'leased'
            """,
            [
                "failed" if given_up else "queued",
                f"{type(error).__name__}: {error}"[:2000],
                delay,
                given_up,
                job.pk,
                job.worker,
                job.attempts,
            ],
        )


def try_again(job: Job, *, by: User, at: datetime) -> None:
    """Give a job that was given up one more attempt. Raises LookupError when it was not given up."""
    with transaction.atomic():
        again = list(
            Job.objects.raw(
                """
                UPDATE kernel_job
                   SET state = 'queued', finished_at = NULL, run_at = clock_timestamp(), sent_at = clock_timestamp()
                 WHERE id = %s AND state = 'failed'
             RETURNING *
                """,
                [job.pk],
            )
        )
        if not again:
            raise LookupError("Only a job that was given up can be tried again.")
        audit.record(job, event="tried_again", by=by, at=at, data={"last_error": job.last_error})
        _send_after_commit(job.pk)


# ── Looking after ────────────────────────────────────────────────────────────────────────────────────────────────────
def sweep() -> list[int]:
    """Send again what is due and was not sent of late, and what a worker left unfinished. Returns the ids sent.

    A job that has killed its worker ATTEMPTS times is given up, since nobody is left to say so.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE kernel_job
               SET state = 'failed', lease_until = NULL, finished_at = clock_timestamp(),
                   last_error = 'The worker died or hung in every attempt.'
             WHERE state = 'leased' AND lease_until < clock_timestamp() AND attempts >= %s
            """,
            [ATTEMPTS],
        )
        cursor.execute(
            """
            UPDATE kernel_job SET sent_at = clock_timestamp()
             WHERE id IN (
                   SELECT id FROM kernel_job
                    WHERE (state = 'queued' AND run_at <= clock_timestamp()
                           OR state = 'leased' AND lease_until < clock_timestamp())
                      AND (sent_at IS NULL OR sent_at < clock_timestamp() - make_interval(secs => %s))
                    ORDER BY run_at LIMIT %s
                      FOR UPDATE SKIP LOCKED)
         RETURNING id
            """,
            [settings.JOB_LEASE_SECONDS, SWEPT_AT_ONCE],
        )
        found = sorted(row[0] for row in cursor.fetchall())
    for job_id in found:
        _send_after_commit(job_id)
    return found


def drain(worker: str = "in process", limit: int = 10_000) -> list[Job]:
    """Do every job that is due, and what these bring about, here and now. Returns those done.

    For commands and tests; a handler's error is raised at once, and the job put off as in a worker.
    """
    done: list[Job] = []
    while len(done) < limit and (job_id := _next_due()) is not None:
        job = execute(job_id, worker)
        if job is not None:
            done.append(job)
    return done


def _next_due() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM kernel_job
             WHERE state = 'queued' AND run_at <= clock_timestamp()
                OR state = 'leased' AND lease_until < clock_timestamp() AND attempts < %s
             ORDER BY run_at, id LIMIT 1
            """,
            [ATTEMPTS],
        )
        row = cursor.fetchone()
    return row[0] if row else None
