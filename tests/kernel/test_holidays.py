"""Staff keep the calendar: a holiday announced or withdrawn moves every open clock, and the log says who did it."""

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from licensing.actions.firms import register_firm
from pvara.demo import path
from pvara.kernel import audit, clock, deadlines
from pvara.kernel.clock import Limit
from pvara.kernel.models import AuditEntry, Holiday


@pytest.fixture
def monday(at):
    return at + timedelta(days=5)  # 9 March 2026


def test_a_holiday_moves_the_due_date_of_an_open_clock(firm, sana, at, monday):
    clock.start(firm, "decision", at=at, reason="Test")
    limit = Limit(5, "working_days")
    before = clock.reading(firm, "decision", limit=limit, at=at).due_on
    holiday, _ = deadlines.announce_holiday(monday.date(), "Announced", announced_by="Cabinet Division", by=sana, at=at)
    number = holiday.pk
    after = clock.reading(firm, "decision", limit=limit, at=at).due_on
    assert (before, after) == (date(2026, 3, 11), date(2026, 3, 12))
    deadlines.withdraw_holiday(holiday, by=sana, at=at)
    assert clock.reading(firm, "decision", limit=limit, at=at).due_on == before
    entries = AuditEntry.objects.filter(subject_type="kernel.holiday", subject_id=number).order_by("seq")
    assert [(each.event, each.actor) for each in entries] == [("announced", sana), ("withdrawn", sana)]


def test_a_day_is_a_holiday_once(regime, sana, at, monday):
    deadlines.announce_holiday(monday.date(), "Announced", announced_by="Cabinet Division", by=sana, at=at)
    with pytest.raises(clock.ClockError, match="2026-03-09 is a holiday already: Announced"):
        deadlines.announce_holiday(monday.date(), "Again", announced_by="Cabinet Division", by=sana, at=at)


def test_a_supervisor_keeps_the_calendar_on_its_page(client, regime, sana):
    client.force_login(sana)
    said = {"date": "2027-08-16", "name": "A new holiday", "announced_by": "Cabinet Division"}
    assert client.post(reverse("holidays"), said).status_code == 302
    holiday = Holiday.objects.get(date=date(2027, 8, 16))
    page = client.get(reverse("holidays")).content.decode()
    assert ("Announce a holiday" in page, "Cabinet Division" in page) == (True, True)
    again = client.post(reverse("holidays"), said)
    assert (again.status_code, "is a holiday already" in again.content.decode()) == (422, True)
    assert client.post(reverse("holiday_withdrawn", args=[holiday.pk])).status_code == 302
    assert not Holiday.objects.filter(pk=holiday.pk).exists()


def test_others_may_not(client, regime, omar, stranger):
    for person in (omar, stranger):
        client.force_login(person)
        assert client.get(reverse("holidays")).status_code == 403


def test_a_moment_is_a_date_in_karachi():
    assert clock.day_of(datetime.fromisoformat("2026-03-08T20:00:00+00:00")) == date(2026, 3, 9)


def test_every_case_whose_deadline_moves_is_told_why(firm, people, sana, at, monday):
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    before = deadlines.due_on(case, "intake", at)
    assert before == date(2026, 3, 18)
    holiday, moved = deadlines.announce_holiday(
        monday.date(), "Eid al-Fitr", announced_by="Cabinet Division", by=sana, at=at
    )
    # The decision is due after sixty calendar days, whatever is a holiday.
    assert [each.sentence for each in moved] == ["Completeness check was due 18 March 2026 and is due 19 March 2026"]
    assert deadlines.due_on(case, "intake", at) == date(2026, 3, 19)
    back = deadlines.withdraw_holiday(holiday, by=sana, at=at)
    assert [(each.row, each.was_due, each.is_due) for each in back] == [(case, date(2026, 3, 19), before)]
    assert deadlines.due_on(case, "intake", at) == before
    assert list(audit.history(case).filter(event="deadline_moved").values_list("note", flat=True)) == [
        "Completeness check was due 18 March 2026 and is due 19 March 2026: "
        "Eid al-Fitr on 9 March 2026 was announced as a holiday.",
        "Completeness check was due 19 March 2026 and is due 18 March 2026: "
        "Eid al-Fitr on 9 March 2026 was withdrawn as a holiday.",
    ]


def test_a_holiday_that_moves_nothing_is_told_to_nobody(firm, people, sana, at, later):
    path.noc_case(firm, people=people, at=at, until="completeness_check")
    past_the_term = later(60).date()
    _, moved = deadlines.announce_holiday(past_the_term, "Far off", announced_by="Cabinet Division", by=sana, at=at)
    assert moved == []


def test_eid_that_is_sighted_a_day_later_moves_by_a_day_and_the_log_says_why_both_times(firm, people, sana, at):
    """Announced for Wednesday, then for Thursday instead: the deadline is where it was, and three entries say why."""
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    wednesday, thursday = date(2026, 3, 18), date(2026, 3, 19)
    eid, moved = deadlines.announce_holiday(wednesday, "Eid", announced_by="Cabinet Division", by=sana, at=at)
    assert (len(moved), deadlines.due_on(case, "intake", at)) == (1, thursday)
    _, moved = deadlines.announce_holiday(thursday, "Eid", announced_by="Moon committee", by=sana, at=at)
    late = deadlines.due_on(case, "intake", at)
    assert (len(moved), late is not None and late > thursday) == (1, True)
    assert len(deadlines.withdraw_holiday(eid, by=sana, at=at)) == 1
    assert deadlines.due_on(case, "intake", at) == wednesday
    notes = audit.history(case).filter(event="deadline_moved").values_list("note", flat=True)
    assert [each.split(": ")[1] for each in notes] == [
        "Eid on 18 March 2026 was announced as a holiday.",
        "Eid on 19 March 2026 was announced as a holiday.",
        "Eid on 18 March 2026 was withdrawn as a holiday.",
    ]


def test_a_year_of_holidays_that_is_loaded_moves_what_is_open_and_says_why(firm, people, at):
    Holiday.objects.all().delete()
    evening = datetime.fromisoformat("2027-12-30T09:00:00+00:00")
    case = path.noc_case(firm, people=people, at=evening, until="completeness_check")
    before = deadlines.due_on(case, "intake", evening)
    # Ten working days over the end of the year, with no holiday known: 30 December to 13 January.
    assert before == date(2028, 1, 13)
    # A Sunday and a day after the term move nothing.
    named = {
        date(2028, 1, 5): "A day",
        date(2028, 1, 9): "A Sunday",
        date(2028, 1, 14): "Another day",
        date(2028, 3, 1): "Far off",
    }
    loaded = {"announced_by": "A library", "by": None, "at": evening}
    added, moved = deadlines.announce_holidays(named, **loaded)
    assert ([each.date for each in added], len(moved)) == (sorted(named), 2)
    assert deadlines.due_on(case, "intake", evening) == date(2028, 1, 17)
    assert deadlines.announce_holidays(named, **loaded) == ([], [])
    assert list(audit.history(case).filter(event="deadline_moved").values_list("actor", "note")) == [
        (
            None,
            "Completeness check was due 13 January 2028 and is due 14 January 2028: "
            "A day on 5 January 2028 was announced as a holiday.",
        ),
        (
            None,
            "Completeness check was due 14 January 2028 and is due 17 January 2028: "
            "Another day on 14 January 2028 was announced as a holiday.",
        ),
    ]
    log = AuditEntry.objects.filter(subject_type="kernel.holiday", subject_id__in=[each.pk for each in added])
    assert list(log.order_by("pk").values_list("event", "data__name")) == [
        ("announced", name) for _, name in sorted(named.items())
    ]


def test_the_command_loads_the_years_by_the_same_action(firm, people, at):
    Holiday.objects.all().delete()
    monday = at + timedelta(days=12)
    case = path.noc_case(firm, people=people, at=monday, until="completeness_check")
    call_command("load_holidays", "--from", "2026", "--to", "2026", stdout=StringIO())
    # Eid al-Fitr is on Friday, 20 March 2026, and Pakistan Day on the Monday after it.
    assert [
        each.split(": ")[1]
        for each in audit.history(case).filter(event="deadline_moved").values_list("note", flat=True)
    ] == [
        "Eid al-Fitr on 20 March 2026 was announced as a holiday.",
        "Pakistan Day on 23 March 2026 was announced as a holiday.",
    ]
    assert deadlines.due_on(case, "intake", monday) == date(2026, 4, 1)


def test_a_term_from_a_leap_day_ends_on_the_last_of_february(firm, people):
    leap_day = datetime.fromisoformat("2028-02-29T09:00:00+00:00")
    case = path.noc_case(firm, people=people, at=leap_day)
    assert case.valid_to == date(2029, 2, 28)


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 3, 6), 12, date(2027, 3, 5)),
        (date(2027, 3, 1), 12, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 1, 1), 12, date(2027, 12, 31)),
    ],
)
def test_a_term_of_months_is_whole_whatever_the_month(first, months, last):
    assert clock.last_day_of_months(first, months) == last


def test_a_moment_before_and_after_midnight_in_karachi_are_two_days(firm, people):
    """18:59 and 19:01 in London’s time are 23:59 and 00:01 here: the clock begins on another day."""
    last_minute = datetime.fromisoformat("2026-12-31T18:59:00+00:00")
    case = path.noc_case(firm, people=people, at=last_minute, until="submitted")
    assert deadlines.due_on(case, "decision", last_minute) == date(2027, 3, 1)
    other = register_firm("Another", by=people.applicant, at=last_minute, country="Singapore")
    first_minute = last_minute + timedelta(minutes=2)
    next_year = path.noc_case(other, people=people, at=first_minute, until="submitted")
    assert deadlines.due_on(next_year, "decision", first_minute) == date(2027, 3, 2)
