"""The pages of the dated tables: reading them, proposing a row, publishing it, and what shows on cases."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing import letters
from licensing.models import Deficiency, Letter, NocApplication, ReturnKind, TableChange
from licensing.models.tables import TABLES
from pvara.kernel import audit
from tests.api.program import Program


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def first_day():
    return timezone.localdate() + timedelta(days=30)


@pytest.fixture
def why(first_day):
    return {
        "effective_from": first_day.isoformat(),
        "source": "Resolution 12 of the board",
        "reasons": "It proved too long.",
    }


def page_of(act, *args):
    return reverse(f"staff:{act}", args=args)


def typed(form, **changed):
    """What a browser would send of a form as it is shown, with some of it changed."""
    sent = {}
    for bound in form:
        value = bound.value()
        if value not in (None, False, []):
            sent[bound.html_name] = "on" if value is True else value
    return {**sent, **changed}


def test_every_table_and_every_entry_can_be_read(world, people, browse):
    officer = browse(people.officer)
    listed = text(officer.get(reverse("staff:tables")))
    assert f'href="{reverse("staff:tables")}"' in text(officer.get(reverse("staff:settings")))
    change = TableChange.objects.get(table="letters")
    assert f'<a href="{change.get_absolute_url()}">{change.reference}</a>' in listed
    for table in TABLES.values():
        assert f'<a href="{table.get_absolute_url()}">{table.title}</a>' in listed
        page = text(officer.get(table.get_absolute_url()))
        entry = table.entries()[0]
        assert f'href="{entry.get_absolute_url()}"' in page
        shown = text(officer.get(entry.get_absolute_url()))
        assert ("In force" in shown, "Propose a new version" in shown) == (True, False)


def test_from_the_form_to_the_row(world, people, browse, why, first_day):
    supervisor = browse(people.supervisor)
    address = page_of("table_row_change", "returns", "conduct")
    form = supervisor.get(address).context["form"]
    answer = supervisor.post(address, typed(form, due_days="20", **why), follow=True)
    change = TableChange.objects.get(table="returns", code="conduct")
    assert answer.redirect_chain[-1][0] == change.get_absolute_url()
    assert (change.content, change.effective_from) == ({**change.was, "due_days": 20}, first_day)
    waits = text(supervisor.get(page_of("table_row", "returns", "conduct")))
    assert "It is published, refused or withdrawn before another can be proposed." in waits
    assert "Propose a new version" not in waits
    board = browse(people.board)
    shown = text(board.get(change.get_absolute_url()))
    assert [f"{days} calendar days" in shown for days in (30, 20)] == [True, True]
    assert shown.count(">Changes</span>") == 1
    board.post(reverse("move", args=["licensing.tablechange", change.pk, "publish"]), {"version": change.version})
    row = ReturnKind.objects.get(code="conduct", effective_from=first_day)
    assert (row.due_days, [each.event for each in audit.history(row)]) == (20, ["published"])
    assert f"Another version from {first_day.day} {first_day:%B %Y}" in text(board.get(page_of("table", "returns")))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"due_days": ""}, "Say how many days after the period, or after the event, it is due."),
        ({"effective_from": "2026-01-01"}, "Give a day that has not begun"),
        ({"reasons": ""}, "This field is required."),
        ({"row_2_key": "No key"}, "Row 2: give a key of small letters"),
        ({"frequency": "daily"}, "daily is not one of the available choices."),
    ],
)
def test_a_mistake_in_a_row_is_told_and_nothing_typed_is_lost(world, people, browse, why, changed, told):
    supervisor = browse(people.supervisor)
    address = page_of("table_row_change", "returns", "conduct")
    sent = typed(supervisor.get(address).context["form"], row_6_key="tips", row_6_label="Tips received", **why)
    answer = supervisor.post(address, {**sent, "row_6_kind": "count", **changed})
    page = text(answer)
    kept = {name: f'value="{sent[name]}"' in page for name in ("source", "row_6_label", "row_1_key")}
    assert (answer.status_code, told in page, kept) == (422, True, dict.fromkeys(kept, True))
    assert not TableChange.objects.filter(table="returns", code="conduct").exists()


def test_what_the_form_misses_and_what_is_wrong_with_the_row_are_told_together(world, people, browse):
    supervisor = browse(people.supervisor)
    address = page_of("table_row_change", "agencies", "SBP")
    sent = typed(supervisor.get(address).context["form"], email="not an address", phases=[])
    answer = supervisor.post(address, sent)
    assert answer.status_code == 422
    assert dict(answer.context["form"].errors) == {
        "effective_from": ["This field is required."],
        "source": ["This field is required."],
        "reasons": ["This field is required."],
        "email": ["Write an e-mail address, such as office@example.gov.pk, or leave it empty."],
        "phases": ["Choose at least one."],
    }


def test_a_new_entry_is_set_beside_nothing_and_says_its_words(world, people, browse, why):
    supervisor = browse(people.supervisor)
    said = {"code": "NCA", "name": "National Cyber Agency", "phases": ["FULL"], **why}
    page = text(supervisor.post(page_of("table_row_new", "agencies"), said, follow=True))
    assert ("As it is</th>" in page, ">Changes</span>" in page, "Full licence" in page) == (False, False, True)


def test_a_row_is_added_to_what_a_return_asks_for(world, people, browse, why):
    supervisor = browse(people.supervisor)
    address = page_of("table_row_change", "returns", "conduct")
    more = {"row_6_key": "tips", "row_6_label": "Tips received", "row_6_kind": "count", "row_6_optional": "on"}
    supervisor.post(address, typed(supervisor.get(address).context["form"], **more, **why))
    change = TableChange.objects.get(table="returns", code="conduct")
    assert change.content["fields"] == [
        *change.was["fields"],
        {"key": "tips", "label": "Tips received", "kind": "count", "required": False},
    ]


def test_a_letter_is_looked_at_before_it_is_proposed(world, people, browse, why):
    supervisor = browse(people.supervisor)
    address = page_of("table_row_change", "letters", "L10")
    words = {"paragraphs": "It is valid to {valid_to}.\n\nKeep it.", "appeal": "To the {appeal_forum}."}
    sent = typed(supervisor.get(address).context["form"], **words, **why)
    seen = text(supervisor.post(address, {**sent, "preview": "1"}))
    assert ("Paragraphs</label>" in seen, "Right of appeal <span" in seen) == (True, True)
    assert "<li>It is valid to 1 January 2027.</li><li>Keep it.</li>" in seen
    assert "To the Virtual Assets Appellate Tribunal." in seen
    assert "It is valid to {valid_to}." in seen
    assert not TableChange.objects.filter(code="L10").exists()
    # From which day on, by whose decision and why is nothing that a look needs.
    early = {name: said for name, said in sent.items() if name not in why}
    assert "<li>It is valid to 1 January 2027.</li>" in text(supervisor.post(address, {**early, "preview": "1"}))
    wrong = supervisor.post(address, {**early, "paragraphs": "Until {sunset}.", "preview": "1"})
    assert list(wrong.context["form"].errors) == ["paragraphs"]
    wrong = supervisor.post(address, {**sent, "paragraphs": "Until {sunset}, whatever comes."})
    page = text(wrong)
    assert (wrong.status_code, "This letter has no {sunset}." in page) == (422, True)
    assert "Until {sunset}, whatever comes.</textarea>" in page
    supervisor.post(address, sent)
    change = TableChange.objects.get(code="L10")
    assert change.content["paragraphs"] == ["It is valid to {valid_to}.", "Keep it."]
    assert "It is valid to 1 January 2027." in text(browse(people.board).get(change.get_absolute_url()))


def test_every_letter_has_the_places_that_its_wording_may_use(world):
    """What the list of places promises, the letters that were written had; else a wording could stop one for good."""
    written = Letter.objects.exclude(code="L12")
    assert len({each.code for each in written}) > 9
    for each in written:
        has = letters.about(each.code, each.subject_type, each.subject_id, each.decided_at).words
        missing = set(letters.places_of(each.code)) - set(letters.places_of("L12")) - set(has)
        assert missing == set(), each.code


def test_an_activity_and_an_agency_have_their_forms(world, people, browse, why):
    finance = browse(people.finance)
    address = page_of("table_row_change", "activities", "custody")
    form = finance.get(address).context["form"]
    refused = finance.post(address, typed(form, minimum_capital_pkr="-5", criteria=["5.1", "99.9"], **why))
    assert (refused.status_code, "99.9 is not one of the available choices." in text(refused)) == (422, True)
    refused = finance.post(address, typed(form, minimum_capital_pkr="-5", **why))
    assert "capital is never negative." in text(refused)
    assert 'value="-5"' in text(refused)
    finance.post(address, typed(form, minimum_capital_pkr="50,000,000", criteria=["5.1"], **why))
    change = TableChange.objects.get(table="activities")
    assert (change.content["minimum_capital_pkr"], change.content["criteria"]) == ("50000000", ["5.1"])
    said = {"code": "NCA", "name": "National Cyber Agency", "phases": ["FULL"], **why}
    finance.post(page_of("table_row_new", "agencies"), said)
    assert "National Cyber Agency" in text(finance.get(page_of("table", "agencies")))
    finance.post(page_of("table_row_end", "agencies", "FBR"), why)
    assert TableChange.objects.get(code="FBR").content["ended"] is True


def test_what_the_regime_fixes_has_no_page_that_adds_or_ends_it(world, people, browse):
    supervisor = browse(people.supervisor)
    for address in (
        page_of("table_row_new", "letters"),
        page_of("table_row_end", "letters", "L10"),
        page_of("table", "fees"),
        page_of("table_row", "returns", "nothing"),
    ):
        assert supervisor.get(address).status_code == 404


def test_a_case_shows_the_agencies_and_the_terms_that_it_keeps(world, people, browse):
    officer, asked_of = browse(people.officer), r"Agencies consulted</a></th><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td>"
    closed = text(officer.get(world.licence.application.get_absolute_url()))
    assert re.search(r'tables/activities/rows/\w+/">Criteria and inspection: ', closed)
    assert re.search(asked_of, closed) is None
    noc = NocApplication.objects.get(pk=Deficiency.objects.latest("pk").subject_id)
    row = re.search(asked_of, text(officer.get(noc.get_absolute_url())))
    assert row is not None
    assert [each.strip() for each in row.groups()] == [
        *["FMU (blocks), SBP, SECP, MOI (blocks), FBR"] * 2,
        "the same",
    ]


def test_programs_read_the_tables_and_propose_rows(world, people, first_day):
    program, board = Program(people.finance), Program(people.board)
    assert [each["name"] for each in program.get("tables/").json()] == list(TABLES)
    found = program.get("tables/returns/").json()
    reserves = next(each for each in found["entries"] if each["code"] == "reserves")
    assert reserves["in_force"]["content"]["due_days"] == 15
    why = {"effective_from": str(first_day), "source": "SRO 9", "reasons": "Too long."}
    body = {"table": "returns", "code": "reserves", **why}
    wrong = program.post("table-changes/", {**body, "content": {"due_days": None}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "due_days")
    made = program.post("table-changes/", {**body, "content": {"due_days": 5}})
    assert made.status_code == 201, made.json()
    moved = board.post(f"table-changes/{made.json()['id']}/moves/publish/", {"expected_version": 0})
    assert moved.status_code == 200, moved.json()
    again = program.get("tables/returns/").json()
    reserves = next(each for each in again["entries"] if each["code"] == "reserves")
    assert [each["content"]["due_days"] for each in reserves["versions"]] == [5, 15]
