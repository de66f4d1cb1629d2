"""A world that takes many seconds to build is built once, and put back row by row wherever it is wanted again."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

PRIMARY_KEYS = """
SELECT c.relname, a.attname, a.attnum - 1 FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace
"""


@dataclass
class Snapshot:
    """Every row of the database as it was, the sequences, and the files that were uploaded."""

    folder: Path | None = None
    rows: dict[str, bytes] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)


@dataclass
class Difference:
    """What became of the rows between two moments: the keys of those that went or were changed, and the new ones."""

    gone: dict[str, list[str]] = field(default_factory=dict)
    new: dict[str, bytes] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


def take(folder: Path | None = None, *, tables: Iterable[str] | None = None) -> Snapshot:
    """Keep everything that this connection sees, or those tables; `folder`, where there is one, gets the files."""
    kept = Snapshot(folder)
    if folder:
        shutil.copytree(settings.MEDIA_ROOT, folder, dirs_exist_ok=True)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor) if tables is None else tables:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as out:
                kept.rows[table] = b"".join(bytes(part) for part in out)
        cursor.execute("SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences")
        kept.sequences = {name: last for name, last in cursor.fetchall() if last is not None}
    return kept


def put_back(kept: Snapshot) -> None:
    """Make the database and the uploads what they were. Triggers rest meanwhile: they have seen these rows before."""
    if kept.folder:
        shutil.copytree(kept.folder, settings.MEDIA_ROOT, dirs_exist_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, rows in kept.rows.items():
            cursor.execute(f'DELETE FROM "{table}"')
            if rows:
                with cursor.copy(f'COPY "{table}" FROM STDIN') as into:
                    into.write(rows)
        cursor.execute("SET session_replication_role = origin")
    count_on(kept.sequences)
    forget()


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """What one would have to do to a database that is as it was before to make it what it was after.

    A table that was not kept before had no rows.
    """
    found = Difference(sequences=after.sequences)
    with connection.cursor() as cursor:
        cursor.execute(PRIMARY_KEYS)
        keys = {table: (column, place) for table, column, place in cursor.fetchall()}
    for table, rows in after.rows.items():
        column, place = keys[table]
        old, new = set(before.rows.get(table, b"").splitlines()), rows.splitlines()
        found.keys[table] = column
        found.gone[table] = [row.split(b"\t")[place].decode() for row in old - set(new)]
        found.new[table] = b"".join(row + b"\n" for row in new if row not in old)
    return found


def make(changed: Difference) -> None:
    """Do to the database what a difference says. Its rows have numbers that nobody else was given."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, rows in changed.new.items():
            if gone := changed.gone[table]:
                cursor.execute(f'DELETE FROM "{table}" WHERE {changed.keys[table]}::text = ANY(%s)', [gone])
            with cursor.copy(f'COPY "{table}" FROM STDIN') as into:
                into.write(rows)
        cursor.execute("SET session_replication_role = origin")
    count_on(changed.sequences)


def count_on(sequences: dict[str, int]) -> None:
    """New rows get numbers after these; no sequence ever goes back, so that no two snapshots share a number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(s.name::regclass, s.kept) FROM unnest(%s::text[], %s::bigint[]) AS s(name, kept)"
            " WHERE s.kept > coalesce(pg_sequence_last_value(s.name::regclass), 0)",
            [list(sequences), list(sequences.values())],
        )


def forget() -> None:
    """Content types have the numbers of their world; a flush between two worlds gives them others."""
    ContentType.objects.clear_cache()
