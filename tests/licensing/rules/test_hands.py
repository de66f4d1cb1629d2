"""Who may not decide on what they had a hand in: by gate, and the same in the database."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from licensing.actions import evidence, noc
from licensing.models import (
    EvidenceKind,
    LicenceApplication,
    Milestone,
    NocApplication,
)
from pvara.demo import path
from tests.licensing import judging
from tests.licensing.rules import shut


# ── Maker and checker ────────────────────────────────────────────────────────────────────────────────────────────────
def test_whoever_suspended_a_licence_does_not_reinstate_it(suspended, people, danish, at):
    assert shut(suspended, "reinstate", by=people.board, at=at) == {"reinstater_is_not_suspender": ()}
    assert shut(suspended, "reinstate", by=danish, at=at) == {}


@pytest.mark.parametrize("move", ["grant_noc", "notify_refusal"])
def test_whoever_recommended_a_noc_does_not_decide_it(recommended, people, at, also, move):
    both = also(people.supervisor, "committee_member")
    path.prepare(recommended, move, people=people, at=at)
    assert shut(recommended, move, by=both, at=at) == {"decider_is_not_recommender": ()}
    assert shut(recommended, move, by=people.member, at=at) == {}


@pytest.mark.parametrize("move", ["grant_noc", "notify_refusal"])
@pytest.mark.parametrize("part", ["assessor", "moderator"])
def test_whoever_assessed_or_moderated_does_not_decide(recommended, people, at, also, move, part):
    both = also(getattr(people, part), "committee_member")
    path.prepare(recommended, move, people=people, at=at)
    assert shut(recommended, move, by=both, at=at) == {"decider_did_not_assess": ()}


def test_an_assessor_whose_rating_still_counts_does_not_decide(firm, recommended, people, at, also, danish, criterion):
    """A colleague rates everything anew; until that is moderated the former ratings count, and so do their givers."""
    for code in [line.criterion.code for line in recommended.score(at).lines]:
        judging.rate(firm, criterion(code), by=also(danish, "assessor"), at=at, rating=3, rationale="Read again.")
    assert recommended.score(at).total == 100
    nobody_voted = {"votes_carry_the_decision": ("Licensing committee: 2 votes are a quorum; 0 count.",)}
    for part in (people.assessor, people.moderator, danish):
        by = also(part, "committee_member")
        assert shut(recommended, "grant_noc", by=by, at=at) == {"decider_did_not_assess": (), **nobody_voted}


@pytest.mark.parametrize("move", ["approve_with_conditions", "notify_refusal"])
def test_whoever_recommended_a_licence_or_assessed_does_not_decide_it(full_recommended, people, at, also, move):
    path.prepare(full_recommended, move, people=people, at=at)
    found = {
        part: shut(full_recommended, move, by=also(getattr(people, part), "committee_member"), at=at)
        for part in ("supervisor", "assessor", "moderator", "member")
    }
    assert found == {
        "supervisor": {"decider_is_not_recommender": ()},
        "assessor": {"decider_did_not_assess": ()},
        "moderator": {"decider_did_not_assess": ()},
        "member": {},
    }


def test_the_board_member_who_grants_had_no_part_in_the_case(full_recommended, people, at, also):
    case = path.decide(full_recommended, "approve_with_conditions", people=people, at=at)
    path.vote(case, "grant_licence", people=people, at=at)
    found = {
        part: shut(case, "grant_licence", by=also(getattr(people, part), "board_member"), at=at)
        for part in ("supervisor", "member", "assessor", "moderator", "board")
    }
    assert found == {
        "supervisor": {"granter_is_not_recommender_or_approver": ()},
        "member": {"granter_is_not_recommender_or_approver": ()},
        "assessor": {"decider_did_not_assess": ()},
        "moderator": {"decider_did_not_assess": ()},
        "board": {},
    }


def test_whoever_submitted_a_milestone_does_not_verify_it(opened, people, at, also):
    milestone = path.submit_milestone(opened.milestones.get(code="M2"), people=people, at=at)
    assert shut(milestone, "verify", by=also(people.applicant, "case_officer"), at=at) == {
        "person_has_no_interest": ("Detected: acts for the firm.",),
        "verifier_is_not_submitter": (),
    }
    assert shut(milestone, "verify", by=people.officer, at=at) == {}


def test_evidence_is_accepted_unless_infected_and_by_another(firm, people, at, also, criterion):
    file = SimpleUploadedFile("policy.txt", b"The policy.", "text/plain")
    told = {"title": "Policy", "kind": EvidenceKind.objects.get(code="policy"), "criteria": [criterion("1.1")]}
    piece = evidence.upload_evidence(firm, by=people.applicant, at=at, file=file, **told)
    assert shut(piece, "accept", by=people.officer, at=at) == {}
    type(piece).objects.filter(pk=piece.pk).update(scan="infected")
    assert shut(piece, "accept", by=also(people.applicant, "case_officer"), at=at) == {
        "person_has_no_interest": ("Detected: acts for the firm.",),
        "file_is_not_infected": (),
        "accepter_is_not_uploader": (),
    }


# ── The same in the database ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_database_keeps_the_decider_of_a_noc_from_recommending_it(recommended, people):
    with pytest.raises(IntegrityError, match="noc_decider_is_not_recommender"), transaction.atomic():
        NocApplication.objects.filter(pk=recommended.pk).update(decided_by=people.supervisor)


@pytest.mark.parametrize(
    ("parts", "constraint"),
    [
        ({"recommended_by", "decided_by"}, "full_decider_is_not_recommender"),
        ({"recommended_by", "granted_by"}, "full_granter_is_not_recommender"),
        ({"decided_by", "granted_by"}, "full_granter_is_not_approver"),
    ],
)
def test_the_database_keeps_the_three_signatures_of_a_licence_apart(confirmed, people, at, parts, constraint):
    case = path.full_case(confirmed, people=people, at=at, until="draft")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        LicenceApplication.objects.filter(pk=case.pk).update(**dict.fromkeys(parts, people.board))


def test_the_database_keeps_the_verifier_of_a_milestone_from_submitting_it(opened, people):
    with pytest.raises(IntegrityError, match="milestone_verifier_is_not_submitter"), transaction.atomic():
        Milestone.objects.filter(setup=opened, code="M1").update(
            submitted_by=people.officer, verified_by=people.officer
        )


def test_a_draft_is_opened_by_who_acts_for_the_firm_alone(firm, people, at, stranger):
    for person in (stranger, people.officer, people.member):
        with pytest.raises(noc.PermissionDenied):
            noc.open_noc_application(firm, by=person, at=at)
