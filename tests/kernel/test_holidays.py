"""Staff keep the calendar: a holiday announced or withdrawn moves every open clock, and the log says who did it."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

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
    after = clock.reading(firm, "decision", limit=limit, at=at).due_on
    assert (before, after) == (date(2026, 3, 11), date(2026, 3, 12))
    deadlines.withdraw_holiday(holiday, by=sana, at=at)
    assert clock.reading(firm, "decision", limit=limit, at=at).due_on == before
    entries = AuditEntry.objects.filter(subject_type="kernel.holiday").order_by("seq")
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
    assert (moved, deadlines.due_on(case, "intake", at)) == (1, date(2026, 3, 19))
    assert deadlines.withdraw_holiday(holiday, by=sana, at=at) == 1
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
    assert moved == 0
