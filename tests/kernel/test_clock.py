"""Working days, and clocks that can always be recomputed from their rows."""

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pvara.kernel import clock
from pvara.kernel.clock import Calendar, ClockError, Interval, Limit
from pvara.kernel.models import ClockInterval, Holiday, User

IQBAL_DAY = date(2026, 11, 9)  # a Monday
SIXTY_DAYS = Limit(60, "days")
TEN_WORKING_DAYS = Limit(10, "working_days")


def noon(year: int, month: int, day: int) -> datetime:
    return timezone.make_aware(datetime(year, month, day, 12, 0))


@pytest.fixture
def subject(db: None) -> User:
    """Any row may have a clock; a person is the one that the kernel has."""
    return User.objects.create_user("amina@example.org", name="Amina")


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_saturdays_sundays_and_holidays_are_not_counted():
    days = Calendar(frozenset({IQBAL_DAY}))
    friday, tuesday = date(2026, 11, 6), date(2026, 11, 10)
    assert days.working_days_between(friday, tuesday) == 1
    assert days.add_working_days(friday, 1) == tuesday
    assert [days.is_working_day(friday + timedelta(days=i)) for i in range(5)] == [True, False, False, False, True]


def test_a_holiday_at_a_weekend_costs_no_working_day():
    monday = date(2026, 11, 2)
    assert Calendar(frozenset({date(2026, 11, 7)})).working_days_between(monday, monday + timedelta(days=7)) == 5


def test_a_day_is_a_date_in_karachi():
    assert clock.day_of(datetime.fromisoformat("2026-03-04T20:00:00+00:00")) == date(2026, 3, 5)


def test_a_term_never_runs_backward():
    with pytest.raises(ValueError, match="A term runs forward"):
        Calendar().add_working_days(IQBAL_DAY, -1)


dates = st.dates(date(2025, 1, 1), date(2028, 12, 31))
calendars = st.frozensets(dates, max_size=40).map(Calendar)


@given(calendars, dates, st.integers(0, 300))
def test_counting_undoes_adding(days: Calendar, start: date, count: int):
    assert days.working_days_between(start, days.add_working_days(start, count)) == count


@given(calendars, dates, dates)
def test_adding_undoes_counting_up_to_the_last_working_day(days: Calendar, one: date, other: date):
    first, last = sorted((one, other))
    reached = days.add_working_days(first, days.working_days_between(first, last))
    assert reached <= last
    assert not any(days.is_working_day(reached + timedelta(days=i + 1)) for i in range((last - reached).days))


@given(calendars, dates, dates, dates)
def test_counts_are_additive(days: Calendar, a: date, b: date, c: date):
    assert days.working_days_between(a, b) + days.working_days_between(b, c) == days.working_days_between(a, c)


@given(calendars, dates, dates)
def test_counting_agrees_with_looking_at_each_day(days: Calendar, one: date, other: date):
    first, last = sorted((one, other))
    plain = sum(days.is_working_day(first + timedelta(days=i + 1)) for i in range((last - first).days))
    assert days.working_days_between(first, last) == plain


@pytest.mark.django_db
def test_the_holidays_of_pakistan_are_loaded_once_and_staff_have_the_last_word():
    Holiday.objects.create(date=IQBAL_DAY, name="Iqbal Day, by our gazette", announced_by="Cabinet Division")
    out = StringIO()
    call_command("load_holidays", "--from", "2026", "--to", "2026", stdout=out)
    call_command("load_holidays", "--from", "2026", "--to", "2026", stdout=out)
    there = Holiday.objects.count()
    assert out.getvalue() == (
        f"{there - 1} holidays added, 1 were there; 0 deadlines moved.\n"
        f"0 holidays added, {there} were there; 0 deadlines moved.\n"
    )
    assert Holiday.objects.get(date=IQBAL_DAY).announced_by == "Cabinet Division"
    assert Holiday.objects.filter(date=date(2026, 8, 14)).values_list("name", flat=True)[0] == "Independence Day"


@pytest.mark.django_db
def test_working_days_follow_the_table():
    assert clock.add_working_days(date(2026, 11, 6), 1) == IQBAL_DAY
    Holiday.objects.create(date=IQBAL_DAY, name="Iqbal Day", announced_by="Cabinet Division")
    assert clock.add_working_days(date(2026, 11, 6), 1) == date(2026, 11, 10)
    assert clock.working_days_between(date(2026, 11, 6), IQBAL_DAY) == 0


# ── Turning ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_clock_that_was_never_started_says_so(subject):
    reading = clock.reading(subject, "decision", limit=SIXTY_DAYS, at=noon(2027, 1, 1))
    assert reading.sentence() == "not started, 60 days"
    assert (reading.elapsed, reading.remaining, reading.due_on, reading.running) == (0, 60, None, False)


def test_a_clock_runs_from_the_day_after_its_start(subject):
    clock.start(subject, "decision", at=noon(2027, 1, 1), reason="Submitted")
    reading = clock.reading(subject, "decision", limit=SIXTY_DAYS, at=noon(2027, 2, 1))
    assert reading.sentence() == "day 31 of 60, due 2 March 2027"
    assert (reading.elapsed, reading.remaining, reading.due_on) == (31, 29, date(2027, 3, 2))


def test_a_pause_moves_the_due_date_by_its_length(subject):
    clock.start(subject, "intake", at=noon(2027, 1, 4))
    clock.pause(subject, "intake", at=noon(2027, 1, 6), reason="Information requested")
    paused = clock.reading(subject, "intake", limit=TEN_WORKING_DAYS, at=noon(2027, 1, 8))
    assert paused.sentence() == "working day 2 of 10, paused now, 2 working days so far"
    assert (paused.running, paused.due_on) == (False, None)
    clock.resume(subject, "intake", at=noon(2027, 1, 11))
    resumed = clock.reading(subject, "intake", limit=TEN_WORKING_DAYS, at=noon(2027, 1, 12))
    assert resumed.sentence() == "working day 3 of 10, paused 3 working days, due 21 January 2027"


def test_a_term_is_breached_on_the_day_after_its_last(subject):
    clock.start(subject, "decision", at=noon(2027, 1, 1))
    last = clock.reading(subject, "decision", limit=SIXTY_DAYS, at=noon(2027, 3, 2))
    assert (last.remaining, last.breached) == (0, False)
    after = clock.reading(subject, "decision", limit=SIXTY_DAYS, at=noon(2027, 3, 3))
    assert (after.remaining, after.breached, after.due_on) == (0, True, date(2027, 3, 2))
    assert after.sentence() == "day 61 of 60, was due 2 March 2027, 1 day over"


def test_a_stopped_clock_stands_still(subject):
    clock.start(subject, "decision", at=noon(2027, 1, 1))
    clock.stop(subject, "decision", at=noon(2027, 1, 21))
    reading = clock.reading(subject, "decision", limit=SIXTY_DAYS, at=noon(2027, 12, 1))
    assert reading.sentence() == "day 20 of 60, stopped, was due 2 March 2027"


def test_a_clock_can_be_read_as_it_stood_at_any_moment(subject):
    clock.start(subject, "decision", at=noon(2027, 1, 1))
    clock.pause(subject, "decision", at=noon(2027, 1, 11))
    clock.stop(subject, "decision", at=noon(2027, 1, 21))
    assert [
        clock.reading(subject, "decision", limit=SIXTY_DAYS, at=at).status
        for at in (noon(2026, 12, 31), noon(2027, 1, 5), noon(2027, 1, 15), noon(2027, 1, 25))
    ] == ["not started", "running", "paused", "stopped"]


def test_a_stopped_clock_starts_anew_from_zero(subject):
    clock.start(subject, "verification", at=noon(2027, 1, 4))
    clock.stop(subject, "verification", at=noon(2027, 1, 6))
    clock.start(subject, "verification", at=noon(2027, 2, 1), reason="Handed in again")
    reading = clock.reading(subject, "verification", limit=TEN_WORKING_DAYS, at=noon(2027, 2, 2))
    assert reading.sentence() == "working day 1 of 10, due 15 February 2027"
    assert list(ClockInterval.objects.values_list("run", flat=True)) == [1, 2]


def test_a_clock_is_not_started_twice(subject):
    clock.start(subject, "decision", at=noon(2027, 1, 1))
    with pytest.raises(ClockError, match="The decision clock was started already and is running"):
        clock.start(subject, "decision", at=noon(2027, 1, 2))


def test_the_database_keeps_one_open_interval(subject):
    first = clock.start(subject, "decision", at=noon(2027, 1, 1))
    first.pk = None
    with pytest.raises(IntegrityError, match="one_open_interval"), transaction.atomic():
        first.save(force_insert=True)
    with pytest.raises(IntegrityError, match="interval_ends_after_start"), transaction.atomic():
        ClockInterval.objects.update(ended_at=noon(2026, 1, 1))


@pytest.mark.parametrize(
    ("verb", "message"),
    [
        ("pause", "The decision clock is not running, so it cannot be paused"),
        ("resume", "The decision clock is not paused, so it cannot be resumed"),
        ("stop", "The decision clock is not running, so it cannot be stopped"),
    ],
)
def test_what_does_not_run_cannot_be_turned(subject, verb, message):
    with pytest.raises(ClockError, match=message):
        getattr(clock, verb)(subject, "decision", at=noon(2027, 1, 1))


def test_a_running_clock_is_not_resumed_and_a_paused_one_not_paused(subject):
    clock.start(subject, "decision", at=noon(2027, 1, 1))
    with pytest.raises(ClockError, match="is not paused"):
        clock.resume(subject, "decision", at=noon(2027, 1, 2))
    clock.pause(subject, "decision", at=noon(2027, 1, 2))
    with pytest.raises(ClockError, match="is not running"):
        clock.pause(subject, "decision", at=noon(2027, 1, 3))


def test_a_clock_is_not_turned_back(subject):
    clock.start(subject, "decision", at=noon(2027, 1, 2))
    with pytest.raises(ClockError, match="cannot be turned back: its last turn was at 02 January 2027 12:00"):
        clock.stop(subject, "decision", at=noon(2027, 1, 1))


def test_a_page_of_clocks_costs_two_queries(subject, django_assert_num_queries):
    people = [subject, *(User.objects.create_user(f"p{i}@example.org", name=f"P{i}") for i in range(4))]
    for person in people[:3]:
        clock.start(person, "decision", at=noon(2027, 1, 1))
    with django_assert_num_queries(2):
        read = clock.readings(User, [each.pk for each in people], "decision", limit=SIXTY_DAYS, at=noon(2027, 1, 2))
    assert [read[each.pk].status for each in people] == ["running"] * 3 + ["not started"] * 2


# ── Reading, for every history ───────────────────────────────────────────────────────────────────────────────────────
@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Interval], date]:
    """Intervals that run and pause in turn, and a day of reading after them."""
    day = draw(dates)
    turns = draw(st.lists(st.integers(0, 30), min_size=1, max_size=8))
    found = []
    for number, length in enumerate(turns):
        last = day + timedelta(days=length)
        found.append(Interval(number % 2 == 0, day, last))
        day = last
    if draw(st.booleans()):
        found[-1] = Interval(found[-1].running, found[-1].first, None)
    return found, day


limits = st.builds(Limit, st.integers(0, 90), st.sampled_from(["days", "working_days"]))


@given(histories(), limits, calendars)
def test_pauses_never_make_elapsed_grow(history, limit, days):
    intervals, today = history
    paused = clock.read(intervals, limit=limit, today=today, days=days)
    unpaused = [Interval(True, each.first, each.last) for each in intervals]
    throughout = clock.read(unpaused, limit=limit, today=today, days=days)
    assert paused.elapsed + paused.paused == throughout.elapsed
    assert paused.elapsed <= throughout.elapsed


@given(histories(), limits, calendars)
def test_a_clock_is_breached_when_its_due_date_has_passed(history, limit, days):
    intervals, today = history
    reading = clock.read(intervals, limit=limit, today=today, days=days)
    assert reading.remaining - reading.overdue == limit.length - reading.elapsed
    if reading.running and reading.due_on is not None:
        passed = days.between(reading.due_on, today, limit.unit) > 0
        assert reading.breached == passed


@given(histories(), limits, calendars, st.integers(0, 40))
def test_a_running_clock_that_is_left_alone_is_due_on_the_day_it_said(history, limit, days, later):
    intervals, today = history
    now = clock.read(intervals, limit=limit, today=today, days=days)
    if now.running:
        then = clock.read(intervals, limit=limit, today=today + timedelta(days=later), days=days)
        assert then.due_on == now.due_on
        assert then.elapsed >= now.elapsed
