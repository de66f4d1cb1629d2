"""The committee and the board decide by recorded votes: quorum, majority, dissent, recusal, and votes that lapse."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from licensing.actions import conditions, interests, refusals, votes
from licensing.models import Licence, Motion, Renewal, Variation, Vote
from licensing.models.votes import voted_moves
from pvara.demo import path
from pvara.kernel import audit, figures, roles
from pvara.kernel.machine import MoveRefused, StaleVersion, machines, moves_of, unmet
from tests.conftest import person

GATE = "votes_carry_the_decision"


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="recommended")


@pytest.fixture
def third(db):
    return person("Dilawar", "committee_member")


def now(case):
    return type(case)._base_manager.get(pk=case.pk)


def vote(case, by, choice="for", *, at, move="grant_noc", reasons=""):
    if choice == "against" and not reasons:
        reasons = "Their auditor left."
    return votes.cast_vote(case, move, by=by, at=at, expected_version=now(case).version, choice=choice, reasons=reasons)


def wanting(case, move="grant_noc", *, by, at):
    """What the gate of votes says of a move; None when it stands open."""
    return {each.code: each.details for each in unmet(now(case), move, by=by, at=at)}.get(GATE)


# ── Quorum and majority ──────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_decided_by_vote_and_by_whom():
    found = {
        model.__name__: {row.name: case_body(model, row) for row in voted_moves(model)}
        for model in machines()
        if voted_moves(model)
    }
    committees = {
        "NocApplication": "grant_noc grant_with_conditions notify_refusal refuse_noc reopen"
        " extend_noc drop_notice drop_notice_suspended suspend_noc reinstate_noc revoke_noc",
        "LicenceApplication": "approve_in_principle approve_with_conditions notify_refusal refuse_licence reopen",
        "AmlRegistration": "permit_aml_services refuse_aml_services end_aml_services",
        "Condition": "waive",
        "ChangeOfControl": "raise_no_objection object_to",
        "Consultation": "",
        "RatingOverride": "override waive",
        "Licence": "impose_restriction lift_restriction ease_restrictions dismiss_show_cause"
        " dismiss_show_cause_restricted suspend prolong_suspension reinstate reinstate_restricted accept_surrender"
        " refuse_surrender refuse_surrender_restricted",
        "Renewal": "renew refuse_renewal",
        "Variation": "vary refuse_variation",
    }
    boards = {
        "NocApplication": "ratify_suspension",
        "LicenceApplication": "grant_licence",
        "Consultation": "go_on_over_the_objection",
        "RatingOverride": "override_as_board",
        "Licence": "ratify_suspension revoke",
    }
    assert found == {
        name: {**dict.fromkeys(moves.split(), "committee"), **dict.fromkeys(boards.get(name, "").split(), "board")}
        for name, moves in committees.items()
    }


def test_nobody_decides_alone_what_the_committee_decides_on_a_licence():
    """Every move of these machines that the committee's permissions open is voted on."""
    theirs = roles.ROLES["committee_member"].permissions
    for model in (Licence, Renewal, Variation):
        assert {row.name for row in moves_of(model).values() if theirs & set(row.permissions)} == {
            row.name for row in voted_moves(model) if row.name not in ("ratify_suspension", "revoke")
        }


def case_body(model, row):
    from licensing.access import body_of

    return body_of(row.permissions).code


def test_one_vote_is_no_quorum_and_two_are(case, people, danish, at):
    said = "Licensing committee: 2 votes are a quorum; {} count."
    assert wanting(case, by=people.member, at=at) == (said.format(0),)
    vote(case, people.member, at=at)
    assert wanting(case, by=people.member, at=at) == (said.format(1),)
    vote(case, danish, at=at)
    assert wanting(case, by=people.member, at=at) is None


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (("for", "for", "against"), None),
        (("for", "against", "abstain"), "1 for, 1 against; more than 50% of them must be for it."),
        (("for", "abstain", "abstain"), None),
        (("abstain", "abstain", "abstain"), "0 for, 0 against; more than 50% of them must be for it."),
        (("against", "against", "for"), "1 for, 2 against; more than 50% of them must be for it."),
    ],
)
def test_a_majority_is_more_than_half_of_those_for_and_against(case, people, danish, third, at, choices, said):
    for member, choice in zip((people.member, danish, third), choices, strict=True):
        vote(case, member, choice, at=at)
    assert wanting(case, by=people.member, at=at) == (None if said is None else (said,))


def test_a_majority_asked_for_is_held_at_the_bar_and_just_under(case, people, danish, third, at):
    """Two of three are 66.67%: above a bar of 66, not above one of 67."""
    for member, choice in ((people.member, "for"), (danish, "for"), (third, "against")):
        vote(case, member, choice, at=at)
    row = {"key": "committee.majority", "unit": "percent", "mark": "I", "source": "A test."}
    figures.load([{**row, "value": 66, "effective_from": "2026-03-03"}])
    assert wanting(case, by=people.member, at=at) is None
    figures.load([{**row, "value": 67, "effective_from": "2026-03-04"}])
    assert wanting(case, by=people.member, at=at) == ("2 for, 1 against; more than 67% of them must be for it.",)


def test_a_larger_quorum_is_a_row_and_no_change_of_code(case, people, danish, third, at):
    figures.load(
        [
            {
                "key": "committee.quorum",
                "value": 3,
                "unit": "count",
                "mark": "I",
                "source": "A test.",
                "effective_from": "2026-03-01",
            }
        ]
    )
    vote(case, people.member, at=at)
    vote(case, danish, at=at)
    assert wanting(case, by=danish, at=at) == ("Licensing committee: 3 votes are a quorum; 2 count.",)
    vote(case, third, "abstain", at=at)
    assert wanting(case, by=danish, at=at) is None


def test_the_board_grants_what_the_committee_approved(firm, people, danish, at):
    noc = path.noc_case(firm, people=people, at=at)
    done = path.confirmed_setup(noc, people=people, at=at)
    case = path.full_case(done, people=people, at=at, until="in_principle")
    with pytest.raises(PermissionDenied, match="Board: its members alone"):
        vote(case, danish, move="grant_licence", at=at)
    vote(case, people.board, move="grant_licence", at=at)
    assert wanting(case, "grant_licence", by=people.board, at=at) == ("Board: 2 votes are a quorum; 1 count.",)
    vote(case, people.board2, move="grant_licence", at=at)
    assert path.step(case, "grant_licence", by=people.board, at=at).state == "licensed"


def test_any_member_of_the_body_makes_the_move_that_was_carried(case, people, danish, third, at):
    vote(case, people.member, at=at)
    vote(case, danish, at=at)
    assert path.step(case, "grant_noc", by=third, at=at).decided_by == third


# ── Who votes ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("part", "why"),
    [
        ("supervisor", "Recommended it."),
        ("officer", "Is or was its case officer."),
        ("assessor", "Assessed or moderated the criteria."),
        ("moderator", "Assessed or moderated the criteria."),
    ],
)
def test_who_has_a_part_in_the_case_has_no_vote_on_it(case, people, at, part, why):
    member = getattr(people, part)
    roles.grant(member, "committee_member", by=None, at=at)
    with pytest.raises(PermissionDenied, match=f"You have no vote on this case. {why}"):
        vote(case, member, at=at)
    assert Vote.objects.count() == 0


def test_who_is_no_member_has_no_vote(case, people, stranger, at):
    for outsider in (people.board, people.supervisor, people.applicant, stranger):
        with pytest.raises(PermissionDenied, match="Licensing committee: its members alone vote on this"):
            vote(case, outsider, at=at)


def test_who_has_an_interest_or_stepped_back_has_no_vote_and_the_record_says_so(case, people, danish, third, at):
    fourth = person("Daniyal", "committee_member")
    interests.declare(case.firm, by=third, at=at, nature="other", explanation="A friend.")
    interests.recuse(case, by=fourth, at=at, reasons="I wrote a book about it.")
    for member in (third, fourth):
        with pytest.raises(PermissionDenied, match="You have no vote on this case"):
            vote(case, member, at=at)
    granted = path.decide(case, "grant_noc", people=people, at=at)
    assert audit.history(granted).last().data["gates"][GATE]["took_no_part"] == [
        {"member": "Daniyal", "reasons": ["Recused: I wrote a book about it."]},
        {"member": "Dilawar", "reasons": ["Declared: other. A friend."]},
    ]


@pytest.mark.parametrize("how", ["interest", "recusal", "role", "account"])
def test_a_vote_counts_no_more_when_its_member_may_vote_no_more(case, people, danish, at, how):
    vote(case, people.member, at=at)
    vote(case, danish, at=at)
    assert wanting(case, by=people.member, at=at) is None
    match how:
        case "interest":
            interests.declare(now(case).firm, by=danish, at=at, nature="other", explanation="A friend.")
        case "recusal":
            interests.recuse(now(case), by=danish, at=at, reasons="Late, but all the same.")
        case "role":
            roles.revoke(danish, "committee_member", by=None, at=at)
        case "account":
            type(danish).objects.filter(pk=danish.pk).update(is_active=False)
    assert wanting(case, by=people.member, at=at) == ("Licensing committee: 2 votes are a quorum; 1 count.",)


# ── What is cast ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_dissent_has_reasons_and_they_go_into_the_record(case, people, danish, third, at):
    with pytest.raises(ValidationError) as refused:
        votes.cast_vote(case, "grant_noc", by=danish, at=at, expected_version=case.version, choice="against")
    assert list(refused.value.message_dict) == ["reasons"]
    vote(case, danish, "against", at=at, reasons="Their auditor left.")
    vote(case, people.member, at=at)
    vote(case, third, at=at)
    granted = path.step(case, "grant_noc", by=people.member, at=at)
    assert audit.history(granted).last().data["gates"][GATE] == {
        "body": "committee",
        "quorum": 2,
        "majority": "50",
        "for": ["Dania", "Dilawar"],
        "against": [{"member": "Danish", "reasons": "Their auditor left."}],
        "abstained": [],
        "took_no_part": [],
        "terms": [],
    }


def test_a_change_of_mind_is_another_vote_and_the_last_one_counts(case, people, danish, at):
    first = vote(case, danish, "against", at=at)
    second = vote(case, danish, at=at)
    assert (second.supersedes, Motion.objects.count(), Vote.objects.count()) == (first, 1, 2)
    vote(case, people.member, at=at)
    assert wanting(case, by=people.member, at=at) is None
    assert [
        (each.event, each.data["choice"], each.data["again"]) for each in audit.history(case).filter(event="voted")
    ] == [
        ("voted", "against", False),
        ("voted", "for", True),
        ("voted", "for", False),
    ]


def test_a_vote_on_another_move_is_no_vote_on_this_one(case, people, danish, at):
    refusals.draft_ground(case, by=people.supervisor, at=at, about="1.1", text="No policy.")
    for member in (people.member, danish):
        vote(case, member, move="notify_refusal", at=at)
    assert wanting(case, "notify_refusal", by=people.member, at=at) is None
    assert wanting(case, by=people.member, at=at) == ("Licensing committee: 2 votes are a quorum; 0 count.",)


@pytest.mark.parametrize("move", ["refuse_noc", "withdraw", "reopen", "fly"])
def test_what_is_not_to_be_decided_now_is_not_voted_on(case, people, at, move):
    with pytest.raises(ValidationError, match="not voted on now"):
        vote(case, people.member, move=move, at=at)


def test_a_choice_that_there_is_not_is_refused(case, people, at):
    with pytest.raises(ValidationError) as refused:
        vote(case, people.member, "perhaps", at=at)
    assert list(refused.value.message_dict) == ["choice"]


# ── Votes that lapse ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_votes_lapse_when_the_case_goes_back_and_comes_again(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="minded_to_refuse", rating=4)
    path.heard(case, people=people, at=at)
    before = now(case).version
    case = path.decide(case, "reopen", people=people, at=at, note="They have convinced us.")
    path.vote(case, "grant_noc", people=people, at=at)
    assert wanting(case, by=people.member, at=at) is None
    case = path.decide(case, "notify_refusal", people=people, at=at, note="Not quite.")
    path.heard(case, people=people, at=at)
    case = path.decide(case, "reopen", people=people, at=at, note="Now they have.")
    assert case.version > before
    assert wanting(case, by=people.member, at=at) == ("Licensing committee: 2 votes are a quorum; 0 count.",)


def test_votes_lapse_when_what_is_decided_changes(case, people, danish, at):
    first = path.draft(case, "Report every month.", people=people, at=at)
    path.vote(case, "grant_with_conditions", people=people, at=at)
    assert wanting(case, "grant_with_conditions", by=danish, at=at) is None
    second = path.draft(case, "Appoint an auditor.", people=people, at=at)
    assert wanting(case, "grant_with_conditions", by=danish, at=at) is not None
    path.vote(case, "grant_with_conditions", people=people, at=at)
    conditions.take_back(first, by=people.supervisor, at=at)
    assert wanting(case, "grant_with_conditions", by=danish, at=at) is not None
    path.vote(case, "grant_with_conditions", people=people, at=at)
    assert Motion.objects.first().terms == [second.terms]


def test_a_vote_on_what_has_changed_since_is_not_cast(case, people, at):
    seen = case.version
    path.draft(case, people=people, at=at)
    with pytest.raises(StaleVersion):
        votes.cast_vote(case, "grant_noc", by=people.member, at=at, expected_version=seen, choice="for")
    assert Vote.objects.count() == 0


def test_nobody_votes_after_the_decision(case, people, danish, third, at):
    granted = path.decide(case, "grant_noc", people=people, at=at)
    with pytest.raises(ValidationError, match="not voted on now"):
        vote(granted, third, at=at)


# ── In the database ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_vote_is_never_changed_nor_removed(case, people, at):
    cast = vote(case, people.member, at=at)
    for change in (
        lambda: Vote.objects.filter(pk=cast.pk).update(choice="against", reasons="Why."),
        lambda: Vote.objects.filter(pk=cast.pk).delete(),
        lambda: Motion.objects.filter(pk=cast.motion_id).update(move="refuse_noc"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_database_keeps_one_vote_a_member(case, people, danish, at):
    first = vote(case, people.member, at=at)
    again = {"motion": first.motion, "member": people.member, "choice": "for", "cast_at": at}
    with pytest.raises(IntegrityError, match="one_first_vote_a_member"), transaction.atomic():
        Vote.objects.create(**again)
    with pytest.raises(IntegrityError, match="dissent_has_reasons"), transaction.atomic():
        Vote.objects.create(**{**again, "choice": "against", "supersedes": first})
    with pytest.raises(IntegrityError, match="not of"), transaction.atomic():
        Vote.objects.create(**{**again, "member": danish, "supersedes": first})


@pytest.mark.django_db(transaction=True)
def test_a_vote_and_the_decision_take_turns(firm, people, danish, third, at):
    """The dissent is in before the decision, and then in its record; or it comes too late and is not cast."""
    path.rate_everything(firm, "NOC", people=people, at=at)
    barrier = Barrier(2)

    def at_once(step):
        try:
            barrier.wait(timeout=20)
            return step()
        except (StaleVersion, MoveRefused, ValidationError) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            case = path.noc_case(firm, people=people, at=at, until="recommended")
            path.vote(case, "grant_noc", people=people, at=at)
            seen = now(case).version
            dissent = pool.submit(
                at_once,
                lambda case=case, seen=seen: votes.cast_vote(
                    case, "grant_noc", by=third, at=at, expected_version=seen, choice="against", reasons="No."
                ),
            )
            decision = pool.submit(at_once, lambda case=case: path.step(case, "grant_noc", by=people.member, at=at))
            cast, granted = dissent.result(timeout=30), decision.result(timeout=30)
            assert granted.state == "granted"
            kept = audit.history(granted).get(event="grant_noc").data["gates"][GATE]
            assert [each["member"] for each in kept["against"]] == (["Dilawar"] if isinstance(cast, Vote) else [])
