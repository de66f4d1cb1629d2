"""A NOC is not taken away unheard: notice with grounds, representations, and the committee; at once only urgently."""

import pytest
from django.core.exceptions import ValidationError

from licensing.actions import refusals
from licensing.letters import kinds
from licensing.models import Letter, NocApplication
from pvara.demo import path
from pvara.kernel import audit, deadlines, outbox
from pvara.kernel.machine import unmet
from pvara.kernel.models import Job

GROUND = "The owners are not those of the application."


@pytest.fixture
def noc(firm, people, at):
    return path.noc_case(firm, people=people, at=at)


@pytest.fixture
def told(noc, people, at, later):
    """Notice was given on the first day."""
    refusals.draft_ground(noc, by=people.supervisor, at=later(1), about="3.1", text=GROUND)
    return path.step(noc, "notify_loss", by=people.supervisor, at=later(1), note="The owners have changed.")


def again(noc):
    return NocApplication.objects.get(pk=noc.pk)


def shut(noc, name, *, by, at):
    return {each.code: each.details for each in unmet(again(noc), name, by=by, at=at)}


def letters_of(noc):
    jobs = Job.objects.filter(kind="letter", payload__subject_type="licensing.nocapplication")
    return [each.payload["code"] for each in jobs.order_by("pk") if each.payload["subject_id"] == noc.pk]


def test_nothing_is_decided_without_a_notice(noc, people, at):
    for move in ("suspend_noc", "revoke_noc"):
        assert shut(noc, move, by=people.member, at=at)["firm_was_heard"] == ("No notice was given to it.",)
    assert "a_notice_waits" in shut(noc, "drop_notice", by=people.member, at=at)
    assert "grounds_are_drafted" in shut(noc, "notify_loss", by=people.supervisor, at=at)


def test_a_notice_gives_its_grounds_and_its_time(told, people, later):
    assert (told.state, told.is_in_force(later(1))) == ("granted", True)
    notice = told.notice_that_waits()
    assert [str(each.text) for each in notice.grounds.all()] == [GROUND]
    assert {each.rule.name: each.reading.sentence() for each in deadlines.of(told, later(2))}["representations"] == (
        "day 1 of 21, due 26 March 2026"
    )
    assert letters_of(told)[-1] == "L18"
    outbox.drain()
    said = " ".join(Letter.objects.get(code="L18").content["paragraphs"])
    assert "in the portal until 26 March 2026" in said
    assert kinds.KINDS["L18"].reasons
    assert "no_notice_waits" in shut(told, "notify_loss", by=people.supervisor, at=later(2))
    with pytest.raises(ValidationError, match="no notice is given on it now"):
        refusals.draft_ground(told, by=people.supervisor, at=later(2), about="3.1", text="Another.")


def test_the_committee_waits_for_the_answer_or_for_the_last_day(told, people, later):
    for move in ("suspend_noc", "revoke_noc"):
        why = shut(told, move, by=people.member, at=later(22))["firm_was_heard"]
        assert why == ("It has until 26 March 2026, and has made none yet.",)
        assert "firm_was_heard" not in shut(told, move, by=people.member, at=later(23))


def test_what_the_firm_says_is_considered_first(told, people, later):
    made = refusals.make_representations(told, by=people.applicant, at=later(3), text="They are the same.")
    assert "representations_are_considered" in shut(told, "revoke_noc", by=people.member, at=later(3))
    assert "representations_are_considered" in shut(told, "drop_notice", by=people.member, at=later(3))
    refusals.consider(made, by=people.member, at=later(4), note="They are not.")
    gone = path.decide(told, "revoke_noc", people=people, at=later(4), note="The owners are others.")
    assert (gone.state, gone.revoked_by, gone.notice_that_waits()) == ("revoked", people.member, None)
    assert letters_of(told)[-1] == "L17"
    # What was read when it was voted on stands in the entry.
    votes = audit.history(gone).filter(event="revoke_noc").get().data["gates"]["votes_carry_the_decision"]
    assert [each.endswith(GROUND) for each in votes["terms"]] == [True]


def test_whoever_gave_the_notice_neither_votes_nor_decides(told, people, later, danish):
    from pvara.kernel import roles

    roles.grant(people.supervisor, "committee_member", by=None, at=later(1))
    assert "decider_did_not_give_the_notice" in shut(told, "suspend_noc", by=people.supervisor, at=later(30))
    assert "decider_did_not_give_the_notice" not in shut(told, "suspend_noc", by=people.member, at=later(30))
    assert again(told).tally("suspend_noc", later(30)).barred[people.supervisor] == (
        "Recommended it.",
        "Gave the notice.",
    )


def test_a_notice_that_is_dropped_leaves_the_noc_as_it_was_and_another_may_follow(told, people, later):
    path.heard(told, people=people, at=later(3))
    dropped = path.decide(told, "drop_notice", people=people, at=later(5), note="They are the same after all.")
    assert (dropped.state, dropped.notice_that_waits(), letters_of(told)[-1]) == ("granted", None, "L19")
    assert {each.reading.status for each in deadlines.of(dropped, later(6)) if each.rule.name == "representations"} == {
        "stopped"
    }
    refusals.draft_ground(dropped, by=people.supervisor, at=later(7), about="1.5", text="The MLRO is outsourced.")
    second = path.step(dropped, "notify_loss", by=people.supervisor, at=later(7), note="Another matter.")
    # What was said to the first notice is not said to the second.
    assert second.notice_that_waits().number == 2
    assert "firm_was_heard" in shut(second, "revoke_noc", by=people.member, at=later(8))


def test_an_urgent_suspension_waits_for_nobody_and_a_revocation_after_it_does(noc, people, later):
    held = path.step(noc, "suspend_noc_urgently", by=people.supervisor, at=later(1), note="A sanctions hit.")
    assert (held.state, letters_of(noc)[-1]) == ("suspended", "L16")
    assert "firm_was_heard" in shut(held, "revoke_noc", by=people.member, at=later(2))
    path.told(held, people=people, at=later(3))
    assert "firm_was_heard" not in shut(held, "revoke_noc", by=people.member, at=later(3))
    kept = path.decide(held, "drop_notice_suspended", people=people, at=later(4), note="It stays suspended.")
    assert kept.state == "suspended"


def test_a_suspension_after_a_notice_is_the_committees(told, people, later):
    held = path.decide(told, "suspend_noc", people=people, at=later(30), note="It said nothing.")
    assert (held.state, held.suspended_by, held.notice_that_waits()) == ("suspended", people.member, None)
