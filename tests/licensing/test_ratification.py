"""What one person suspends at once: the board ratifies it by its votes, in time, or it ends. Time ratifies nothing."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from licensing import standing
from licensing.actions import measures, timers, votes
from licensing.models import Letter, Licence, Measure, NocApplication
from pvara.demo import life, path
from pvara.kernel import audit, deadlines, flags, outbox, roles
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.models import Job
from tests.conftest import person

WAITS = "suspension_waits_for_ratification"
FAILED = "ratification_has_failed"
VOTES = "votes_carry_the_decision"


def again(row):
    return type(row)._base_manager.get(pk=row.pk)


def shut(case, move, *, by=None, at):
    return {each.code: each.details for each in unmet(again(case), move, by=by, at=at)}


def vote(case, by, choice="for", *, at):
    case = again(case)
    said = {"expected_version": case.version, "choice": choice, "reasons": "Nothing is missing."}
    votes.cast_vote(case, "ratify_suspension", by=by, at=at, **said)


def sweep(at):
    return timers.SWEEPS["urgent.lift_what_is_not_ratified"](at)


def letters_of(case):
    jobs = Job.objects.filter(kind="letter", payload__subject_type=case._meta.label_lower).order_by("pk")
    return [job.payload["code"] for job in jobs if job.payload["subject_id"] == case.pk]


@pytest.fixture
def suspended(licence, people, at):
    return life.suspend(licence, people=people, at=at)


@pytest.fixture
def noc(firm, people, at):
    """A NOC, suspended by sana alone."""
    granted = path.noc_case(firm, people=people, at=at)
    return path.step(granted, "suspend_noc_urgently", by=people.supervisor, at=at, note="A sanctions hit.")


@pytest.fixture(params=["licence", "noc"])
def case(request):
    return request.getfixturevalue("suspended" if request.param == "licence" else "noc")


def last_day(case):
    return case.to_be_ratified().last_day


def moment(day, at):
    return at.replace(year=day.year, month=day.month, day=day.day)


# ── In force at once, and ratified ───────────────────────────────────────────────────────────────────────────────────
def test_it_holds_at_once_and_waits_for_the_board_by_a_dated_figure(case, at, later):
    assert (case.state, last_day(case)) == ("suspended", deadlines.due_on(case, "ratification", at))
    titles = {each.rule.name: (each.rule.tells, each.reading.status) for each in deadlines.of(case, at)}
    assert (titles["ratification"], titles["hearing"][1]) == ((("board_member",), "running"), "running")
    told = Job.objects.filter(kind="notice", key__startswith="notice:to-ratify:").count()
    assert told == roles.holders("board_member").count() == 3


def test_the_board_ratifies_it_by_a_quorum_of_others_than_made_it(case, people, at, later):
    maker = people.board if isinstance(case, Licence) else people.supervisor
    roles.grant(maker, "board_member", by=None, at=at)
    assert shut(case, "ratify_suspension", by=maker, at=at) == {
        "ratifier_did_not_suspend": (),
        VOTES: ("Board: 2 votes are a quorum; 0 count.",),
    }
    with pytest.raises(PermissionDenied, match="You have no vote on this case"):
        vote(case, maker, at=at)
    vote(case, people.board2, at=at)
    with pytest.raises(MoveRefused, match="1 count"):
        path.step(case, "ratify_suspension", by=people.board2, at=at, note="It is real.")
    vote(case, people.board3, at=at)
    assert shut(case, "ratify_suspension", by=people.board2, at=at) == {}
    done = path.step(case, "ratify_suspension", by=people.board2, at=later(1), note="It is real.")
    assert (done.state, done.to_be_ratified()) == ("suspended", None)
    code = "L60" if isinstance(case, Licence) else "L62"
    assert letters_of(case)[-1] == code
    assert audit.history(case).get(event="ratify_suspension").data["gates"][VOTES]["for"] == ["Basma", "Behram"]
    assert {each.rule.name: each.reading.status for each in deadlines.of(done, later(1))}["ratification"] == "stopped"
    assert {each.rule.name: each.reading.status for each in deadlines.of(done, later(1))}["hearing"] == "running"
    # It is ratified once, and no time ends it any more.
    assert shut(done, "ratify_suspension", by=people.board2, at=later(2))[WAITS] == ()
    assert (sweep(later(30)), again(case).state) == (0, "suspended")
    outbox.drain()
    said = " ".join(Letter.objects.get(code=code).content["paragraphs"])
    assert "Its board has examined that suspension and ratifies it by its votes" in said


def test_after_its_last_day_it_cannot_be_ratified(case, people, at, later):
    day = moment(last_day(case), at)
    for member in (people.board2, people.board3):
        vote(case, member, at=at)
    assert "time_to_ratify_has_not_passed" not in shut(case, "ratify_suspension", by=people.board2, at=day)
    late = shut(case, "ratify_suspension", by=people.board2, at=later((last_day(case) - at.date()).days + 1))
    assert late == {"time_to_ratify_has_not_passed": (f"The last day was {last_day(case):%-d %B %Y}: it is lifted.",)}


def test_the_database_knows_who_may_not_ratify(suspended, noc, people, at):
    (measure,) = suspended.suspensions
    for maker in (people.board, people.enforcement):
        with pytest.raises(IntegrityError, match="measure_ratifier_did_not_suspend"), transaction.atomic():
            Measure.objects.filter(pk=measure.pk).update(ratified_by=maker)
    with pytest.raises(IntegrityError, match="noc_ratifier_is_not_suspender"), transaction.atomic():
        NocApplication.objects.filter(pk=noc.pk).update(ratified_by=people.supervisor)
    with pytest.raises(IntegrityError, match="had this case in hand"), transaction.atomic():
        NocApplication.objects.filter(pk=noc.pk).update(ratified_by=people.officer)
    with pytest.raises(IntegrityError, match="assessed or moderated this firm"), transaction.atomic():
        NocApplication.objects.filter(pk=noc.pk).update(ratified_by=people.assessor)


# ── Without the votes ────────────────────────────────────────────────────────────────────────────────────────────────
def test_without_the_boards_votes_in_time_it_ends(case, people, at, later):
    last = last_day(case)
    days = (last - at.date()).days
    assert shut(case, "lift_unratified", at=later(days)) == {FAILED: (f"It has until {last:%-d %B %Y}.",)}
    assert sweep(later(days)) == 0
    timers.run(at=later(days + 1))
    lifted = again(case)
    assert (lifted.state, lifted.suspended_by) == ("active" if isinstance(case, Licence) else "granted", None)
    # The flag was raised before it ended.
    assert [(each.level, each.role) for each in flags.history(case) if each.clock == "ratification"][-1] == (
        1,
        "board_member",
    )
    entry = audit.history(case).get(event="lift_unratified")
    assert (entry.actor, entry.note) == (
        None,
        f"The board did not ratify it by {last:%-d %B %Y}.",
    )
    assert letters_of(case)[-1] == ("L61" if isinstance(case, Licence) else "L10")
    running = [each.rule.name for each in deadlines.of(lifted, later(days + 1)) if each.reading.status == "running"]
    assert not {"ratification", "hearing"} & set(running)
    assert sweep(later(days + 1)) == 0


def test_what_the_board_votes_down_ends_at_once(case, people, at, later):
    vote(case, people.board2, "against", at=at)
    assert FAILED in shut(case, "lift_unratified", by=people.board2, at=at)
    vote(case, people.board3, "against", at=at)
    assert FAILED not in shut(case, "lift_unratified", by=people.board2, at=at)
    assert VOTES in shut(case, "ratify_suspension", by=people.board2, at=at)
    assert sweep(later(0)) == 1
    assert audit.history(case).get(event="lift_unratified").note == "The board voted against its ratification."


def test_a_tie_that_others_may_still_turn_is_not_voted_down(suspended, people, at):
    fourth = person("Bushra", "board_member")
    vote(suspended, people.board2, "against", at=at)
    vote(suspended, people.board3, at=at)
    assert not again(suspended).tally("ratify_suspension", at).is_voted_down
    vote(suspended, fourth, "against", at=at)
    assert again(suspended).tally("ratify_suspension", at).is_voted_down


def test_the_board_lifts_what_it_voted_down_and_nobody_lifts_what_it_may_ratify(suspended, people, at):
    with pytest.raises(MoveRefused, match="may still ratify"):
        path.step(suspended, "lift_unratified", by=people.board2, at=at, note="No.")
    with pytest.raises(PermissionDenied):
        path.step(suspended, "lift_unratified", by=people.member, at=at, note="No.")
    for member in (people.board2, people.board3):
        vote(suspended, member, "against", at=at)
    assert (
        path.step(suspended, "lift_unratified", by=people.board3, at=at, note="Nothing was missing.").state == "active"
    )
    (measure,) = Measure.objects.filter(kind="urgent_suspension")
    assert (measure.ended_by, measure.ended_why) == (people.board3, "Not ratified by the board")


def test_a_lifted_suspension_gives_the_standing_back(firm, people, at, later):
    licence = path.licensed(firm, people=people, at=at)
    before = standing.standing_of(licence).may_distribute
    life.suspend(licence, people=people, at=later(1))
    assert (before, standing.standing_of(licence).may_distribute) == (True, False)
    timers.run(at=later(20))
    assert (again(licence).state, standing.standing_of(licence).may_distribute) == ("active", True)
    outbox.drain()
    said = " ".join(Letter.objects.get(code="L61").content["paragraphs"])
    assert "was not ratified by the board of the Authority, and ends on" in said
    assert Letter.objects.get(code="L52").state == "superseded"


def test_restrictions_and_a_notice_stand_as_they_did(licence, people, at, later):
    life.restrict(licence, people=people, at=at)
    life.suspend(licence, people=people, at=at)
    assert "no_restriction_stands" in shut(licence, "lift_unratified", at=later(20))
    assert "a_notice_is_in_force" in shut(licence, "lift_unratified_noticed", at=later(20))
    assert (sweep(later(20)), again(licence).state) == (1, "active_restricted")
    life.notify(licence, people=people, at=later(20), replied=False)
    life.suspend(licence, people=people, at=later(21))
    assert "no_notice_is_in_force" in shut(licence, "lift_unratified_restricted", at=later(40))
    assert (sweep(later(40)), again(licence).state) == (1, "show_cause")
    # The time to reply is whole again.
    assert again(licence).show_cause.hear_by == life.in_days(later(40), 14)
    assert deadlines.due_on(again(licence), "reply", later(40)) == life.in_days(later(40), 14)
    outbox.drain()
    noticed = Letter.objects.filter(code="L61").latest("pk")
    assert "The notice to show cause that it interrupted goes on" in " ".join(noticed.content["paragraphs"])
    assert Letter.objects.get(code="L50").state == "issued"


# ── What is built on it ──────────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_prolongs_a_suspension_that_is_not_ratified(suspended, people, at, later):
    life.propose(suspended, "suspension", people=people, at=at)
    assert "suspension_is_ratified" in shut(suspended, "prolong_suspension", by=people.member, at=at)
    life.ratify(suspended, people=people, at=at)
    assert "suspension_is_ratified" not in shut(suspended, "prolong_suspension", by=people.member, at=at)


def test_a_reinstatement_overtakes_the_ratification(suspended, people, at, later):
    measures.verify_remedy(suspended, note="Nothing is missing.", by=people.supervisor, at=at)
    assert again(suspended).to_be_ratified() is not None
    Measure.objects.update(ended_at=at, ended_why="Reinstated")
    assert again(suspended).to_be_ratified() is None


def test_the_holder_of_a_noc_is_heard_within_its_days(noc, people, at, later):
    assert noc.hear_by == date(2026, 3, 18) == deadlines.due_on(noc, "hearing", at)
    assert shut(noc, "hold_hearing", by=people.supervisor, at=at) == {}
    held = path.step(noc, "hold_hearing", by=people.supervisor, at=later(3), note="They were heard.")
    assert "hearing_is_outstanding" in shut(held, "hold_hearing", by=people.supervisor, at=later(3))
    assert {each.rule.name: each.reading.status for each in deadlines.of(held, later(3))}["hearing"] == "stopped"
    outbox.drain()
    said = " ".join(Letter.objects.get(code="L16").content["paragraphs"])
    assert "you will be heard by 18 March 2026" in said
    assert "does not ratify it by 11 March 2026" in said


def test_a_noc_that_was_reinstated_waits_for_nothing(noc, people, at, later):
    back = path.decide(noc, "reinstate_noc", people=people, at=later(1), note="A namesake.")
    assert (back.ratify_by, back.hear_by, back.to_be_ratified()) == (None, None, None)
    assert sweep(later(30)) == 0
