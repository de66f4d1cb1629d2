"""What a version would do: the sums of each case now and then, and how many questions it takes."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.actions import framework as actions
from licensing.actions.firms import register_firm
from licensing.faces.impact import COLUMNS, as_csv, as_lines, makes_a_difference, sums_of
from licensing.models import Criterion, Firm, GateBar, Licence
from licensing.models.impact import impact_of
from pvara.demo import path
from pvara.kernel.seen import mark
from tests.tokenisation.conftest import licensed_venue

APRIL = date(2026, 4, 1)


@pytest.fixture
def by(people, at):
    return {"by": people.supervisor, "at": at}


def set_bars(draft, code, by, **bars):
    gate = GateBar.objects.get(framework=draft, code=code)
    actions.change_gate(gate, **{**gate.said, **bars}, seen=mark(gate.said), **by)


@pytest.fixture
def draft(regime, people, at):
    return path.drafted_framework("2.0", APRIL, people=people, at=at)


@pytest.fixture
def cases(firm, people, at):
    """One under assessment at 50%, one submitted with the same ratings, and one that is not submitted yet."""
    assessed = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at, rating=2)
    second = register_firm("Ravi Exchange", by=people.applicant, at=at, country="Pakistan", invented=True)
    submitted = path.noc_case(second, people=people, at=at, until="submitted")
    path.rate_everything(second, "NOC", people=people, at=at, rating=2)
    third = register_firm("Jhelum Exchange", by=people.applicant, at=at, country="Pakistan", invented=True)
    path.noc_case(third, people=people, at=at, until="draft")
    return assessed, submitted


def test_each_case_is_scored_now_and_then_and_says_whether_it_keeps_its_version(cases, draft, at):
    assessed, submitted = cases
    found = {each.case: each for each in impact_of(draft, at)}
    assert list(found) == [assessed, submitted]
    assert (found[assessed].keeps, found[submitted].keeps) == ("1.0", "")
    for each in found.values():
        assert (each.now.framework.version, each.then.framework.version) == ("1.0", "2.0")
        assert (each.now.total, each.then.total, each.colours) == (50, 50, ("red", "red"))
        assert not makes_a_difference(each)


def test_the_bulk_says_what_each_case_says_of_itself(cases, draft, at):
    for each in impact_of(draft, at):
        assert each.now == each.case.score(at)


def test_a_lower_bar_lets_pass_and_a_higher_one_fails(cases, draft, people, by, at):
    # All mandatory criteria count 2 and the knock-outs need 3: these are rated anew.
    for case in cases:
        path.rate_anew(case.firm, "1.5", "2.1", "3.1", "3.2", people=people, at=at, rating=3)
    # 2 of 4 on 22 points, 3 of 4 on the 14 of the knock-outs: 100 * (11 + 10.5) / 36.
    total = Decimal(2150) / 36
    set_bars(draft, "G1", by, total=Decimal(59), floors={})
    found = {each.case: each for each in impact_of(draft, at)}
    assert {each.now.total for each in found.values()} == {total}
    assert [each.turns_to("passes") for each in found.values()] == [["G1"], ["G1"]]
    assert sums_of(found.values()).passing == 1  # the other keeps its version
    set_bars(draft, "G1", by, total=Decimal(60), floors={})
    assert [each.turns_to("passes") for each in impact_of(draft, at)] == [[], []]


def test_a_version_may_fail_what_passes_now(firm, people, draft, by, at):
    path.noc_case(firm, people=people, at=at, until="submitted")
    path.rate_everything(firm, "NOC", people=people, at=at, rating=3)
    set_bars(draft, "G1", by, total=Decimal("75.01"))
    (found,) = impact_of(draft, at)
    assert (found.now.total, found.turns_to("fails"), found.turns_to("passes")) == (75, ["G1"], [])
    assert sums_of([found]).failing == 1
    set_bars(draft, "G1", by, total=Decimal(75))
    (found,) = impact_of(draft, at)
    assert found.turns_to("fails") == []


def test_other_colours_colour_anew(cases, draft, by, at):
    actions.change_version(draft, amber=Decimal(50), seen=mark(draft.said), **by)
    draft.refresh_from_db()
    found = impact_of(draft, at)
    assert [each.colours for each in found] == [("red", "amber"), ("red", "amber")]
    assert (sums_of(found).recoloured, sums_of(found).keeping, sums_of(found).judged) == (1, 1, 1)


def test_other_points_make_another_total(firm, people, draft, by, at):
    path.noc_case(firm, people=people, at=at, until="submitted")
    path.rate_everything(firm, "NOC", people=people, at=at, rating=4, but={"1.1": 0})
    for code, points in (("1.1", Decimal(1)), ("1.2", Decimal(3))):
        row = Criterion.objects.get(domain__framework=draft, code=code)
        actions.change_criterion(row, points=points, seen=mark(row.said), **by)
    (found,) = impact_of(draft, at)
    # 34 of 36 points now; then 35 of 36, for the one that is not met counts one point less.
    assert (found.now.total, found.then.total) == (Decimal(3400) / 36, Decimal(3500) / 36)


def test_a_licence_is_judged_by_the_version_on_its_day(regime, people, draft, at):
    venue = licensed_venue("Ravi Exchange", at=at)
    (found,) = [each for each in impact_of(draft, at) if each.case == venue.licence]
    assert (found.keeps, [each.code for each in found.gates]) == ("", ["G4", "G6"])


def test_a_setup_that_is_open_keeps_its_version(firm, people, draft, at):
    path.noc_case(firm, people=people, at=at)
    (found,) = impact_of(draft, at)
    assert (found.keeps, [each.code for each in found.gates]) == ("1.0", ["G2", "G2a"])


def test_as_many_questions_for_thirty_licences_as_for_one(regime, people, draft, at):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            found = impact_of(draft, at)
            list(as_lines(found))
        return sum(isinstance(each.case, Licence) for each in found), len(seen)

    licensed_venue("Ravi Exchange", at=at)
    one = queries()
    for number in range(29):
        licensed_venue(f"Exchange {number}", at=at)
    assert (one[0], queries()) == (1, (30, one[1]))


def test_the_table_for_spreadsheets(cases, draft, people, at):
    Firm.objects.filter(legal_name="Ravi Exchange").update(legal_name="=1+1")
    said = as_csv(draft, impact_of(draft, at)).content.decode()
    header, first, second, end = said.split("\r\n")
    assert (header, end) == (",".join(COLUMNS), "")
    assert first.split(",")[2:] == [
        *("NOC application", "under_assessment", "NOC", "1.0", "true"),
        *("50.00", "50.00", "red", "red", "G1", "false", "false"),
    ]
    assert second.split(",")[1] == "'=1+1"
