"""The audit log's door: write an entry, read a subject's history, seal what has been written, verify all of it.

The database numbers, dates and chains the entries (`guards.py`); the Merkle tree with its signed heads is grown in
`sealing.py`; `verification.py` checks everything and shares no code with what it checks.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from pvara.kernel import looks
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.sealing import seal
from pvara.kernel.verification import Break, verify

__all__ = ["Break", "history", "outline", "record", "record_each", "seal", "verify"]


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


def record_each(
    subjects: Iterable[Model], *, event: str, by: User | None, at: datetime, data: Callable[[Any], dict[str, Any]]
) -> None:
    """Add the same event to the history of several subjects, each with its own data; one round trip for all of them.

    No subject may come twice: its second entry could not be chained to the first.
    """
    AuditEntry.objects.bulk_create(
        AuditEntry(
            subject_type=each._meta.label_lower,
            subject_id=each.pk,
            event=event,
            actor=by,
            actor_name=str(by) if by else "",
            at=at,
            data=data(each),
        )
        for each in subjects
    )


def history(subject: Model) -> QuerySet[AuditEntry]:
    """Everything that happened to the subject, from the first entry to the last."""
    return (
        AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
        .select_related("actor")
        .order_by("seq")
    )


@looks.remembered
def outline(subject: Model) -> tuple[tuple[str, str, datetime], ...]:
    """What happened to the subject, without who and why: each event, the state it led to, and when; in order."""
    return tuple(history(subject).values_list("event", "to_state", "at"))
