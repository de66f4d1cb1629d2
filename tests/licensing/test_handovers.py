"""A case goes to another officer, by a supervisor, with reasons; whoever had it goes on to decide nothing on it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing import access
from licensing.actions import interests
from licensing.actions.fees import ask_for_waiver, raise_invoice
from licensing.actions.handovers import hand_over, may_take_over
from licensing.models import (
    AmlRegistration,
    Handover,
    Invoice,
    Licence,
    Measure,
    NocApplication,
    Renewal,
    SetUp,
    Surrender,
)
from licensing.models.handovers import officers_of
from licensing.rules.hands import HAD_NO_HAND
from pvara.demo import life, path
from pvara.kernel import audit, roles
from pvara.kernel.machine import machines, moves_of, unmet
from pvara.kernel.refusals import StaleVersion


def again(row):
    return type(row)._base_manager.get(pk=row.pk)


def handed(case, to, *, people, at, reasons="Leave until autumn.", **more):
    said = {"by": people.supervisor, "at": at, "reasons": reasons, "expected_version": again(case).version, **more}
    return hand_over(case, to, **said)


def shut(subject, name, *, by, at):
    return {each.code for each in unmet(again(subject), name, by=by, at=at)}


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


@pytest.fixture
def licence(firm, people, at):
    return path.licensed(firm, people=people, at=at)


# ── Handing over ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_goes_to_another_officer(case, people, ozair, at):
    before = again(case).version
    handover = handed(case, ozair, people=people, at=at)
    case = again(case)
    assert (case.case_officer, case.version) == (ozair, before + 1)
    assert officers_of(case) == {people.officer.pk, ozair.pk}
    entry = audit.history(case).last()
    assert (entry.event, entry.actor, entry.note) == ("handed_over", people.supervisor, "Leave until autumn.")
    assert entry.data == {"from": people.officer.email, "to": ozair.email}
    assert str(handover) == f"licensing.nocapplication {case.pk}: Omar to Ozair"


@pytest.mark.parametrize("who", ["officer", "member", "applicant", "moderator"])
def test_only_a_supervisor_hands_over(case, people, ozair, at, who):
    with pytest.raises(PermissionDenied):
        handed(case, ozair, people=people, at=at, by=getattr(people, who))
    assert not Handover.objects.exists()


def test_a_supervisor_with_an_interest_in_the_firm_does_not(case, firm, people, ozair, at):
    interests.declare(firm, by=people.supervisor, at=at, nature="family", explanation="A brother.")
    with pytest.raises(PermissionDenied, match="no part"):
        handed(case, ozair, people=people, at=at)


def test_the_reasons_are_compulsory(case, people, ozair, at):
    with pytest.raises(ValidationError, match="Say why"):
        handed(case, ozair, people=people, at=at, reasons=" ")


def test_a_case_that_moved_on_is_looked_at_again_first(case, people, ozair, at):
    with pytest.raises(StaleVersion):
        handed(case, ozair, people=people, at=at, expected_version=case.version + 7)


def test_nobody_hands_a_case_to_themselves(case, people, at):
    roles.grant(people.supervisor, "case_officer", by=None, at=at)
    with pytest.raises(ValidationError, match="Nobody hands a case to themselves"):
        handed(case, people.supervisor, people=people, at=at)


def test_it_goes_to_no_one_who_may_not_have_it(case, firm, people, ozair, danish, at):
    with pytest.raises(ValidationError, match="Danish is not a case officer"):
        handed(case, danish, people=people, at=at)
    with pytest.raises(ValidationError, match="Omar has the case in hand already"):
        handed(case, people.officer, people=people, at=at)
    assert may_take_over(again(case), at=at) == [ozair]
    interests.declare(firm, by=ozair, at=at, nature="family", explanation="A sister.")
    with pytest.raises(ValidationError, match="Declared: family"):
        handed(case, ozair, people=people, at=at)
    assert may_take_over(again(case), at=at) == []


def test_it_goes_to_no_one_who_recommended_it(firm, people, ozair, at):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    also(people.supervisor, "case_officer", at=at)
    also(ozair, "supervisor", at=at)
    with pytest.raises(ValidationError, match="Sana recommended the case or decided on it"):
        handed(case, people.supervisor, people=people, at=at, by=ozair)


def test_a_case_that_nobody_took_up_or_that_is_over_is_not_handed_over(firm, people, ozair, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    with pytest.raises(ValidationError, match="Nobody has this case in hand"):
        handed(case, ozair, people=people, at=at)
    path.step(again(case), "withdraw", by=people.applicant, at=at, note="We wait.")
    with pytest.raises(ValidationError, match="Nobody has this case in hand"):
        handed(case, ozair, people=people, at=at)


# ── Who had it goes on to decide nothing ─────────────────────────────────────────────────────────────────────────────
def also(person, *codes, at):
    for code in codes:
        roles.grant(person, code, by=None, at=at)
    return person


def test_who_had_a_noc_in_hand_decides_nothing_that_comes_of_it(firm, people, ozair, at):
    case = path.noc_case(firm, people=people, at=at)
    handed(case, ozair, people=people, at=at)
    request = path.aml_request(again(case).setup, people=people, at=at)
    for officer in (
        also(people.officer, "committee_member", "supervisor", at=at),
        also(ozair, "committee_member", at=at),
    ):
        for row, move in (
            (case, "suspend_noc"),
            (case, "revoke_noc"),
            (case.setup, "confirm_setup"),
            (case.setup, "extend_setup"),
            (request, "permit_aml_services"),
            (request, "refuse_aml_services"),
        ):
            assert "decider_is_not_case_officer" in shut(row, move, by=officer, at=at), (officer, move)
            assert "decider_is_not_case_officer" not in shut(row, move, by=people.member, at=at)


# Whoever holds one of these decides on what others have prepared.
DECIDING = {
    access.DECIDE,
    access.CONFIRM_SETUP,
    access.SUSPEND_NOC,
    access.GRANT_LICENCE,
    access.SUSPEND_LICENCE,
    access.SUSPEND_URGENTLY,
    access.REINSTATE_LICENCE,
    access.REVOKE_LICENCE,
    access.OVERRIDE_OBJECTIONS,
    access.WAIVE_CONDITIONS,
    access.WAIVE_FEES,
    access.DECIDE_INDIVIDUALS,
    access.VERIFY_REMEDY,
}


def test_no_decision_of_the_house_forgets_who_had_a_hand_in_the_case():
    deciding = [
        (model.__name__, row)
        for model in machines()
        for row in moves_of(model).values()
        if DECIDING & set(row.permissions)
    ]
    assert len(deciding) > 30
    assert [(name, row.name) for name, row in deciding if not set(HAD_NO_HAND) <= set(row.gates)] == []


@pytest.mark.parametrize("move", ["impose_restriction", "urgent_suspend"])
def test_neither_officer_nor_assessor_decides_on_the_licence(licence, people, at, move):
    bodies = ("committee_member", "board_member")
    officer, assessor = also(people.officer, *bodies, at=at), also(people.assessor, *bodies, at=at)
    assert "decider_is_not_case_officer" in shut(licence, move, by=officer, at=at)
    assert "decider_did_not_assess" in shut(licence, move, by=assessor, at=at)
    neither = {"decider_is_not_case_officer", "decider_did_not_assess"}
    assert not neither & shut(licence, move, by=people.board, at=at)


def test_a_former_officer_has_no_vote(firm, people, ozair, at):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    handed(case, ozair, people=people, at=at)
    officer = also(people.officer, "committee_member", at=at)
    tally = again(case).tally("grant_noc", at)
    assert tally.barred[officer] == ("Is or was its case officer.",)
    assert officer not in tally.members


# ── The same in the database ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_database_keeps_a_former_officer_from_deciding(case, people, ozair, at):
    handed(case, ozair, people=people, at=at)
    for person in (people.officer, ozair):
        with pytest.raises(IntegrityError, match="has or had this case in hand"), transaction.atomic():
            NocApplication.objects.filter(pk=case.pk).update(decided_by=person)


def test_the_database_knows_no_other_way_to_another_officer(case, people, ozair, at):
    with pytest.raises(IntegrityError, match="does not change its officer without a hand-over"), transaction.atomic():
        NocApplication.objects.filter(pk=case.pk).update(case_officer=ozair)
    with pytest.raises(IntegrityError, match="does not change its officer without a hand-over"), transaction.atomic():
        NocApplication.objects.filter(pk=case.pk).update(case_officer=None)
    handed(case, ozair, people=people, at=at)
    with pytest.raises(IntegrityError, match="does not change its officer without a hand-over"), transaction.atomic():
        NocApplication.objects.filter(pk=case.pk).update(case_officer=people.officer)
    with pytest.raises(IntegrityError, match="added and never changed"), transaction.atomic():
        Handover.objects.update(reasons="Other.")
    with pytest.raises(IntegrityError, match="added and never changed"), transaction.atomic():
        Handover.objects.all().delete()


@pytest.mark.parametrize("field", ["recommended_by", "decided_by", "revoked_by"])
def test_the_database_gives_no_case_to_whoever_decided_on_it(case, people, at, field):
    NocApplication.objects.filter(pk=case.pk).update(**{field: people.member})
    Handover.objects.create(
        firm=case.firm,
        subject_type="licensing.nocapplication",
        subject_id=case.pk,
        handed_from=people.officer,
        handed_to=people.member,
        reasons="By hand.",
        handed_by=people.supervisor,
        handed_at=at,
    )
    with pytest.raises(IntegrityError, match="is_not_case_officer"), transaction.atomic():
        NocApplication.objects.filter(pk=case.pk).update(case_officer=people.member)


def test_the_database_keeps_officers_and_assessors_from_what_came_of_a_case(licence, people, at):
    setup = SetUp.objects.get(noc__firm=licence.firm)
    renewal = licence.renewals.get()
    for model, row, field, somebody_else in (
        (SetUp, setup, "confirmed_by", people.member),
        (Licence, licence, "suspended_by", people.member),
        (Licence, licence, "revoked_by", people.board),
        (Renewal, renewal, "decided_by", people.member),
    ):
        with pytest.raises(IntegrityError, match="has or had this case in hand"), transaction.atomic():
            model.objects.filter(pk=row.pk).update(**{field: people.officer})
        with pytest.raises(IntegrityError, match="assessed or moderated this firm"), transaction.atomic():
            model.objects.filter(pk=row.pk).update(**{field: people.moderator})
        model.objects.filter(pk=row.pk).update(**{field: somebody_else})


def test_the_database_keeps_them_from_what_is_decided_about_a_licence(licence, people, at, later):
    """Measures and surrenders have signatures of their own, and so has a fee that is waived."""
    life.restrict(licence, people=people, at=later(3))
    life.surrender_asked(again(licence), people=people, at=later(4))
    fee = path.change_setting(
        "fee.renewal", "1000", effective_from=timezone.localdate(later(9)), people=people, at=later(5)
    )
    assert fee.state == "published"
    renewal = licence.renewals.get()
    invoice = raise_invoice(renewal, "renewal", activities=[], by=None, at=later(10))
    ask_for_waiver(invoice, reasons="Hardship.", by=people.applicant, at=later(10))
    for model, row, field in (
        (Measure, Measure.objects.get(), "decided_by"),
        (Measure, Measure.objects.get(), "ended_by"),
        (Surrender, Surrender.objects.get(), "decided_by"),
        (Invoice, invoice, "waived_by"),
    ):
        with pytest.raises(IntegrityError, match="has or had this case in hand"), transaction.atomic():
            model.objects.filter(pk=row.pk).update(**{field: people.officer})
        with pytest.raises(IntegrityError, match="assessed or moderated this firm"), transaction.atomic():
            model.objects.filter(pk=row.pk).update(**{field: people.moderator})
        model.objects.filter(pk=row.pk).update(**{field: people.board2})


def test_the_database_keeps_them_from_the_aml_services(firm, people, at):
    case = path.noc_case(firm, people=people, at=at)
    request = path.aml_request(case.setup, people=people, at=at)
    for field in ("decided_by", "ended_by"):
        with pytest.raises(IntegrityError, match="has or had this case in hand"), transaction.atomic():
            AmlRegistration.objects.filter(pk=request.pk).update(**{field: people.officer})
