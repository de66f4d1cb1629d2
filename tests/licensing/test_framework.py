"""The framework as rows: the fixture against the regime's own table, loading it, and what the database refuses."""

import copy
import json
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, transaction

from licensing import scoring
from licensing.actions.framework import load_framework
from licensing.actions.framework.drafts import supersede_frameworks
from licensing.models import Criterion, Domain, EvidenceKind, Framework, GateBar, GateFloor
from licensing.models.framework import NoFramework, framework_in_force, framework_row
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused
from tests.licensing.framework import DEFAULT, FIXTURES

# Section 4 of the regime, row by row: points, with * for mandatory and ** for a knock-out.
REGIME = {
    "NOC": "1.1:2* 1.2:2 1.3:2* 1.4:3 1.5:2** 1.8:1 2.1:4** 3.1:4** 3.2:4** 4.1:4 4.2:2 4.3:2* 6.6:1 7.3:2 9.3:1",
    "SETUP": "1.6:2** 3.5:2* 7.1:3*",
    "FULL": "1.7:2* 2.2:3* 2.3:2 2.4:1 3.3:2 3.4:2 5.1:4** 5.2:3* 5.3:3* 5.4:2 5.5:2* 6.1:3 6.2:2 6.3:2 6.4:3* 6.5:1 "
    "7.2:2* 7.4:1 8.1:2* 8.2:2 8.3:2 9.1:2* 9.2:2 10.1:2* 10.2:1* 11.1:2 12.1:2",
}
WEIGHTS = {"D1": 16, "D2": 10, "D3": 14, "D4": 8, "D5": 14, "D6": 12, "D7": 8, "D8": 6, "D9": 5, "D10": 3, "D11": 2}
APRIL = date(2026, 4, 1)
STARS = {scoring.Mark.NONE: "", scoring.Mark.MANDATORY: "*", scoring.Mark.KNOCK_OUT: "**"}


@pytest.fixture
def fixture():
    return json.loads((FIXTURES / "framework.json").read_text())


# ── The fixture ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_row_of_the_regimes_table_is_in_the_fixture():
    assert {
        phase: " ".join(
            f"{each.code}:{each.points}{STARS[each.mark]}" for each in DEFAULT.criteria if each.applies_from == phase
        )
        for phase in scoring.PHASES
    } == REGIME


def test_the_committee_may_waive_what_the_regime_says_and_nothing_else():
    assert [each.code for each in DEFAULT.criteria if each.waivable] == ["4.1"]


def test_the_points_of_each_phase_and_domain():
    assert {phase: sum(each.points for each in DEFAULT.applicable(phase)) for phase in scoring.PHASES} == {
        "NOC": 36,
        "SETUP": 43,
        "FULL": 100,
    }
    weights = Counter()
    for each in DEFAULT.criteria:
        weights[each.domain] += each.points
    assert weights == {**WEIGHTS, "D12": 2}
    assert (len(DEFAULT.criteria), sum(weights.values())) == (45, 100)


def test_the_bars_of_every_gate():
    def bars(gate):
        floors = " ".join(f"{code}≥{floor}" for code, floor in gate.floors.items())
        return f"{gate.phase} ≥{gate.total} {floors} others≥{gate.other_floor} conditions<{gate.conditions_below}"

    assert {code: bars(gate) for code, gate in DEFAULT.gates.items()} == {
        "G1": "NOC ≥60 D1≥60 D3≥60 others≥None conditions<65",
        "G2": "SETUP ≥60 D1≥65 D3≥65 others≥None conditions<None",
        "G2a": "SETUP ≥65 D1≥70 D2≥70 others≥None conditions<None",
        "G3": "FULL ≥75 D1≥70 D3≥70 D5≥70 D6≥70 others≥50 conditions<85",
        "G4": "FULL ≥75 D1≥70 D3≥70 D5≥70 D6≥70 others≥50 conditions<None",
        "G5": "FULL ≥75  others≥None conditions<None",
        "G5r": "FULL ≥65  others≥None conditions<None",
        "G5s": "FULL ≥60  others≥None conditions<None",
        "G6": "FULL ≥80 D1≥75 D2≥75 D5≥75 D6≥75 others≥None conditions<None",
    }


def test_every_criterion_names_its_evidence_and_how_long_it_is_good(fixture):
    criteria = {each["code"]: each for domain in fixture["domains"] for each in domain["criteria"]}
    assert [code for code, each in criteria.items() if not each["evidence_wanted"]] == []
    months = {code: each["validity_months"] for code, each in criteria.items() if each["validity_months"] != 12}
    assert months == {"1.5": None, "1.8": 24, "3.2": 24, "4.2": 6, "5.3": 1, "5.4": 6, "7.2": 1}


# ── Loading ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_rows_say_what_the_fixture_says(regime):
    assert framework_in_force(date(2026, 3, 4)) == DEFAULT


def test_loading_is_recorded_and_happens_once(db, capsys):
    call_command("load_framework")
    call_command("load_framework")
    said = "Framework 1.0 is in force from 2025-07-09.\n"
    assert capsys.readouterr().out == said * 2
    framework = Framework.objects.get()
    assert (framework.state, Criterion.objects.count(), GateFloor.objects.count()) == ("published", 45, 18)
    assert [(each.event, each.from_state, each.to_state) for each in audit.history(framework)] == [
        ("loaded", "", "draft"),
        ("publish_the_first", "draft", "published"),
    ]
    assert framework.published_at == audit.history(framework).last().at


def test_the_kinds_of_evidence_are_added_beside_a_version_that_is_there(regime, fixture, at):
    given = {**fixture, "kinds": [*fixture["kinds"], {"code": "photograph", "title": "Photograph"}]}
    assert load_framework(given, at=at).edition == "1.0"
    assert (EvidenceKind.objects.count(), EvidenceKind.objects.get(code="photograph").title) == (31, "Photograph")


def test_whatever_comes_after_the_first_is_not_loaded_but_published(regime, fixture, at):
    with pytest.raises(MoveRefused) as refusal:
        load_framework({**fixture, "edition": "2.0", "effective_from": "2026-04-01"}, at=at)
    assert [each.code for each in refusal.value.unmet] == ["no_version_is_published_yet"]
    assert Framework.objects.count() == 1


def test_loading_leaves_what_it_was_given_alone(db, fixture, at):
    given = copy.deepcopy(fixture)
    load_framework(given, at=at)
    assert given == fixture


def test_one_that_does_not_add_up_is_refused_and_leaves_nothing(db, fixture, at):
    fixture["domains"][0]["criteria"][0]["points"] = "2.5"
    fixture["gates"][0]["total"] = "101"
    with pytest.raises(ValidationError) as refusal:
        load_framework(fixture, at=at)
    assert refusal.value.messages == [
        "The points of all criteria sum to 100.5; they must sum to 100.",
        "Gate G1 has a bar of 101%; bars run from 0 to 100.",
    ]
    assert Framework.objects.count() == 0


def test_one_that_lets_a_knock_out_be_waived_is_refused(db, fixture, at):
    (mlro,) = [each for each in fixture["domains"][0]["criteria"] if each["code"] == "1.5"]
    mlro["waivable_by_committee"] = True
    with pytest.raises(ValidationError) as refusal:
        load_framework(fixture, at=at)
    assert refusal.value.messages == ["Criterion 1.5 is a knock-out, which nobody waives: take one of the two away."]


# ── In force ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_version_in_force_is_the_latest_that_has_begun(regime, people, at):
    path.published_framework("2.0", APRIL, people=people, at=at)
    path.proposed_framework("3.0", date(2026, 5, 1), people=people, at=at)
    Framework.objects.create(edition="4.0", effective_from=date(2026, 2, 1))
    in_force = {day: framework_row(day).edition for day in (date(2026, 3, 31), date(2026, 4, 1))}
    assert in_force == {date(2026, 3, 31): "1.0", date(2026, 4, 1): "2.0"}


def test_a_superseded_version_governs_the_days_before_its_successor(regime, people, at, later):
    path.published_framework("2.0", APRIL, people=people, at=at)
    assert supersede_frameworks(later(27)) == 0
    assert supersede_frameworks(later(28)) == 1
    assert list(Framework.objects.values_list("edition", "state")) == [("2.0", "published"), ("1.0", "superseded")]
    assert framework_row(date(2026, 3, 31)).edition == "1.0"


def test_before_the_first_version_nothing_is_scored(regime):
    with pytest.raises(NoFramework, match="No scoring framework is in force on 2025-07-08"):
        framework_row(date(2025, 7, 8))


# ── What the database refuses ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "change",
    [
        lambda: Framework.objects.update(green=70),
        lambda: Framework.objects.update(edition="1.1"),
        lambda: Framework.objects.update(published_at=None),
        lambda: Domain.objects.update(title="Another"),
        lambda: Criterion.objects.filter(code="1.1").update(points=3),
        lambda: Criterion.objects.filter(code="12.1").delete(),
        lambda: Criterion.objects.create(domain=Domain.objects.first(), code="1.9", points=1, order=9),
        lambda: GateBar.objects.filter(code="G1").update(total=1),
        lambda: GateFloor.objects.filter(gate__code="G1").update(floor=1),
        lambda: GateFloor.objects.all().delete(),
        lambda: Framework.objects.all()._raw_delete("default"),
    ],
)
def test_a_published_version_never_changes(regime, change):
    before = framework_in_force(date(2026, 3, 4))
    with pytest.raises(DatabaseError, match=r"Framework 1\.0 is published: it never changes\."), transaction.atomic():
        change()
    assert framework_in_force(date(2026, 3, 4)) == before


@pytest.mark.parametrize("state", ["draft", "superseded", "dropped"])
def test_no_state_changes_past_the_machine(regime, state):
    with pytest.raises(DatabaseError, match="no audit entry of this transaction says so"), transaction.atomic():
        Framework.objects.update(state=state)


def test_a_draft_may_change(regime):
    draft = Framework.objects.create(edition="2.0", effective_from=date(2027, 1, 1))
    domain = Domain.objects.create(framework=draft, code="D1", title="A domain", order=0)
    Criterion.objects.create(domain=domain, code="1.1", title="A criterion", points=1, applies_from="NOC", order=0)
    Criterion.objects.filter(domain=domain).update(points=Decimal("1.5"))
    draft.delete()
    assert Framework.objects.count() == 1


def test_no_criterion_moves_out_of_a_published_version_into_a_draft(regime):
    draft = Framework.objects.create(edition="2.0", effective_from=date(2027, 1, 1))
    domain = Domain.objects.create(framework=draft, code="D1", title="A domain", order=0)
    with pytest.raises(DatabaseError, match=r"Framework 1\.0 is published"), transaction.atomic():
        Criterion.objects.filter(code="12.1", domain__framework__edition="1.0").update(domain=domain)
