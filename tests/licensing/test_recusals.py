"""Recusals: stepping back from one case for good, and from all that hangs on it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from licensing.actions import interests
from licensing.models import (
    Condition,
    Consultation,
    Filing,
    Finding,
    Incident,
    Inspection,
    Invoice,
    Recusal,
    SetUp,
    SupervisionProposal,
    Variation,
)
from licensing.models.conflicts import recusals_reaching
from pvara.demo import life, path
from tests.licensing.test_interests import stood_in_the_way


# ── Stepping back from one case ──────────────────────────────────────────────────────────────────────────────────────
def test_a_recusal_is_for_one_case_and_for_good(firm, people, dania, danish, at, later):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    other = path.noc_case(firm, people=people, at=at, until="draft")
    interests.recuse(case, by=dania, at=at, reasons="I wrote a book about it.")
    interests.recuse(case, by=dania, at=at, reasons="Once more.")
    assert Recusal.objects.get().reasons == "I wrote a book about it."
    told = ("Recused: I wrote a book about it.",)
    assert stood_in_the_way(case, "notify_refusal", dania, later(5000)) == told
    assert stood_in_the_way(other, "withdraw", dania, at) is None
    assert stood_in_the_way(case, "notify_refusal", danish, at) is None


def test_a_recusal_needs_reasons_and_a_role(firm, people, stranger, at):
    case = path.noc_case(firm, people=people, at=at, until="draft")
    with pytest.raises(ValidationError):
        interests.recuse(case, by=people.member, at=at, reasons=" ")
    with pytest.raises(PermissionDenied):
        interests.recuse(case, by=stranger, at=at, reasons="Not mine.")


# ── What hangs on a case ─────────────────────────────────────────────────────────────────────────────────────────────
TOLD = ("Recused: I wrote about it.",)


def back_from(case, *whose, at):
    for who in whose:
        interests.recuse(case, by=who, at=at, reasons="I wrote about it.")


def out_of(row, who, at):
    return tuple(row.access_anchor.conflicts_of(who, at, case=row)) == TOLD


def test_who_stepped_back_from_a_noc_has_no_part_in_its_set_up(firm, people, at):
    case = path.noc_case(firm, people=people, at=at)
    request = path.aml_request(case.setup, people=people, at=at)
    rows = [case.setup, *case.setup.milestones.all(), request]
    back_from(case, people.member, people.supervisor, at=at)
    for row in rows:
        assert (out_of(row, people.member, at), out_of(row, people.member2, at)) == (True, False), row
    assert stood_in_the_way(case.setup, "confirm_setup", people.supervisor, at) == TOLD
    assert stood_in_the_way(case.setup.milestones.first(), "submit", people.supervisor, at) == TOLD
    assert request.tally("permit_aml_services", at).barred[people.member] == TOLD
    assert people.member2 in request.tally("permit_aml_services", at).members


def test_a_recusal_does_not_go_down_from_a_part_to_its_case(firm, people, at):
    case = path.noc_case(firm, people=people, at=at)
    back_from(case.setup, people.member, at=at)
    assert (out_of(case.setup.milestones.first(), people.member, at), out_of(case, people.member, at)) == (True, False)


def test_who_stepped_back_from_an_application_has_no_part_in_its_licence(firm, people, basma, at, later):
    licence = path.licensed(firm, people=people, at=at)
    life.revoke(licence, people=people, at=at, by=basma)
    appeal = life.appealed(firm, people=people, at=later(1))
    variation = Variation(firm=firm, licence=licence)
    incident, proposal, filing = (each(firm=firm, licence=licence) for each in (Incident, SupervisionProposal, Filing))
    inspection, finding = (each(firm=firm, licence=licence) for each in (Inspection, Finding))
    parts = (licence.renewals.get(), variation, *licence.wind_downs.all(), appeal, inspection, finding)
    rows = [licence, *parts, incident, proposal, filing, Condition(firm=firm, licence=licence)]
    rows = [*rows, Invoice(firm=firm, subject_type="licensing.licence", subject_id=licence.pk)]
    back_from(licence.application, people.member, at=at)
    for row in rows:
        assert recusals_reaching(row) == [Recusal.objects.get()], row._meta.label
    assert out_of(appeal, people.member, at)
    assert licence.tally("reinstate", at).barred[people.member] == TOLD
    assert not out_of(SetUp.objects.get(firm=firm).noc, people.member, at)


def test_who_stepped_back_from_an_application_has_no_part_in_what_is_asked_about_it(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    asked = Consultation.objects.filter(noc=case).first()
    imposed = Condition(firm=firm, noc=case)
    back_from(case, people.board, at=at)
    assert (out_of(asked, people.board, at), out_of(imposed, people.board, at)) == (True, True)
    assert asked.tally("go_on_over_the_objection", at).barred[people.board] == TOLD
