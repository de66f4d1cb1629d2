"""The settings of the regime: who changes one and how, what it may say, from when, and for whom."""

import ast
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from licensing.actions import settings
from licensing.actions.requests import SWITCHES
from licensing.faces.settings import section_of
from licensing.models import ActivityKind, SettingChange, TariffRow
from licensing.models.activities import terms_in_force
from licensing.models.settings import clocks_of, every_setting, setting_called
from licensing.states import Activity
from pvara.demo import path
from pvara.kernel import audit, clock, deadlines, figures
from pvara.kernel.machine import MoveRefused, machines, perform
from pvara.kernel.models import Figure, Job
from tests.licensing.rules import shut

pytestmark = pytest.mark.django_db

FIRST = date(2026, 4, 1)


@pytest.fixture
def proposed(regime, sana, at):
    """`proposed("noc.decision", 45)`: by the supervisor, from 1 April 2026."""

    def propose(key, value, **changed):
        said = {"effective_from": FIRST, "source": "SRO 12", "reasons": "It proved too long.", "by": sana, "at": at}
        return settings.propose(key, value, **{**said, **changed})

    return propose


# ── From the proposal to the row ─────────────────────────────────────────────────────────────────────────────────────
def test_a_published_change_holds_from_its_day(proposed, bilal, at):
    change = proposed("noc.decision", "45")
    assert (change.was, change.value, str(change)) == (
        60,
        45,
        "Decision on a NOC application: 45 calendar days, from 1 April 2026",
    )
    assert figures.value("noc.decision", on=FIRST) == 60
    change = path.step(change, "publish", by=bilal, at=at)
    assert [figures.value("noc.decision", on=day) for day in (date(2026, 3, 31), FIRST)] == [60, 45]
    row = Figure.objects.get(key="noc.decision", effective_from=FIRST)
    assert (row.source, row.mark) == (f"SRO 12 ({change.reference})", "F")
    assert [each.event for each in audit.history(change)] == ["proposed", "publish"]
    told = [job.payload["to"] for job in Job.objects.filter(key__startswith=f"notice:setting_proposed:{change.pk}:")]
    assert bilal.pk in told
    assert Job.objects.filter(key=f"notice:setting_published:{change.pk}:{change.proposed_by_id}").exists()


def test_a_fee_goes_into_the_tariff_and_capital_into_the_terms_of_the_activity(proposed, bilal, at):
    path.step(proposed("fee.annual.exchange", "1,000,000.50"), "publish", by=bilal, at=at)
    fee = TariffRow.objects.get(kind="annual", activity="exchange", is_sample=False)
    assert (fee.amount_pkr, fee.effective_from, fee.entered_by) == (Decimal("1000000.50"), FIRST, bilal)
    before = terms_in_force(FIRST)["custody"]
    path.step(proposed("capital.custody", 50_000_000), "publish", by=bilal, at=at)
    after = terms_in_force(FIRST)["custody"]
    assert (before.minimum_capital_pkr, after.minimum_capital_pkr) == (Decimal(45_600_000), Decimal(50_000_000))
    of_the_change = {"id", "minimum_capital_pkr", "effective_from", "mark", "source"}
    went_on = {each.attname for each in ActivityKind._meta.concrete_fields} - of_the_change
    assert {name: getattr(after, name) for name in went_on} == {name: getattr(before, name) for name in went_on}
    assert after.inspected != []
    assert ActivityKind.objects.filter(code="custody").count() == 2


def test_whoever_proposed_it_does_not_publish_it(proposed, sana, bilal, at):
    change = proposed("noc.decision", 45)
    with pytest.raises(PermissionDenied):
        path.step(change, "publish", by=sana, at=at)
    own = proposed("noc.intake", 5)
    SettingChange.objects.filter(pk=own.pk).update(proposed_by=bilal)
    own.refresh_from_db()
    assert "publisher_did_not_propose_it" in shut(own, "publish", by=bilal, at=at)
    with pytest.raises(IntegrityError, match="setting_publisher_did_not_propose_it"), transaction.atomic():
        SettingChange.objects.filter(pk=own.pk).update(published_by=bilal)


def test_a_day_that_has_come_is_not_published_any_more(proposed, bilal, at):
    change = proposed("noc.decision", 45, effective_from=date(2026, 3, 5))
    assert shut(change, "publish", by=bilal, at=at) == {}
    assert "first_day_is_to_come" in shut(change, "publish", by=bilal, at=at + timedelta(days=1))


def test_a_version_never_slips_in_before_one_that_is_published(proposed, people, bilal, at):
    change = proposed("noc.decision", 45)
    Figure.objects.create(
        key="noc.decision", title="T", value=50, unit="days", effective_from=FIRST, mark="F", source="Meanwhile."
    )
    assert shut(change, "publish", by=bilal, at=at) == {
        "no_newer_version_is_published": ("The newest version takes effect on 1 April 2026.",)
    }
    with pytest.raises(MoveRefused):
        perform(change, "publish", by=bilal, at=at, expected_version=change.version)


def test_one_proposal_at_a_time_and_the_next_when_it_is_over(proposed, sana, bilal, at):
    change = proposed("noc.decision", 45)
    with pytest.raises(ValidationError) as refusal:
        proposed("noc.decision", 30)
    assert refusal.value.message_dict == {
        "value": ["A change of it is proposed already. Publish, refuse or withdraw that first."]
    }
    path.step(change, "refuse", by=bilal, at=at, note="Too short.")
    again = proposed("noc.decision", 30)
    assert "withdrawn_by_its_proposer" not in shut(again, "withdraw", by=sana, at=at)
    path.step(again, "withdraw", by=sana, at=at, note="Not needed.")
    assert figures.value("noc.decision", on=FIRST) == 60


# ── What it may say ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("noc.decision", " 45 ", 45),
        ("subsidiary.minimum_share", "66.6", "66.6"),
        ("aml.enabled", "on", True),
        ("aml.enabled", True, True),
        ("appeal.forum", " Supreme   Court ", "Supreme Court"),
        ("reassess.control", "3.1\n\n3.2\n", ["3.1", "3.2"]),
        ("reassess.control", ["3.1", "3.2"], ["3.1", "3.2"]),
        ("fee.renewal", "1,234.5", "1234.5"),
        ("impact.high.users", "2000000", 2_000_000),
    ],
)
def test_a_value_is_kept_as_its_unit_says(proposed, key, value, kept):
    change = proposed(key, value)
    assert (change.value, type(change.value)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("noc.decision", "soon", "Give a number, such as 20."),
        ("noc.decision", True, "Give a number, such as 20."),
        ("noc.decision", "NaN", "Give a number, such as 20."),
        ("noc.decision", "0", "Give a whole number of 1 or more."),
        ("noc.decision", "1.5", "Give a whole number of 1 or more."),
        ("noc.decision", 60, "It says so already: 60 calendar days."),
        ("subsidiary.minimum_share", "100.1", "Give a percentage from 0 to 100."),
        ("fee.renewal", "-1", "Give an amount of zero or more, with two decimals at most."),
        ("fee.renewal", "1.005", "Give an amount of zero or more, with two decimals at most."),
        ("aml.enabled", "perhaps", "Say “on” or “off”."),
        ("appeal.forum", " ", "Write something here."),
        ("reassess.control", "3.1\n3.1", "Give each entry once, one a line, and at least one."),
        ("reassess.control", [3.1], "Give a list, one entry a line."),
        ("silence.warning", 90, "It must stay below “Silence of the applicant after which an application lapses”, "
         "which is 90 calendar days."),
        ("impact.high.users", 100_000, "It must stay above “Users from which an impact is medium”, which is 100,000."),
    ],
)  # fmt: skip
def test_what_a_setting_cannot_say_is_told_in_a_sentence(proposed, key, value, said):
    with pytest.raises(ValidationError) as refusal:
        proposed(key, value)
    assert refusal.value.message_dict == {"value": [said]}


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"effective_from": date(2026, 3, 4)}, "effective_from", "Give a day that has not begun"),
        ({"source": " "}, "source", "Say by which decision"),
        ({"reasons": ""}, "reasons", "Give the reasons"),
        ({"unit": "months"}, "value", "It is given in calendar days."),
    ],
)
def test_what_else_a_proposal_needs(proposed, changed, field, said):
    with pytest.raises(ValidationError) as refusal:
        proposed("noc.decision", 45, **changed)
    assert refusal.value.message_dict[field][0].startswith(said)


def test_a_key_that_is_none_and_a_person_who_may_not(proposed, omar):
    with pytest.raises(ValidationError, match="There is no setting"):
        proposed("noc.decisions", 45)
    with pytest.raises(PermissionDenied):
        proposed("noc.decision", 45, by=omar)


def test_a_term_of_a_clock_may_be_counted_in_other_days_and_no_other_term(proposed, bilal, firm, people, at):
    """“60 days” is read as calendar days: should the Authority read it otherwise, it is a setting."""
    path.step(proposed("noc.decision", 60, unit="working_days"), "publish", by=bilal, at=at)
    later = at + timedelta(days=40)
    case = path.noc_case(firm, people=people, at=later, until="submitted")
    limits = {each.rule.name: each.reading.limit for each in deadlines.of(case, later)}
    assert limits["decision"].unit == "working_days"
    with pytest.raises(ValidationError, match="It is given in calendar days"):
        proposed("appeal.window", 30, unit="working_days")


# ── For whom ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_keeps_the_term_of_the_day_on_which_it_began(proposed, bilal, firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    before = deadlines.due_on(case, "decision", at)
    assert [(each.machine, each.clock, each.open) for each in clocks_of("noc.decision")] == [
        ("NOC application", "Decision", 1)
    ]
    path.step(proposed("noc.decision", 45), "publish", by=bilal, at=at)
    later = at + timedelta(days=40)
    assert deadlines.due_on(case, "decision", later) == before
    held = {each.figure.key: each for each in deadlines.kept(case, later)}
    assert (held["noc.decision"].figure.value, held["noc.decision"].today.value) == (60, 45)
    assert held["noc.intake"].today is None
    assert held["returned.rounds"].figure.value == 2


def test_a_case_keeps_every_figure_that_is_read_as_on_the_day_on_which_it_began():
    """What the code reads so and what the machines say that they keep are the same, so that no page leaves one out."""
    read = set(SWITCHES.values())
    for file in (django_settings.BASE_DIR / "licensing").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            days = [each.value for each in getattr(node, "keywords", ()) if each.arg == "on"]
            if any(isinstance(day, ast.Attribute) and day.attr == "began_on" for day in days):
                read |= {each.value for each in node.args if isinstance(each, ast.Constant)}
    kept = {key for model in machines() for key in model.keeps}
    clocks = {rule.figure for model in machines() for rule in model.clocks}
    assert read - clocks == kept
    assert kept & clocks == set()


def test_a_clock_of_a_licence_keeps_the_term_of_the_day_on_which_it_was_started(proposed, bilal, firm, people, at):
    """A licence lives for years: what holds for a clock of it is the rule of when that clock began."""
    licence = path.licensed(firm, people=people, at=at)
    clock.start(licence, "surrender", at=at, reason="Asked for")
    before = deadlines.due_on(licence, "surrender", at)
    path.step(proposed("surrender.decision", 10), "publish", by=bilal, at=at)
    later = at + timedelta(days=40)
    assert deadlines.due_on(licence, "surrender", later) == before
    (explained,) = [each for each in deadlines.explain(licence, later) if each.ticking.rule.name == "surrender"]
    assert explained.figure.value == 60


# ── All of them ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_setting_stands_in_a_section_and_has_a_title(regime):
    for key, setting in every_setting().items():
        assert section_of(key)
        assert all((setting.title, setting.newest.words, setting.newest.source)), key


def test_what_the_specification_leaves_open_is_a_setting(regime, at):
    """Section 9 of the specification, point by point: each with its first day and where it comes from."""
    assert setting_called("noc.decision").newest.unit == "days"
    for key in (
        "noc.validity_months",
        "fee.noc_application",
        "fee.licence_application",
        "fee.annual",
        *(f"capital.{code}" for code in Activity.values),
        "licence.term_months",
        "appeal.forum",
        "appeal.window",
        "noc.decision",
        "noc.request_stops_clock",
        "home_regulators.recognised",
        "retention.years",
        "register.applicants_public",
        "aml.enabled",
        "score.total_shown",
        "programme.cumulative_cap",
        "fx.source",
    ):
        newest = setting_called(key).newest
        assert (newest.effective_from <= at.date(), newest.source != "") == (True, True), key


def _read_somewhere() -> list[re.Pattern[str]]:
    """Every text in the product's code that could name a figure, as a pattern; what is filled in may be anything."""
    found = set()
    for folder in ("licensing", "tokenisation", "pvara"):
        for file in (django_settings.BASE_DIR / folder).rglob("*.py"):
            if "migrations" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    # A group of figures is asked for by what their keys begin with.
                    found.add(re.escape(node.value) + (".+" if re.fullmatch(r"[a-z_]+\.", node.value) else ""))
                elif isinstance(node, ast.JoinedStr):
                    found.add(
                        "".join(
                            re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[^ ]+" for v in node.values
                        )
                    )
    return [re.compile(each) for each in found if len(each) > 4]


def test_no_figure_is_kept_that_nothing_reads():
    patterns = _read_somewhere()
    keys = [row["key"] for row in figures.shipped()]
    wide = {each.pattern for each in patterns if sum(bool(each.fullmatch(key)) for key in keys) > 15}
    # “{body}.” finds what a body needs for a decision; what would match anything proves nothing.
    bodies = {"committee.", "board."}
    unread = [
        key
        for key in keys
        if not key.startswith(tuple(bodies))
        and not any(each.fullmatch(key) for each in patterns if each.pattern not in wide)
    ]
    assert unread == []


# ── The window for full applications ─────────────────────────────────────────────────────────────────────────────────
def test_a_full_application_may_come_too_late_once_the_regulations_are_in_force(proposed, bilal, firm, people, at):
    """Three months from the regulations, or from the end of the set-up if that is later; before them, no limit."""
    done = path.confirmed_setup(path.noc_case(firm, people=people, at=at), people=people, at=at)
    case = path.fill_in(path.full_case(done, people=people, at=at, until="draft"), people=people, at=at)
    much_later = at + timedelta(days=200)
    assert case.apply_by(much_later) is None
    assert "window_is_open" not in shut(case, "submit", by=people.applicant, at=much_later)
    path.step(proposed("full.regulations_on", "2026-04-01"), "publish", by=bilal, at=at)
    assert case.apply_by(much_later) == date(2026, 7, 1)
    open_still, over = (at.replace(month=7, day=day) for day in (1, 2))
    assert "window_is_open" not in shut(case, "submit", by=people.applicant, at=open_still)
    assert shut(case, "submit", by=people.applicant, at=over)["window_is_open"] == ("Its last day was 1 July 2026.",)


def test_a_set_up_that_ends_after_the_regulations_has_its_own_three_months(proposed, bilal, firm, people, at):
    granted = path.noc_case(firm, people=people, at=at)
    path.step(proposed("full.regulations_on", date(2026, 4, 1)), "publish", by=bilal, at=at)
    done = path.confirmed_setup(granted, people=people, at=at.replace(month=5, day=10))
    case = path.full_case(done, people=people, at=at.replace(month=5, day=11), until="draft")
    assert case.apply_by(at.replace(month=6)) == date(2026, 8, 10)


def test_the_day_of_the_regulations_may_be_taken_back_and_must_be_a_day(proposed, bilal, at):
    change = path.step(proposed("full.regulations_on", "2026-04-01"), "publish", by=bilal, at=at)
    assert (change.was_words, change.words) == ("no day yet", "1 April 2026")
    assert figures.value("full.regulations_on", on=FIRST) == date(2026, 4, 1)
    with pytest.raises(ValidationError, match="Give a day, such as 2027-01-31"):
        proposed("full.regulations_on", "soon", effective_from=date(2026, 5, 1))
    assert proposed("full.regulations_on", "", effective_from=date(2026, 5, 1)).words == "no day yet"
