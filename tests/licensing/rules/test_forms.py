"""What an application needs before it is submitted: its form, its documents, its signature, and no other case."""

import pytest
from django.db import IntegrityError, transaction

from licensing.actions import applications, full
from licensing.models import (
    Criterion,
    Evidence,
    NocApplication,
)
from pvara.demo import answers, life, path
from pvara.kernel import audit
from pvara.kernel.seen import ChangedMeanwhile, mark
from tests.licensing.rules import shut


# ── The form ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_untouched_form_is_told_everything_that_it_lacks(draft, at):
    said = shut(draft, "submit", at=at)
    assert list(said) == ["sections_are_complete", "documents_are_present", "declaration_is_signed"]
    required = [each for section in draft.form for each in section.questions if each.required]
    assert len(said["sections_are_complete"]) == len(required)
    assert said["sections_are_complete"][0] == "The applicant: “Name of the contact person” has no answer."


def test_a_form_that_is_filled_in_signed_and_paid_may_go(draft, people, at):
    assert shut(path.fill_in(draft, people=people, at=at), "submit", at=at) == {}


def test_each_criterion_that_always_applies_comes_with_a_document(draft, people, at):
    always = Criterion.objects.filter(domain__framework__edition="1.0", applies_from="NOC").exclude(mark="")
    wanted = [f"{each}: {each.evidence_wanted}." for each in always.order_by("domain__order", "order")]
    assert list(shut(draft, "submit", at=at)["documents_are_present"]) == wanted
    # What nobody has accepted yet is there all the same; what was rejected, or is infected, is not.
    case = path.fill_in(draft, people=people, at=at)
    assert shut(case, "submit", at=at) == {}
    policies = Evidence.objects.get(firm=case.firm, criteria__code="1.1")
    Evidence.objects.filter(pk=policies.pk).update(scan="infected")
    served = set(policies.criteria.values_list("code", flat=True))
    lacking = tuple(each for each in wanted if each.split()[0] in served)
    assert shut(case, "submit", at=at) == {"documents_are_present": lacking}
    Evidence.objects.filter(pk=policies.pk).update(scan="clean")
    path.step(policies, "reject", by=people.officer, at=at, note="Not signed.")
    assert shut(case, "submit", at=at) == {"documents_are_present": lacking}
    path.supply(case.firm, "NOC", people=people, at=at)
    assert shut(case, "submit", at=at) == {}


@pytest.mark.parametrize("nothing", ["", "   ", None])
def test_one_answer_that_is_missing_is_named(draft, people, at, nothing):
    case = path.fill_in(draft, people=people, at=at, mlro=nothing)
    assert shut(case, "submit", at=at) == {
        "sections_are_complete": ("Key individuals: “Money-laundering reporting officer (MLRO)” has no answer.",)
    }


def test_what_is_optional_may_stay_open(draft, people, at):
    assert shut(path.fill_in(draft, people=people, at=at, launch="", employees=""), "submit", at=at) == {}


def test_a_change_after_the_signature_asks_for_a_new_one(draft, people, at):
    case = path.fill_in(draft, people=people, at=at)
    said, seen = answers.to(case.form)["aml"], mark(case.answers_of("aml"))
    case = applications.save_answers(case, "aml", said, by=people.applicant, at=at, seen=seen)
    assert shut(case, "submit", at=at) == {"declaration_is_signed": ()}
    assert (
        shut(applications.sign_declaration(case, by=people.applicant, at=at, seen=mark(case.answers)), "submit", at=at)
        == {}
    )


def test_nobody_signs_what_they_have_not_read(draft, people, at):
    case = path.fill_in(draft, people=people, at=at)
    read, said = mark(case.answers), {**answers.to(case.form)["aml"], "screening_tool": "Another."}
    seen = mark(case.answers_of("aml"))
    case = applications.save_answers(case, "aml", said, by=people.applicant, at=at, seen=seen)
    for stale in (read, ""):
        with pytest.raises(ChangedMeanwhile, match="Meanwhile Amina wrote here"):
            applications.sign_declaration(case, by=people.applicant, at=at, seen=stale)
    assert NocApplication.objects.get(pk=case.pk).declaration_signed_at is None
    signed = applications.sign_declaration(case, by=people.applicant, at=at, seen=mark(case.answers))
    assert signed.declaration_signed_by == people.applicant


# ── One case, one licence ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_firm_has_one_case_open_and_a_draft_is_not_one(firm, draft, people, at):
    first = path.noc_case(firm, people=people, at=at, until="submitted")
    second = path.fill_in(draft, people=people, at=at)
    assert shut(second, "submit", at=at) == {"no_other_case_is_open": (f"See {first.reference}.",)}


def test_a_decided_case_makes_room_for_another(firm, draft, people, at):
    path.noc_case(firm, people=people, at=at, until="refused", rating=2)
    assert shut(path.fill_in(draft, people=people, at=at), "submit", at=at) == {}


def test_the_database_keeps_one_case_open(firm, draft, people, at):
    path.noc_case(firm, people=people, at=at, until="submitted")
    audit.record(draft, event="submit", by=None, at=at, from_state="draft", to_state="submitted")
    with pytest.raises(IntegrityError, match="noc_one_open_case_a_firm"), transaction.atomic():
        NocApplication.objects.filter(pk=draft.pk).update(state="submitted")


def test_a_firm_with_a_licence_does_not_apply_for_another(firm, people, basma, at, later):
    licence = path.licensed(firm, people=people, at=at)
    done = licence.application.setup
    again = full.open_licence_application(done, by=people.applicant, at=later(3))
    again = path.fill_in(again, people=people, at=later(3))
    for suspended in (False, True):
        if suspended:
            life.suspend(licence, people=people, at=later(3))
        assert shut(again, "submit", at=later(3)) == {"no_licence_is_live": (f"See {licence.reference}.",)}
    life.revoke(licence, people=people, at=later(4), by=basma)
    assert shut(again, "submit", at=later(4)) == {}
