"""The calendar over the API: a holiday announced and withdrawn, and which deadlines it moved."""

import pytest
from django.utils import timezone

from pvara.demo import path
from pvara.kernel import audit, clock, deadlines
from pvara.kernel.models import AuditEntry, Holiday


@pytest.fixture
def case(firm, people, at):
    """In its completeness check, ten working days, since a few days ago."""
    return path.noc_case(firm, people=people, at=at, until="completeness_check")


@pytest.fixture
def working_day(regime):
    """The next working day but one, which becomes a holiday."""
    return clock.add_working_days(timezone.localdate(), 2)


def due(case):
    return str(deadlines.due_on(case, "intake", timezone.now()))


def mourning(day):
    return {"date": str(day), "name": "A day of mourning", "announced_by": "Cabinet Division"}


def test_a_holiday_is_announced_and_withdrawn_with_what_it_moves(program, case, sana, working_day):
    caller, before = program(sana), due(case)
    made = caller.post("holidays/", mourning(working_day))
    after = due(case)
    assert (made.status_code, before < after) == (201, True)
    holiday = Holiday.objects.get(date=working_day)
    [told] = made.json()["deadlines"]
    assert made.json() == {
        "holiday": {"id": holiday.pk, **mourning(working_day)},
        "moved": 1,
        "deadlines": [
            {
                "kind": "licensing.nocapplication",
                "id": case.pk,
                "reference": case.reference,
                "clock": "intake",
                "sentence": told["sentence"],
                "was_due": before,
                "is_due": after,
            }
        ],
    }
    gone = caller.send("delete", f"holidays/{holiday.pk}/", None)
    [back] = gone.json()["deadlines"]
    assert (gone.json()["moved"], back["was_due"], back["is_due"], due(case)) == (1, after, before, before)
    # The log of the case says who it was and why, as it does of the page; the holiday has its own.
    why = f"A day of mourning on {working_day:%-d %B %Y} was"
    assert list(audit.history(case).filter(event="deadline_moved").values_list("actor", "note")) == [
        (sana.pk, f"{told['sentence']}: {why} announced as a holiday."),
        (sana.pk, f"{back['sentence']}: {why} withdrawn as a holiday."),
    ]
    log = AuditEntry.objects.filter(subject_type="kernel.holiday", subject_id=holiday.pk).order_by("seq")
    assert [(each.event, each.actor) for each in log] == [("announced", sana), ("withdrawn", sana)]


def test_a_day_is_a_holiday_once(program, case, sana, working_day):
    caller = program(sana)
    caller.post("holidays/", mourning(working_day))
    again = caller.post("holidays/", mourning(working_day))
    assert (again.status_code, [(each["field"], each["detail"]) for each in again.json()["errors"]]) == (
        400,
        [("date", f"{working_day} is a holiday already: A day of mourning.")],
    )
    assert audit.history(case).filter(event="deadline_moved").count() == 1


def test_who_does_not_keep_the_calendar_changes_nothing(program, case, omar, amina, working_day):
    holiday = Holiday.objects.first()
    for person in (omar, amina):
        caller = program(person)
        assert caller.post("holidays/", mourning(working_day)).status_code == 403
        assert caller.send("delete", f"holidays/{holiday.pk}/", None).status_code == 403
    assert (Holiday.objects.filter(date=working_day).count(), Holiday.objects.filter(pk=holiday.pk).count()) == (0, 1)
    assert audit.history(case).filter(event="deadline_moved").count() == 0
