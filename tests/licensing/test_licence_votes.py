"""The committee's votes on a living licence, on its renewal and variations, and on a NOC that was granted."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from guardian.shortcuts import assign_perm

from licensing.actions import interests, licences, measures, renewals, surrender, votes
from licensing.models import Licence, Motion, Renewal, Vote
from pvara.demo import life, path
from pvara.kernel import audit, roles
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.seen import mark
from tests.conftest import person
from tests.tokenisation.conftest import licensed_venue

GATE = "votes_carry_the_decision"
COUNT = ("Licensing committee: 2 votes are a quorum; {} count.",)


@pytest.fixture
def licence(regime, people, at):
    """A licence without the walk that leads to it; amina acts and signs for the holder."""
    venue = licensed_venue("Ravi Exchange", at=at)
    for permission in ("licensing.represent_firm", "licensing.sign_for_firm"):
        assign_perm(permission, people.applicant, venue.firm)
    Licence.objects.filter(pk=venue.licence_id).update(activities=["exchange", "custody"])
    return Licence.objects.get(pk=venue.licence_id)


@pytest.fixture
def third(db):
    return person("Dilawar", "committee_member")


@pytest.fixture
def accused(licence, people, at):
    """Under a notice to which the firm has replied, with a suspension proposed."""
    licence = life.notify(licence, people=people, at=at)
    life.propose(licence, "suspension", people=people, at=at)
    return licence


@pytest.fixture
def suspended(licence, people, at):
    return life.suspend(licence, people=people, at=at)


def now(case):
    return type(case)._base_manager.get(pk=case.pk)


def vote(case, move, by, choice="for", *, at, reasons=""):
    return votes.cast_vote(case, move, by=by, at=at, expected_version=now(case).version, choice=choice, reasons=reasons)


def shut(case, move, *, by, at):
    return {each.code: each.details for each in unmet(now(case), move, by=by, at=at)}


def count(case, move, *, by, at):
    """How many votes count, as the gate says it; None when it stands open."""
    said = shut(case, move, by=by, at=at).get(GATE)
    return None if said is None else next(n for n in range(3) if said == (COUNT[0].format(n),))


# ── Quorum, dissent, interest ────────────────────────────────────────────────────────────────────────────────────────
def test_a_suspension_needs_a_quorum(accused, people, danish, at):
    vote(accused, "suspend", people.member, at=at)
    assert shut(accused, "suspend", by=people.member, at=at) == {GATE: (COUNT[0].format(1),)}
    with pytest.raises(MoveRefused):
        path.step(accused, "suspend", by=people.member, at=at, note="The books do not close.")
    vote(accused, "suspend", danish, at=at)
    assert shut(accused, "suspend", by=people.member, at=at) == {}
    assert path.step(accused, "suspend", by=danish, at=at, note="The books do not close.").state == "suspended"


def test_a_dissent_is_recorded_with_what_was_decided(accused, people, danish, third, at):
    vote(accused, "suspend", people.member, at=at)
    vote(accused, "suspend", danish, "against", at=at, reasons="They have paid.")
    assert shut(accused, "suspend", by=third, at=at) == {
        GATE: ("1 for, 1 against; more than 50% of them must be for it.",)
    }
    vote(accused, "suspend", third, at=at)
    measure = accused.proposed("suspension")
    done = path.step(accused, "suspend", by=third, at=at, note="The books do not close.")
    assert audit.history(done).get(event="suspend").data["gates"][GATE] == {
        "body": "committee",
        "quorum": 2,
        "majority": "50",
        "for": ["Dania", "Dilawar"],
        "against": [{"member": "Danish", "reasons": "They have paid."}],
        "abstained": [],
        "took_no_part": [],
        "terms": [f"{measure.reference}, suspension: Of the whole licence. Until 3 April 2026."],
    }


def test_an_interested_member_does_not_count(accused, people, danish, third, at):
    vote(accused, "suspend", people.member, at=at)
    vote(accused, "suspend", danish, at=at)
    interests.declare(accused.firm, by=danish, at=at, nature="other", explanation="A friend.")
    assert count(accused, "suspend", by=people.member, at=at) == 1
    with pytest.raises(PermissionDenied, match=r"You have no vote on this case\. Declared: other"):
        vote(accused, "suspend", danish, at=at)
    vote(accused, "suspend", third, at=at)
    done = path.step(accused, "suspend", by=people.member, at=at, note="The books do not close.")
    assert audit.history(done).get(event="suspend").data["gates"][GATE]["took_no_part"] == [
        {"member": "Danish", "reasons": ["Declared: other. A friend."]}
    ]


@pytest.mark.parametrize("decision", ["refuse_renewal", "refuse_variation"])
def test_a_renewal_and_a_variation_are_not_decided_by_one(licence, people, danish, at, decision):
    if decision == "refuse_variation":
        case = life.variation_asked(licence, people=people, at=at)
    else:
        case = path.step(licences.open_renewal(licence, at=at), "fall_due", by=None, at=at + timedelta(days=3600))
        case = renewals.submit_renewal(
            case, declaration="No change.", by=people.applicant, at=at, expected_version=case.version
        )
    vote(case, decision, people.member, at=at)
    with pytest.raises(MoveRefused, match="2 votes are a quorum; 1 count"):
        path.step(case, decision, by=people.member, at=at, note="Too early.")
    vote(case, decision, danish, at=at)
    assert path.step(case, decision, by=people.member, at=at, note="Too early.").decided_by == people.member


def test_who_assessed_the_firm_has_no_vote_on_its_renewal(firm, people, at):
    licence = path.licensed(firm, people=people, at=at)
    variation = life.variation_asked(licence, people=people, at=at)
    roles.grant(people.assessor, "committee_member", by=None, at=at)
    for case, move in ((variation, "vary"), (Renewal.objects.get(licence=licence), "renew")):
        (reasons,) = case.tally(move, at).barred.values()
        assert reasons == ("Assessed or moderated the criteria.",)


# ── Who prepared the decision ────────────────────────────────────────────────────────────────────────────────────────
def prepared(licence, what, people, at):
    """A licence about which a decision waits, and the person who prepared that."""
    match what:
        case "impose_restriction":
            life.propose(licence, "restriction", people=people, at=at, wording="No new clients.")
            return people.supervisor
        case "lift_restriction":
            life.restrict(licence, people=people, at=at)
            measures.propose_lifting(now(licence).restrictions[0], reasons="Done.", by=people.supervisor, at=at)
            return people.supervisor
        case "suspend":
            life.notify(licence, people=people, at=at)
            life.propose(licence, "suspension", people=people, at=at)
            return people.enforcement
        case "dismiss_show_cause":
            life.notify(licence, people=people, at=at)
            return people.enforcement
        case "prolong_suspension":
            life.suspend(licence, people=people, at=at)
            life.propose(licence, "suspension", people=people, at=at)
            return people.enforcement
        case "reinstate":
            life.suspend(licence, people=people, at=at)
            measures.verify_remedy(licence, note="Nothing is missing.", by=people.supervisor, at=at)
            return people.supervisor
        case "revoke":
            life.notify(licence, people=people, at=at)
            life.propose(licence, "revocation", people=people, at=at)
            return people.enforcement
    asked = life.surrender_asked(licence, people=people, at=at)
    surrender.confirm_assets(asked.open_surrender, note="Nil.", by=people.supervisor, at=at)
    return people.supervisor


@pytest.mark.parametrize(
    ("move", "why"),
    [
        ("impose_restriction", "Proposed it."),
        ("lift_restriction", "Proposed it."),
        ("suspend", "Issued the show-cause notice."),
        ("dismiss_show_cause", "Issued the show-cause notice."),
        ("prolong_suspension", "Proposed it."),
        ("reinstate", "Verified the remedy."),
        ("revoke", "Issued the show-cause notice."),
        ("accept_surrender", "Confirmed the return of assets."),
        ("refuse_surrender", "Confirmed the return of assets."),
    ],
)
def test_who_prepared_a_decision_has_no_vote_on_it(licence, people, at, move, why):
    both = prepared(licence, move, people, at)
    roles.grant(both, "board_member" if move == "revoke" else "committee_member", by=None, at=at)
    with pytest.raises(PermissionDenied, match=f"You have no vote on this case. {why}"):
        vote(licence, move, both, at=at)
    assert not Vote.objects.filter(motion__move=move).exists()
    path.vote(licence, move, people=people, at=at)
    assert GATE not in shut(licence, move, by=people.member, at=at)


def test_who_proposed_one_measure_votes_on_another(licence, people, at):
    life.restrict(licence, people=people, at=at)
    life.propose(licence, "restriction", people=people, at=at, wording="No margin trading.")
    restriction = now(licence).restrictions[0]
    measures.propose_lifting(restriction, reasons="Done.", by=people.enforcement, at=at)
    roles.grant(people.supervisor, "committee_member", by=None, at=at)
    tallies = {move: now(licence).tally(move, at) for move in ("impose_restriction", "lift_restriction")}
    assert {move: list(each.barred) for move, each in tallies.items()} == {
        "impose_restriction": [people.supervisor],
        "lift_restriction": [],
    }


def test_who_signed_for_the_committee_still_sits_on_it(accused, people, at, later):
    """Whoever made the move of the suspension does not make that of its end, but has one vote among others."""
    licence = path.decide(accused, "suspend", people=people, at=at, note="The books do not close.")
    assert licence.suspended_by == people.member
    measures.verify_remedy(licence, note="Nothing is missing.", by=people.supervisor, at=later(1))
    path.vote(licence, "reinstate", people=people, at=later(1))
    assert count(licence, "reinstate", by=people.member2, at=later(1)) is None
    assert "reinstater_is_not_suspender" in shut(licence, "reinstate", by=people.member, at=later(1))


# ── Votes that lapse ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_reply_in_time_makes_votes_lapse_and_one_too_late_does_not(accused, people, at, later):
    notice = accused.show_cause
    path.vote(accused, "suspend", people=people, at=at)
    measures.reply(notice, "Look again.", by=people.applicant, at=later(14))
    assert count(accused, "suspend", by=people.member, at=later(14)) == 0
    path.vote(accused, "suspend", people=people, at=later(15))
    measures.reply(notice, "And again.", by=people.applicant, at=later(15))
    assert count(accused, "suspend", by=people.member, at=later(15)) is None
    assert notice.replies.count() == 3


def test_another_proposal_makes_votes_lapse(accused, people, at):
    path.vote(accused, "suspend", people=people, at=at)
    life.propose(accused, "revocation", people=people, at=at)
    assert count(accused, "suspend", by=people.member, at=at) == 0
    path.vote(accused, "suspend", people=people, at=at)
    measures.withdraw_proposal(now(accused).proposed("suspension"), by=people.enforcement, at=at)
    life.propose(accused, "suspension", people=people, at=at, activities=["custody"])
    assert count(accused, "suspend", by=people.member, at=at) == 0
    path.vote(accused, "suspend", people=people, at=at)
    assert [each.terms[0].split(": ")[1] for each in Motion.objects.order_by("pk")] == [
        "Of the whole licence. Until 3 April 2026.",
        "Of the whole licence. Until 3 April 2026.",
        "Of Custody. Until 3 April 2026.",
    ]


def test_what_is_found_makes_votes_lapse(suspended, people, at, later):
    life.propose(suspended, "suspension", people=people, at=at)
    path.vote(suspended, "prolong_suspension", people=people, at=at)
    measures.verify_remedy(suspended, note="Nothing is missing.", by=people.supervisor, at=at)
    assert count(suspended, "prolong_suspension", by=people.member, at=at) == 0
    path.vote(suspended, "reinstate", people=people, at=at)
    seen = mark(now(suspended).remedy_noted)
    measures.verify_remedy(suspended, note="Something is.", by=people.supervisor, at=later(1), seen=seen)
    assert count(suspended, "reinstate", by=people.member, at=later(1)) == 0


def test_assets_that_are_confirmed_make_votes_on_a_surrender_lapse(licence, people, at):
    asked = life.surrender_asked(licence, people=people, at=at)
    path.vote(licence, "refuse_surrender", people=people, at=at)
    surrender.confirm_assets(asked.open_surrender, note="Nil.", by=people.supervisor, at=at)
    assert count(licence, "refuse_surrender", by=people.member, at=at) == 0


def test_a_lifting_that_is_proposed_makes_votes_lapse(licence, people, at):
    life.restrict(licence, people=people, at=at)
    life.restrict(licence, people=people, at=at, wording="No margin trading.")
    first, second = now(licence).restrictions
    measures.propose_lifting(first, reasons="Done.", by=people.supervisor, at=at)
    path.vote(licence, "ease_restrictions", people=people, at=at)
    assert Motion.objects.latest("pk").terms == [first.terms]
    measures.propose_lifting(second, reasons="Done.", by=people.supervisor, at=at)
    assert count(licence, "ease_restrictions", by=people.member, at=at) == 0
    with pytest.raises(ValidationError, match="not voted on now"):
        vote(licence, "ease_restrictions", people.member, at=at)
    path.vote(licence, "lift_restriction", people=people, at=at)
    assert sorted(Motion.objects.latest("pk").terms) == sorted([first.terms, second.terms])


# ── What is put to the vote ──────────────────────────────────────────────────────────────────────────────────────────
def put(case):
    return [row.name for row in votes.put_to_vote(now(case))]


def test_what_nobody_has_proposed_is_not_voted_on(licence, people, at):
    assert put(licence) == []
    with pytest.raises(ValidationError, match="not voted on now"):
        vote(licence, "impose_restriction", people.member, at=at)
    life.propose(licence, "restriction", people=people, at=at, wording="No new clients.")
    assert put(licence) == ["impose_restriction"]
    path.decide(licence, "impose_restriction", people=people, at=at, note="Why.")
    assert put(licence) == []
    life.surrender_asked(licence, people=people, at=at)
    assert put(licence) == ["accept_surrender", "refuse_surrender_restricted"]


def test_a_notice_is_dismissed_or_followed_by_what_was_proposed(licence, people, at):
    life.notify(licence, people=people, at=at)
    assert put(licence) == ["dismiss_show_cause"]
    life.propose(licence, "suspension", people=people, at=at)
    life.propose(licence, "revocation", people=people, at=at)
    assert put(licence) == ["dismiss_show_cause", "suspend", "revoke"]


def test_a_suspended_licence_waits_for_its_remedy(suspended, people, at):
    assert put(suspended) == ["ratify_suspension"]
    measures.verify_remedy(suspended, note="Nothing is missing.", by=people.supervisor, at=at)
    assert put(suspended) == ["reinstate", "ratify_suspension"]
    life.propose(suspended, "restriction", people=people, at=at, wording="No new clients.")
    assert put(suspended) == ["reinstate", "reinstate_restricted", "ratify_suspension"]


def test_a_noc_is_extended_by_vote_once_it_was_asked_for(firm, people, at, later):
    noc = path.noc_case(firm, people=people, at=at)
    assert put(noc) == []
    with pytest.raises(ValidationError, match="not voted on now"):
        vote(noc, "extend_noc", people.member, at=at)
    path.step(noc, "ask_to_extend", by=people.applicant, at=later(100), note="The bank takes its time.")
    assert put(noc) == ["extend_noc"]
    vote(noc, "extend_noc", people.member, at=later(101))
    assert shut(noc, "extend_noc", by=people.member, at=later(101)) == {GATE: (COUNT[0].format(1),)}
    assert path.decide(noc, "extend_noc", people=people, at=later(101)).valid_to > timezone.localdate(later(365))
    assert put(noc) == []
    path.told(noc, people=people, at=later(102))
    assert put(noc) == ["drop_notice", "suspend_noc", "revoke_noc"]


def test_who_suspended_a_noc_alone_has_no_vote_on_what_becomes_of_it(firm, people, at):
    noc = path.noc_case(firm, people=people, at=at)
    third = person("Salma", "supervisor", "committee_member")
    path.step(noc, "suspend_noc_urgently", by=third, at=at, note="A sanctions hit is being examined.")
    path.told(type(noc).objects.get(pk=noc.pk), people=people, at=at)
    for move in ("reinstate_noc", "revoke_noc"):
        with pytest.raises(PermissionDenied, match="Suspended it"):
            vote(noc, move, third, at=at)
    assert count(noc, "reinstate_noc", by=people.member, at=at) == 0
    assert path.decide(noc, "reinstate_noc", people=people, at=at, note="A namesake.").state == "granted"
