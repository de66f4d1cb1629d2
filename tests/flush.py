"""Emptying tables between tests that commit. The product has no way to do this; only the test database's owner has."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

# They are the same in every test; and what is remembered of one that commits keeps their numbers (`stages.py`).
KEPT = {"django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied_row_by_row() -> Iterator[None]:
    """Let Django's flush empty append-only tables: as a replica, for that one transaction, triggers stay quiet.

    TRUNCATE makes new files for every table and each of its indexes, which takes seconds for 145 tables, most of them
    empty. Like TRUNCATE, the lock waits for whoever still writes: no row of the last test comes after its end.
    """

    def emptied(self: Any, style: Any, tables: list[str], **options: bool) -> list[str]:
        names = [self.quote_name(each) for each in tables if each not in KEPT]
        if not names:
            return []
        return [
            "SET LOCAL session_replication_role = replica;",
            f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE;",
            *(f"DELETE FROM {each};" for each in names),
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", emptied)
        yield
