"""The dated tables: who changes a row and how, what it may say, from when, and for whom."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing import letters
from licensing.actions import supervision, tables
from licensing.actions.letters import write_letter
from licensing.letters.places import MEANINGS, faults_of, sample_of
from licensing.models import ActivityKind, Agency, Filing, LetterText, ReturnKind, TableChange
from licensing.models.activities import terms_in_force
from licensing.models.tables import TABLES
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, perform
from pvara.kernel.models import Job
from tests.licensing.rules import shut

pytestmark = pytest.mark.django_db

FIRST = date(2026, 4, 1)
LETTER = {"paragraphs": ["The Authority received the application of {addressee} under number {case}."]}


@pytest.fixture
def proposed(regime, sana, at):
    """`proposed("returns", "reserves", {"due_days": 5})`: by the supervisor, from 1 April 2026."""

    def propose(table, code, content=None, **changed):
        said = {"effective_from": FIRST, "source": "SRO 12", "reasons": "It proved too long.", "by": sana, "at": at}
        return tables.propose(table, code, content or {}, **{**said, **changed})

    return propose


@pytest.fixture
def refused(proposed):
    """What is wrong with a proposal, by field."""

    def refuse(*asked, **changed):
        there = TableChange.objects.count()
        with pytest.raises(ValidationError) as refusal:
            proposed(*asked, **changed)
        assert TableChange.objects.count() == there
        return refusal.value.message_dict

    return refuse


def acknowledged(case):
    """The letter that acknowledges an application, as it was written."""
    with transaction.atomic():
        return write_letter(Job.objects.get(kind="letter", payload__code="L01", payload__subject_id=case.pk))


# ── From the proposal to the row ─────────────────────────────────────────────────────────────────────────────────────
def test_a_published_change_is_a_row_from_its_day_and_both_have_their_entries(proposed, bilal, at):
    before = ReturnKind.objects.get(code="reserves")
    change = proposed("returns", "reserves", {"due_days": "5"})
    assert str(change) == "Calendar of returns, Reserves and client assets: a new version from 1 April 2026"
    assert ReturnKind.objects.filter(code="reserves").count() == 1
    change = path.step(change, "publish", by=bilal, at=at)
    row = ReturnKind.objects.get(code="reserves", effective_from=FIRST)
    assert (row.due_days, row.fields, row.frequency, row.ended) == (5, before.fields, "monthly", False)
    assert row.source == f"SRO 12 ({change.reference})"
    assert [each.event for each in audit.history(change)] == ["proposed", "publish"]
    (entry,) = audit.history(row)
    assert (entry.event, entry.actor, entry.data["change"]) == ("published", bilal, change.reference)
    assert (entry.data["was"]["due_days"], entry.data["becomes"]["due_days"]) == (15, 5)
    assert Job.objects.filter(key=f"notice:table_change_published:{change.pk}:{change.proposed_by_id}").exists()


def test_whoever_proposed_a_row_does_not_publish_it(proposed, sana, bilal, at):
    change = proposed("returns", "reserves", {"due_days": 5})
    with pytest.raises(PermissionDenied):
        path.step(change, "publish", by=sana, at=at)
    assert "publisher_did_not_propose_it" not in shut(change, "publish", by=bilal, at=at)
    TableChange.objects.filter(pk=change.pk).update(proposed_by=bilal)
    change.refresh_from_db()
    assert "publisher_did_not_propose_it" in shut(change, "publish", by=bilal, at=at)
    with pytest.raises(IntegrityError, match="table_publisher_did_not_propose_it"), transaction.atomic():
        TableChange.objects.filter(pk=change.pk).update(published_by=bilal)


def test_a_row_whose_day_has_come_is_not_published_any_more(proposed, bilal, at):
    change = proposed("returns", "reserves", {"due_days": 5}, effective_from=date(2026, 3, 5))
    assert shut(change, "publish", by=bilal, at=at) == {}
    assert "first_day_is_to_come" in shut(change, "publish", by=bilal, at=at + timedelta(days=1))


def test_a_row_is_not_published_over_another_that_nobody_compared_it_with(proposed, people, bilal, at):
    """The capital of an activity is a setting too: what was proposed before would take its change back, unread."""
    change = proposed("activities", "custody", {"description": "Keeping assets for others."})
    path.change_setting("capital.custody", 50_000_000, effective_from=date(2026, 3, 20), people=people, at=at)
    assert shut(change, "publish", by=bilal, at=at) == {
        "row_is_as_it_was": (
            "Another version is published from 20 March 2026. Refuse or withdraw this one, and have it proposed anew.",
        )
    }
    with pytest.raises(MoveRefused):
        perform(change, "publish", by=bilal, at=at, expected_version=change.version)


def test_one_proposal_of_a_row_at_a_time_and_the_next_when_it_is_over(proposed, refused, sana, bilal, at):
    change = proposed("returns", "reserves", {"due_days": 5})
    said = "A change of it is proposed already. Publish, refuse or withdraw that first."
    assert refused("returns", "reserves", {"due_days": 6}) == {"reasons": [said]}
    path.step(change, "refuse", by=bilal, at=at, note="Too short.")
    again = proposed("returns", "reserves", {"due_days": 6})
    assert "withdrawn_by_its_proposer" not in shut(again, "withdraw", by=sana, at=at)
    path.step(again, "withdraw", by=sana, at=at, note="Not needed.")
    assert ReturnKind.objects.filter(code="reserves").count() == 1


def test_an_agency_is_added_changed_and_ended(proposed, bilal, at):
    said = {"name": "National Cyber Agency", "phases": ["FULL"], "blocks": "on", "email": ""}
    path.step(proposed("agencies", "NCA", said, act="add"), "publish", by=bilal, at=at)
    row = Agency.objects.get(code="NCA")
    assert (row.name, row.phases, row.blocks, row.effective_from) == ("National Cyber Agency", ["FULL"], True, FIRST)
    later = date(2026, 5, 1)
    path.step(proposed("agencies", "NCA", act="end", effective_from=later), "publish", by=bilal, at=at)
    last = Agency.objects.filter(code="NCA").latest("effective_from")
    assert (last.effective_from, last.ended, last.name) == (later, True, "National Cyber Agency")
    entry = TABLES["agencies"].entry("NCA")
    assert [entry.on(day) and entry.on(day).ended for day in (date(2026, 3, 31), FIRST, later)] == [None, False, None]


# ── For whom ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_letter_is_worded_as_on_the_day_of_its_decision_and_not_before(proposed, bilal, firm, people, at):
    path.step(proposed("letters", "L01", LETTER), "publish", by=bilal, at=at)
    before = path.noc_case(firm, people=people, at=at, until="submitted")
    assert len(acknowledged(before).content["paragraphs"]) == 3
    path.step(before, "withdraw", by=people.applicant, at=at, note="Later.")
    on_the_day = at + timedelta(days=(FIRST - timezone.localdate(at)).days)
    after = path.noc_case(firm, people=people, at=on_the_day, until="submitted")
    assert acknowledged(after).content["paragraphs"] == [
        f"The Authority received the application of {firm.legal_name} under number {after.reference}."
    ]
    # What was decided before is written in the words of before, though it is written afterwards.
    assert letters.wording("L01", date(2026, 3, 31)).paragraphs != LETTER["paragraphs"]


def test_new_days_of_a_return_are_for_the_periods_that_begin_with_them(proposed, bilal, firm, people, at, later):
    path.licensed(firm, people=people, at=at)
    path.step(
        proposed("returns", "reserves", {"due_days": 5}, effective_from=date(2026, 4, 10)), "publish", by=bilal, at=at
    )
    supervision.open_returns(later(94))
    assert [each.due_on for each in Filing.objects.filter(code="reserves").order_by("period_to")] == [
        date(2026, 4, 15),
        date(2026, 5, 15),
        date(2026, 6, 5),
    ]


def test_a_case_keeps_the_terms_and_the_agencies_of_its_day(proposed, bilal, firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    terms = {code: each.pk for code, each in case.activity_terms().items()}
    asked = [each.pk for each in case.agencies()]
    for table, code, content in (
        ("activities", "exchange", {"criteria": ["1.1"], "minimum_capital_pkr": "200,000,000"}),
        ("agencies", "SBP", {"blocks": True}),
    ):
        path.step(proposed(table, code, content), "publish", by=bilal, at=at)
    now = terms_in_force(FIRST)["exchange"]
    assert (now.criteria, now.minimum_capital_pkr) == (["1.1"], Decimal(200_000_000))
    assert {code: each.pk for code, each in case.activity_terms().items()} == terms
    assert [each.pk for each in case.agencies()] == asked


# ── What it may say ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("table", "code", "content", "field", "said"),
    [
        ("activities", "exchange", {"minimum_capital_pkr": "-1"}, "minimum_capital_pkr",
         "Give an amount of zero or more: capital is never negative."),
        ("activities", "exchange", {"minimum_capital_pkr": "much"}, "minimum_capital_pkr",
         "Give an amount in rupees, such as 50,000,000."),
        ("activities", "exchange", {"criteria": ["1.1", "99.9"]}, "criteria", "There is no criterion “99.9”."),
        ("activities", "exchange", {"inspected": ["roof"]}, "inspected", "There is no area “roof”."),
        ("activities", "exchange", {"fee": "1"}, "fee", "The table has no such column."),
        ("returns", "reserves", {"due_days": ""}, "due_days",
         "Say how many days after the period, or after the event, it is due."),
        ("returns", "reserves", {"due_days": None}, "due_days",
         "Say how many days after the period, or after the event, it is due."),
        ("returns", "reserves", {"due_days": "0"}, "due_days", "Give a whole number from 1 to 366."),
        ("returns", "reserves", {"frequency": "daily"}, "frequency",
         "Choose one of monthly, quarterly, annual, event."),
        ("returns", "reserves", {"fields": []}, "fields", "Give from 1 to 40 rows: a return asks for something."),
        ("returns", "reserves", {"fields": [{"key": "A b", "label": "A", "kind": "count"}]}, "fields",
         "Row 1: give a key of small letters, digits and underscores, such as client_assets_pkr."),
        ("returns", "reserves", {"fields": [{"key": "a", "label": "A", "kind": "count", "at_most": "b"}]}, "fields",
         "Row 1: there is no other row of numbers “b”."),
        ("agencies", "SBP", {"phases": []}, "phases", "Choose at least one."),
        ("agencies", "SBP", {"email": "nobody"}, "email",
         "Write an e-mail address, such as office@example.gov.pk, or leave it empty."),
        ("agencies", "SBP", {"name": " "}, "name", "Write something here."),
        ("letters", "L10", {"paragraphs": ["Valid to {valid_to}.", "By {sunset}."]}, "paragraphs",
         "Paragraph 2: This letter has no {sunset}. It has {addressee}, {case}, {date}, {appeal_days}, {appeal_by}, "
         "{appeal_forum}, {valid_to}."),
        ("letters", "L10", {"paragraphs": ["Valid to {valid_to."]}, "paragraphs",
         "Paragraph 1: A brace is open or closed on its own. Write {{ or }} where a brace itself is meant."),
        ("letters", "L10", {"legal_basis": "Under the {act}."}, "legal_basis",
         "Here stands no {act}: write it out."),
        ("letters", "L12", {"appeal": ""}, "appeal", "Write something here."),
        ("letters", "L10", {"paragraphs": " "}, "paragraphs", "Write at least one paragraph."),
    ],
)  # fmt: skip
def test_what_a_row_cannot_say_is_told_by_its_column(refused, table, code, content, field, said):
    assert refused(table, code, content) == {field: [said]}


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"effective_from": date(2026, 3, 4)}, "effective_from", "Give a day that has not begun"),
        ({"source": " "}, "source", "Say by which decision"),
        ({"reasons": ""}, "reasons", "Give the reasons"),
        ({"act": "add"}, "code", "There is such an entry already"),
        ({"act": "burn"}, "act", "Choose one of add, change, end."),
    ],
)
def test_what_else_the_proposal_of_a_row_needs(refused, changed, field, said):
    assert refused("returns", "reserves", {"due_days": 5}, **changed)[field][0].startswith(said)


def test_a_row_never_begins_before_one_that_is_published(proposed, refused, bilal, at):
    path.step(proposed("returns", "reserves", {"due_days": 5}), "publish", by=bilal, at=at)
    for day in (FIRST, date(2026, 3, 20)):
        assert refused("returns", "reserves", {"due_days": 6}, effective_from=day) == {
            "effective_from": ["Give a day after 1 April 2026, on which the newest version takes effect."]
        }


def test_a_return_changes_how_often_it_is_filed_only_where_a_period_begins(proposed, refused):
    fault = refused("returns", "reserves", {"frequency": "quarterly"}, effective_from=date(2026, 5, 1))
    assert list(fault) == ["effective_from"]
    assert "only from the first day of a quarter" in fault["effective_from"][0]
    assert proposed("returns", "reserves", {"frequency": "quarterly"}).content["frequency"] == "quarterly"


def test_what_the_regime_fixes_neither_comes_nor_goes(proposed, refused):
    assert list(refused("activities", "exchange", act="end")) == ["act"]
    assert list(refused("letters", "L99", LETTER, act="add")) == ["code"]
    assert list(refused("activities", "banking", {}, act="add")) == ["code"]
    assert refused("agencies", "NOBODY", {"blocks": True}) == {"code": ["There is no entry “NOBODY”."]}
    assert list(refused("fees", "annual")) == ["table"]
    proposed("agencies", "FBR", act="end")


def test_what_it_says_already_is_no_change(refused):
    assert refused("returns", "reserves", {"due_days": 15}) == {
        "reasons": ["It says so already: nothing would change."]
    }


def test_a_criterion_of_a_draft_alone_is_none_yet(refused, proposed, people, at):
    framework = path.drafted_framework("2.0", date(2026, 6, 1), people=people, at=at)
    criterion = framework.domains.first().criteria.first()
    type(criterion).objects.filter(pk=criterion.pk).update(code="1.99")
    fault = refused("activities", "exchange", {"criteria": ["1.99"]})
    assert fault == {"criteria": ["There is no criterion “1.99”."]}


def test_who_may_not_propose_a_row(proposed, omar):
    with pytest.raises(PermissionDenied):
        proposed("returns", "reserves", {"due_days": 5}, by=omar)


# ── The places of letters ────────────────────────────────────────────────────────────────────────────────────────────
def test_every_wording_that_is_loaded_keeps_to_the_places_of_its_letter(regime):
    for text in LetterText.objects.all():
        places = letters.places_of(text.code)
        for each in (*text.paragraphs, text.appeal):
            assert faults_of(each, places) == "", (text, each)
        assert letters.specimen(text, timezone.localdate()).paragraphs
    assert set(sample_of("L50")) <= set(MEANINGS)


def test_every_table_reads_the_rows_that_are_loaded(regime):
    for table in TABLES.values():
        for entry in table.entries():
            content = table.content(entry.newest)
            named = {name: said for name, said in content.items() if name != "ended"}
            kept = tables.checked(table, entry.code, named, act="change", on=FIRST)
            assert kept == content, entry.code
    assert ActivityKind.objects.exists()
