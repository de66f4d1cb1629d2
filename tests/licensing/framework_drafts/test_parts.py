"""A draft and its parts: the version as a whole, its criteria and domains, its gates."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from licensing.actions import framework as actions
from licensing.models import Criterion, Domain, EvidenceKind, Framework, GateBar
from licensing.models.compared import Change, changes
from licensing.models.framework import as_rules, framework_row
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.seen import ChangedMeanwhile, mark
from tests.licensing.framework_drafts import APRIL, gate, of, refused


# ── Starting ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_draft_says_all_that_its_source_says(draft):
    source = framework_row(date(2026, 3, 4))
    assert (draft.state, draft.edition, draft.effective_from, draft.based_on) == ("draft", "2.0", APRIL, source)
    drafted, rules = as_rules(draft), as_rules(source)
    assert (drafted.version, rules.version) == ("2.0", "1.0")
    assert (drafted.domains, drafted.criteria, drafted.gates) == (rules.domains, rules.criteria, rules.gates)
    said = [
        (each.code, each.evidence_wanted, each.validity_months)
        for each in Criterion.objects.filter(domain__framework=draft)
    ]
    was = [
        (each.code, each.evidence_wanted, each.validity_months)
        for each in Criterion.objects.filter(domain__framework=source)
    ]
    assert said == was
    assert changes(source, draft) == [Change("Framework", "Takes effect on", "9 July 2025", "1 April 2026")]


@pytest.mark.parametrize(
    ("said", "field", "reason"),
    [
        ({"edition": "1.0"}, "edition", "There is a version 1.0 already. Give it another number."),
        ({"edition": "  "}, "edition", "Give it a number, such as 2.0, of 20 characters at most."),
        (
            {"effective_from": date(2026, 3, 4)},
            "effective_from",
            "Give a day that has not begun: nobody is judged by a rule that came afterwards.",
        ),
    ],
)
def test_a_draft_is_not_started_with_a_number_or_a_day_that_it_cannot_have(regime, by, said, field, reason):
    given = {"edition": "2.0", "effective_from": APRIL, **said}
    source = framework_row(date(2026, 3, 4))
    assert refused(actions.start_draft, source, **given, **by) == {field: [reason]}
    assert Framework.objects.count() == 1


def test_a_draft_is_not_started_on_or_before_the_day_of_one_that_is_published(regime, people, by, at):
    path.published_framework("2.0", APRIL, people=people, at=at)
    source = framework_row(date(2026, 3, 4))
    said = ["Framework 2.0 takes effect on 1 April 2026: give a day after that."]
    for day in (date(2026, 3, 31), APRIL):
        assert refused(actions.start_draft, source, edition="3.0", effective_from=day, **by) == {"effective_from": said}
    assert actions.start_draft(source, edition="3.0", effective_from=date(2026, 4, 2), **by).edition == "3.0"


def test_a_draft_is_started_from_what_was_published_only(draft, by):
    said = ["Framework 2.0 was never published: start from a version that was."]
    assert refused(actions.start_draft, draft, edition="3.0", effective_from=APRIL, **by) == said


def test_only_who_drafts_starts_and_changes_one(draft, people, at):
    for person in (people.board, people.assessor, people.officer, people.applicant):
        with pytest.raises(PermissionDenied):
            actions.start_draft(framework_row(APRIL), edition="3.0", effective_from=APRIL, by=person, at=at)
        with pytest.raises(PermissionDenied):
            actions.remove_criterion(of(draft, "1.1"), by=person, at=at)


def test_a_dropped_draft_gives_its_number_back(draft, people, by, at):
    dropped = path.step(draft, "drop", by=people.moderator, at=at, note="Not needed.")
    assert dropped.state == "dropped"
    again = actions.start_draft(draft.based_on, edition="2.0", effective_from=APRIL, **by)
    assert again.pk != draft.pk


# ── The version as a whole ────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_said_of_a_version_is_changed_and_recorded(draft, by):
    seen = mark(draft.said)
    now = actions.change_version(draft, edition="2.1", amber=Decimal(60), seen=seen, **by)
    assert (now.edition, now.amber, now.green, now.version) == ("2.1", 60, 80, draft.version + 1)
    entry = audit.history(draft).last()
    assert (entry.event, entry.data) == (
        "version_changed",
        {"part": "", "was": {"edition": "2.0", "amber": "65"}, "becomes": {"edition": "2.1", "amber": "60"}},
    )


def test_nothing_is_recorded_where_nothing_changed(draft, by):
    actions.change_version(draft, seen=mark(draft.said), **by)
    assert audit.history(draft).last().event == "drafted"
    assert Framework.objects.get(pk=draft.pk).version == draft.version


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"green": Decimal(101)}, {"green": ["Give a percentage from 0 to 100."]}),
        ({"amber": Decimal(-1)}, {"amber": ["Give a percentage from 0 to 100."]}),
        ({"amber": Decimal(81)}, {"amber": ["Amber begins below green."]}),
        ({"edition": "1.0"}, {"edition": ["There is a version 1.0 already. Give it another number."]}),
    ],
)
def test_a_version_is_not_said_to_be_what_it_cannot_be(draft, by, said, wrong):
    assert refused(actions.change_version, draft, seen=mark(draft.said), **said, **by) == wrong


def test_whoever_comes_second_is_told_what_the_first_wrote(draft, people, by, at):
    seen = mark(draft.said)
    actions.change_version(draft, amber=Decimal(60), seen=seen, **by)
    with pytest.raises(ChangedMeanwhile, match="Meanwhile Sana wrote here"):
        actions.change_version(draft, amber=Decimal(50), seen=seen, by=people.moderator, at=at)


# ── Criteria and domains ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_criterion_is_changed_and_what_it_was_is_kept(draft, by):
    old = of(draft, "1.1")
    actions.change_criterion(old, points=Decimal("2.5"), kinds=["policy"], seen=mark(old.said), **by)
    now = of(draft, "1.1")
    assert (now.points, now.kinds, now.title) == (Decimal("2.5"), ["policy"], old.title)
    assert audit.history(draft).last().data == {
        "part": "criterion 1.1",
        "was": {"points": "2", "kinds": ["policy", "minute"]},
        "becomes": {"points": "2.5", "kinds": ["policy"]},
    }


def test_that_the_committee_may_waive_it_is_the_drafts_to_say(draft, by):
    old = of(draft, "4.2")
    actions.change_criterion(old, waivable_by_committee=True, seen=mark(old.said), **by)
    assert {each.code for each in as_rules(draft).criteria if each.waivable} == {"4.1", "4.2"}
    said = [each for each in changes(draft.based_on, draft) if each.part == "Criterion 4.2"]
    assert said == [Change("Criterion 4.2", "The committee may waive it", "no", "yes")]
    # The version that is in force says what it said.
    assert not Criterion.objects.get(domain__framework=draft.based_on, code="4.2").waivable_by_committee


def test_a_knock_out_that_may_be_waived_is_never_there(draft, by):
    with pytest.raises(IntegrityError, match="no_knock_out_is_waivable"), transaction.atomic():
        Criterion.objects.filter(pk=of(draft, "1.5").pk).update(waivable_by_committee=True)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"code": "eleven"}, {"code": ["Give it a code such as 1.9."]}),
        ({"code": "2.1"}, {"code": ["There is a criterion 2.1 already. Give it a code of its own."]}),
        ({"title": " "}, {"title": ["Say what is asked."]}),
        (
            {"points": Decimal(0)},
            {"points": ["Give it more than 0 points and 100 at most, with two decimals at most."]},
        ),
        (
            {"points": Decimal("100.01")},
            {"points": ["Give it more than 0 points and 100 at most, with two decimals at most."]},
        ),
        ({"applies_from": "LATER"}, {"applies_from": ["Choose a phase: NOC, SETUP, FULL."]}),
        ({"mark": "lethal"}, {"mark": ["Choose one of the marks, or none."]}),
        (
            {"mark": "knock_out", "waivable_by_committee": True},
            {"waivable_by_committee": ["A knock-out is asked of everybody: nobody waives it."]},
        ),
        ({"evidence_wanted": ""}, {"evidence_wanted": ["Say what the firm is to show."]}),
        ({"kinds": []}, {"kinds": ["Choose at least one kind of evidence that it accepts."]}),
        ({"kinds": ["policy", "rumour"]}, {"kinds": ["There is no kind of evidence rumour."]}),
        (
            {"validity_months": 0},
            {"validity_months": ["Give it 1 to 120 months, or none when evidence is good until something changes."]},
        ),
    ],
)
def test_a_criterion_that_cannot_be_is_refused_by_field(draft, by, said, wrong):
    old = of(draft, "1.1")
    assert refused(actions.change_criterion, old, seen=mark(old.said), **said, **by) == wrong
    new = {**old.said, "code": "1.9", **said}
    assert refused(actions.add_criterion, old.domain, **new, **by) == wrong
    assert of(draft, "1.1").said == old.said


def test_a_criterion_is_added_at_the_end_of_its_domain_and_taken_out(draft, by):
    domain = Domain.objects.get(framework=draft, code="D1")
    given = {**of(draft, "1.1").said, "code": "1.9", "points": Decimal(1)}
    added = actions.add_criterion(domain, **given, **by)
    assert list(domain.criteria.values_list("code", flat=True))[-1] == "1.9"
    actions.remove_criterion(added, **by)
    assert "1.9" not in domain.criteria.values_list("code", flat=True)
    assert [each.event for each in audit.history(draft)] == ["drafted", "criterion_added", "criterion_removed"]


def test_a_domain_is_added_renamed_and_removed_once_it_is_empty(draft, by):
    added = actions.add_domain(draft, code="D13", title="Staff training", **by)
    actions.change_domain(added, code="D13", title="Training", seen=mark(added.said), **by)
    assert Domain.objects.get(pk=added.pk).title == "Training"
    actions.remove_domain(added, **by)
    assert not Domain.objects.filter(framework=draft, code="D13").exists()
    first = Domain.objects.get(framework=draft, code="D11")
    assert refused(actions.remove_domain, first, **by) == ["Remove its criteria first: 11.1."]
    actions.remove_criterion(of(draft, "11.1"), **by)
    actions.remove_domain(first, **by)
    bars = gate(draft).said
    actions.change_gate(gate(draft), **{**bars, "floors": {"D12": Decimal(50)}}, seen=mark(bars), **by)
    actions.remove_criterion(of(draft, "12.1"), **by)
    last = Domain.objects.get(framework=draft, code="D12")
    assert refused(actions.remove_domain, last, **by) == ["Take its floor away first: G1."]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"code": "X1"}, {"code": ["Give it a code such as D13."]}),
        ({"code": "D1"}, {"code": ["There is a domain D1 already."]}),
        ({"title": ""}, {"title": ["Give the domain a title."]}),
    ],
)
def test_a_domain_that_cannot_be_is_refused_by_field(draft, by, said, wrong):
    assert refused(actions.add_domain, draft, **{"code": "D13", "title": "Training", **said}, **by) == wrong


# ── Gates ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_bars_of_a_gate_are_set_and_what_they_were_is_kept(draft, by):
    was = gate(draft).said
    new = {"total": Decimal(62), "floors": {"D1": Decimal(60), "D2": Decimal("55.5")}}
    actions.change_gate(gate(draft), **{**was, **new}, seen=mark(was), **by)
    assert gate(draft).said == {**was, **new}
    assert audit.history(draft).last().data == {
        "part": "gatebar G1",
        "was": {"total": "60", "floors": {"D1": "60", "D3": "60"}},
        "becomes": {"total": "62", "floors": {"D1": "60", "D2": "55.5"}},
    }


@pytest.mark.parametrize(
    ("said", "field", "reason"),
    [
        ({"total": Decimal("100.01")}, "total", "Give a percentage from 0 to 100, with two decimals at most."),
        ({"other_floor": Decimal(-1)}, "other_floor", "Give a percentage from 0 to 100, with two decimals at most."),
        (
            {"conditions_below": Decimal(101)},
            "conditions_below",
            "Give a percentage from 0 to 100, with two decimals at most.",
        ),
        (
            {"floors": {"D1": Decimal(101)}},
            "floor_D1",
            "Give a percentage from 0 to 100, with two decimals at most.",
        ),
        ({"floors": {"D13": Decimal(50)}}, "floor_D13", "There is no domain D13."),
        ({"title": ""}, "title", "Give the gate a title."),
    ],
)
def test_a_bar_that_cannot_be_is_refused_by_field(draft, by, said, field, reason):
    was = gate(draft).said
    assert refused(actions.change_gate, gate(draft), **{**was, **said}, seen=mark(was), **by) == {field: [reason]}
    assert gate(draft).said == was


def test_a_bar_may_lie_at_either_end(draft, by):
    was = gate(draft).said
    now = {**was, "total": Decimal(100), "floors": {"D1": Decimal(0)}}
    actions.change_gate(gate(draft), **now, seen=mark(was), **by)
    assert gate(draft).said == now


# ── What the database refuses ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_database_knows_what_a_bar_and_a_point_are(draft):
    for change in (
        lambda: GateBar.objects.filter(framework=draft).update(total=101),
        lambda: gate(draft).floors.update(floor=-1),
        lambda: Criterion.objects.filter(domain__framework=draft).update(points=0),
        lambda: Framework.objects.filter(pk=draft.pk).update(amber=81),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_the_database_knows_the_kinds_of_evidence(draft):
    with pytest.raises(DatabaseError, match="accepts “rumour”, which is no kind of evidence"), transaction.atomic():
        Criterion.objects.filter(domain__framework=draft, code="1.1").update(kinds=["policy", "rumour"])
    with pytest.raises(DatabaseError, match="rows are added and never changed"), transaction.atomic():
        EvidenceKind.objects.filter(code="policy").update(title="Anything")
