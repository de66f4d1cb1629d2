"""The audit log: how the tests write in it, tamper with it and find what is broken."""

import json

from django.db import connection, transaction

from pvara.kernel import audit, verification
from pvara.kernel.models import AuditEntry


def write(subject, count, *, at, by=None):
    for number in range(count):
        audit.record(subject, event=f"event_{number}", by=by, at=at, note="گواہ", data={"number": number})


def breaks() -> list[str]:
    return [str(each) for each in audit.verify()]


def tamper(*statements: str) -> None:
    """What a superuser of the database can do: switch all triggers off and write anything."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


def rechain(subject) -> None:
    """The careful forger: gives every entry of a subject the hashes that fit what it now says."""
    last = b""
    for entry in audit.history(subject):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT layout, subject_type, subject_id, seq, event, actor_id, actor_name,"
                " to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
                " to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
                " from_state, to_state, note, data::text, xact_id FROM kernel_auditentry WHERE id = %s",
                [entry.pk],
            )
            text = json.dumps([*cursor.fetchone(), last.hex()], ensure_ascii=False)
            hashed = verification.sha256(text.encode()).digest()
        tamper(
            f"UPDATE kernel_auditentry SET prev_hash = '\\x{last.hex()}', hash = '\\x{hashed.hex()}'"
            f" WHERE id = {entry.pk}"
        )
        last = hashed


def entry_of(subject, seq) -> AuditEntry:
    return audit.history(subject).get(seq=seq)
