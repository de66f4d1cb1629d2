"""The audit log's door: write an entry, read a subject's history, seal what has been written, verify all of it.

The database numbers, dates and chains the entries (`guards.py`); the Merkle tree with its signed heads is grown in
`sealing.py`; `verification.py` checks everything and shares no code with what it checks.
"""

from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from pvara.kernel.models import AuditEntry, User
from pvara.kernel.sealing import seal
from pvara.kernel.verification import Break, verify

__all__ = ["Break", "history", "record", "seal", "verify"]


def record(
    subject: Model,
    *,
    event: str,
    by: User | None,
    at: datetime,
    from_state: str = "",
    to_state: str = "",
    note: str = "",
    data: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry to the subject's history, inside the caller's transaction and in one round trip.

    `by` is None for the scheduler. Until that transaction ends, nobody else can write on the same subject.
    """
    return AuditEntry.objects.create(
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        event=event,
        actor=by,
        actor_name=str(by) if by else "",
        at=at,
        from_state=from_state,
        to_state=to_state,
        note=note,
        data=data or {},
    )


def history(subject: Model) -> QuerySet[AuditEntry]:
    """Everything that happened to the subject, from the first entry to the last."""
    return (
        AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
        .select_related("actor")
        .order_by("seq")
    )
