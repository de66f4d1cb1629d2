"""Emptying tables between tests that commit. The product has no way to do this; only the test database's owner has."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests import stages


@pytest.fixture(scope="session", autouse=True)
def triggers_rest_while_tables_are_emptied() -> Iterator[None]:
    """Let Django's flush TRUNCATE append-only tables: as a replica, for that one transaction, triggers stay quiet."""
    operations = type(connection.ops)
    truncate = operations.sql_flush

    def with_triggers_off(self: Any, style: Any, tables: list[str], **options: bool) -> list[str]:
        stages.forget()
        statements = truncate(self, style, tables, **options)
        return ["SET LOCAL session_replication_role = replica;", *statements] if statements else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", with_triggers_off)
        yield
