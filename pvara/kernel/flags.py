"""Flags on clocks that are about to run out, or have: which are due at a moment, raising them, and which still stand.

A flag tells people and changes nothing else: no state, no clock. Whom a role's flag is sent to is the apps' to say.
What is flagged is read from the clocks anew each time, so a sweep may run late, twice, or by two schedulers at once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef

from pvara.kernel import audit, clock, deadlines, figures, looks, roles
from pvara.kernel.clock import Calendar, ClockRule, Reading
from pvara.kernel.deadlines import Ticking
from pvara.kernel.machine import Stateful, machines
from pvara.kernel.models import ClockFlag, ClockInterval

# Who may read what is flagged; of it everybody sees what they may see anyway.
READ_FLAGS = "kernel.read_flags"
EVENTS = {ClockFlag.WARNING: "deadline_near", ClockFlag.BREACH: "deadline_missed"}


@dataclass(frozen=True)
class Pace:
    """In working days: how soon before its last day a clock is warned of, and how long each role has after it."""

    warning: int
    escalation: int


def pace(on: date) -> Pace:
    return Pace(int(figures.value("clock.warning_days", on=on)), int(figures.value("clock.escalate_after", on=on)))


# ── Which are due ────────────────────────────────────────────────────────────────────────────────────────────────────
def role_of(rule: ClockRule, level: int) -> str:
    """Whose turn a level is: the first role has the warning and the breach, and each level after that is the next's."""
    return rule.tells[max(level - ClockFlag.BREACH, 0)]


def levels_due(reading: Reading, *, tells: int, today: date, days: Calendar, pace: Pace) -> range:
    """The levels that a clock has reached on a day; none when it does not run, or has `tells` no role. Pure.

    A breach that is found late has skipped its warning, and has reached every level that its days are enough for.
    """
    if not reading.running or reading.due_on is None or not tells:
        return range(0)
    if not reading.breached:
        near = days.working_days_between(today, reading.due_on) <= pace.warning
        return range(ClockFlag.WARNING, ClockFlag.BREACH if near else ClockFlag.WARNING)
    first = days.add(reading.due_on, 1, reading.limit.unit)
    turns = days.working_days_between(first, today) // pace.escalation if pace.escalation else tells
    return range(ClockFlag.BREACH, ClockFlag.BREACH + min(turns + 1, tells))


# ── Raising ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def wanting(at: datetime) -> list[tuple[Stateful, str]]:
    """The rows and their clocks on which a flag is due that is not raised; read without a lock, so asked again."""
    # Nothing is written here, so the figures of however many days cases began on are one question.
    with looks.one_look():
        today, days = clock.day_of(at), clock.calendar()
        speed, there = pace(today), _raised_on_open_clocks()
        return [
            (row, ticking.rule.name)
            for row, ticking in deadlines.running(at)
            if any(
                (*_about(row).values(), ticking.rule.name, ticking.run, ticking.reading.due_on, level) not in there
                for level in _due(ticking, today, days, speed)
            )
        ]


def raise_due(row: Stateful, name: str, *, at: datetime) -> list[tuple[ClockFlag, Ticking]]:
    """Raise what is due on a clock of a row and is not raised; write it on the row's record. Returns what was raised.

    The row is locked first: in turn with the moves that stop its clocks, and with another scheduler.
    """
    with transaction.atomic():
        row = type(row)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        ticking = next((each for each in deadlines.of(row, at) if each.rule.name == name), None)
        if ticking is None or ticking.reading.due_on is None:
            return []
        today = clock.day_of(at)
        about = {**_about(row), "clock": name, "run": ticking.run, "due_on": ticking.reading.due_on}
        there = set(ClockFlag.objects.filter(**about).values_list("level", flat=True))
        return [
            (_raise(row, ticking, level, about, at=at), ticking)
            for level in _due(ticking, today, clock.calendar(), pace(today))
            if level not in there
        ]


def _due(ticking: Ticking, today: date, days: Calendar, speed: Pace) -> range:
    return levels_due(ticking.reading, tells=len(ticking.rule.tells), today=today, days=days, pace=speed)


def _raise(row: Stateful, ticking: Ticking, level: int, about: dict[str, Any], *, at: datetime) -> ClockFlag:
    flag = ClockFlag.objects.create(**about, level=level, role=role_of(ticking.rule, level), raised_at=at)
    audit.record(
        row,
        event=EVENTS.get(level, "deadline_escalated"),
        by=None,
        at=at,
        note=f"{ticking.title}: {ticking.reading.sentence()}. Told: {role_title(flag.role).lower()}.",
        data={"clock": flag.clock, "due_on": flag.due_on, "level": level, "role": flag.role},
    )
    return flag


def role_title(code: str) -> str:
    return roles.ROLES[code].title if code in roles.ROLES else code


def _about(row: models.Model) -> dict[str, Any]:
    return {"subject_type": row._meta.label_lower, "subject_id": row.pk}


def _raised_on_open_clocks() -> set[tuple[Any, ...]]:
    return set(on_open_clocks().values_list("subject_type", "subject_id", "clock", "run", "due_on", "level"))


# ── Which stand ──────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Flagged:
    """A clock with the flags that stand on it, the first to be raised first."""

    row: Any
    ticking: Ticking
    flags: tuple[ClockFlag, ...]

    @property
    def newest(self) -> ClockFlag:
        return self.flags[-1]

    @property
    def is_breach(self) -> bool:
        return self.newest.is_breach

    @property
    def late(self) -> str:
        """How long it is over, in words; empty as long as it is not."""
        reading = self.ticking.reading
        return clock.count_in_words(reading.overdue, reading.limit.unit) if reading.breached else ""


def on_open_clocks() -> "models.QuerySet[ClockFlag]":
    """The flags of clocks that have not been stopped since; some may be of a day that is no longer the last."""
    same = {name: OuterRef(name) for name in ("subject_type", "subject_id", "clock", "run")}
    return ClockFlag.objects.filter(Exists(ClockInterval.objects.filter(**same, ended_at=None)))


def stands(flag: ClockFlag, ticking: Ticking) -> bool:
    """Whether a flag still says what is: of this run and this last day, and no warning once the day has passed."""
    reading = ticking.reading
    going = reading.status in ("running", "paused")
    same = (flag.run, flag.due_on) == (ticking.run, reading.due_on)
    return going and same and flag.is_breach == reading.breached


def of_rows(model: type[Stateful], ticking: dict[int, list[Ticking]]) -> dict[tuple[int, str], list[ClockFlag]]:
    """The flags that stand on the clocks of rows, by primary key and clock; one query however many rows."""
    clocks = {(pk, each.rule.name): each for pk, found in ticking.items() for each in found}
    by_clock: dict[tuple[int, str], list[ClockFlag]] = defaultdict(list)
    if clocks:
        for flag in ClockFlag.objects.filter(subject_type=model._meta.label_lower, subject_id__in=list(ticking)):
            key = (flag.subject_id, flag.clock)
            if key in clocks and stands(flag, clocks[key]):
                by_clock[key].append(flag)
    return by_clock


def history(row: Stateful) -> list[ClockFlag]:
    """Every flag that was ever raised on a row, the first first."""
    return list(ClockFlag.objects.filter(**_about(row)))


RowsOf = Callable[[type[Stateful], Iterable[int]], "models.QuerySet[Any]"]


def standing(at: datetime, *, rows_of: RowsOf) -> list[Flagged]:
    """Every clock with a flag that stands, the worst first; a fixed number of queries for each kind of row.

    `rows_of(model, ids)` fetches the rows that may be shown, with whatever is to be shown of them.
    """
    by_type: dict[str, dict[tuple[int, str], list[ClockFlag]]] = defaultdict(lambda: defaultdict(list))
    for flag in on_open_clocks():
        by_type[flag.subject_type][flag.subject_id, flag.clock].append(flag)
    found = []
    for model in machines():
        flags = by_type.get(model._meta.label_lower, {})
        rows = {row.pk: row for row in rows_of(model, {pk for pk, _ in flags})} if flags else {}
        for pk, ticking in deadlines.of_rows(model, rows.values(), at).items() if rows else ():
            for each in ticking:
                kept = tuple(flag for flag in flags.get((pk, each.rule.name), ()) if stands(flag, each))
                if kept:
                    found.append(Flagged(rows[pk], each, kept))
    # A breach fell due before today, a warning falls due today or later: the earliest day is the worst.
    return sorted(found, key=lambda each: (each.newest.due_on, each.newest.subject_type, each.row.pk))
