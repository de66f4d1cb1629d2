"""On which day which flag is due: around week-ends, Eid, the turn of a year and a leap day, in both kinds of days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from pvara.kernel import clock
from pvara.kernel.clock import Calendar, ClockRule, Interval, Limit
from pvara.kernel.flags import Pace, levels_due, role_of
from pvara.kernel.models import ClockFlag

PACE = Pace(warning=3, escalation=5)
EID = frozenset(date(2026, 3, day) for day in (20, 21, 22, 23))  # Friday to Monday
DAYS = Calendar(EID)


def levels(term: Limit, first: date, today: date, *, tells: int = 3, days: Calendar = DAYS, pace: Pace = PACE):
    reading = clock.read([Interval(True, first, None)], limit=term, today=today, days=days)
    return list(levels_due(reading, tells=tells, today=today, days=days, pace=pace))


def first_days(term: Limit, first: date, *, days: Calendar = DAYS, tells: int = 3) -> dict[int, str]:
    """The first day on which each level is due."""
    found: dict[int, str] = {}
    for ahead in range(200):
        today = first + timedelta(days=ahead)
        for level in levels(term, first, today, days=days, tells=tells):
            found.setdefault(level, f"{today:%a %Y-%m-%d}")
    return found


@pytest.mark.parametrize(
    ("term", "first", "expected"),
    [
        # Ten working days from a Wednesday; due on the second Wednesday.
        (
            Limit(10, "working_days"),
            date(2026, 2, 4),
            {0: "Fri 2026-02-13", 1: "Thu 2026-02-19", 2: "Thu 2026-02-26", 3: "Thu 2026-03-05"},
        ),
        # Due on a Friday: Saturday and Sunday are no breach, for working days.
        (
            Limit(5, "working_days"),
            date(2026, 2, 6),
            {0: "Tue 2026-02-10", 1: "Mon 2026-02-16", 2: "Mon 2026-02-23", 3: "Mon 2026-03-02"},
        ),
        # Due on a Friday in calendar days: Saturday is one; the working days of a role's turn are counted from it.
        (
            Limit(7, "days"),
            date(2026, 2, 6),
            {0: "Tue 2026-02-10", 1: "Sat 2026-02-14", 2: "Fri 2026-02-20", 3: "Fri 2026-02-27"},
        ),
        # Due on the last working day before Eid: the breach waits for the first one after it.
        (
            Limit(5, "working_days"),
            date(2026, 3, 12),
            {0: "Mon 2026-03-16", 1: "Tue 2026-03-24", 2: "Tue 2026-03-31", 3: "Tue 2026-04-07"},
        ),
        # Calendar days take no notice of Eid; the turns do.
        (
            Limit(7, "days"),
            date(2026, 3, 12),
            {0: "Mon 2026-03-16", 1: "Fri 2026-03-20", 2: "Mon 2026-03-30", 3: "Mon 2026-04-06"},
        ),
        # Over the turn of a year.
        (
            Limit(5, "working_days"),
            date(2026, 12, 28),
            {0: "Wed 2026-12-30", 1: "Tue 2027-01-05", 2: "Tue 2027-01-12", 3: "Tue 2027-01-19"},
        ),
        # Over 29 February, which is a Tuesday in 2028 and counts.
        (
            Limit(3, "working_days"),
            date(2028, 2, 25),
            {0: "Fri 2028-02-25", 1: "Thu 2028-03-02", 2: "Thu 2028-03-09", 3: "Thu 2028-03-16"},
        ),
        (
            Limit(4, "days"),
            date(2028, 2, 25),
            {0: "Fri 2028-02-25", 1: "Wed 2028-03-01", 2: "Wed 2028-03-08", 3: "Wed 2028-03-15"},
        ),
    ],
)
def test_each_level_on_its_day(term, first, expected):
    assert first_days(term, first) == expected


def test_who_is_told_in_turn_and_nobody_after_the_last():
    rule = ClockRule("decision", "a.figure", "Decision", ("officer", "supervisor"))
    assert [role_of(rule, level) for level in (0, 1, 2)] == ["officer", "officer", "supervisor"]
    term, first = Limit(5, "working_days"), date(2026, 2, 6)
    assert levels(term, first, date(2036, 2, 6), tells=2) == [1, 2]
    assert levels(term, first, date(2036, 2, 6), tells=0) == []


def test_a_figure_of_no_days_tells_everybody_at_once():
    term, first = Limit(5, "working_days"), date(2026, 2, 6)
    assert levels(term, first, date(2026, 2, 16), pace=Pace(0, 0)) == [1, 2, 3]
    assert [levels(term, first, date(2026, 2, day), pace=Pace(0, 5)) for day in (12, 13)] == [[], [0]]


@pytest.mark.parametrize("last", [None, date(2026, 2, 20)])
def test_a_clock_that_is_paused_or_stopped_has_none(last):
    intervals = [Interval(True, date(2026, 2, 6), date(2026, 2, 18)), Interval(False, date(2026, 2, 18), last)]
    today = date(2026, 3, 2)
    reading = clock.read(intervals, limit=Limit(5, "working_days"), today=today, days=DAYS)
    assert (reading.breached, list(levels_due(reading, tells=3, today=today, days=DAYS, pace=PACE))) == (True, [])


# ── The last day ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("today", [date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 15), date(2026, 2, 16)])
def test_what_is_due_on_friday_is_not_due_on_saturday(today):
    reading = clock.read(
        [Interval(True, date(2026, 2, 6), None)], limit=Limit(5, "working_days"), today=today, days=DAYS
    )
    assert (reading.due_on, reading.breached) == (date(2026, 2, 13), today == date(2026, 2, 16))


def test_what_goes_on_at_a_week_end_on_its_last_day_keeps_that_day():
    intervals = [
        Interval(True, date(2026, 2, 6), date(2026, 2, 13)),
        Interval(False, date(2026, 2, 13), date(2026, 2, 21)),
        Interval(True, date(2026, 2, 21), None),
    ]
    found = {
        clock.read(
            intervals, limit=Limit(5, "working_days"), today=date(2026, 2, 21) + timedelta(days=n), days=DAYS
        ).due_on
        for n in range(10)
    }
    assert found == {date(2026, 2, 21)}


# ── The table ────────────────────────────────────────────────────────────────────────────────────────────────────────
def flag(level: int = 1, **more: object) -> ClockFlag:
    about = {"subject_type": "kernel.user", "subject_id": 1, "clock": "decision", "run": 1, "due_on": date(2026, 2, 13)}
    told = {"role": "supervisor", "raised_at": timezone.make_aware(datetime(2026, 2, 16))}
    return ClockFlag.objects.create(**{**about, **told, "level": level, **more})


def test_a_level_is_raised_once_for_a_day_and_run(db):
    flag()
    flag(level=2)
    flag(run=2)
    flag(due_on=date(2026, 2, 16))
    with pytest.raises(IntegrityError, match="flag_raised_once"), transaction.atomic():
        flag()
    with pytest.raises(IntegrityError, match="flag_tells_a_role"), transaction.atomic():
        flag(level=3, role="")


@pytest.mark.parametrize("statement", ["UPDATE kernel_clockflag SET level = 0", "DELETE FROM kernel_clockflag"])
def test_a_flag_is_never_changed_or_removed(db, statement):
    flag()
    with pytest.raises(IntegrityError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert [each.title for each in ClockFlag.objects.all()] == ["Breach"]


@pytest.mark.parametrize(("minute", "expected"), [(-1, []), (0, [1])])
def test_a_breach_begins_at_midnight_in_karachi(minute, expected):
    """Due on Friday, 13 February: 16 February begins at 19:00 of the day before, in UTC."""
    today = clock.day_of(datetime(2026, 2, 15, 19, 0, tzinfo=UTC) + timedelta(minutes=minute))
    assert [each for each in levels(Limit(5, "working_days"), date(2026, 2, 6), today) if each] == expected
