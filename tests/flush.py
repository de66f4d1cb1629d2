"""Emptying tables between tests that commit. The product has no way to do this; only the test database's owner has."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

# They are the same in every test; and what is remembered of one that commits keeps their numbers (`stages.py`).
KEPT = {"django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def triggers_rest_while_tables_are_emptied() -> Iterator[None]:
    """Let Django's flush TRUNCATE append-only tables: as a replica, for that one transaction, triggers stay quiet."""
    operations = type(connection.ops)
    truncate = operations.sql_flush

    def with_triggers_off(self: Any, style: Any, tables: list[str], **options: bool) -> list[str]:
        statements = truncate(self, style, [each for each in tables if each not in KEPT], **options)
        return ["SET LOCAL session_replication_role = replica;", *statements] if statements else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", with_triggers_off)
        yield
