"""What only the passing of time does: each sweep finds its rows and makes their moves, one transaction a row.

A sweep may run late, twice, or by two schedulers at once: it asks the row itself, under its lock, before it moves it.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, models, transaction

from pvara.kernel.machine import MoveRefused, StaleVersion

log = logging.getLogger(__name__)

Sweep = Callable[[datetime], int]
SWEEPS: dict[str, Sweep] = {}

# What one row's trouble may be; the others are swept all the same, and this one again the next time.
TROUBLE = (MoveRefused, StaleVersion, PermissionDenied, ValidationError, LookupError, ValueError, DatabaseError)


def timer(sweep: Sweep) -> Sweep:
    """Register a sweep: `fn(at)` returns how many rows it changed."""
    SWEEPS[f"{sweep.__module__.rpartition('.')[2]}.{sweep.__name__}"] = sweep
    return sweep


def each_row(rows: "models.QuerySet[Any]", change: Callable[[Any, datetime], object], at: datetime) -> int:
    """Change each row in a transaction of its own; see `each_of`."""
    return each_of(rows.iterator(), change, at)


def each_of(things: Iterable[Any], change: Callable[[Any, datetime], object], at: datetime) -> int:
    """Change each thing in a transaction of its own; one that fails is logged and left.

    Returns how many were changed; a `change` that leaves a thing as it is says so by returning False.
    """
    changed = 0
    for each in things:
        try:
            with transaction.atomic():
                changed += change(each, at) is not False
        except TROUBLE:
            log.exception("%s was not changed by the timer.", each)
    return changed


def run(*, at: datetime) -> dict[str, int]:
    """Run every sweep, in the order of their names; how many rows each changed.

    A sweep that cannot even find its rows, as when a figure has no value, is logged and stops no other.
    """
    changed = {}
    for name in sorted(SWEEPS):
        try:
            changed[name] = SWEEPS[name](at)
        except TROUBLE:
            log.exception("The timer %s could not run.", name)
    return changed
