"""What a firm may know of itself before it applies: colours, what is not met, what would show it, and what is there."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.models import Evidence, EvidenceLink, Rating
from licensing.models.readiness import Assessed, Showing, phase_reached, readiness_of
from pvara.demo import path


def domain_of(firm, code, at, phase="NOC"):
    return next(each for each in readiness_of(firm, phase, at).domains if each.code == code)


def asked_of(firm, code, at, phase="NOC"):
    found = {each.criterion.code: each for domain in readiness_of(firm, phase, at).domains for each in domain.asked}
    return found[code]


def test_a_firm_with_nothing_is_asked_for_every_criterion_of_the_phase(regime, firm, at):
    found = readiness_of(firm, "NOC", at)
    assert found.score.is_untouched
    assert sum(len(each.unmet) for each in found.domains) == len(found.score.lines)
    # D8 has nothing that applies before the full licence, and so is not there to be shown.
    assert [each.code for each in found.domains] == ["D1", "D2", "D3", "D4", "D6", "D7", "D9"]
    assert {(each.documents, each.assessment) for each in found.domains} == {("red", ""), ("amber", "")}
    policy = asked_of(firm, "1.1", at)
    assert (policy.showing, policy.assessed, policy.pieces) == (Showing.MISSING, Assessed.NOT_ASSESSED, ())
    assert policy.kinds
    assert policy.criterion.validity_months == 12


def test_documents_wait_and_then_are_good_and_the_colour_follows(regime, firm, people, at):
    assert domain_of(firm, "D2", at).documents == "red"
    path.supply(firm, "NOC", people=people, at=at)
    assert domain_of(firm, "D2", at).documents == "amber"
    assert asked_of(firm, "2.1", at).showing == Showing.WAITING
    for piece in Evidence.objects.filter(firm=firm):
        path.step(piece, "accept", by=people.officer, at=at)
    assert domain_of(firm, "D2", at).documents == "green"
    assert domain_of(firm, "D2", at).assessment == ""
    assert [each.evidence.title for each in asked_of(firm, "2.1", at).pieces]


def test_a_document_runs_out_through_its_grace(regime, firm, people, at):
    path.supply(firm, "NOC", people=people, at=at)
    for piece in Evidence.objects.filter(firm=firm):
        path.step(piece, "accept", by=people.officer, at=at)
    last = EvidenceLink.objects.get(evidence__firm=firm, criterion__code="2.1").expires_on
    wait = last - at.date()
    assert asked_of(firm, "2.1", at + wait).showing == Showing.ACCEPTED
    in_grace = asked_of(firm, "2.1", at + wait + timedelta(days=1))
    assert (in_grace.showing, in_grace.pieces[0].is_over) == (Showing.IN_GRACE, True)
    assert domain_of(firm, "D2", at + wait + timedelta(days=1)).documents == "amber"
    assert asked_of(firm, "2.1", at + wait + timedelta(days=31)).showing == Showing.EXPIRED
    assert domain_of(firm, "D2", at + wait + timedelta(days=31)).documents == "red"


def test_what_is_rejected_is_not_there(regime, firm, people, at):
    path.supply(firm, "NOC", people=people, at=at)
    piece = EvidenceLink.objects.filter(evidence__firm=firm, criterion__code="2.1").get().evidence
    path.step(piece, "reject", by=people.officer, at=at, note="Unreadable.")
    assert asked_of(firm, "2.1", at).showing == Showing.REJECTED
    assert domain_of(firm, "D2", at).documents == "red"


@pytest.mark.parametrize(("given", "assessed"), [(2, Assessed.NOT_MET), (3, Assessed.MET)])
def test_a_criterion_is_met_from_largely_on(regime, firm, people, at, given, assessed):
    path.rate_everything(firm, "NOC", people=people, at=at, rating=4, but={"1.2": given})
    assert asked_of(firm, "1.2", at).assessed == assessed
    assert [each.criterion.code for each in domain_of(firm, "D1", at).unmet] == (["1.2"] if given == 2 else [])


def test_what_does_not_apply_is_met(rated, firm, at):
    rated("1.2", None, not_applicable=True)
    assert asked_of(firm, "1.2", at).assessed == Assessed.MET


def test_the_assessment_has_the_colour_of_the_score(regime, firm, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at, rating=4, but={"2.1": 2})
    assert {each.code: each.assessment for each in readiness_of(firm, "NOC", at).domains} == {
        **dict.fromkeys(("D1", "D3", "D4", "D6", "D7", "D9"), "green"),
        "D2": "red",
    }


def test_which_phase_a_firm_has_reached(regime, firm):
    assert phase_reached(firm) == "NOC"


def test_as_many_questions_however_much_there_is(regime, firm, people, at):
    with CaptureQueriesContext(
        connection,
    ) as before:
        readiness_of(firm, "NOC", at)
    path.rate_everything(firm, "FULL", people=people, at=at)
    assert Rating.objects.filter(firm=firm).count() > 40
    with CaptureQueriesContext(connection) as after:
        found = readiness_of(firm, "FULL", at)
        assert [piece.evidence.kind for domain in found.domains for each in domain.asked for piece in each.pieces]
    assert len(before) == len(after)
