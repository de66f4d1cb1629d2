"""A Celery worker that stops at a named point, so that a test can kill it just there. Test code only.

`celery -A pvara.celery worker -I tests.faults.slow_worker` is the project's own worker, with two things added: jobs of
the kind “effect” (`effect.py`), and a halt at the point that FAULT_HALT names. There the process leaves its number as a
file in FAULT_FOLDER and waits for a file called `go`.
"""

import os
import time
import uuid
from pathlib import Path
from typing import Any

from pvara.kernel import outbox
from pvara.kernel.models import Job
from tests.faults import effect  # noqa: F401  the kind of job

FOLDER = Path(os.environ["FAULT_FOLDER"])
HALT = os.environ.get("FAULT_HALT", "")
LONGEST_HALT_SECONDS = 60


def halt() -> None:
    (FOLDER / f"reached-{os.getpid()}").touch()
    deadline = time.monotonic() + LONGEST_HALT_SECONDS
    while not (FOLDER / "go").exists() and time.monotonic() < deadline:
        time.sleep(0.02)


execute = outbox.execute


def execute_and_tell(job_id: int, worker: str) -> Job | None:
    if HALT == "before the claim":
        halt()
    try:
        return execute(job_id, worker)
    finally:
        (FOLDER / f"returned-{job_id}-{uuid.uuid4().hex}").touch()


def with_halt_after(function: outbox.Handler) -> outbox.Handler:
    def halting(job: Job) -> None:
        function(job)
        halt()

    return halting


changed: Any = outbox
changed.execute = execute_and_tell
if HALT == "before the finish":
    for kind, function in list(outbox._handlers.items()):
        outbox._handlers[kind] = with_halt_after(function)
