"""Proposed by one and published by another; what a version changes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from licensing import scoring
from licensing.actions import framework as actions
from licensing.models import Criterion, Framework
from licensing.models.compared import changes
from licensing.models.framework import as_rules, framework_row
from pvara.demo import path
from pvara.kernel import roles
from pvara.kernel.machine import MoveRefused
from pvara.kernel.models import Job
from pvara.kernel.seen import mark
from tests.licensing.framework import DEFAULT
from tests.licensing.framework_drafts import APRIL, gate, of, refused, shut


# ── Proposing and publishing ──────────────────────────────────────────────────────────────────────────────────────────
def test_one_proposes_and_another_publishes(draft, people, at):
    proposed = path.step(draft, "propose", by=people.supervisor, at=at, note="The committee asked for it.")
    assert (proposed.state, proposed.proposed_by) == ("proposed", people.supervisor)
    told = [
        job.payload["to"] for job in Job.objects.filter(kind="notice", payload__subject__startswith="Framework 2.0")
    ]
    assert sorted(told) == sorted([people.board.pk, people.board2.pk, people.board3.pk])
    published = Framework.objects.get(pk=path.step(proposed, "publish", by=people.board, at=at).pk)
    assert (published.state, published.published_by, published.published_at) == ("published", people.board, at)
    assert framework_row(APRIL) == published
    assert framework_row(APRIL - timedelta(days=1)).edition == "1.0"


def test_publisher_is_not_the_proposer(draft, people, at):
    roles.grant(people.supervisor, "board_member", by=None, at=at)
    proposed = path.step(draft, "propose", by=people.supervisor, at=at, note="It is time.")
    assert shut(proposed, "publish", by=people.supervisor, at=at) == {"publisher_is_not_the_proposer": ()}
    assert shut(proposed, "publish", by=people.board, at=at) == {}
    with pytest.raises(IntegrityError, match="framework_publisher_is_not_the_proposer"), transaction.atomic():
        Framework.objects.filter(pk=proposed.pk).update(published_by=people.supervisor)


def test_framework_is_sound_or_says_every_fault(draft, people, by, at):
    assert "framework_is_sound" not in shut(draft, "propose", by=people.supervisor, at=at)
    first = of(draft, "1.1")
    actions.change_criterion(first, points=Decimal("2.5"), seen=mark(first.said), **by)
    Criterion.objects.filter(pk=of(draft, "1.2").pk).update(kinds=[])
    assert shut(draft, "propose", by=people.supervisor, at=at) == {
        "framework_is_sound": (
            "The points of all criteria sum to 100.5; they must sum to 100.",
            "Criterion 1.2 accepts no kind of evidence; choose at least one.",
        )
    }


def test_version_takes_effect_on_a_day_to_come(draft, people, later):
    day = {"propose": people.supervisor, "publish": people.board}
    proposed = path.step(draft, "propose", by=people.supervisor, at=later(27), note="On the last day before.")
    assert shut(proposed, "publish", by=day["publish"], at=later(27)) == {}
    assert shut(proposed, "publish", by=day["publish"], at=later(28)) == {
        "version_takes_effect_on_a_day_to_come": ("It was to take effect on 1 April 2026: give it a later day.",)
    }


def test_no_later_version_is_published_when_one_is(draft, people, at):
    other = path.proposed_framework("3.0", APRIL, people=people, at=at)
    proposed = path.step(draft, "propose", by=people.moderator, at=at, note="The first of two.")
    path.step(other, "publish", by=people.board, at=at)
    assert shut(proposed, "publish", by=people.board, at=at) == {
        "no_later_version_is_published": ("Framework 3.0 takes effect on 1 April 2026: choose a day after that.",)
    }


def test_two_published_versions_never_begin_on_one_day(regime, people, at):
    path.published_framework("2.0", APRIL, people=people, at=at)
    rows = Framework(edition="3.0", effective_from=APRIL, state="published")
    with connection.cursor() as cursor:
        # As if somebody went past the machine and its triggers alike: the index is all that is left.
        cursor.execute("SET LOCAL session_replication_role = replica")
    with pytest.raises(IntegrityError, match="one_published_framework_a_day"), transaction.atomic():
        rows.save()


def test_what_is_proposed_does_not_change_and_comes_back_to_be_changed(draft, people, by, at):
    proposed = path.step(draft, "propose", by=people.supervisor, at=at, note="The committee asked for it.")
    first = of(draft, "1.1")
    said = ["Framework 2.0 is proposed: only a draft changes. Start another."]
    assert refused(actions.change_criterion, first, title="Another", seen=mark(first.said), **by) == said
    with pytest.raises(DatabaseError, match=r"Framework 2\.0 is proposed: it never changes\."), transaction.atomic():
        Criterion.objects.filter(pk=first.pk).update(title="Another")
    with pytest.raises(MoveRefused, match="Give the reasons"):
        path.step(proposed, "send_back", by=people.board, at=at)
    back = path.step(proposed, "send_back", by=people.board, at=at, note="Criterion 1.1 is too weak.")
    assert back.state == "draft"
    actions.change_criterion(first, title="Another", seen=mark(first.said), **by)


def test_whoever_drafts_takes_a_proposal_back(draft, people, at):
    proposed = path.step(draft, "propose", by=people.supervisor, at=at, note="The committee asked for it.")
    assert path.step(proposed, "take_back", by=people.moderator, at=at, note="A criterion is missing.").state == "draft"


def test_a_later_version_is_in_force_when_its_day_has_come(regime, people, at, later):
    first = framework_row(date(2026, 3, 4))
    path.published_framework("2.0", APRIL, people=people, at=at)
    assert shut(first, "supersede", by=None, at=later(27)) == {"a_later_version_is_in_force": ()}
    assert shut(first, "supersede", by=None, at=later(28)) == {}


def test_no_version_is_published_yet_but_once(draft, at):
    assert shut(draft, "publish_the_first", by=None, at=at) == {"no_version_is_published_yet": ()}


# ── Comparing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_a_version_changes_is_said_part_by_part(draft, by):
    first = of(draft, "1.1")
    actions.change_criterion(
        first, points=Decimal(1), kinds=["policy"], validity_months=None, seen=mark(first.said), **by
    )
    actions.remove_criterion(of(draft, "1.8"), **by)
    actions.add_domain(draft, code="D13", title="Training", **by)
    was = gate(draft).said
    actions.change_gate(
        gate(draft), **{**was, "total": Decimal("62.5"), "floors": {"D1": Decimal(60)}}, seen=mark(was), **by
    )
    said = [(each.part, each.field, each.was, each.becomes) for each in changes(draft.based_on, draft)]
    assert said == [
        ("Framework", "Takes effect on", "9 July 2025", "1 April 2026"),
        ("Domain D13", "Title", "", "Training"),
        ("Criterion 1.1", "Points", "2", "1"),
        (
            "Criterion 1.1",
            "Kinds of evidence accepted",
            "Policy, plan or charter, Board minute",
            "Policy, plan or charter",
        ),
        ("Criterion 1.1", "Evidence is good for, in months", "12", "none"),
        ("Criterion 1.8", "Title", "Record keeping for the longer of seven and ten years", ""),
        ("Criterion 1.8", "Points", "1", ""),
        ("Criterion 1.8", "Applies from", "NOC", ""),
        ("Criterion 1.8", "Mark", "none", ""),
        ("Criterion 1.8", "The committee may waive it", "no", ""),
        ("Criterion 1.8", "Evidence wanted", "Policy", ""),
        ("Criterion 1.8", "Kinds of evidence accepted", "Policy, plan or charter", ""),
        ("Criterion 1.8", "Evidence is good for, in months", "24", ""),
        ("Criterion 1.8", "Domain", "D1", ""),
        ("Gate G1", "Total needed, in per cent", "60", "62.5"),
        ("Gate G1", "Floor of D3", "60", ""),
    ]


def test_the_kinds_of_a_version_are_those_of_the_fixture(regime):
    assert {each.code: each.kinds for each in as_rules(framework_row(APRIL)).criteria} == {
        each.code: each.kinds for each in DEFAULT.criteria
    }
    assert scoring.PHASES == ("NOC", "SETUP", "FULL")
