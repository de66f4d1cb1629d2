"""The walk to a stage of a case is made once in a process; who wants it again gets its rows.

Whatever leads from one known stage to another is remembered: the next test that stands at the first and asks for the
same with the same people at the same time finds itself at the second, row for row. A test that wrote anything of its
own in between stands nowhere known, so it walks.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, models

from pvara.demo import path
from tests import snapshot

# What was written in this transaction, table by table, whatever became of it: a rolled back savepoint counts too. What
# earlier ones wrote may still be among it, but within one transaction it only grows.
WRITTEN = """
SELECT relname, n FROM (
    SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
        + pg_stat_get_xact_tuples_deleted(oid) AS n
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
) counted WHERE n > 0
"""
# The same for a test that commits: what its database has counted since it was made, once this connection has told.
TELL = "SELECT pg_stat_force_next_flush()"
COMMITTED = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"
WALKS = (
    "change_setting",
    "confirmed_setup",
    "decide",
    "full_case",
    "heard",
    "licensed",
    "noc_case",
    "published_framework",
    "rate_anew",
    "rate_everything",
)


class Unknown(Exception):
    """Something by which a walk cannot be told from another."""


@dataclass
class Standing:
    """Where the running test stands: what led there, and how much was written when it arrived.

    What stands alone is there or not, whenever it came; the other steps are told apart by their order as well.
    """

    world: str = ""
    grounds: frozenset[Hashable] = frozenset()
    steps: tuple[Hashable, ...] = ()
    written: dict[str, int] | None = None

    def is_known(self) -> bool:
        if self.written is None and nothing_was_written():
            self.written = written()
        return written() == self.written

    def arrive(self, step: Hashable, *, alone: bool) -> None:
        if alone:
            self.grounds |= {step}
        else:
            self.steps = (*self.steps, step)
        self.written = written()


@dataclass(frozen=True)
class Walked:
    """What a walk did to the database, and what it answered: nothing, or one row."""

    changed: snapshot.Difference
    model: type[models.Model] | None = None
    pk: int | None = None


@dataclass
class Walks:
    """Those that were made in this process."""

    standing: Standing = field(default_factory=Standing)
    made: dict[Hashable, Walked] = field(default_factory=dict)


ours = Walks()


def written() -> dict[str, int]:
    with connection.cursor() as cursor:
        if connection.in_atomic_block:
            cursor.execute(WRITTEN)
        else:
            cursor.execute(TELL)
            cursor.execute(COMMITTED)
        return dict(cursor.fetchall())


def nothing_was_written() -> bool:
    """Whoever writes is given a transaction's number; and nothing is without its author, nor without its entry."""
    with connection.cursor() as cursor:
        if connection.in_atomic_block:
            cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
        else:
            cursor.execute("SELECT NOT EXISTS (TABLE kernel_user) AND NOT EXISTS (TABLE kernel_auditentry)")
        (answer,) = cursor.fetchone()
    return bool(answer)


def told(given: Any) -> Hashable:
    """What tells this argument from another one; raises Unknown when nothing does."""
    if isinstance(given, models.Model):
        return type(given)._meta.label, given.pk
    if is_dataclass(given) and not isinstance(given, type):
        return type(given).__name__, tuple(told(getattr(given, each.name)) for each in fields(given))
    if given is None or isinstance(given, str | int | Decimal | date):
        return given
    if isinstance(given, list | tuple):
        return tuple(map(told, given))
    raise Unknown


def remembered(walk: Callable[..., Any], *, alone: bool = False) -> Callable[..., Any]:
    """The walk, made once from each stage; one that stands `alone` comes to the same wherever it begins."""

    @wraps(walk)
    def walked(*args: Any, **kwargs: Any) -> Any:
        standing = ours.standing
        if not standing.is_known():
            return walk(*args, **kwargs)
        try:
            given = (tuple(map(told, args)), tuple((name, told(each)) for name, each in sorted(kwargs.items())))
        except Unknown:
            return walk(*args, **kwargs)
        step = (standing.world, walk.__name__, given, str(settings.MEDIA_ROOT))
        key = step if alone else (step, standing.steps, standing.grounds)
        if made := ours.made.get(key):
            snapshot.make(made.changed)
            standing.arrive(step, alone=alone)
            return made.model and made.model._base_manager.get(pk=made.pk)
        then = standing.written or {}
        before = snapshot.take(tables=then)
        answer = walk(*args, **kwargs)
        row = isinstance(answer, models.Model)
        if row or answer is None:
            now = written()
            after = snapshot.take(tables=[table for table, count in now.items() if count != then.get(table)])
            changed = snapshot.difference(before, after)
            ours.made[key] = Walked(changed, type(answer) if row else None, answer.pk if row else None)
            standing.arrive(step, alone=alone)
        return answer

    return walked


@contextmanager
def walks_are_remembered() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in WALKS:
            patch.setattr(path, name, remembered(getattr(path, name)))
        yield


def begin(world: str = "") -> None:
    """A test begins with an empty database, or in a world that was built for it."""
    ours.standing = Standing(world)
    if world:
        ours.standing.written = written()
