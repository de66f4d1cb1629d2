"""After an appeal others vote than those who did, as long as there is a quorum of others; else the record says so."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from licensing.actions import appeals, votes
from licensing.models.appeals import decisions_of
from pvara.demo import life, path
from pvara.kernel import audit
from pvara.kernel.machine import unmet
from tests.conftest import person

BEFORE = "Voted on the decision that an appeal took away."


def now(case):
    return type(case)._base_manager.get(pk=case.pk)


@pytest.fixture
def panel(basma, behram, aisha):
    return [basma, behram, aisha]


@pytest.fixture
def sent_back(firm, people, tahir, panel, at, later):
    """A NOC that dania and danish refused, back for a new decision."""
    case = path.noc_case(firm, people=people, at=at, until="refused")
    notice = {"grounds": "The facts are wrong.", "filed_on": life.in_days(at, 1)}
    appeal = appeals.give_notice(firm, decisions_of(firm)[0], by=people.applicant, at=later(1), **notice)
    appeal = path.step(appeal, "record_appeal", by=tahir, at=later(1))
    appeals.name_panel(appeal, panel, by=tahir, at=later(1))
    path.step(appeal, "remit", by=tahir, at=later(2), note="Hear the firm.")
    return now(case)


def cast(case, member, *, at, move="notify_refusal"):
    case = now(case)
    return votes.cast_vote(case, move, by=member, at=at, expected_version=case.version, choice="for")


def test_who_voted_before_has_no_vote_where_a_quorum_of_others_is_there(sent_back, people, later):
    fresh = [person(name, "committee_member") for name in ("Daniyal", "Dilawar")]
    assert sent_back.former_voter_ids() == {people.member.pk, people.member2.pk}
    tally = sent_back.tally("grant_noc", later(3))
    assert (set(tally.members), tally.sit_again, tally.why_they_sit_again) == (set(fresh), (), "")
    assert {tally.barred[each] for each in (people.member, people.member2)} == {(BEFORE,)}
    with pytest.raises(PermissionDenied, match=f"You have no vote on this case. {BEFORE}"):
        cast(sent_back, people.member2, at=later(3), move="grant_noc")
    others = replace(people, member=fresh[0], member2=fresh[1])
    path.prepare(sent_back, "notify_refusal", people=others, at=later(3))
    assert unmet(now(sent_back), "notify_refusal", by=fresh[0], at=later(3)) == []
    done = path.step(sent_back, "notify_refusal", by=fresh[0], at=later(3), note="Still weak.")
    facts = audit.history(done).filter(event="notify_refusal").last().data["gates"]["votes_carry_the_decision"]
    assert ("sit_again" in facts, [each["member"] for each in facts["took_no_part"]]) == (False, ["Dania", "Danish"])


def test_where_too_few_others_are_left_they_sit_again_and_the_record_says_why(sent_back, people, later):
    daniyal = person("Daniyal", "committee_member")
    tally = sent_back.tally("notify_refusal", later(3))
    why = (
        "Dania and Danish voted on the decision that an appeal took away. Without them 1 could vote, and 2 votes are a "
        "quorum: nobody else can decide."
    )
    assert (tally.sit_again, tally.why_they_sit_again) == ((people.member, people.member2), why)
    path.prepare(sent_back, "notify_refusal", people=replace(people, member=daniyal), at=later(3))
    # The signature stays another's all the same.
    refused = {each.code for each in unmet(now(sent_back), "notify_refusal", by=people.member, at=later(3))}
    assert refused == {"decider_is_new_after_an_appeal"}
    done = path.step(sent_back, "notify_refusal", by=daniyal, at=later(3), note="Still weak.")
    facts = audit.history(done).filter(event="notify_refusal").last().data["gates"]["votes_carry_the_decision"]
    assert (facts["sit_again"], facts["for"]) == (why, ["Daniyal", "Danish"])


def test_what_was_never_decided_before_is_decided_by_everybody(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    tally = case.tally("grant_noc", at)
    assert (case.former_voter_ids(), tally.members, tally.sit_again) == (set(), (people.member, people.member2), ())


def test_a_later_loss_is_a_new_matter(sent_back, people, later):
    """Who voted on the refusal that was taken away votes on what becomes of the NOC years after."""
    for name in ("Daniyal", "Dilawar"):
        person(name, "committee_member")
    assert {people.member, people.member2} <= set(sent_back.tally("reinstate_noc", later(3)).members)
    assert not {people.member, people.member2} & set(sent_back.tally("reopen", later(3)).members)
