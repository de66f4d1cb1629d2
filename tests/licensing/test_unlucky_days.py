"""The days on which counting goes wrong elsewhere: midnight in Karachi, the year's end, an Eid that moves, 29 February.

Each is tried on a real case, down to the sentence that its pages and the API say.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing.actions import noc as nocs
from licensing.actions.firms import register_firm
from licensing.models import Licence, NocApplication, Renewal
from pvara.demo import life, path
from pvara.kernel import audit, deadlines
from pvara.kernel.models import Holiday


def karachi(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


def sentences(row, at: datetime) -> dict[str, str]:
    """What is said of each clock of a row at a moment."""
    return {each.ticking.rule.name: each.sentence for each in deadlines.explain(row, at)}


@pytest.fixture
def submitted(regime, people):
    """`submitted("2026-03-04 23:59")`: an application that a firm of its own submitted at that moment."""

    def made(text: str, *, until: str = "submitted") -> NocApplication:
        firm = register_firm(f"Exchange of {text}", by=people.applicant, at=karachi(text), country="Pakistan")
        return path.noc_case(firm, people=people, at=karachi(text), until=until)

    return made


# ── Midnight, and the end of the year ────────────────────────────────────────────────────────────────────────────────
def test_a_minute_before_midnight_in_karachi_is_a_day_before_a_minute_after(submitted):
    before, after = submitted("2026-03-04 23:59"), submitted("2026-03-05 00:01")
    # In London both were submitted on the evening of the 4th.
    started = [audit.history(case).get(event="submit").at.astimezone(UTC) for case in (before, after)]
    assert [f"{each:%d %H:%M}" for each in started] == ["04 18:59", "04 19:01"]
    now = karachi("2026-03-05 00:02")
    assert sentences(before, now) == {"decision": "day 1 of 60, decision due 3 May 2026"}
    assert sentences(after, now) == {"decision": "day 0 of 60, decision due 4 May 2026"}
    # The same moment, as a server in London reads its clock.
    last, over = (datetime(2026, 5, 4, *hour, tzinfo=UTC) for hour in ((18, 59), (19, 1)))
    assert sentences(after, last) == {"decision": "day 60 of 60, decision due 4 May 2026"}
    assert sentences(after, over) == {"decision": "day 61 of 60, decision was due 4 May 2026, 1 day over"}


def test_a_working_day_ends_at_midnight_in_karachi(submitted):
    case = submitted("2026-03-04 23:59", until="completeness_check")
    intake = [sentences(case, karachi(f"2026-03-{day}"))["intake"] for day in ("18 23:59", "19 00:01")]
    assert intake == [
        "working day 10 of 10, completeness check due 18 March 2026",
        "working day 11 of 10, completeness check was due 18 March 2026, 1 working day over",
    ]


def test_a_clock_runs_over_the_end_of_the_year(submitted):
    case = submitted("2026-12-31 23:59", until="completeness_check")
    assert sentences(case, karachi("2027-01-01 00:01")) == {
        "decision": "day 1 of 60, decision due 1 March 2027",
        # New Year's Day is a working day in Pakistan.
        "intake": "working day 1 of 10, completeness check due 14 January 2027",
    }


# ── Eid ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_eid_that_is_sighted_a_day_later_moves_deadlines_twice_and_each_time_says_why(submitted, sana, client):
    # Eid al-Adha of 2026 is expected from Tuesday, 26 May, to Thursday, 28 May.
    case = submitted("2026-05-14 10:00", until="completeness_check")
    early = submitted("2026-05-11 10:00", until="completeness_check")
    at = karachi("2026-05-25 20:00")
    assert sentences(case, at)["intake"] == "working day 7 of 10, completeness check due 2 June 2026"
    assert sentences(early, at)["intake"] == "working day 10 of 10, completeness check due 25 May 2026"
    # The moon was not sighted: the first day falls away, and a day is added after the third.
    moved = deadlines.withdraw_holiday(Holiday.objects.get(date=date(2026, 5, 26)), by=sana, at=at)
    earlier = "Completeness check was due 2 June 2026 and is due 1 June 2026"
    assert [(each.row, each.sentence) for each in moved] == [(case, earlier)]
    assert sentences(case, at)["intake"] == "working day 7 of 10, completeness check due 1 June 2026"
    _, moved = deadlines.announce_holiday(
        date(2026, 5, 29), "Eid al-Adha, third day", announced_by="Cabinet Division", by=sana, at=at
    )
    later = "Completeness check was due 1 June 2026 and is due 2 June 2026"
    assert [(each.row, each.sentence) for each in moved] == [(case, later)]
    assert sentences(case, at)["intake"] == "working day 7 of 10, completeness check due 2 June 2026"
    assert list(audit.history(case).filter(event="deadline_moved").values_list("actor", "note")) == [
        (sana.pk, f"{earlier}: Eid al-Adha on 26 May 2026 was withdrawn as a holiday."),
        (sana.pk, f"{later}: Eid al-Adha, third day on 29 May 2026 was announced as a holiday."),
    ]
    assert audit.history(early).filter(event="deadline_moved").count() == 0
    # The page of its clocks says the sentence of today, and names the holidays that were left out of the count.
    client.force_login(sana)
    page = client.get(reverse("staff:clocks", args=["licensing.nocapplication", case.pk])).content.decode()
    text = " ".join(page.split())
    assert text.count(sentences(case, timezone.now())["intake"]) == 1
    named = [day for day in (26, 27, 28, 29) if f", {day} May 2026" in text]
    assert named == [27, 28, 29]


# ── 29 February ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_noc_of_29_february_is_good_for_the_whole_of_the_next_28_february(submitted):
    case = NocApplication.objects.get(pk=submitted("2028-02-29 10:00", until="granted").pk)
    evening, morning = karachi("2029-02-28 23:59"), karachi("2029-03-01 00:01")
    assert (case.valid_to, case.is_in_force(evening), case.is_in_force(morning)) == (date(2029, 2, 28), True, False)
    assert (nocs.expire_nocs(evening), nocs.expire_nocs(morning)) == (0, 1)


def test_an_extension_is_counted_from_the_day_after_the_term(submitted, people):
    case = submitted("2028-02-29 10:00", until="granted")
    path.step(case, "ask_to_extend", by=people.applicant, at=karachi("2028-09-01 10:00"), note="The bank is slow.")
    path.decide(case, "extend_noc", people=people, at=karachi("2028-09-04 10:00"))
    # Six months from 1 March, and not six months after 28 February.
    assert NocApplication.objects.get(pk=case.pk).valid_to == date(2029, 8, 31)


def test_a_licence_loses_no_day_to_a_leap_year(regime, people):
    begun = karachi("2027-02-27 10:00")
    firm = register_firm("Leap Exchange", by=people.applicant, at=begun, country="Pakistan")
    licence = path.licensed(firm, people=people, at=begun)
    assert (licence.valid_from, licence.valid_to) == (date(2027, 3, 1), date(2028, 2, 29))
    ends = [licence.is_in_term(karachi(text)) for text in ("2028-02-29 23:59", "2028-03-01 00:01")]
    assert ends == [True, False]
    asked = life.renewal_asked(licence, people=people, at=karachi("2028-02-01 10:00"))
    path.prove_again(firm, people=people, at=karachi("2028-02-01 10:00"))
    path.decide(asked, "renew", people=people, at=karachi("2028-02-02 10:00"))
    assert Licence.objects.get(pk=licence.pk).valid_to == date(2029, 2, 28)
    assert Renewal.objects.get(pk=asked.pk).renewed_to == date(2029, 2, 28)


@pytest.mark.parametrize(("year", "passed", "last"), [(2027, 14, "17 March 2027"), (2028, 15, "16 March 2028")])
def test_thirty_days_over_the_end_of_february_are_thirty_days(submitted, people, year, passed, last):
    case = submitted(f"{year}-02-15 10:00", until="completeness_check")
    returned = karachi(f"{year}-02-15 12:00")
    back = path.returned(case, "The policy.", people=people, at=returned)
    for day, at in ((passed, karachi(f"{year}-03-01 09:00")), (30, returned + timedelta(days=30))):
        assert sentences(back, at)["answer"] == f"day {day} of 30, answers to what is missing due {last}"
