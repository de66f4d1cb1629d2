"""A world that takes many seconds to build is built once, and put back row by row wherever it is wanted again."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection


@dataclass
class Snapshot:
    """Every row of the database as it was, the sequences, and the files that were uploaded."""

    folder: Path
    rows: dict[str, bytes] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)


def take(folder: Path) -> Snapshot:
    """Keep everything that this connection sees; `folder` gets the files."""
    kept = Snapshot(folder)
    shutil.copytree(settings.MEDIA_ROOT, folder, dirs_exist_ok=True)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as out:
                kept.rows[table] = b"".join(bytes(part) for part in out)
        cursor.execute("SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences")
        kept.sequences = {name: last for name, last in cursor.fetchall() if last is not None}
    return kept


def put_back(kept: Snapshot) -> None:
    """Make the database and the uploads what they were. Triggers rest meanwhile: they have seen these rows before."""
    shutil.copytree(kept.folder, settings.MEDIA_ROOT, dirs_exist_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, rows in kept.rows.items():
            cursor.execute(f'DELETE FROM "{table}"')
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as into:
                into.write(rows)
        for name, last in kept.sequences.items():
            cursor.execute("SELECT setval(%s, %s)", [name, last])
        cursor.execute("SET session_replication_role = origin")
    forget()


def forget() -> None:
    """Content types have the numbers of their world; a flush between two worlds gives them others."""
    ContentType.objects.clear_cache()
