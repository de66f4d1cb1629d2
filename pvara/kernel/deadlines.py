"""When things are due: the clocks of rows as read at a moment, explained stretch by stretch, and moved by a holiday.

How a clock is turned and counted stands in `clock.py`; which clocks a machine has, with it. A row keeps the figures of
the day on which it began, and a row that lives for years those of the day on which the clock was started: so a term
that is changed later does not change under whoever is held to it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from pvara.kernel import audit, clock, figures
from pvara.kernel.clock import Calendar, ClockError, ClockRule, Limit, Reading
from pvara.kernel.machine import Stateful, machines
from pvara.kernel.models import ClockInterval, Figure, Holiday, User


@dataclass(frozen=True)
class Ticking:
    """One clock of one row, as read at a moment; `run` counts how often it was started anew."""

    rule: ClockRule
    reading: Reading
    run: int = 1

    @property
    def title(self) -> str:
        return self.rule.title


@dataclass(frozen=True)
class Span:
    """A stretch of a clock as people check it: from the day after `first` up to and including `last`."""

    running: bool
    first: date
    last: date
    days: int
    reason: str
    holidays: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True)
class Explanation:
    """A clock with everything that it was worked out from."""

    ticking: Ticking
    figure: Figure
    more: int
    spans: tuple[Span, ...]
    # What its pauses were in working days, which people count in, where the clock itself counts calendar days.
    paused_working_days: int = 0

    @property
    def sentence(self) -> str:
        """For example: “day 31 of 60, paused 9 days (7 working days) for request RFI-2026-00001, decision due 2 March
        2026”: the reading's words, with what it was paused for and what is due."""
        reading, pauses = self.ticking.reading, [each for each in self.spans if not each.running]
        reasons = dict.fromkeys(f"{each.reason[:1].lower()}{each.reason[1:]}" for each in pauses if each.reason)
        in_working_days = clock.count_in_words(self.paused_working_days, "working_days")
        return reading.sentence(
            what=self.ticking.title,
            paused_for=" and ".join(reasons),
            in_other_days=in_working_days if reading.limit.unit == "days" else "",
        )


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def rules_of(row: Stateful, intervals: Iterable[ClockInterval]) -> date:
    """The day whose figures hold for a clock: the one on which the row began, or else on which this run of it did."""
    if row.began_on is not None:
        return row.began_on
    newest = max(intervals, key=lambda each: (each.run, -each.started_at.timestamp()))
    return clock.day_of(newest.started_at)


def limit_of(row: Stateful, rule: ClockRule, on: date) -> Limit:
    """The term of a clock by the figures of a day, and what was added to it."""
    limit = figures.limit(rule.figure, on=on)
    more = row.more_time(rule.name)
    return Limit(limit.length + more, limit.unit) if more else limit


def of_rows(model: type[Stateful], rows: Iterable[Any], at: datetime) -> dict[int, list[Ticking]]:
    """The clocks that have started, by primary key; as many queries for thirty rows of one day as for one."""
    by_pk = {row.pk: row for row in rows}
    found: dict[int, list[Ticking]] = {pk: [] for pk in by_pk}
    turned = clock.turned(model, by_pk) if model.clocks else {}
    days = clock.calendar() if turned else Calendar()
    limits: dict[tuple[str, date], Limit] = {}
    for rule in model.clocks:
        for pk, intervals in turned.get(rule.name, {}).items():
            row = by_pk[pk]
            key = (rule.figure, rules_of(row, intervals))
            if key not in limits:
                limits[key] = figures.limit(*key)
            length = limits[key].length + row.more_time(rule.name)
            limit = Limit(length, limits[key].unit)
            run = max(each.run for each in intervals)
            found[pk].append(Ticking(rule, clock.shows(intervals, limit=limit, at=at, days=days), run))
    return found


def of(row: Stateful, at: datetime) -> list[Ticking]:
    """The clocks of one row that have started."""
    return of_rows(type(row), [row], at)[row.pk]


def due_on(row: Stateful, name: str, at: datetime) -> date | None:
    """The last day of a clock as it stood at a moment; None when it has not started, or is paused."""
    return next((each.reading.due_on for each in of(row, at) if each.rule.name == name), None)


def next_due(ticking: Iterable[Ticking]) -> Ticking | None:
    """The clock that runs out first among those that are running or paused."""
    going = [each for each in ticking if each.reading.status in ("running", "paused")]
    return min(going, key=lambda each: each.reading.due_on or date.max, default=None)


# ── Explaining ───────────────────────────────────────────────────────────────────────────────────────────────────────
def explain(row: Stateful, at: datetime) -> list[Explanation]:
    """Every clock of a row that has started, with the stretches of its newest run and the figure that limits it."""
    turned = clock.turned(type(row), [row.pk])
    names = {each.date: each.name for each in Holiday.objects.all()}
    days = Calendar(frozenset(names))
    found = []
    for rule in type(row).clocks:
        intervals = [each for each in turned.get(rule.name, {}).get(row.pk, []) if each.started_at <= at]
        if not intervals:
            continue
        run = max(each.run for each in intervals)
        newest = [each for each in intervals if each.run == run]
        on = rules_of(row, newest)
        limit = limit_of(row, rule, on)
        ticking = Ticking(rule, clock.shows(newest, limit=limit, at=at, days=days), run)
        figure = figures.figure(rule.figure, on=on)
        spans = tuple(_span(each, limit, at, days, names) for each in newest)
        paused = sum(days.working_days_between(each.first, each.last) for each in spans if not each.running)
        found.append(Explanation(ticking, figure, row.more_time(rule.name), spans, paused))
    return found


@dataclass(frozen=True)
class Kept:
    """A figure as a row keeps it from the day on which it began, and the one for those that begin today if another."""

    figure: Figure
    today: Figure | None


def kept(row: Stateful, at: datetime) -> list[Kept]:
    """The terms that hold for a row as long as it lives. Nothing for a row whose clocks have days of their own."""
    if row.began_on is None:
        return []
    found = []
    for key in dict.fromkeys(rule.figure for rule in type(row).clocks):
        held, newest = (figures.figure(key, on=day) for day in (row.began_on, clock.day_of(at)))
        found.append(Kept(held, newest if newest.pk != held.pk else None))
    return found


def _span(row: ClockInterval, limit: Limit, at: datetime, days: Calendar, names: dict[date, str]) -> Span:
    is_open = row.ended_at is None or row.ended_at > at
    first, last = clock.day_of(row.started_at), clock.day_of(at if is_open or row.ended_at is None else row.ended_at)
    shut: tuple[str, ...] = ()
    if limit.unit == "working_days":
        shut = tuple(
            f"{name}, {day.day} {day:%B %Y}"
            for day, name in sorted(names.items())
            if first < day <= last and day.weekday() < clock.SATURDAY
        )
    return Span(row.running, first, last, days.between(first, last, limit.unit), row.reason, shut, is_open)


# ── Holidays ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def announce_holiday(day: date, name: str, *, announced_by: str, by: User | None, at: datetime) -> tuple[Holiday, int]:
    """Add a day on which offices are shut, and write on each case whose deadline it moves why it moved.

    Returns the holiday and how many deadlines moved. Raises ClockError if the day is a holiday already.
    """
    with transaction.atomic():
        before = _open_deadlines(at)
        holiday, new = Holiday.objects.get_or_create(date=day, defaults={"name": name, "announced_by": announced_by})
        if not new:
            raise ClockError(f"{day} is a holiday already: {holiday.name}.")
        audit.record(holiday, event="announced", by=by, at=at, data={"date": day, "name": name, "by": announced_by})
        return holiday, _tell_what_moved(before, f"{name} on {_said(day)} was announced as a holiday.", by=by, at=at)


def withdraw_holiday(holiday: Holiday, *, by: User | None, at: datetime) -> int:
    """Take a holiday back, as when the moon was sighted a day later. Returns how many deadlines moved."""
    with transaction.atomic():
        before = _open_deadlines(at)
        audit.record(holiday, event="withdrawn", by=by, at=at, data={"date": holiday.date, "name": holiday.name})
        why = f"{holiday.name} on {_said(holiday.date)} was withdrawn as a holiday."
        holiday.delete()
        return _tell_what_moved(before, why, by=by, at=at)


def running(at: datetime) -> Iterator[tuple[Stateful, Ticking]]:
    """Every clock that runs now, with its row; a fixed number of queries for each kind of row that has one."""
    for model in machines():
        if not model.clocks:
            continue
        open_rows = ClockInterval.objects.filter(subject_type=model._meta.label_lower, running=True, ended_at=None)
        rows = {each.pk: each for each in model._base_manager.filter(pk__in=open_rows.values("subject_id"))}
        for pk, ticking in of_rows(model, rows.values(), at).items():
            yield from ((rows[pk], each) for each in ticking if each.reading.running)


Deadlines = dict[tuple[str, int, str], tuple[Stateful, Ticking]]


def _open_deadlines(at: datetime) -> Deadlines:
    """The running clocks that count working days: only those are moved by a holiday."""
    return {
        (row._meta.label_lower, row.pk, ticking.rule.name): (row, ticking)
        for row, ticking in running(at)
        if ticking.reading.limit.unit == "working_days"
    }


def _tell_what_moved(before: Deadlines, why: str, *, by: User | None, at: datetime) -> int:
    moved = 0
    for key, (row, ticking) in _open_deadlines(at).items():
        was, now = before[key][1].reading.due_on, ticking.reading.due_on
        if was == now or was is None or now is None:
            continue
        said = f"{ticking.title} was due {_said(was)} and is due {_said(now)}: {why}"
        data = {"clock": ticking.rule.name, "was_due": was, "is_due": now}
        audit.record(row, event="deadline_moved", by=by, at=at, note=said, data=data)
        moved += 1
    return moved


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
