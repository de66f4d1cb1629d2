"""The checklist: what is on it, and when a case is complete."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from licensing.actions import checklists, evidence, interests
from licensing.models import ChecklistTick, Criterion, Evidence, EvidenceKind
from licensing.models.checklists import checklist_of
from pvara.demo import path
from tests.licensing.deficiencies import check, find_wanting, shut


def test_the_checklist_of_a_noc_is_the_form_and_what_is_mandatory(case, at):
    assert [each.key for each in checklist_of(case, at)] == [
        *(f"section:{each.key}" for each in case.form),
        *(f"criterion:{code}" for code in ("1.1", "1.3", "1.5", "2.1", "3.1", "3.2", "4.3")),
    ]


def test_the_checklist_of_a_licence_asks_for_everything_that_is_mandatory_by_then(full, at):
    marked = set(Criterion.objects.filter(domain__framework__state="published").exclude(mark="").values_list("code"))
    items = [each.key for each in checklist_of(full, at)]
    assert {(key.removeprefix("criterion:"),) for key in items if key.startswith("criterion:")} == marked
    assert items[: len(full.form)] == [f"section:{each.key}" for each in full.form]


def test_a_case_is_complete_when_every_item_is_in_order(case, people, at):
    assert len(shut(case, "declare_complete", at=at)["checklist_is_complete"]) == len(checklist_of(case, at)) == 14
    found = {each.key: ("in_order", "Seen.") for each in checklist_of(case, at)}
    found.pop("section:aml")
    check(case, found, by=people.officer, at=at)
    said = ("AML, sanctions and monitoring: not looked at.",)
    assert shut(case, "declare_complete", at=at) == {"checklist_is_complete": said}
    find_wanting(case, people, at)
    said = ("AML, sanctions and monitoring: found wanting.",)
    assert shut(case, "declare_complete", at=at) == {"checklist_is_complete": said}
    check(case, {"section:aml": ("in_order", "")}, by=people.officer, at=at)
    assert shut(case, "declare_complete", at=at) == {}


def test_a_tick_says_who_looked_and_is_never_changed(case, people, at):
    find_wanting(case, people, at)
    tick = ChecklistTick.objects.get()
    assert (tick.item, tick.verdict, tick.note, tick.recorded_by, tick.recorded_at) == (
        "section:aml",
        "wanting",
        "The tool is not named.",
        people.officer,
        at,
    )
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        ChecklistTick.objects.update(verdict="in_order")
    find_wanting(case, people, at)
    assert ChecklistTick.objects.count() == 1


@pytest.mark.parametrize(
    ("item", "verdict", "note", "said"),
    [
        ("section:nowhere", "in_order", "", "The checklist has no such item."),
        ("section:aml", "perhaps", "", "Choose one of: in_order, wanting."),
        ("section:aml", "wanting", " ", "Say what is wanting: a deficiency starts from it."),
        ("criterion:1.1", "in_order", "", "No document is there for it. Say why it is in order all the same."),
    ],
)
def test_what_the_checklist_does_not_take(case, people, at, item, verdict, note, said):
    path.step(Evidence.objects.get(criteria__code="1.1"), "reject", by=people.officer, at=at, note="Unsigned.")
    good = {"section:plan": ("in_order", ""), item: (verdict, note)} if item == "section:nowhere" else {}
    with pytest.raises(ValidationError) as refusal:
        checklists.check_items(case, {item: (verdict, note), **good}, by=people.officer, at=at)
    assert refusal.value.message_dict[item] == [said]
    assert ChecklistTick.objects.count() == 0


def test_only_a_case_officer_without_an_interest_keeps_the_checklist(case, people, at):
    for who in (people.applicant, people.supervisor, people.assessor):
        with pytest.raises(PermissionDenied):
            checklists.check_items(case, {}, by=who, at=at)
    interests.declare(case.firm, by=people.officer, at=at, nature="other", explanation="A friend.")
    with pytest.raises(PermissionDenied, match="You have an interest in this firm"):
        find_wanting(case, people, at)


def test_the_checklist_is_kept_only_while_it_is_checked(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    with pytest.raises(ValidationError, match="while the application is checked"):
        find_wanting(case, people, at)


def test_a_document_that_is_rejected_puts_its_item_back(case, people, at):
    criterion = Criterion.objects.get(code="1.1", domain__framework__edition="1.0")
    file = SimpleUploadedFile("policy.txt", b"A policy.\n", "text/plain")
    told = {"title": "Policy", "kind": EvidenceKind.objects.get(code="policy"), "criteria": [criterion]}
    piece = evidence.upload_evidence(case.firm, by=people.applicant, at=at, file=file, **told)
    path.tick_off(case, people=people, at=at)
    path.give_evidence(case.firm, [criterion], title="One more", people=people, at=at)
    assert shut(case, "declare_complete", at=at) == {}
    path.step(piece, "reject", by=people.officer, at=at, note="Not the policy.")
    assert shut(case, "declare_complete", at=at) == {
        "checklist_is_complete": ("1.1 Board-approved AML/CFT policy aligned with AMLA 2010: changed since.",)
    }
