"""What is drafted, and a case that is returned for it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from licensing.actions import deficiencies
from licensing.models import Deficiency, Letter
from pvara.demo import path
from pvara.kernel import audit, clock, outbox, roles
from pvara.kernel.clock import Limit
from pvara.kernel.seen import mark
from tests.licensing.deficiencies import DAYS30, answered, returned, shut


# ── Drafting ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_deficiency_is_drafted_put_right_and_dropped(case, people, at, later):
    row = deficiencies.draft_deficiency(case, by=people.officer, at=at, missing=" No minute. ", item="criterion:1.1")
    assert str(row) == "1.1 Board-approved AML/CFT policy aligned with AMLA 2010: No minute."
    said = {"missing": "No signed minute.", "seen": mark(row.drafted)}
    row = deficiencies.redraft_deficiency(row, by=people.officer, at=later(1), **said)
    assert (str(row), row.item, row.drafted_at) == ("No signed minute.", "", later(1))
    deficiencies.drop_deficiency(row, by=people.officer, at=later(1), seen=mark(row.drafted))
    assert Deficiency.objects.count() == 0
    assert [each.event for each in audit.history(case)][-3:] == [
        "deficiency_drafted",
        "deficiency_redrafted",
        "deficiency_dropped",
    ]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"missing": "  "}, "missing"),
        ({"missing": "x" * 4001}, "missing"),
        ({"missing": "No minute.", "item": "section:nowhere"}, "item"),
    ],
)
def test_a_deficiency_that_says_nothing_is_refused(case, people, at, said, field):
    with pytest.raises(ValidationError) as refusal:
        deficiencies.draft_deficiency(case, by=people.officer, at=at, **said)
    assert list(refusal.value.message_dict) == [field]


def test_only_case_officers_draft_and_only_while_it_is_checked(case, people, at):
    for who in (people.applicant, people.supervisor, people.assessor):
        with pytest.raises(PermissionDenied):
            deficiencies.draft_deficiency(case, by=who, at=at, missing="No minute.")
    case = returned(case, people, at)
    with pytest.raises(ValidationError, match="while the application is checked"):
        deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")


def test_the_applicant_never_sees_a_draft(case, people, at):
    row = deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")
    seen = Deficiency.objects.visible_to
    assert (seen(people.applicant).count(), seen(people.officer).count()) == (0, 1)
    with pytest.raises(ValidationError):
        deficiencies.answer_deficiency(row, by=people.applicant, at=at, answer="Here.")
    returned(case, people, at)
    assert seen(people.applicant).count() == 2


def test_what_is_drafted_falls_when_the_case_is_complete_after_all(case, people, at):
    deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")
    path.tick_off(case, people=people, at=at)
    path.step(case, "declare_complete", by=people.officer, at=at)
    assert Deficiency.objects.count() == 0


# ── Returning ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_is_returned_only_with_something_to_complete(case, people, at):
    assert shut(case, "return_incomplete", by=people.supervisor, at=at) == {"deficiencies_are_drafted": ()}
    deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")
    assert shut(case, "return_incomplete", by=people.supervisor, at=at) == {}


def test_whoever_drafted_does_not_return(case, people, at):
    roles.grant(people.officer, "supervisor", by=None, at=at)
    officer = type(people.officer).objects.get(pk=people.officer.pk)
    deficiencies.draft_deficiency(case, by=officer, at=at, missing="No minute.")
    assert shut(case, "return_incomplete", by=officer, at=at) == {"returner_did_not_draft": ()}
    assert shut(case, "return_incomplete", by=people.supervisor, at=at) == {}
    with pytest.raises(IntegrityError, match="deficiency_returner_is_not_drafter"), transaction.atomic():
        Deficiency.objects.update(returned_at=at, returned_by=officer, round=1)


def test_a_return_fixes_the_list_stops_the_clocks_and_asks_for_a_new_signature(case, people, at, later):
    case = returned(case, people, at, "No minute.", "No owner below Holding.")
    rows = Deficiency.objects.about(case)
    assert [(each.round, each.returned_by, each.returned_at, each.is_open) for each in rows] == [
        (1, people.supervisor, at, True)
    ] * 2
    assert case.declaration_signed_at is None
    assert clock.reading(case, "decision", limit=Limit(60), at=later(10)).status == "paused"
    assert clock.reading(case, "answer", limit=DAYS30, at=later(10)).remaining == 20
    assert case.answer_due_on() == timezone.localdate(later(30))
    with pytest.raises(DatabaseError, match="it never changes"), transaction.atomic():
        rows.update(missing="Nothing.")
    with pytest.raises(DatabaseError, match="it never changes"), transaction.atomic():
        rows.all()[0].delete()


def test_the_letter_lists_what_is_missing_and_the_last_day(case, people, at, later):
    case = returned(case, people, at, "No minute.", "No owner below Holding.")
    # Written late, it says what was said then.
    case = returned(answered(case, people, later(1)), people, later(2), "The minute is not signed.")
    outbox.drain()
    first, second = Letter.objects.filter(code="L02").order_by("issued_at")
    assert first.content["items"] == ["No minute.", "No owner below Holding."]
    assert (first.content["items_title"], first.content["reasons"]) == ("What is missing", "Please complete it.")
    assert ["To be answered by", "3 April 2026"] in first.content["facts"]
    assert second.content["items"] == ["The minute is not signed."]


def test_a_licence_application_is_returned_by_a_letter_of_its_own(full, people, at, later):
    case = returned(full, people, at)
    case = answered(case, people, later(3))
    assert clock.reading(case, "completeness", limit=Limit(25, "working_days"), at=later(3)).status == "running"
    path.tick_off(case, people=people, at=later(4))
    path.step(case, "declare_complete", by=people.officer, at=later(4))
    outbox.drain()
    codes = Letter.objects.filter(subject_type="licensing.licenceapplication").order_by("issued_at")
    assert list(codes.values_list("code", flat=True)) == ["L30", "L31", "L32"]
    assert codes.last().content["facts"][-1][0] == "Decision due by"
