"""A job whose every doing shows: the plainest work for workers that are killed. Test code only."""

import uuid
from datetime import date

from pvara.kernel import outbox
from pvara.kernel.models import Figure, Job

KIND = "effect"


def prefix(job: Job) -> str:
    """What the figures that a job wrote begin with."""
    return f"{KIND}.{job.pk}."


@outbox.handler(KIND)
def take_effect(job: Job) -> None:
    """Not idempotent on purpose: what happens twice is counted twice."""
    Figure.objects.create(
        key=f"{prefix(job)}{uuid.uuid4().hex}",
        value=1,
        unit="count",
        effective_from=date(2026, 1, 1),
        mark="I",
        source=job.worker,
    )
