"""The end of a business in good order: the firm's plan, its clocks, and an appeal that stays what it follows from."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.actions import appeals, wind_downs
from licensing.actions.licences import expire_licences
from licensing.models import Document, Licence, WindDown
from pvara.demo import life, path
from pvara.kernel import audit, deadlines, roles
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.models import Job
from pvara.kernel.seen import ChangedMeanwhile, mark

PLAN = "Clients are paid out within a month, by an independent administrator."


@pytest.fixture
def licence(regime, firm, people, at):
    return path.licensed(firm, people=people, at=at)


@pytest.fixture
def winding(licence, people, basma, at):
    life.revoke(licence, people=people, at=at, by=basma)
    return WindDown.objects.get(licence=licence)


@pytest.fixture
def stayed(winding, people, tahir, danish, behram, aisha, at, later):
    """The revocation stayed on the tenth day after it."""
    appeal = life.appealed(winding.firm, people=people, at=later(1))
    appeal = path.step(appeal, "record_appeal", by=tahir, at=later(1))
    appeal = appeals.name_panel(appeal, (danish, behram, aisha), by=tahir, at=later(1), seen="")
    return path.step(appeal, "stay", by=tahir, at=later(10), note="Clients are safe meanwhile.")


def again(row):
    return type(row)._base_manager.get(pk=row.pk)


def shown(winding, at):
    return {each.rule.name: each.reading.sentence() for each in deadlines.of(winding, at)}


def shut(subject, name, *, by, at):
    return {each.code: each.details for each in unmet(again(subject), name, by=by, at=at)}


# ── The plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_begins_with_the_end_of_the_licence_and_both_clocks_go(winding, at, later):
    assert (winding.state, winding.due_on) == ("awaiting_plan", life.in_days(at, 90))
    assert shown(winding, later(5)) == {
        "plan": "working day 3 of 10, due 18 March 2026",
        "finish": "day 5 of 90, due 2 June 2026",
    }
    assert audit.history(winding).first().to_state == "awaiting_plan"


def test_the_firm_plans_and_the_supervisor_agrees(winding, people, at, later):
    assert "plan_is_written" in shut(winding, "submit_plan", by=people.applicant, at=at)
    wind_downs.write_plan(winding, PLAN, by=people.applicant, at=at)
    file = SimpleUploadedFile("clients.txt", b"Ali 100")
    document = wind_downs.attach_to_plan(winding, file, title="Clients", by=people.applicant, at=at)
    assert shut(winding, "submit_plan", by=people.applicant, at=at) == {}
    submitted = path.step(again(winding), "submit_plan", by=people.applicant, at=later(2))
    assert (submitted.state, submitted.submitted_by, submitted.plan) == ("plan_submitted", people.applicant, PLAN)
    assert list(Document.objects.about(winding)) == [document]
    approved = path.step(submitted, "approve_plan", by=people.supervisor, at=later(3))
    assert (approved.state, approved.approved_by) == ("under_way", people.supervisor)
    assert shown(approved, later(20)) == {
        "plan": "working day 2 of 10, stopped, was due 18 March 2026",
        "finish": "day 20 of 90, due 2 June 2026",
    }
    told = Job.objects.filter(kind="notice", key__startswith=f"notice:wind-down:{winding.pk}:")
    assert [each.payload["subject"] for each in told] == [f"{winding.reference}: under way"]
    finished = path.step(approved, "confirm_finished", by=people.supervisor, at=later(60), note="Balances are nil.")
    assert (finished.state, finished.closed_by, finished.is_late(later(200))) == ("finished", people.supervisor, False)


def test_who_had_the_case_or_assessed_it_decides_nothing_about_its_end(winding, people, at, later):
    wind_downs.write_plan(winding, PLAN, by=people.applicant, at=at)
    path.step(again(winding), "submit_plan", by=people.applicant, at=later(2))
    for person, code, said in (
        (people.officer, "decider_is_not_case_officer", "has or had this case in hand"),
        (people.assessor, "decider_did_not_assess", "assessed or moderated this firm"),
    ):
        roles.grant(person, "supervisor", by=None, at=at)
        for move in ("approve_plan", "send_plan_back", "confirm_finished"):
            assert shut(winding, move, by=person, at=later(3)) == {code: ()}
        for field in ("approved_by", "closed_by"):
            with pytest.raises(IntegrityError, match=said), transaction.atomic():
                WindDown.objects.filter(pk=winding.pk).update(**{field: person})
    for move in ("approve_plan", "send_plan_back", "confirm_finished"):
        assert shut(winding, move, by=people.supervisor, at=later(3)) == {}


def test_a_plan_that_is_sent_back_has_its_time_anew(winding, people, at, later):
    wind_downs.write_plan(winding, PLAN, by=people.applicant, at=at)
    submitted = path.step(again(winding), "submit_plan", by=people.applicant, at=later(2))
    with pytest.raises(ValidationError, match="nothing is changed or added now"):
        wind_downs.write_plan(submitted, "Another.", by=people.applicant, at=later(3))
    late = SimpleUploadedFile("late.txt", b"x")
    with pytest.raises(ValidationError, match="nothing is changed or added now"):
        wind_downs.attach_to_plan(submitted, late, title="Late", by=people.applicant, at=later(3))
    back = path.step(submitted, "send_plan_back", by=people.supervisor, at=later(5), note="Who sees to it?")
    assert (back.state, back.plan) == ("awaiting_plan", PLAN)
    assert shown(back, later(5))["plan"] == "working day 0 of 10, due 25 March 2026"
    told = Job.objects.get(kind="notice", key__startswith=f"notice:wind-down:{winding.pk}:")
    assert "Who sees to it?" in told.payload["body"]
    wind_downs.write_plan(back, "Another.", by=people.applicant, at=later(6), seen=mark(back.planned))
    written = audit.history(winding).filter(event="plan_written").values_list("note", flat=True)
    assert list(written) == [PLAN, "Another."]


def test_a_plan_is_the_firms_and_says_something(winding, people, stranger, at):
    with pytest.raises(ValidationError, match="Say how clients get their assets back"):
        wind_downs.write_plan(winding, "  ", by=people.applicant, at=at)
    for somebody in (stranger, people.supervisor):
        with pytest.raises(PermissionDenied):
            wind_downs.write_plan(winding, PLAN, by=somebody, at=at)


def test_a_business_without_a_plan_is_found_finished_all_the_same(winding, people, at, later):
    assert "licence_was_given_back" in shut(winding, "end_with_appeal", by=None, at=at)
    with pytest.raises(MoveRefused):
        path.step(again(winding), "confirm_finished", by=people.supervisor, at=later(9))
    done = path.step(again(winding), "confirm_finished", by=people.supervisor, at=later(9), note="The office is empty.")
    assert done.state == "finished"


def test_it_is_late_after_its_last_day(winding, later):
    assert (winding.is_late(later(90)), winding.is_late(later(91))) == (False, True)


# ── Stays ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_stay_of_the_revocation_stops_its_clocks_and_its_end_lets_them_go(winding, stayed, tahir, later):
    reason = f"{stayed.reference} stays the revocation"
    assert shown(winding, later(30)) == {
        "plan": "working day 7 of 10, paused now, 13 working days so far",
        "finish": "day 10 of 90, paused now, 20 days so far",
    }
    assert [each.reason for each in audit_intervals(winding) if not each.running] == [reason, reason]
    before = again(winding).due_on
    path.step(stayed, "lift_stay", by=tahir, at=later(30), note="The clients are not safe.")
    assert (again(winding).due_on - before).days == 20
    assert shown(winding, later(40))["finish"].startswith("day 20 of 90, paused 20 days, due ")


def audit_intervals(winding):
    from pvara.kernel.models import ClockInterval

    return ClockInterval.objects.filter(subject_type="licensing.winddown", subject_id=winding.pk).order_by("pk")


def test_an_appeal_that_fails_lets_the_clocks_go_and_one_that_succeeds_ends_it(winding, stayed, tahir, later):
    path.step(stayed, "set_aside", by=tahir, at=later(30), note="The facts were wrong.")
    ended = again(winding)
    assert (ended.state, Licence.objects.get(pk=winding.licence_id).state) == ("ended", "active")
    assert set(audit_intervals(winding).filter(ended_at=None)) == set()


def test_a_stayed_suspension_is_neither_prolonged_nor_followed_by_a_revocation(
    licence, people, tahir, danish, behram, aisha, at, later
):
    life.suspend(licence, people=people, at=at)
    appeal = life.appealed(licence.firm, people=people, at=later(1))
    appeal = path.step(appeal, "record_appeal", by=tahir, at=later(1))
    appeal = appeals.name_panel(appeal, (danish, behram, aisha), by=tahir, at=later(1))
    for move in ("prolong_suspension", "revoke"):
        assert "suspension_is_not_stayed" not in shut(licence, move, by=people.board, at=later(2))
    appeal = path.step(appeal, "stay", by=tahir, at=later(2), note="It is argued.")
    for move in ("prolong_suspension", "revoke"):
        why = shut(licence, move, by=people.board, at=later(2))["suspension_is_not_stayed"]
        assert why == (f"{appeal.reference} stays the urgent suspension.",)
    path.step(appeal, "lift_stay", by=tahir, at=later(3), note="It is not.")
    assert "suspension_is_not_stayed" not in shut(licence, "revoke", by=people.board, at=later(3))


def test_a_licence_whose_refused_renewal_is_stayed_does_not_expire(
    licence, people, tahir, basma, behram, aisha, at, later
):
    asked = life.renewal_asked(licence, people=people, at=later(300))
    path.decide(asked, "refuse_renewal", people=people, at=later(301), note="Returns are late.")
    appeal = life.appealed(licence.firm, people=people, at=later(302))
    appeal = path.step(appeal, "record_appeal", by=tahir, at=later(302))
    appeal = appeals.name_panel(appeal, (basma, behram, aisha), by=tahir, at=later(302))
    appeal = path.step(appeal, "stay", by=tahir, at=later(303), note="It is argued.")
    over = later(500)
    assert timezone.localdate(over) > again(licence).last_day_of_grace()
    why = shut(licence, "expire", by=None, at=over)
    assert why == {"refusal_of_the_renewal_is_not_stayed": (f"{appeal.reference} stays the refusal of a renewal.",)}
    assert (expire_licences(over), again(licence).state) == (0, "active")
    path.step(appeal, "uphold", by=tahir, at=over, note="The returns were late.")
    assert (expire_licences(over), again(licence).state) == (1, "expired")


def test_two_of_the_firm_do_not_write_over_each_other(winding, people, at, later):
    mine = wind_downs.write_plan(winding, PLAN, by=people.applicant, at=at)
    with pytest.raises(ChangedMeanwhile, match="Meanwhile Amina wrote here"):
        wind_downs.write_plan(winding, "Another.", by=people.applicant, at=later(1), seen="")
    assert again(winding).plan == PLAN
    wind_downs.write_plan(winding, "Another.", by=people.applicant, at=later(1), seen=mark(mine.planned))
    assert again(winding).plan == "Another."
