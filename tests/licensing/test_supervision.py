"""Supervision: returns open by the calendar and are judged row by row; incidents; and visits by impact and risk."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from licensing import filings
from licensing.actions import inspections, measures, supervision
from licensing.filings import Period
from licensing.models import Filing, Incident, IncidentFollowUp, Licence, ReturnKind, VisitPlan
from pvara.demo import life, path
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.models import Job
from pvara.kernel.seen import mark

RESERVES = {"client_assets_pkr": "1000000", "liabilities_pkr": "999999.50", "cold_share": "95", "breaks": "0"}


@pytest.fixture
def licence(firm, people, at):
    """In force from 6 March 2026."""
    return path.licensed(firm, people=people, at=at)


@pytest.fixture
def opened(licence, later):
    """By 6 June three months and one quarter have ended."""
    supervision.open_returns(later(94))
    return {(each.code, each.period_to): each for each in Filing.objects.all()}


@pytest.fixture
def march(opened):
    return opened["reserves", date(2026, 3, 31)]


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def shut(row, name, by, at):
    return [each.code for each in unmet(fresh(row), name, by=by, at=at)]


def filed(filing, people, at, figures=RESERVES):
    supervision.give_figures(filing, figures, by=people.applicant, at=at, seen=mark(fresh(filing).given))
    file = SimpleUploadedFile("return.txt", b"The return.\n", "text/plain")
    supervision.attach_return(filing, file, title="Return", by=people.applicant, at=at)
    return path.step(filing, "file", by=people.applicant, at=at)


# ── The calendar ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("frequency", "since", "until", "expected"),
    [
        ("monthly", date(2026, 3, 6), date(2026, 3, 31), []),
        ("monthly", date(2026, 3, 6), date(2026, 4, 1), [Period(date(2026, 3, 6), date(2026, 3, 31))]),
        (
            "monthly",
            date(2027, 12, 31),
            date(2028, 3, 1),
            [
                Period(date(2027, 12, 31), date(2027, 12, 31)),
                Period(date(2028, 1, 1), date(2028, 1, 31)),
                Period(date(2028, 2, 1), date(2028, 2, 29)),
            ],
        ),
        ("quarterly", date(2026, 2, 6), date(2026, 4, 1), [Period(date(2026, 2, 6), date(2026, 3, 31))]),
        ("quarterly", date(2026, 12, 6), date(2027, 1, 1), [Period(date(2026, 12, 6), date(2026, 12, 31))]),
        ("annual", date(2026, 3, 6), date(2026, 12, 31), []),
        ("annual", date(2026, 3, 6), date(2027, 1, 1), [Period(date(2026, 3, 6), date(2026, 12, 31))]),
    ],
)
def test_a_period_is_there_when_it_has_ended(frequency, since, until, expected):
    assert list(filings.periods(frequency, since=since, until=until)) == expected


def test_the_calendar_opens_each_period_of_each_licence_once(opened, later):
    assert {key: each.due_on for key, each in opened.items()} == {
        ("reserves", date(2026, 3, 31)): date(2026, 4, 15),
        ("reserves", date(2026, 4, 30)): date(2026, 5, 15),
        ("reserves", date(2026, 5, 31)): date(2026, 6, 15),
        ("liquidity", date(2026, 3, 31)): date(2026, 4, 15),
        ("liquidity", date(2026, 4, 30)): date(2026, 5, 15),
        ("liquidity", date(2026, 5, 31)): date(2026, 6, 15),
        ("conduct", date(2026, 3, 31)): date(2026, 4, 30),
    }
    assert supervision.open_returns(later(94)) == 0


def changed_on(first_day, code="reserves", **changed):
    """Another row of a return, which says something else from a day on."""
    given = ReturnKind.objects.filter(code=code).order_by("effective_from").values().last()
    return ReturnKind.objects.create(**{**given, "id": None, "effective_from": first_day, **changed})


def of_reserves():
    return {each.period_to: each.due_on for each in Filing.objects.filter(code="reserves").order_by("period_to")}


def test_a_period_is_asked_for_by_the_terms_of_its_first_day(licence, later):
    """What changes in the middle of April is for May, though April is opened when it is in force already."""
    changed_on(date(2026, 4, 15), due_days=5)
    supervision.open_returns(later(94))
    assert of_reserves() == {
        date(2026, 3, 31): date(2026, 4, 15),
        date(2026, 4, 30): date(2026, 5, 15),
        date(2026, 5, 31): date(2026, 6, 5),
    }


def test_a_return_that_has_ended_is_asked_for_until_the_last_period_that_began_before(licence, later):
    changed_on(date(2026, 4, 2), ended=True)
    supervision.open_returns(later(94))
    assert list(of_reserves()) == [date(2026, 3, 31), date(2026, 4, 30)]


def test_a_return_that_becomes_quarterly_leaves_no_day_out_and_asks_for_none_twice(licence, later):
    changed_on(date(2026, 4, 1), frequency="quarterly")
    supervision.open_returns(later(120))
    assert list(of_reserves()) == [date(2026, 3, 31), date(2026, 6, 30)]


def test_an_event_is_reported_by_the_terms_of_its_day(licence, amina, later):
    changed_on(date(2026, 3, 11), "new_product", due_days=7)
    changed_on(date(2026, 3, 12), "new_product", ended=True)
    said = {"by": amina, "at": later(9)}
    for day, due in ((date(2026, 3, 10), date(2026, 3, 10)), (date(2026, 3, 11), date(2026, 3, 18))):
        assert supervision.open_event_return(licence, "new_product", happened_on=day, **said).due_on == due
    with pytest.raises(ValidationError, match="There was no such return on the day of the event"):
        supervision.open_event_return(licence, "new_product", happened_on=date(2026, 3, 12), **said)


def test_a_licence_that_was_revoked_or_has_ended_owes_nothing_new(opened, licence, people, later):
    # The term ends on 5 March 2027: February is the last whole month in it.
    supervision.open_returns(later(500))
    assert Filing.objects.filter(code="reserves").latest("period_to").period_to == date(2027, 2, 28)
    life.revoke(licence, people=people, at=later(501), by=people.board2)
    Filing.objects.filter(code="reserves", period_to=date(2027, 2, 28)).delete()
    assert supervision.open_returns(later(502)) == 0


def test_a_licence_that_was_given_back_owes_nothing_new_and_is_not_visited(opened, licence, people, later):
    life.surrendered(licence, people=people, at=later(10))
    Filing.objects.all().delete()
    assert supervision.open_returns(later(94)) == 0
    assert supervision.plan_visits(later(94)) == 0


def test_an_event_opens_its_return_once(licence, people, amina, stranger, later):
    said = {"happened_on": date(2026, 3, 10), "by": amina, "at": later(9)}
    made = supervision.open_event_return(licence, "new_product", **said)
    assert (made.due_on, made.state) == (date(2026, 3, 10), "due")
    for code, changed in (
        ("new_product", {}),
        ("reserves", {}),
        ("new_product", {"happened_on": date(2026, 3, 5)}),
        ("new_product", {"happened_on": date(2026, 3, 14)}),
    ):
        with pytest.raises(ValidationError):
            supervision.open_event_return(licence, code, **{**said, **changed})
    with pytest.raises(PermissionDenied):
        supervision.open_event_return(licence, "new_product", **{**said, "by": stranger})


# ── Filing ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, {}),
        ({"liabilities_pkr": "1000000"}, {}),
        ({"liabilities_pkr": "1000000.01"}, {"liabilities_pkr": "It is more than “Client assets held, in PKR”."}),
        ({"client_assets_pkr": ""}, {"client_assets_pkr": "Give a figure."}),
        ({"client_assets_pkr": "much"}, {"client_assets_pkr": "Write a number, such as 1250.50."}),
        ({"client_assets_pkr": "NaN"}, {"client_assets_pkr": "Write a number, such as 1250.50."}),
        ({"cold_share": "100"}, {}),
        ({"cold_share": "100.01"}, {"cold_share": "At most 100 is possible."}),
        ({"cold_share": "-0.01"}, {"cold_share": "At least 0 is possible."}),
        ({"breaks": "31"}, {}),
        ({"breaks": "32"}, {"breaks": "At most 31 is possible."}),
        ({"breaks": "1.5"}, {"breaks": "Write a whole number."}),
        ({"profit": "1"}, {"profit": "The return does not ask for this."}),
    ],
)
def test_figures_are_judged_row_by_row(regime, changed, wrong):
    fields = ReturnKind.objects.get(code="reserves").fields
    assert filings.faults(fields, {**RESERVES, **changed}) == wrong


def test_figures_that_do_not_fit_are_sent_back_with_every_row(march, amina, later):
    with pytest.raises(ValidationError) as refusal:
        supervision.give_figures(march, {**RESERVES, "cold_share": "101", "breaks": "x"}, by=amina, at=later(30))
    assert sorted(refusal.value.message_dict) == ["breaks", "cold_share"]
    assert fresh(march).figures == {}


def test_a_return_is_filed_with_figures_and_document(march, people, amina, sana, later):
    assert shut(march, "file", amina, later(30)) == ["figures_are_filed", "return_is_documented"]
    done = filed(march, people, later(30))
    assert (done.state, done.filed_by, done.was_late) == ("filed", amina, False)
    with pytest.raises(ValidationError, match="The return is filed"):
        supervision.give_figures(march, RESERVES, by=amina, at=later(31))
    queried = path.step(march, "query", by=sana, at=later(50), note="Whose wallets are these?")
    assert queried.state == "queried"
    again = filed(march, people, later(60), {**RESERVES, "breaks": "1"})
    # It came in time at first, so it is not late now.
    assert (again.was_late, again.figures["breaks"]) == (False, "1")
    assert path.step(march, "accept", by=sana, at=later(61)).state == "accepted"


def test_a_return_is_in_time_on_its_day_and_late_after_it(march, opened, people, later):
    # 15 April is day 42.
    assert [fresh(march).is_overdue(later(days)) for days in (42, 43)] == [False, True]
    assert filed(march, people, later(42)).was_late is False
    liquidity = opened["liquidity", date(2026, 3, 31)]
    figures = {"liquid_assets_pkr": "12", "monthly_costs_pkr": "10"}
    assert filed(liquidity, people, later(43), figures).was_late is True


def test_a_firm_that_is_late_is_reminded_once(march, people, later):
    filed(march, people, later(40))
    assert supervision.remind_of_returns(later(42)) == 0
    assert supervision.remind_of_returns(later(43)) == 1
    assert supervision.remind_of_returns(later(44)) == 0
    assert Job.objects.filter(kind="notice", key__contains=":overdue:").count() == 1


def test_only_the_firm_files_and_only_supervisors_judge(march, people, stranger, sana, later):
    for who in (stranger, sana):
        with pytest.raises(PermissionDenied):
            supervision.give_figures(march, RESERVES, by=who, at=later(30))
    filed(march, people, later(30))
    for who in (people.officer, people.applicant):
        with pytest.raises(PermissionDenied):
            path.step(march, "accept", by=who, at=later(31))
    assert list(Filing.objects.visible_to(stranger)) == []


# ── Gate G4 ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_licence_is_reinstated_only_with_its_returns_up_to_date(opened, licence, people, danish, later):
    licence = life.suspend(licence, people=people, at=later(40))
    measures.verify_remedy(licence, note="Nothing is missing.", by=people.supervisor, at=later(41))
    assert fresh(licence).returns_outstanding(later(42)) == []
    path.vote(licence, "reinstate", people=people, at=later(42))
    assert shut(licence, "reinstate", danish, later(42)) == []
    late = fresh(licence).returns_outstanding(later(43))
    assert late == [
        f"{opened[code, date(2026, 3, 31)]}: was due on 15 April 2026." for code in ("reserves", "liquidity")
    ]
    assert shut(licence, "reinstate", danish, later(43)) == ["returns_are_up_to_date"]
    for code, figures in (
        ("reserves", RESERVES),
        ("liquidity", {"liquid_assets_pkr": "12", "monthly_costs_pkr": "10"}),
    ):
        filed(opened[code, date(2026, 3, 31)], people, later(43), figures)
    assert path.step(licence, "reinstate", by=danish, at=later(43), note="All is back.").state == "active"


def test_a_query_that_waits_for_its_answer_is_not_up_to_date(opened, march, licence, people, sana, later):
    filed(march, people, later(30))
    path.step(march, "query", by=sana, at=later(44), note="Whose wallets are these?")
    assert [each.split(",")[0] for each in fresh(licence).returns_outstanding(later(44))] == [
        "Reserves and client assets",
        "Net liquid assets",
    ]


# ── Incidents ────────────────────────────────────────────────────────────────────────────────────────────────────────
def incident(licence, by, at, hours=1, **changed):
    said = {"severity": "high", "title": "A wallet was drained", "detail": "At night.", **changed}
    return supervision.report_incident(licence, by=by, at=at, detected_at=at - timedelta(hours=hours), **said)


def test_an_incident_is_late_after_a_day_and_taken_all_the_same(licence, amina, later):
    assert incident(licence, amina, later(9), hours=24).was_late is False
    late = incident(licence, amina, later(9), hours=24.01)
    assert (late.was_late, late.state) == (True, "reported")
    assert audit.history(late).get(event="reported").data["late"] is True


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"severity": "bad"}, "severity"),
        ({"title": " "}, "title"),
        ({"detail": ""}, "detail"),
        ({"hours": -1}, "detected_at"),
    ],
)
def test_an_incident_that_cannot_be_right_is_sent_back(licence, amina, later, changed, field):
    with pytest.raises(ValidationError) as refusal:
        incident(licence, amina, later(9), **changed)
    assert list(refusal.value.message_dict) == [field]
    assert Incident.objects.count() == 0


def test_both_sides_follow_up_until_it_is_closed(licence, people, amina, sana, stranger, later):
    found = incident(licence, amina, later(9))
    for who, text in ((amina, "Clients are told."), (sana, "How many?")):
        supervision.follow_up(found, text, by=who, at=later(10))
    for who in (stranger, people.officer):
        with pytest.raises(PermissionDenied):
            supervision.follow_up(found, "I too.", by=who, at=later(10))
    with pytest.raises(MoveRefused):
        path.step(found, "close", by=sana, at=later(11))
    path.step(found, "close", by=sana, at=later(11), note="All were made whole.")
    with pytest.raises(ValidationError, match="closed"):
        supervision.follow_up(found, "One more.", by=amina, at=later(12))
    assert [each.text for each in found.follow_ups.all()] == ["Clients are told.", "How many?"]
    with pytest.raises(DatabaseError), transaction.atomic():
        IncidentFollowUp.objects.update(text="Nothing.")


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def measured(licence, by, at, assets="0", users=0, share="0"):
    return supervision.assess_impact(
        licence,
        by=by,
        at=at,
        client_assets_pkr=Decimal(assets),
        users=users,
        programme_share=Decimal(share),
    )


@pytest.mark.parametrize(
    ("given", "impact"),
    [
        ({}, "low"),
        ({"assets": "4999999999.99", "users": 99_999, "share": "4.99"}, "low"),
        ({"assets": "5000000000"}, "medium"),
        ({"users": 100_000}, "medium"),
        ({"share": "5"}, "medium"),
        ({"assets": "49999999999.99", "users": 999_999, "share": "19.99"}, "medium"),
        ({"assets": "50000000000"}, "high"),
        ({"users": 1_000_000}, "high"),
        ({"share": "20"}, "high"),
    ],
)
def test_the_impact_is_that_of_the_weightiest_of_three(licence, sana, later, given, impact):
    assert measured(licence, sana, later(9), **given).impact == impact


@pytest.mark.parametrize(
    ("rating", "share", "months", "due"),
    [
        # Green and low: three years. Red and high: a quarter.
        (4, "0", 36, date(2029, 3, 6)),
        (4, "20", 12, date(2027, 3, 6)),
        (3, "5", 12, date(2027, 3, 6)),
        (2, "20", 3, date(2026, 6, 6)),
        (2, "0", 12, date(2027, 3, 6)),
    ],
)
def test_the_frequency_follows_impact_and_risk(licence, firm, people, sana, later, rating, share, months, due):
    if rating < 4:
        codes = [each.code for each in licence.score(later(3)).framework.criteria]
        path.rate_anew(firm, *codes, people=people, at=later(3), rating=rating)
    measured(licence, sana, later(9), share=share)
    plan = VisitPlan.objects.get(licence=licence)
    assert (plan.months, plan.due_on) == (months, due)


def test_until_it_is_measured_much_depends_on_a_licensee_and_a_visit_counts_from_the_last(licence, people, later):
    assert supervision.plan_visits(later(3)) == 1
    assert supervision.plan_visits(later(4)) == 0
    plan = VisitPlan.objects.get()
    assert (plan.impact, plan.band, plan.due_on, plan.last_visit) == ("high", "green", date(2027, 3, 6), None)
    visit = path.inspection(licence, people=people, at=later(30))
    results = dict.fromkeys(visit.scope, ("passed", ""))
    inspections.report_inspection(visit, by=people.officer, at=later(30), results=results, summary="All works.")
    assert supervision.plan_visits(later(31)) == 1
    plan.refresh_from_db()
    assert (plan.last_visit, plan.due_on) == (date(2026, 4, 3), date(2027, 4, 3))
    assert [plan.is_overdue(later(30 + days)) for days in (365, 366)] == [False, True]


def test_only_supervisors_measure(licence, people, stranger, later):
    for who in (people.officer, stranger, people.applicant):
        with pytest.raises(PermissionDenied):
            measured(licence, who, later(9))
    assert Licence.objects.get().impacts.count() == 0
