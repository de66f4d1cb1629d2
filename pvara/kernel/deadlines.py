"""When things are due: the clocks of rows as read at a moment, explained stretch by stretch, and moved by a holiday.

How a clock is turned and counted stands in `clock.py`; which clocks a machine has, with it. A row keeps the figures of
the day on which it began, and a row that lives for years those of the day on which the clock was started: so a term
that is changed later does not change under whoever is held to it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

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


@dataclass(frozen=True)
class _Started:
    """A clock of a row with the stretches of its newest run, as recorded, and the figure that limits it."""

    row: Any
    rule: ClockRule
    intervals: list[ClockInterval]
    figure: Figure

    @property
    def limit(self) -> Limit:
        """The term, and what was added to it for this one row."""
        term = figures.term(self.figure)
        return Limit(term.length + self.row.more_time(self.rule.name), term.unit)

    def ticking(self, at: datetime, days: Calendar) -> Ticking:
        reading = clock.shows(self.intervals, limit=self.limit, at=at, days=days)
        return Ticking(self.rule, reading, self.intervals[0].run)


def _started(model: type[Stateful], rows: Iterable[Any], at: datetime) -> list[_Started]:
    """Every clock of these rows that has started, clock by clock; as many queries for thirty rows of a day as for one.

    What is recorded of a later moment has not happened yet.
    """
    by_pk = {row.pk: row for row in rows}
    turned = clock.turned(model, by_pk) if model.clocks else {}
    held: dict[tuple[str, date], Figure] = {}
    found = []
    for rule in model.clocks:
        for pk, recorded in turned.get(rule.name, {}).items():
            known = [each for each in recorded if each.started_at <= at]
            run = max((each.run for each in known), default=None)
            newest = [each for each in known if each.run == run]
            if not newest:
                continue
            key = (rule.figure, rules_of(by_pk[pk], newest))
            if key not in held:
                held[key] = figures.figure(*key)
            found.append(_Started(by_pk[pk], rule, newest, held[key]))
    return found


def of_rows(model: type[Stateful], rows: Iterable[Any], at: datetime) -> dict[int, list[Ticking]]:
    """The clocks that have started, by primary key; as many queries for thirty rows of one day as for one."""
    rows = list(rows)
    found: dict[int, list[Ticking]] = {row.pk: [] for row in rows}
    started = _started(model, rows, at)
    days = clock.calendar() if started else Calendar()
    for each in started:
        found[each.row.pk].append(each.ticking(at, days))
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
    names = {each.date: each.name for each in Holiday.objects.all()}
    days = Calendar(frozenset(names))
    found = []
    for each in _started(type(row), [row], at):
        spans = tuple(_span(stretch, each.limit, at, days, names) for stretch in each.intervals)
        paused = sum(days.working_days_between(span.first, span.last) for span in spans if not span.running)
        more = row.more_time(each.rule.name)
        found.append(Explanation(each.ticking(at, days), each.figure, more, spans, paused))
    return found


@dataclass(frozen=True)
class Kept:
    """A figure as a row keeps it from the day on which it began, and the one for those that begin today if another."""

    figure: Figure
    today: Figure | None


def kept(row: Stateful, at: datetime) -> list[Kept]:
    """The figures that hold for a row as long as it lives. Nothing for a row whose clocks have days of their own."""
    if row.began_on is None:
        return []
    found = []
    for key in dict.fromkeys([*(rule.figure for rule in type(row).clocks), *row.keeps]):
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
@dataclass(frozen=True)
class Moved:
    """A deadline that a holiday moved; the log of its row says the same, and which holiday it was."""

    row: Any
    rule: ClockRule
    was_due: date
    is_due: date

    @property
    def sentence(self) -> str:
        return f"{self.rule.title} was due {_said(self.was_due)} and is due {_said(self.is_due)}"


def announce_holiday(
    day: date, name: str, *, announced_by: str, by: User | None, at: datetime
) -> tuple[Holiday, list[Moved]]:
    """Add a day on which offices are shut, and write on each case whose deadline it moves why it moved.

    Returns the holiday and the deadlines that moved. Raises ClockError if the day is a holiday already.
    """
    added, moved = announce_holidays({day: name}, announced_by=announced_by, by=by, at=at)
    if not added:
        raise ClockError(f"{day} is a holiday already: {Holiday.objects.get(date=day).name}.")
    return added[0], moved


@transaction.atomic
def announce_holidays(
    named: dict[date, str], *, announced_by: str, by: User | None, at: datetime
) -> tuple[list[Holiday], list[Moved]]:
    """Several at once, such as those of a year. A day that is a holiday already stays as it is.

    Returns those that were added and the deadlines that moved, each once for every holiday that moved it.
    """
    _keep_the_calendar_to_ourselves()
    days = clock.calendar()
    missing = [(day, name) for day, name in sorted(named.items()) if day not in days.holidays]
    added = Holiday.objects.bulk_create(
        Holiday(date=day, name=name, announced_by=announced_by) for day, name in missing
    )
    audit.record_each(added, event="announced", by=by, at=at, data=_announcement)
    going, moved = _going(at) if added else [], []
    for each in added:
        then = Calendar(days.holidays | {each.date})
        why = f"{each.name} on {_said(each.date)} was announced as a holiday."
        moved += _tell_what_moved(going, days, then, why, by=by, at=at)
        days = then
    return added, moved


@transaction.atomic
def withdraw_holiday(holiday: Holiday, *, by: User | None, at: datetime) -> list[Moved]:
    """Take a holiday back, as when the moon was sighted a day later. Returns the deadlines that moved."""
    _keep_the_calendar_to_ourselves()
    days = clock.calendar()
    audit.record(holiday, event="withdrawn", by=by, at=at, data={"date": holiday.date, "name": holiday.name})
    why = f"{holiday.name} on {_said(holiday.date)} was withdrawn as a holiday."
    then = Calendar(days.holidays - {holiday.date})
    moved = _tell_what_moved(_going(at), days, then, why, by=by, at=at)
    holiday.delete()
    return moved


def running(at: datetime) -> Iterator[tuple[Stateful, Ticking]]:
    """Every clock that runs now, with its row; a fixed number of queries for each kind of row that has one."""
    going = _going(at)
    days = clock.calendar() if going else Calendar()
    for each in going:
        yield each.row, each.ticking(at, days)


def _going(at: datetime) -> list[_Started]:
    found: list[_Started] = []
    for model in machines():
        if not model.clocks:
            continue
        open_rows = ClockInterval.objects.filter(subject_type=model._meta.label_lower, running=True, ended_at=None)
        rows = model._base_manager.filter(pk__in=open_rows.values("subject_id"))
        started = _started(model, rows, at)
        found += [each for each in started if each.intervals[-1].running and each.intervals[-1].ended_at is None]
    return found


def _keep_the_calendar_to_ourselves() -> None:
    """Until the transaction ends, nobody else changes it: what a change moved is said of the calendar as it was."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE kernel_holiday IN SHARE ROW EXCLUSIVE MODE")


def _announcement(holiday: Holiday) -> dict[str, Any]:
    return {"date": holiday.date, "name": holiday.name, "by": holiday.announced_by}


def _tell_what_moved(
    going: Iterable[_Started], before: Calendar, then: Calendar, why: str, *, by: User | None, at: datetime
) -> list[Moved]:
    """Write on each row whose deadline the two calendars disagree about which one moved, and why."""
    found = []
    for each in going:
        was, now = (each.ticking(at, days).reading.due_on for days in (before, then))
        if was == now or was is None or now is None:
            continue
        moved = Moved(each.row, each.rule, was, now)
        data = {"clock": each.rule.name, "was_due": was, "is_due": now}
        audit.record(each.row, event="deadline_moved", by=by, at=at, note=f"{moved.sentence}: {why}", data=data)
        found.append(moved)
    return found


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
