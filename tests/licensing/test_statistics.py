"""Statistics, against numbers that were counted by hand."""

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licensing import statistics
from licensing.models import AmlRegistration, LicenceApplication, NocApplication, Renewal, SetUp
from licensing.statistics import OUTCOMES
from pvara.demo import life, path
from pvara.kernel import audit, clock
from pvara.kernel.models import Holiday

P1, P2, AML, P3, RENEWAL, VARIATION = statistics.PHASES


def moment(text: str) -> datetime:
    """A moment in Karachi, such as “2026-03-04 23:59”."""
    return timezone.make_aware(datetime.fromisoformat(text))


@pytest.fixture
def holidays(db: None) -> None:
    Holiday.objects.all().delete()


@pytest.fixture
def history(firm, holidays):
    """`history("2026-01-05 10:00 submit", …)`: a case in whose log this happened; the log is all that is counted."""

    def made(*lines: str) -> NocApplication:
        case = NocApplication.objects.create(firm=firm, opened_at=moment(lines[0][:16]))
        for line in lines:
            audit.record(case, event=line[17:], by=None, at=moment(line[:16]))
        return case

    return made


def of(year: int, month: int | None, phase=P1, *, until: date = date(2030, 1, 1)):
    wanted = date(year, month, 1) if month else None
    return next(row for row in statistics.of_year(year, until=until) if (row.phase, row.month) == (phase, wanted))


def counted(row) -> dict[str, int]:
    return {name: count for name, count in row.outcomes.items() if count}


def took(row) -> tuple[object, ...]:
    each = row.durations
    return each.median_days, each.ninety_days, each.median_working_days, each.ninety_working_days


# ── Counting ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_outcome_has_a_count_of_its_own_in_its_month(history):
    history("2026-01-05 10:00 submit", "2026-02-10 10:00 grant_noc", "2026-03-10 10:00 expire_noc")
    history("2026-01-06 10:00 submit", "2026-02-10 10:00 grant_with_conditions")
    history("2026-01-07 10:00 submit", "2026-02-11 10:00 refuse_noc", "2026-03-11 10:00 remit")
    history(
        "2026-01-08 10:00 submit",
        "2026-01-20 10:00 return_incomplete",
        "2026-02-02 10:00 resubmit",
        "2026-02-05 10:00 return_incomplete",
        "2026-02-20 10:00 reject_incomplete",
    )
    history("2026-01-09 10:00 submit", "2026-02-12 10:00 withdraw")
    history("2026-02-01 10:00 submit", "2026-03-01 10:00 lapse")
    history("2026-02-02 10:00 submit")
    january, february, march = (of(2026, month) for month in (1, 2, 3))
    assert [(row.received, row.in_progress) for row in (january, february, march)] == [(5, 5), (2, 2), (0, 2)]
    assert counted(january) == {"returned_incomplete": 1}
    assert counted(february) == {
        "granted": 1,
        "granted_with_conditions": 1,
        "refused": 1,
        "returned_incomplete": 1,
        "rejected_incomplete": 1,
        "withdrawn": 1,
    }
    assert counted(march) == {"lapsed": 1, "expired": 1, "remitted": 1}
    year = of(2026, None)
    assert (year.received, year.in_progress) == (7, 2)
    assert counted(year) == dict.fromkeys(OUTCOMES, 1) | {"returned_incomplete": 2}


def test_what_was_never_submitted_is_counted_nowhere(history):
    history("2026-01-05 10:00 opened", "2026-01-06 10:00 withdraw")
    row = of(2026, 1)
    assert (row.received, row.in_progress, counted(row)) == (0, 0, {})


def test_what_was_received_in_an_earlier_year_is_still_in_progress(history):
    history("2025-11-05 10:00 submit")
    assert [of(2026, month).in_progress for month in (1, 12)] == [1, 1]
    assert of(2025, 10).in_progress == 0


def test_a_licence_with_conditions_is_told_from_one_without(firm, people, at, holidays):
    setup = SetUp.objects.create(firm=firm, noc=NocApplication.objects.create(firm=firm, opened_at=at), opened_at=at)
    for approval in ("approve_in_principle", "approve_with_conditions"):
        case = LicenceApplication.objects.create(firm=firm, setup=setup, opened_at=at)
        for event in ("submit", approval, "grant_licence"):
            audit.record(case, event=event, by=None, at=at)
    assert counted(of(2026, 3, P3)) == {"granted": 1, "granted_with_conditions": 1}


def test_the_real_path_is_counted_in_all_three_phases(firm, people, at):
    path.licensed(firm, people=people, at=at)
    for phase, month in ((P1, 3), (P2, 3), (P3, 3)):
        row = of(2026, month, phase)
        assert (phase.code, row.received, row.in_progress, counted(row)) == (phase.code, 1, 0, {"granted": 1})
    assert took(of(2026, 3, P2))[0] == Decimal("1.0")


def test_every_event_of_the_phases_is_a_move_of_its_machine():
    from pvara.kernel.machine import machines, moves_of

    by_label = {model._meta.label_lower: model for model in machines()}
    for phase in statistics.PHASES:
        counted_moves = {statistics.move_of(event)[1] for event in phase.outcomes}
        assert counted_moves <= set(moves_of(by_label[phase.subject_type])), phase.code
    for deed in statistics.DEEDS:
        assert set(deed.events) <= set(moves_of(by_label[deed.subject_type])), deed.code


def test_no_move_that_closes_a_case_is_left_uncounted():
    """A new way for a case to end is a new outcome, or the cases in progress are too many for ever."""
    from pvara.kernel.machine import machines, moves_of

    by_label = {model._meta.label_lower: model for model in machines()}
    over = {
        P1.code: {"granted", "refused", "rejected_incomplete", "withdrawn", "lapsed"},
        P2.code: {"complete", "lapsed"},
        AML.code: {"permitted", "refused", "withdrawn", "ended"},
        P3.code: {"licensed", "refused", "rejected_incomplete", "withdrawn", "lapsed"},
        RENEWAL.code: {"renewed", "failed"},
        VARIATION.code: {"varied", "refused", "withdrawn", "lapsed"},
    }
    for phase in statistics.PHASES:
        moves = moves_of(by_label[phase.subject_type]).values()
        # A life after the decision, such as a NOC's, is none of the case's.
        closing = {row.name for row in moves if row.target in over[phase.code] and set(row.sources) - over[phase.code]}
        closing -= {"reinstate_noc", "restore_noc", "lift_unratified"}
        assert closing <= {statistics.move_of(event)[1] for event in phase.outcomes}, phase.code


def test_every_move_that_ends_or_holds_a_licence_is_a_deed():
    from licensing.models import Appeal, Licence
    from pvara.kernel.machine import moves_of

    for model, left_out in ((Licence, {"hold_hearing", "take_up_surrender_again"}), (Appeal, {"lift_stay"})):
        label = model._meta.label_lower
        counted_moves = {event for deed in statistics.DEEDS if deed.subject_type == label for event in deed.events}
        assert set(moves_of(model)) - counted_moves == left_out


# ── Beyond the three phases ──────────────────────────────────────────────────────────────────────────────────────────
def test_aml_services_that_end_were_granted_or_never(firm, at, holidays):
    setup = SetUp.objects.create(firm=firm, noc=NocApplication.objects.create(firm=firm, opened_at=at), opened_at=at)
    lives = (
        [("requested", "", "requested"), ("end_with_noc", "requested", "ended")],
        [
            ("requested", "", "requested"),
            ("permit_aml_services", "requested", "permitted"),
            ("end_with_noc", "permitted", "ended"),
        ],
        [
            ("requested", "", "requested"),
            ("refuse_aml_services", "requested", "refused"),
            ("remit", "refused", "requested"),
        ],
    )
    for number, life_of_it in enumerate(lives):
        row = AmlRegistration(firm=firm, setup=setup, services=["exchange"], requested_at=at, pk=9000 + number)
        for event, came_from, went_to in life_of_it:
            audit.record(row, event=event, by=None, at=at, from_state=came_from, to_state=went_to)
    row = of(2026, 3, AML)
    assert counted(row) == {"granted": 1, "refused": 1, "lapsed": 1, "expired": 1, "remitted": 1}
    assert (row.received, row.in_progress) == (3, 1)


def test_a_renewal_and_a_variation_are_cases_too(firm, people, at, later, holidays):
    licence = path.licensed(firm, people=people, at=at)
    varied = life.variation_asked(licence, people=people, at=later(2))
    path.decide(varied, "refuse_variation", people=people, at=later(9), note="Too early.")
    asked = life.renewal_asked(licence, people=people, at=later(300))
    assert (of(2026, 3, VARIATION).received, counted(of(2026, 3, VARIATION))) == (1, {"refused": 1})
    assert took(of(2026, 3, VARIATION))[0] == Decimal("7.0")
    month = timezone.localdate(later(300)).month
    assert (of(2026, month, RENEWAL).received, of(2026, month, RENEWAL).in_progress) == (1, 1)
    path.decide(asked, "refuse_renewal", people=people, at=later(301), note="Returns are late.")
    assert (of(2026, None, RENEWAL).in_progress, counted(of(2026, None, RENEWAL))) == (0, {"refused": 1})


def test_a_renewal_that_ended_with_a_licence_that_came_back_is_in_progress_once(firm, people, at, holidays):
    """Its licence was revoked and an appeal gave it back: it is asked for again, and one case is one case."""
    licence = path.licensed(firm, people=people, at=at)
    row = Renewal(licence=licence, pk=9001)
    in_progress = []
    for day, event in enumerate(("submit", "end_with_licence", "begin_again", "submit", "renew"), start=1):
        audit.record(row, event=event, by=None, at=timezone.make_aware(datetime(2026, day, 5, 10)))
        in_progress.append(of(2026, day, RENEWAL).in_progress)
    assert in_progress == [1, 0, 1, 1, 0]
    assert of(2026, None, RENEWAL).received == 1


def deeds(year: int, *, until: date = date(2030, 1, 1)) -> dict[str, tuple[int, ...]]:
    return {row.deed.code: row.months for row in statistics.deeds_of_year(year, until=until) if row.total}


def test_what_is_done_about_a_licence_is_counted_in_its_month(firm, people, at, later, basma, holidays):
    licence = path.licensed(firm, people=people, at=at)
    life.suspend(licence, people=people, at=later(1))
    life.revoke(licence, people=people, at=later(40), by=basma)
    march, april = (0, 0, 1) + (0,) * 9, (0, 0, 0, 1) + (0,) * 8
    assert deeds(2026) == {"suspended_urgently": march, "revoked": april}
    assert deeds(2026, until=date(2026, 3, 31)) == {"suspended_urgently": (0, 0, 1)}
    [row] = [each for each in statistics.deeds_of_year(2026, until=date(2026, 3, 9)) if each.deed.code == "revoked"]
    assert statistics.deed_as_line(row, 2026) == [
        ("revoked", "2026-01", 0),
        ("revoked", "2026-02", 0),
        ("revoked", "2026-03", 0),
        ("revoked", "2026", 0),
    ]
    assert deeds(2025) == {}


def test_the_public_is_not_told_of_what_the_register_does_not_show(firm, people, at, later, holidays):
    licence = path.licensed(firm, people=people, at=at)
    life.notify(licence, people=people, at=later(1))
    told = {row.deed.code for row in statistics.deeds_of_year(2026, until=date(2030, 1, 1), public=True)}
    assert ("show_cause_issued" in deeds(2026), "show_cause_issued" in told, "revoked" in told) == (True, False, True)


def test_a_deed_at_midnight_in_karachi_is_of_the_year_that_begins(firm, holidays):
    case = NocApplication.objects.create(firm=firm, opened_at=moment("2026-01-01 10:00"))
    for said in ("2026-12-31 23:59", "2027-01-01 00:01"):
        audit.record(case, event="suspend_noc", by=None, at=moment(said))
    assert deeds(2026) == {"noc_suspended": (0,) * 11 + (1,)}
    assert deeds(2027) == {"noc_suspended": (1,) + (0,) * 11}


# ── Boundaries ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_midnight_in_karachi_ends_the_month_and_the_year(history):
    history("2026-12-31 23:59 submit", "2027-01-31 23:59 grant_noc")
    history("2027-01-01 00:00 submit", "2027-02-01 00:00 grant_noc")
    assert [of(2026, 12).received, of(2027, 1).received] == [1, 1]
    assert [of(2026, None).received, of(2027, None).received] == [1, 1]
    assert [counted(of(2027, month)) for month in (1, 2)] == [{"granted": 1}, {"granted": 1}]
    assert [of(2026, 12).in_progress, of(2027, 1).in_progress, of(2027, 2).in_progress] == [1, 1, 0]
    # One minute later is another day: 31 days each, by dates.
    assert took(of(2027, 1))[:2] == (Decimal("31.0"), Decimal("31.0"))


def test_an_hour_of_the_same_evening_is_another_day_in_london(history):
    # 19:30 UTC on 31 March is half past midnight on 1 April in Karachi.
    case = history("2026-04-01 00:30 submit")
    assert case.opened_at.isoformat() == "2026-04-01T00:30:00+05:00"
    assert (of(2026, 3).received, of(2026, 4).received) == (0, 1)


def test_the_leap_day_is_a_day(history):
    history("2028-02-28 10:00 submit", "2028-03-01 10:00 grant_noc")
    history("2028-02-29 23:59 submit")
    assert took(of(2028, 3)) == tuple(Decimal(each) for each in ("2.0", "2.0", "2.0", "2.0"))
    assert of(2028, 2).received == 2
    history("2027-02-28 10:00 submit", "2027-03-01 10:00 grant_noc")
    assert took(of(2027, 3))[0] == Decimal("1.0")


def test_a_year_ends_on_the_day_on_which_it_is_asked_for(history):
    months = [row.month for row in statistics.of_year(2026, until=date(2026, 3, 1)) if row.phase is P1]
    assert months == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), None]
    assert statistics.of_year(2027, until=date(2026, 3, 1)) == []


# ── Durations ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_percentiles_are_those_that_one_counts_by_hand(history):
    # Received on Thursday, 1 October 2026; decided after 1, 4, 5, 12 and 20 days.
    for day in (2, 5, 6, 13, 21):
        history("2026-10-01 10:00 submit", f"2026-10-{day:02} 10:00 grant_noc")
    # Sorted 1 4 5 12 20: the median is the third, 5. Place 1 + 4·0.9 = 4.6: 12 + 0.6·8 = 16.8.
    # Working days 1 2 3 8 14: the median is 3, and 8 + 0.6·6 = 11.6.
    assert took(of(2026, 10)) == tuple(Decimal(each) for each in ("5.0", "16.8", "3.0", "11.6"))


def test_the_median_of_two_lies_between_them(history):
    for day in (3, 10):
        history("2026-10-01 10:00 submit", f"2026-10-{day:02} 10:00 refuse_noc")
    # 2 and 9 days: 5.5, and 2 + 0.9·7 = 8.3. Working days 1 and 6: 3.5, and 5.5.
    assert took(of(2026, 10)) == tuple(Decimal(each) for each in ("5.5", "8.3", "3.5", "5.5"))


def test_holidays_count_as_days_and_not_as_working_days(history):
    Holiday.objects.create(date=date(2026, 10, 5), name="A Monday", announced_by="Cabinet Division")
    Holiday.objects.create(date=date(2026, 10, 4), name="A Sunday", announced_by="Cabinet Division")
    Holiday.objects.create(date=date(2026, 10, 1), name="The day itself", announced_by="Cabinet Division")
    history("2026-10-01 10:00 submit", "2026-10-06 10:00 grant_noc")
    assert took(of(2026, 10))[0::2] == (Decimal("5.0"), Decimal("2.0"))


def test_a_years_percentile_is_taken_over_all_its_decisions(history):
    for day in (2, 3, 4):
        history("2026-10-01 10:00 submit", f"2026-10-{day:02} 10:00 grant_noc")
    history("2026-10-01 10:00 submit", "2026-11-30 10:00 grant_noc")
    assert [took(of(2026, month))[0] for month in (10, 11, None)] == [Decimal(each) for each in ("2.0", "60.0", "2.5")]
    assert of(2026, None).durations.decisions == 4


def test_whoever_withdrew_or_expired_is_not_timed(history):
    history("2026-10-01 10:00 submit", "2026-10-09 10:00 withdraw")
    history("2025-10-01 10:00 submit", "2025-10-09 10:00 grant_noc", "2026-10-09 10:00 expire_noc")
    assert took(of(2026, 10)) == (None, None, None, None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.dates(date(2025, 7, 1), date(2031, 1, 1)),
    length=st.integers(0, 400),
    off=st.sets(st.integers(0, 400), max_size=8),
)
def test_the_database_counts_working_days_as_the_calendar_does(history, first, length, off):
    from django.db import transaction

    last = first + timedelta(days=length)
    with transaction.atomic():
        Holiday.objects.bulk_create(
            Holiday(date=first + timedelta(days=each), name="Off", announced_by="A test") for each in off
        )
        history(f"{first} 10:00 submit", f"{last} 10:00 grant_noc")
        row = of(last.year, None, until=date(2040, 1, 1))
        expected = clock.calendar().working_days_between(first, last)
        assert took(row)[0::2] == (Decimal(length), Decimal(expected))
        transaction.set_rollback(True)


def test_a_year_costs_two_questions_however_many_cases(history, django_assert_num_queries):
    for day in range(1, 29):
        history(f"2026-10-{day:02} 10:00 submit", f"2026-11-{day:02} 10:00 grant_noc")
    with django_assert_num_queries(2):
        assert of(2026, 11).durations.decisions == 28


# ── Publishing ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_durations_of_few_decisions_are_not_published(history):
    for day in (2, 3):
        history("2026-10-01 10:00 submit", f"2026-10-{day:02} 10:00 grant_noc")
    history("2026-10-01 10:00 submit", "2026-11-03 10:00 grant_noc")
    rows = statistics.published(statistics.of_year(2026, until=date(2026, 12, 31)), least=3)
    mine = {row.month: row for row in rows if row.phase is P1}
    october, year = mine[date(2026, 10, 1)], mine[None]
    assert (october.withheld, took(october), counted(october)) == (True, (None, None, None, None), {"granted": 2})
    assert (year.withheld, took(year)[0]) == (False, Decimal("2.0"))


def test_a_line_of_the_csv(history):
    for day in (2, 5, 6, 13, 21):
        history("2026-10-01 10:00 submit", f"2026-10-{day:02} 10:00 grant_noc")
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(statistics.COLUMNS)
    for month in (10, 11, None):
        writer.writerow(statistics.as_line(of(2026, month), 2026))
    assert out.getvalue() == (
        "phase,month,received,in_progress_at_end,granted,granted_with_conditions,refused,returned_incomplete,"
        "rejected_incomplete,withdrawn,lapsed,expired,remitted,timed_decisions,median_days,p90_days,median_working_days,"
        "p90_working_days\r\n"
        "P1,2026-10,5,0,5,0,0,0,0,0,0,0,0,5,5.0,16.8,3.0,11.6\r\n"
        "P1,2026-11,0,0,0,0,0,0,0,0,0,0,0,0,,,,\r\n"
        "P1,2026,5,0,5,0,0,0,0,0,0,0,0,5,5.0,16.8,3.0,11.6\r\n"
    )
