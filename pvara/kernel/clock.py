"""Statutory clocks: Pakistan working days, and clocks recorded as intervals that start, pause, resume and stop.

Nothing is counted up anywhere: elapsed, remaining and due date are computed from the interval rows and the holiday
table, for any moment, past or present. A breach is shown; what follows from it is for people, never automatic.

Days are dates in Karachi. The day on which a clock starts is day 0, so a clock of 5 working days that starts on a
Monday falls due on the next Monday, and counts are additive: (a, b] and (b, c] together are (a, c].
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.db import models, transaction

from pvara.kernel import looks
from pvara.kernel.models import ClockInterval, Holiday

KARACHI = ZoneInfo("Asia/Karachi")
SATURDAY = 5
Unit = Literal["working_days", "days"]


class ClockError(Exception):
    """The clock is not in a state from which this can be done; the message says which state it is in."""


def day_of(at: datetime) -> date:
    """The date in Karachi at a moment."""
    return at.astimezone(KARACHI).date()


def begin_of(day: date) -> datetime:
    """The first moment of a day in Karachi."""
    return datetime.combine(day, time.min, tzinfo=KARACHI)


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def last_day_of_months(first: date, months: int) -> date:
    """The last day of a term of months: the day before its date comes round, or the end of a month that lacks it.

    Twelve months from 6 March end on 5 March; from 29 February, which does not come round, on 28 February.
    """
    same_date = first + relativedelta(months=months)
    return same_date - timedelta(days=1) if same_date.day == first.day else same_date


@dataclass(frozen=True)
class Calendar:
    """Monday to Friday less the given holidays; pure, so that it can be read once and used for a whole page."""

    holidays: frozenset[date] = frozenset()
    _shut: tuple[date, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_shut", tuple(sorted(d for d in self.holidays if d.weekday() < SATURDAY)))

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.holidays

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and including `last`; negative when `last` is earlier."""
        if last < first:
            return -self.working_days_between(last, first)
        weeks, rest = divmod((last - first).days, 7)
        weekdays = weeks * 5 + sum((first.weekday() + 1 + i) % 7 < SATURDAY for i in range(rest))
        return weekdays - (bisect_right(self._shut, last) - bisect_right(self._shut, first))

    def add_working_days(self, day: date, count: int) -> date:
        """The date on which the `count`-th working day after `day` falls; `day` itself when `count` is 0."""
        if count < 0:
            raise ValueError("A term runs forward: give a count of 0 or more.")
        while count:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def between(self, first: date, last: date, unit: Unit) -> int:
        return self.working_days_between(first, last) if unit == "working_days" else (last - first).days

    def add(self, day: date, count: int, unit: Unit) -> date:
        return self.add_working_days(day, count) if unit == "working_days" else day + timedelta(days=count)


@looks.remembered
def calendar() -> Calendar:
    """The calendar of today's holiday table: some twenty rows a year, one query."""
    return Calendar(frozenset(Holiday.objects.values_list("date", flat=True)))


def working_days_between(first: date, last: date) -> int:
    return calendar().working_days_between(first, last)


def add_working_days(day: date, count: int) -> date:
    return calendar().add_working_days(day, count)


# ── Turning a clock ──────────────────────────────────────────────────────────────────────────────────────────────────
def _of(subject: models.Model) -> dict[str, object]:
    return {"subject_type": subject._meta.label_lower, "subject_id": subject.pk}


def _open(subject: models.Model, clock: str) -> ClockInterval | None:
    rows = ClockInterval.objects.filter(**_of(subject), clock=clock, ended_at=None)
    return rows.select_for_update(no_key=True).first()


def _moment(at: datetime) -> str:
    return f"{at.astimezone(KARACHI):%d %B %Y %H:%M}"


def _end(interval: ClockInterval, *, at: datetime) -> None:
    if at < interval.started_at:
        raise ClockError(f"The clock cannot be turned back: its last turn was at {_moment(interval.started_at)}.")
    interval.ended_at = at
    interval.save(update_fields=["ended_at"])


def _begin(subject: models.Model, clock: str, *, run: int, running: bool, at: datetime, reason: str) -> ClockInterval:
    return ClockInterval.objects.create(
        **_of(subject), clock=clock, run=run, running=running, started_at=at, reason=reason
    )


@transaction.atomic
def start(subject: models.Model, clock: str, *, at: datetime, reason: str = "") -> ClockInterval:
    """Start a clock, or start a stopped one anew from zero. Raises ClockError when it is running or paused."""
    newest = ClockInterval.objects.filter(**_of(subject), clock=clock).order_by("-id").first()
    if newest is None:
        return _begin(subject, clock, run=1, running=True, at=at, reason=reason)
    if newest.ended_at is None:
        raise ClockError(f"The {clock} clock was started already and is {'running' if newest.running else 'paused'}.")
    if at < newest.ended_at:
        raise ClockError(f"The {clock} clock was last stopped at {_moment(newest.ended_at)}: start it after that.")
    return _begin(subject, clock, run=newest.run + 1, running=True, at=at, reason=reason)


@transaction.atomic
def pause(subject: models.Model, clock: str, *, at: datetime, reason: str = "") -> ClockInterval:
    """Pause a running clock. Raises ClockError when it does not run."""
    current = _open(subject, clock)
    if current is None or not current.running:
        raise ClockError(f"The {clock} clock is not running, so it cannot be paused.")
    _end(current, at=at)
    return _begin(subject, clock, run=current.run, running=False, at=at, reason=reason)


@transaction.atomic
def resume(subject: models.Model, clock: str, *, at: datetime, reason: str = "") -> ClockInterval:
    """Let a paused clock run on. Raises ClockError when it is not paused."""
    current = _open(subject, clock)
    if current is None or current.running:
        raise ClockError(f"The {clock} clock is not paused, so it cannot be resumed.")
    _end(current, at=at)
    return _begin(subject, clock, run=current.run, running=True, at=at, reason=reason)


@transaction.atomic
def stop(subject: models.Model, clock: str, *, at: datetime, reason: str = "") -> ClockInterval:
    """Stop a clock for good. Raises ClockError when it is neither running nor paused."""
    current = _open(subject, clock)
    if current is None:
        raise ClockError(f"The {clock} clock is not running, so it cannot be stopped.")
    _end(current, at=at)
    return current


@transaction.atomic
def halt(subject: models.Model, which: str = "all", *, at: datetime, reason: str = "") -> None:
    """Stop every clock of a subject that still runs or is paused, or the one that is named; none need to."""
    rows = ClockInterval.objects.filter(**_of(subject), ended_at=None)
    rows = rows if which == "all" else rows.filter(clock=which)
    for current in rows.select_for_update(no_key=True):
        _end(current, at=at)


# ── Reading a clock ──────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Limit:
    """The length of a term and what it is counted in."""

    length: int
    unit: Unit = "days"

    def __str__(self) -> str:
        return count_in_words(self.length, self.unit)


@dataclass(frozen=True)
class ClockRule:
    """One clock of a machine: the figure that limits it, its title, and the roles that are told when it runs out.

    The roles are told in turn, each when the one before let some days go by; with no role it is the firm's own clock.
    A clock that is `inward` times a step among ourselves, which the firm is not shown.
    """

    name: str
    figure: str
    title: str
    tells: tuple[str, ...] = ()
    inward: bool = False


@dataclass(frozen=True)
class Interval:
    """A stretch of a clock, cut to the moment of reading; `last` is None while it is open."""

    running: bool
    first: date
    last: date | None


@dataclass(frozen=True)
class Reading:
    """What a clock shows at one moment. Counts are in the unit of the limit.

    `due_on` is the last day of the term: fixed once the term has run out, None while the clock is paused, because a
    paused clock moves it every day, and None before the start.
    """

    limit: Limit
    status: Literal["not started", "running", "paused", "stopped"]
    elapsed: int = 0
    paused: int = 0
    due_on: date | None = None

    @property
    def remaining(self) -> int:
        """What is left of the term; 0 when it has run out."""
        return max(self.limit.length - self.elapsed, 0)

    @property
    def running(self) -> bool:
        return self.status == "running"

    @property
    def breached(self) -> bool:
        return self.elapsed > self.limit.length

    @property
    def overdue(self) -> int:
        return max(self.elapsed - self.limit.length, 0)

    def sentence(self, *, what: str = "", paused_for: str = "", in_other_days: str = "") -> str:
        """For example: “day 31 of 60, paused 9 days, due 2 March 2027”.

        Who knows more adds what is due, what it was paused for, and how much that is in days of another kind.
        """
        if self.status == "not started":
            return f"not started, {self.limit}"
        word = "working day" if self.limit.unit == "working_days" else "day"
        parts = [f"{word} {self.elapsed} of {self.limit.length}"]
        paused = count_in_words(self.paused, self.limit.unit) + (f" ({in_other_days})" if in_other_days else "")
        reason = f" for {paused_for}" if paused_for else ""
        if self.status == "paused":
            parts.append(f"paused now{reason}, {paused} so far")
        elif self.paused:
            parts.append(f"paused {paused}{reason}")
        if self.status == "stopped":
            parts.append("stopped")
        if self.due_on:
            verb = "was due" if self.breached or self.status == "stopped" else "due"
            named = f"{what[:1].lower()}{what[1:]} {verb}".lstrip()
            parts.append(f"{named} {self.due_on.day} {self.due_on:%B %Y}")
        if self.breached:
            parts.append(f"{count_in_words(self.overdue, self.limit.unit)} over")
        return ", ".join(parts)


def count_in_words(count: int, unit: Unit) -> str:
    word = "working day" if unit == "working_days" else "day"
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def read(intervals: Iterable[Interval], *, limit: Limit, today: date, days: Calendar) -> Reading:
    """Compute a reading from the intervals of one run, oldest first; pure."""
    elapsed, before, paused, due_on, latest = 0, 0, 0, None, None
    for latest in intervals:
        length = days.between(latest.first, latest.last or today, limit.unit)
        if not latest.running:
            paused += length
            continue
        if due_on is None and elapsed + length > limit.length:
            due_on = days.add(latest.first, limit.length - elapsed, limit.unit)
        before, elapsed = elapsed, elapsed + length
    if latest is None:
        return Reading(limit, "not started")
    status: Literal["running", "paused", "stopped"] = (
        "stopped" if latest.last else "running" if latest.running else "paused"
    )
    if due_on is None and status != "paused":
        # A stopped clock shows the date on which it would have been due, had it run on. A stretch that runs is counted
        # from its beginning: what is due on Friday is not due on Saturday because nothing was counted since.
        since, left = (latest.first, before) if latest.running else (latest.last or today, elapsed)
        due_on = days.add(since, limit.length - left, limit.unit)
    return Reading(limit, status, elapsed, paused, due_on)


def _cut(rows: Iterable[ClockInterval], at: datetime) -> list[Interval]:
    """The newest run as it stood at a moment: later rows are not there yet, later ends have not come."""
    known = [row for row in rows if row.started_at <= at]
    run = max((row.run for row in known), default=0)
    return [
        Interval(
            row.running,
            day_of(row.started_at),
            day_of(row.ended_at) if row.ended_at is not None and row.ended_at <= at else None,
        )
        for row in known
        if row.run == run
    ]


def reading(subject: models.Model, clock: str, *, limit: Limit, at: datetime) -> Reading:
    """What a clock of a subject shows at a moment; two queries."""
    return readings(type(subject), [subject.pk], clock, limit=limit, at=at)[subject.pk]


def readings(
    model: type[models.Model], ids: Iterable[int], clock: str, *, limit: Limit, at: datetime
) -> dict[int, Reading]:
    """The readings of one clock for all rows of a page, by primary key; two queries however many rows."""
    ids = list(ids)
    found = turned(model, ids).get(clock, {})
    days = calendar()
    return {pk: shows(found.get(pk, []), limit=limit, at=at, days=days) for pk in ids}


def turned(model: type[models.Model], ids: Iterable[int]) -> dict[str, dict[int, list[ClockInterval]]]:
    """The recorded intervals of all clocks that these rows ever started, by clock and primary key; one query."""
    rows: dict[str, dict[int, list[ClockInterval]]] = defaultdict(lambda: defaultdict(list))
    found = ClockInterval.objects.filter(subject_type=model._meta.label_lower, subject_id__in=list(ids))
    for row in found.order_by("id"):
        rows[row.clock][row.subject_id].append(row)
    return rows


def shows(rows: Iterable[ClockInterval], *, limit: Limit, at: datetime, days: Calendar) -> Reading:
    """What a clock with these recorded intervals shows at a moment."""
    return read(_cut(rows, at), limit=limit, today=day_of(at), days=days)
