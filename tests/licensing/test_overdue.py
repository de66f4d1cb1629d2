"""Clocks that run out: warned of, flagged, escalated to the next role, told to who may act; nothing else happens."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing.actions import interests, timers
from licensing.actions.firms import register_firm
from licensing.models import Milestone, MouMember
from licensing.models.overdue import case_of, is_for, officer_id_of, standing, told
from pvara.demo import path
from pvara.kernel import audit, deadlines, figures, flags, looks, outbox, roles
from pvara.kernel.models import ClockFlag, ClockInterval, Job, User
from tests.conftest import person

# The completeness check began on Wednesday, 4 March 2026, and is due after ten working days.
DUE = date(2026, 3, 18)


def sweep(at: datetime) -> int:
    return timers.SWEEPS["overdue.raise_flags"](at)


def on(day: str, hour: int = 10, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(day)).replace(hour=hour, minute=minute)


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


def raised(case, name="intake"):
    rows = [each for each in flags.history(case) if each.clock == name]
    return [(each.level, each.role, str(each.due_on)) for each in rows]


def notices():
    """Whom the outbox writes to of flags: (address, subject), in order."""
    jobs = Job.objects.filter(kind="notice", key__startswith="notice:clock-flag:").order_by("pk")
    return [(User.objects.get(pk=job.payload["to"]).email, job.payload["subject"]) for job in jobs]


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="completeness_check")


# ── In turn ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_clock_is_warned_of_then_flagged_then_escalated_role_by_role(case, at):
    assert deadlines.due_on(case, "intake", at) == DUE
    assert [sweep(on(f"2026-03-{day}")) for day in (12, 13, 14, 18)] == [0, 1, 0, 0]
    assert raised(case) == [(0, "case_officer", "2026-03-18")]
    assert [sweep(on("2026-03-18", 23, 59)), sweep(on("2026-03-19", 0, 0))] == [0, 1]
    # Eid and Pakistan Day fall into the officer's five working days, which end on 30 March.
    assert [sweep(on(day)) for day in ("2026-03-27", "2026-03-30", "2026-04-05", "2026-04-06")] == [0, 1, 0, 1]
    assert raised(case) == [
        (0, "case_officer", "2026-03-18"),
        (1, "case_officer", "2026-03-18"),
        (2, "supervisor", "2026-03-18"),
        (3, "committee_member", "2026-03-18"),
    ]
    reference = case.reference
    assert notices() == [
        ("omar@example.org", f"{reference}: completeness check due soon"),
        ("omar@example.org", f"{reference}: completeness check overdue"),
        ("sana@example.org", f"{reference}: completeness check overdue"),
        ("dania@example.org", f"{reference}: completeness check overdue"),
        ("danish@example.org", f"{reference}: completeness check overdue"),
    ]
    entries = [(each.event, each.actor, each.data["role"]) for each in audit.history(case) if "level" in each.data]
    assert entries == [
        ("deadline_near", None, "case_officer"),
        ("deadline_missed", None, "case_officer"),
        ("deadline_escalated", None, "supervisor"),
        ("deadline_escalated", None, "committee_member"),
    ]
    assert audit.history(case).get(event="deadline_missed").note == (
        "Completeness check: working day 11 of 10, was due 18 March 2026, 1 working day over. Told: case officer."
    )


def test_the_notice_is_sent_once_and_says_where_to_read(case):
    outbox.drain()
    mail.outbox.clear()
    sweep(on("2026-03-19"))
    outbox.drain()
    (sent,) = mail.outbox
    assert sent.to == ["omar@example.org"]
    assert "It was due on 18 March 2026. Nothing happens to the case by itself: somebody has to act." in sent.body
    assert f"/staff/clocks/licensing.nocapplication/{case.pk}/" in sent.body


def test_a_sweep_that_runs_late_raises_every_level_once(case):
    assert [sweep(on("2027-03-19")), sweep(on("2027-03-19")), sweep(on("2028-03-19"))] == [2, 0, 0]
    assert [level for level, *_ in raised(case)] == [1, 2, 3]
    # The decision was due on 3 May.
    assert [level for level, *_ in raised(case, "decision")] == [1, 2, 3]


def test_nothing_is_approved_by_time(case, people):
    before = (case.state, fresh(case).version)
    for year in range(2026, 2036):
        sweep(on(f"{year}-12-31"))
    after = fresh(case)
    assert (after.state, after.version) == before
    assert deadlines.of(after, on("2035-12-31"))[0].reading.status == "running"
    assert not ClockInterval.objects.filter(subject_id=case.pk, ended_at__isnull=False).exists()


def test_a_firms_own_clock_raises_nothing(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="granted")
    assert sweep(on("2030-01-01")) == 0
    assert [each.rule.name for each in deadlines.of(case.setup, at)] == ["set_up"]


# ── Again and at once ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_raise_each_flag_once(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    barrier = Barrier(2)

    def swept(moment):
        try:
            barrier.wait(timeout=20)
            return sweep(moment)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for day in ("2026-03-16", "2026-03-19", "2026-03-30", "2026-06-30"):
            both = [pool.submit(swept, on(day)) for _ in range(2)]
            assert sum(each.result(timeout=60) for each in both) >= 1
    assert [level for level, *_ in raised(case)] == [0, 1, 2, 3]
    assert [level for level, *_ in raised(case, "decision")] == [1, 2, 3]
    keys = list(Job.objects.filter(key__startswith="notice:clock-flag:").values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == 1 + 1 + 1 + 2 + 1 + 1 + 2
    flagged = [each for each in audit.history(case) if "level" in each.data]
    assert len(flagged) == 7


def test_a_row_in_trouble_does_not_keep_the_others(case, people, at, firm):
    other = register_firm("Ravi Exchange", by=people.applicant, at=at, country="Pakistan", invented=True)
    second = path.noc_case(other, people=people, at=at, until="completeness_check")
    # Somebody else raised the flag on the first between the look and the lock.
    flags.raise_due(case, "intake", at=on("2026-03-19"))
    assert sweep(on("2026-03-19")) == 1
    assert ([level for level, *_ in raised(case)], [level for level, *_ in raised(second)]) == ([1], [1])


# ── Stopped, paused, moved ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_clock_that_was_stopped_raises_nothing(case, people, later):
    path.tick_off(case, people=people, at=later(1))
    path.step(fresh(case), "declare_complete", by=people.officer, at=later(1))
    assert sweep(on("2026-04-15")) == 0
    assert raised(case) == []


def test_a_clock_that_is_paused_raises_nothing_until_it_goes_on(case, people, later):
    case = path.returned(case, "The policy.", people=people, at=later(2))
    assert sweep(later(30)) == 0
    path.resubmitted(case, people=people, at=later(30))
    # Ten working days from 4 March, less two that were used: due on 15 April.
    assert [sweep(on(f"2026-04-{day}")) for day in ("09", 10, 15, 16)] == [0, 1, 0, 1]
    assert [(level, due) for level, _, due in raised(case)] == [(0, "2026-04-15"), (1, "2026-04-15")]


def test_a_holiday_that_is_announced_late_makes_a_breach_a_past_one(case, sana, at):
    sweep(on("2026-03-19"))
    holiday, _ = deadlines.announce_holiday(
        date(2026, 3, 10), "A day of mourning", announced_by="Cabinet Division", by=sana, at=on("2026-03-19", 11)
    )
    first, now = flags.history(case)[0], on("2026-03-19", 12)
    ticking = {each.rule.name: each for each in deadlines.of(case, now)}["intake"]
    assert (ticking.reading.due_on, flags.stands(first, ticking)) == (date(2026, 3, 19), False)
    # It is due that very day: warned of now, and flagged anew once the day has passed.
    assert [sweep(now), sweep(on("2026-03-24"))] == [1, 1]
    assert [(level, due) for level, _, due in raised(case)] == [(1, "2026-03-18"), (0, "2026-03-19"), (1, "2026-03-19")]
    # Taken back, the first breach stands again; what was escalated since is escalated for that day.
    deadlines.withdraw_holiday(holiday, by=sana, at=on("2026-03-24", 11))
    ticking = {each.rule.name: each for each in deadlines.of(case, on("2026-03-24"))}["intake"]
    assert [flags.stands(each, ticking) for each in flags.history(case)] == [True, False, False]
    assert sweep(on("2026-03-24", 12)) == 0


def test_a_clock_that_is_started_anew_is_flagged_anew(firm, people, at, later):
    case = path.noc_case(firm, people=people, at=at, until="granted")
    milestone = case.setup.milestones.get(code="M1")
    path.submit_milestone(milestone, people=people, at=at)
    sweep(later(30))
    assert [each.run for each in flags.history(milestone)] == [1, 1]
    path.step(fresh(milestone), "find_deficient", by=people.officer, at=later(31), note="Unreadable.")
    path.submit_milestone(fresh(milestone), people=people, at=later(32))
    assert sweep(later(33)) == 0
    sweep(later(50))
    assert {each.run for each in flags.history(milestone)} == {1, 2}


# ── Who is told ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_case_officer_alone_is_told_when_the_case_has_one(case, people, at):
    second = person("Osman", "case_officer")
    assert told(case, "case_officer", at) == [people.officer]
    assert officer_id_of(case) == people.officer.pk
    roles.revoke(people.officer, "case_officer", by=None, at=at)
    assert told(case, "case_officer", at) == [second]


def test_who_has_an_interest_in_the_firm_is_not_told(case, people, danish, at):
    words = {"nature": "family", "explanation": "A cousin."}
    assert told(case, "committee_member", at) == [people.member, danish]
    interests.declare(case.firm, by=people.member, at=at, **words)
    interests.recuse(case, by=people.officer, at=at, reasons="I wrote about it.")
    second = person("Osman", "case_officer")
    assert (told(case, "committee_member", at), told(case, "case_officer", at)) == ([danish], [second])
    interests.declare(case.firm, by=danish, at=at, **words)
    sweep(on("2026-06-30"))
    # Nobody of the committee is left to tell; the flag stands all the same.
    assert {address for address, _ in notices()} == {"osman@example.org", "sana@example.org"}
    assert (3, "committee_member", "2026-03-18") in raised(case)


def test_a_team_of_an_agreement_with_the_firm_is_not_told(case, people, at):
    mou = path.agreement(case.firm.legal_name, people=people, at=at, firm=case.firm).mou
    MouMember.objects.create(mou=mou, person=people.supervisor, joined_on=at.date())
    assert told(case, "supervisor", at) == []


def test_whoever_left_is_not_told(case, people, at):
    people.supervisor.is_active = False
    people.supervisor.save()
    assert told(case, "supervisor", at) == []


def test_a_milestone_is_its_noc_officers_and_a_consultation_its_cases(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="granted")
    milestone = Milestone.objects.filter(setup=case.setup).first()
    consultation = case.consultations.first()
    assert (case_of(milestone), case_of(consultation)) == (case.setup, case)
    assert {officer_id_of(milestone), officer_id_of(consultation)} == {people.officer.pk}
    interests.recuse(case, by=people.officer, at=at, reasons="I wrote about it.")
    assert told(consultation, "case_officer", at) == []


# ── What stands ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_list_holds_what_stands_worst_first(case, people, at):
    sweep(on("2026-05-01"))
    found = standing(people.supervisor, on("2026-05-01"))
    assert [(each.ticking.rule.name, each.newest.title, each.late) for each in found] == [
        ("intake", "Escalation 2", "29 working days"),
        ("decision", "Warning", ""),
    ]
    mine = [[is_for(each, user) for each in found] for user in (people.officer, people.supervisor, people.board)]
    assert mine == [[True, True], [True, False], [False, False]]
    assert standing(people.applicant, on("2026-05-01")) == []
    path.tick_off(case, people=people, at=on("2026-05-02"))
    path.step(fresh(case), "declare_complete", by=people.officer, at=on("2026-05-02"))
    assert [each.ticking.rule.name for each in standing(people.supervisor, on("2026-05-02"))] == ["decision"]


def more_cases(count, people, at):
    for number in range(count):
        firm = register_firm(f"Exchange {number}", by=people.applicant, at=at, country="Pakistan", invented=True)
        path.noc_case(firm, people=people, at=at - timedelta(days=number), until="submitted")


def test_thirty_rows_ask_what_one_asks(case, people, at):
    def asked():
        with looks.one_look(), CaptureQueriesContext(connection) as questions:
            found = standing(people.supervisor, on("2026-06-30"))
            [(each.row.reference, str(each.row.access_anchor), officer_id_of(each.row)) for each in found]
        return len(found), len(questions)

    def wanted():
        with CaptureQueriesContext(connection) as questions:
            found = flags.wanting(on("2026-12-30"))
        return len(found), len(questions)

    looked = wanted()
    sweep(on("2026-06-30"))
    asked()  # what a person may do is remembered with the person
    few = asked()
    more_cases(30, people, at)
    sweep(on("2026-06-30"))
    many = asked()
    assert (few[0], many[0], few[1]) == (2, 32, many[1])
    assert looked[1] == wanted()[1]


def test_the_figures_say_how_soon_and_how_often(case):
    figures.load(
        [
            {
                "key": key,
                "value": value,
                "unit": "working_days",
                "mark": "I",
                "source": "A test.",
                "effective_from": day,
            }
            for key, value, day in (("clock.warning_days", 1, "2026-03-05"), ("clock.escalate_after", 2, "2026-03-05"))
        ]
    )
    assert [sweep(on(f"2026-03-{day}")) for day in (13, 16, 17)] == [0, 0, 1]
    assert [sweep(on(f"2026-03-{day}")) for day in (19, 24, 25, 26, 27)] == [1, 0, 1, 0, 1]
    assert ClockFlag.objects.count() == 4
