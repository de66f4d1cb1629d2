"""Milestone M9: the owners at the NOC held against those of today, and what is needed where they differ."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from licensing.actions import ownership as actions
from licensing.models import Holding, Owner, OwnershipStatement
from licensing.models.ownership import owners_since
from licensing.ownership import Kind, Right, Row, differences_above, owners_changed, read
from pvara.demo import answers, path
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused
from tests.licensing.rules import shut

GATE = "owners_are_known_since_the_noc"


@pytest.fixture
def noc(firm, people, at):
    return path.noc_case(firm, people=people, at=at)


@pytest.fixture
def milestone(noc, people, at):
    return path.submit_milestone(noc.setup.milestones.get(code="M9"), people=people, at=at)


def notified(firm, people, at, rows=None):
    rows = rows or answers.owners_of(firm.legal_name, first_owner=55)
    return path.notify_change(firm, people=people, at=at, rows=rows)


def agreed(change, people, at):
    change = path.step(change, "assess", by=people.officer, at=at, note="The buyer is known and sound.")
    return path.decide(change, "raise_no_objection", people=people, at=at)


# ── The gate ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_with_the_owners_of_the_noc_it_is_verified_and_the_log_names_the_statements(milestone, firm, people, at):
    since = milestone.owners_since_the_noc(at)
    assert (since.is_unchanged, since.owners, since.holdings, since.unaccounted) == (True, [], [], [])
    path.step(milestone, "verify", by=people.officer, at=at)
    entry = audit.history(milestone).filter(event="verify").get()
    assert entry.data["gates"][GATE] == {"then": since.then.reference, "now": since.then.reference}


def test_while_a_change_is_not_decided_it_is_not_verified(milestone, firm, people, later):
    change = notified(firm, people, later(1))
    said = f"{change.reference} is notified and not decided yet: the owners are about to change."
    assert shut(milestone, "verify", at=later(2)) == {GATE: (said,)}
    with pytest.raises(MoveRefused, match="about to change"):
        path.step(milestone, "verify", by=people.officer, at=later(2))
    # What is wanting can be said to the firm meanwhile.
    assert shut(milestone, "find_deficient", at=later(2)) == {}
    path.step(change, "withdraw", by=people.applicant, at=later(3), note="Not sold.")
    assert shut(milestone, "verify", at=later(3)) == {}


def test_owners_to_whom_no_objection_was_raised_are_known_and_the_log_says_who_changed(milestone, firm, people, later):
    change = agreed(notified(firm, people, later(1)), people, later(2))
    since = milestone.owners_since_the_noc(later(3))
    assert (since.is_unchanged, since.changes, since.unaccounted) == (False, [change.reference], [])
    assert [(each.name, each.what, each.by) for each in since.owners] == [
        ("First Owner", "changed", -5),
        ("Second Owner", "changed", 5),
    ]
    path.step(milestone, "verify", by=people.officer, at=later(3))
    assert audit.history(milestone).filter(event="verify").get().data["gates"][GATE] == {
        "then": since.then.reference,
        "now": change.statement.reference,
        "changes": [change.reference],
        "owners": [each.sentence for each in since.owners],
    }


def test_a_statement_that_differs_and_was_never_notified_is_not_accounted_for(milestone, firm, people, at, later):
    """No action lets one in while the NOC is live; what came in otherwise is seen all the same."""
    rows = answers.owners_of(firm.legal_name, first_owner=55)
    owners = slipped_in(firm, rows, people, later(1))
    before = milestone.owners_since_the_noc(at).then
    said = shut(milestone, "verify", at=later(2))[GATE]
    assert said[0] == (
        f"{owners.reference} differs from {before.reference}, and was not notified as a change of control: have it "
        "notified and assessed, or find the milestone deficient."
    )
    assert [each.split(":")[0] for each in said[1:]] == ["First Owner", "Second Owner"]


def slipped_in(firm, rows, people, at):
    """A statement past its action, as from a table that was loaded from elsewhere."""
    statement, _, _ = read(rows, firm=firm.legal_name)
    kept = OwnershipStatement.objects.create(firm=firm, as_at=at.date(), submitted_by=people.applicant, submitted_at=at)
    there = {
        name: Owner.objects.create(statement=kept, name=name, kind=kind) for name, kind in statement.parties.items()
    }
    for each in statement.holdings:
        ends = {"holder": there[each.holder], "held": there[each.held]}
        Holding.objects.create(statement=kept, right=each.right, percentage=each.percent, **ends)
    return kept


def test_without_a_statement_at_the_noc_nothing_can_be_compared(milestone, firm, at):
    since = owners_since(firm, at - timedelta(days=900), at)
    assert (since.then, since.is_unchanged) == (None, False)
    assert since.unaccounted == [
        "No statement of ownership was in effect when the NOC was granted, so nothing can be held against it."
    ]


def test_the_other_milestones_do_not_ask_for_it(noc, firm, people, at, later):
    other = path.submit_milestone(noc.setup.milestones.get(code="M2"), people=people, at=at)
    notified(firm, people, later(1))
    assert other.owners_since_the_noc(later(1)) is None
    assert shut(other, "verify", at=later(1)) == {}


def test_a_subsidiary_below_the_firm_changes_nothing_above_it(milestone, firm, people, later):
    rows = [
        *answers.owners_of(firm.legal_name),
        Row(firm.legal_name, Kind.COMPANY, "Local Limited", D(100), country="Pakistan"),
    ]
    stated = {"as_at": later(1).date(), "subsidiary_name": "Local Limited", "reason": "It is formed."}
    actions.notify_change(firm, rows, by=people.applicant, at=later(1), **stated)
    assert shut(milestone, "verify", at=later(2)) == {}


# ── The comparison ───────────────────────────────────────────────────────────────────────────────────────────────────
def stated(*lines, **kinds):
    rows = []
    for line in lines:
        holder, percent, held, *right = line.split()
        rows.append(
            Row(holder, kinds.get(holder, Kind.PERSON), held, D(percent), Right(right[0] if right else "shares"))
        )
    return read(rows, firm="Firm")[0]


def test_who_came_who_went_and_who_changed_by_how_much():
    before = stated("Ada 51 Firm", "Bo 29 Firm", "Cy 20 Firm")
    after = stated("Ada 60 Firm", "Cy 20 Firm", "Dee 20 Firm")
    assert [(each.what, each.by, each.sentence) for each in owners_changed(before, after, "Firm")] == [
        ("changed", 9, "Ada: 51% of the shares, in control then, 60% of the shares, in control now."),
        ("went", -29, "Bo went: 29% of the shares."),
        ("came", 20, "Dee came: 20% of the shares."),
    ]


def test_a_holding_through_a_company_counts_as_what_it_comes_to():
    before = stated("Hold 100 Firm", "Ada 100 Hold", Hold=Kind.COMPANY)
    after = stated("Ada 100 Firm")
    # The same person owns as much, by another way: the chain differs, its end does not.
    assert owners_changed(before, after, "Firm") == []
    assert [(each.holder, each.held) for each in differences_above(before, after, "Firm")] == [
        ("Ada", "Firm"),
        ("Ada", "Hold"),
        ("Hold", "Firm"),
    ]


def test_control_alone_is_a_change_too():
    before = stated("Ada 50 Firm", "Bo 50 Firm")
    after = stated("Ada 50 Firm", "Bo 50 Firm", "Bo 0 Firm control")
    (changed,) = owners_changed(before, after, "Firm")
    assert (changed.name, changed.what, changed.by) == ("Bo", "changed", 0)
    assert changed.sentence == "Bo: 50% of the shares then, 50% of the shares, in control now."
