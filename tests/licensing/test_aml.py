"""AML Registered Services: off by default, four services at most, gate G2a, and gone with the NOC."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from licensing.actions import aml, timers
from licensing.models import AmlRegistration, Letter
from pvara.demo import path
from pvara.demo.path import step
from pvara.kernel import audit, figures, outbox
from pvara.kernel.machine import unmet
from tests.licensing import judging


@pytest.fixture
def switched_on(regime):
    figures.load(
        [
            {
                "key": "aml.enabled",
                "value": True,
                "unit": "switch",
                "effective_from": "2026-01-01",
                "mark": "I",
                "source": "t",
            }
        ]
    )


@pytest.fixture
def noc(firm, people, at):
    return path.noc_case(firm, people=people, at=at)


@pytest.fixture
def asked(switched_on, noc, people, at):
    return aml.request_aml_services(
        noc.setup, ["custody", "exchange"], reasons="For the first clients.", by=people.applicant, at=at
    )


def codes(row, move, *, by, at):
    return [each.code for each in unmet(row, move, by=by, at=at)]


def verify(noc, *codes, people, at):
    for code in codes:
        milestone = path.submit_milestone(noc.setup.milestones.get(code=code), people=people, at=at)
        step(milestone, "verify", by=people.officer, at=at)


def test_off_by_default(noc, people, at):
    with pytest.raises(ValidationError, match="switched off at present"):
        aml.request_aml_services(noc.setup, ["exchange"], reasons="", by=people.applicant, at=at)
    assert AmlRegistration.objects.count() == 0


@pytest.mark.parametrize(
    ("services", "said"),
    [([], "Choose at least one service"), (["exchange", "advisory"], "cannot be registered: advisory")],
)
def test_only_what_may_be_registered(switched_on, noc, people, at, services, said):
    with pytest.raises(ValidationError, match=said):
        aml.request_aml_services(noc.setup, services, reasons="", by=people.applicant, at=at)


def test_only_the_signatory_asks(switched_on, noc, stranger, omar, at):
    for person in (stranger, omar):
        with pytest.raises(PermissionDenied):
            aml.request_aml_services(noc.setup, ["exchange"], reasons="", by=person, at=at)


def test_one_request_at_a_time(asked, noc, people, at):
    with pytest.raises(ValidationError, match="has asked already"):
        aml.request_aml_services(noc.setup, ["brokerage"], reasons="", by=people.applicant, at=at)
    step(asked, "withdraw", by=people.applicant, at=at, note="Not needed.")
    aml.request_aml_services(noc.setup, ["brokerage"], reasons="", by=people.applicant, at=at)


def test_every_shut_gate_is_named(asked, people, at):
    assert codes(asked, "permit_aml_services", by=people.member, at=at) == [
        "aml_milestones_are_verified",
        "criteria_are_rated_and_moderated",
        "score_clears_g2a",
        "votes_carry_the_decision",
    ]


def test_permitted_when_incorporated_registered_and_staffed(asked, noc, people, at):
    verify(noc, "M1", "M3", "M6", people=people, at=at)
    path.rate_everything(noc.firm, "SETUP", people=people, at=at)
    permitted = path.decide(asked, "permit_aml_services", people=people, at=at)
    assert (permitted.state, permitted.decided_by) == ("permitted", people.member)
    # Who voted goes into the record of the decision.
    votes = audit.history(permitted).get(event="permit_aml_services").data["gates"]["votes_carry_the_decision"]
    assert votes["for"] == [str(people.member), str(people.member2)]
    outbox.drain()
    letter = Letter.objects.get(code="L23")
    assert (letter.content["activities"], letter.content["banner"]) == (
        ["Custody", "Exchange"],
        "This is not an operating licence",
    )


def test_ratings_that_nobody_moderated_permit_nothing(asked, noc, people, at, rated):
    verify(noc, "M1", "M3", "M6", people=people, at=at)
    path.rate_everything(noc.firm, "SETUP", people=people, at=at)
    anew = rated("1.6", 4)
    path.vote(asked, "permit_aml_services", people=people, at=at)
    assert codes(asked, "permit_aml_services", by=people.member, at=at) == ["criteria_are_rated_and_moderated"]
    judging.moderate(anew, by=people.moderator, at=at)
    assert codes(asked, "permit_aml_services", by=people.member, at=at) == []


def test_it_never_opens_distribution(asked, noc, people, at):
    """A venue is a licence's; this permission makes none."""
    from licensing.models import VenueStanding

    verify(noc, "M1", "M3", "M6", people=people, at=at)
    path.rate_everything(noc.firm, "SETUP", people=people, at=at)
    path.decide(asked, "permit_aml_services", people=people, at=at)
    assert VenueStanding.objects.count() == 0


def test_the_switch_turned_off_stops_the_decision_too(asked, noc, people, later):
    verify(noc, "M1", "M3", "M6", people=people, at=later(0))
    path.rate_everything(noc.firm, "SETUP", people=people, at=later(0))
    off = {
        "key": "aml.enabled",
        "value": False,
        "unit": "switch",
        "effective_from": "2026-03-06",
        "mark": "I",
        "source": "t",
    }
    figures.load([off])
    path.vote(asked, "permit_aml_services", people=people, at=later(1))
    assert codes(asked, "permit_aml_services", by=people.member, at=later(1)) == []
    assert codes(asked, "permit_aml_services", by=people.member, at=later(2)) == ["aml_services_are_switched_on"]


def test_whoever_verified_a_milestone_does_not_decide(asked, noc, people, omar, at):
    from pvara.kernel import roles

    verify(noc, "M1", people=people, at=at)
    roles.grant(omar, "committee_member", by=None, at=at)
    assert "decider_did_not_verify" in codes(asked, "permit_aml_services", by=omar, at=at)


@pytest.mark.parametrize("how", ["suspend_noc_urgently", "suspend_noc", "revoke_noc", "expiry"])
def test_it_ends_with_the_noc(asked, noc, people, sana, at, later, how):
    if how == "expiry":
        timers.run(at=later(400))
    elif how == "suspend_noc_urgently":
        step(noc, how, by=sana, at=at, note="Why.")
    else:
        path.decide(noc, how, people=people, at=at, note="Why.")
    ended = AmlRegistration.objects.get()
    assert ended.state == "ended"
    assert [entry.event for entry in audit.history(ended)] == ["requested", "end_with_noc"]
    outbox.drain()
    told = Letter.objects.get(code="L25").content
    assert told["paragraphs"][0].startswith("This concerns the AML Registered Services of ")
    assert "No permission was given, and the request is closed on " in told["paragraphs"][0]


def test_the_end_of_the_permission_is_told_and_takes_its_letter_back(asked, noc, people, at, later):
    verify(noc, "M1", "M3", "M6", people=people, at=at)
    path.rate_everything(noc.firm, "SETUP", people=people, at=at)
    path.decide(asked, "permit_aml_services", people=people, at=at)
    path.decide(asked, "end_aml_services", people=people, at=later(3), note="The services are not used.")
    outbox.drain()
    told = Letter.objects.get(code="L25").content
    assert "The permission that the Authority gave on 4 March 2026 has ended on 7 March 2026" in told["paragraphs"][0]
    assert (told["reasons"], told["activities"]) == ("The services are not used.", ["Custody", "Exchange"])
    assert Letter.objects.get(code="L23").state == "revoked"
