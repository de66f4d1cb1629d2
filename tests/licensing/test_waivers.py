"""The committee waives a criterion for a firm: only one that the framework lets it, by its votes, and on the record."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from licensing.actions import framework
from licensing.actions.overrides import propose_override
from licensing.history.scored import Scored, sheets, totals
from licensing.letters.memo import compose_memo
from licensing.models import Criterion, Rating, RatingOverride
from licensing.models.framework import framework_row
from licensing.models.histories import history_of
from licensing.models.scores import facts, score_of
from licensing.scoring import frozen
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.seen import mark
from tests.licensing import judging

WHY = "The founders held no licence abroad; the committee heard them."


@pytest.fixture
def assessed(firm, people, at):
    """Everything largely met, but the licence at home, of which there is none."""
    path.rate_everything(firm, "NOC", people=people, at=at, rating=3, but={"4.1": 0})
    return firm


@pytest.fixture
def proposed(assessed, people, at):
    return path.override(assessed, "4.1", None, people=people, at=at)


@pytest.fixture
def waived(proposed, people, at):
    return path.decide(proposed, "waive", people=people, at=at, note=WHY)


def of(firm, code):
    return Rating.objects.get(firm=firm, criterion__code=code, current=True)


def shut(row, name, *, by, at):
    fresh = RatingOverride.objects.get(pk=row.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


def refused(given, **said):
    with pytest.raises(ValidationError) as refusal:
        propose_override(given, **said)
    return refusal.value.message_dict


# ── Proposing ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_waiver_is_proposed_and_nothing_is_waived_yet(assessed, proposed, at):
    assert (proposed.waives, proposed.becomes, proposed.terms_of("waive")) == (
        True,
        "Waived: it is not asked of the firm",
        [
            "4.1 Current licence from a recognised regulator is not asked of the firm, rated 0 Not met: "
            "The committee heard the firm."
        ],
    )
    assert audit.history(proposed).get().data == {"criterion": "4.1", "from": 0, "to": "waived"}
    assert score_of(assessed, "NOC", at).line("4.1").rating == 0


def test_only_what_the_framework_lets_the_committee_waive(assessed, people, at):
    said = {"by": people.supervisor, "at": at, "to_rating": None, "reasons": WHY}
    assert refused(of(assessed, "4.2"), **said) == {
        "to_rating": ["Framework 1.0 asks 4.2 Letter of good standing of everybody: propose another rating."]
    }


def test_not_where_the_version_by_which_the_firm_is_assessed_asks_it_of_everybody(
    assessed, proposed, people, at, later
):
    def closed(draft):
        row = Criterion.objects.get(domain__framework=draft, code="4.1")
        said = {"waivable_by_committee": False, "seen": mark(row.said)}
        framework.change_criterion(row, by=people.supervisor, at=at, **said)

    path.published_framework("2.0", later(10).date(), people=people, at=at, but=closed)
    why = "Framework 2.0 asks 4.1 Current licence from a recognised regulator of everybody"
    assert "criterion_is_waivable" not in shut(proposed, "waive", by=people.member, at=later(9))
    assert shut(proposed, "waive", by=people.member, at=later(11))["criterion_is_waivable"] == (f"{why}.",)
    said = {"by": people.supervisor, "at": later(11), "to_rating": None, "reasons": WHY}
    assert refused(of(assessed, "4.1"), **said) == {"to_rating": [f"{why}: propose another rating."]}


def test_what_is_waived_is_not_waived_again_but_may_be_rated_by_a_body_or_anew(assessed, waived, people, at, rated):
    said = {"by": people.supervisor, "at": at, "to_rating": None, "reasons": WHY}
    assert refused(of(assessed, "4.1"), **said) == {"to_rating": ["It is waived already."]}
    back = path.override(assessed, "4.1", 1, people=people, at=at)
    path.decide(back, "override", people=people, at=at, note="A licence was found after all.")
    given = of(assessed, "4.1")
    assert (given.waived, given.counts) == (False, 1)


def test_an_assessor_does_not_find_away_what_the_committee_may_waive(firm, rated):
    with pytest.raises(ValidationError) as refusal:
        rated("4.1", None, not_applicable=True)
    assert refusal.value.message_dict == {
        "not_applicable": ["That 4.1 is not asked of a firm is the committee's to decide: rate it."]
    }


# ── Deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_committee_alone_waives_by_its_votes(proposed, people, at):
    assert list(shut(proposed, "waive", by=people.member, at=at)) == ["votes_carry_the_decision"]
    assert proposed.tally("waive", at).body.code == "committee"
    made = path.decide(proposed, "waive", people=people, at=at, note=WHY)
    assert (made.state, made.decided_by) == ("made", people.member)
    votes = audit.history(made).last().data["gates"]["votes_carry_the_decision"]
    assert (votes["body"], votes["terms"]) == ("committee", made.terms_of("waive"))


def test_no_waiver_without_reasons(proposed, people, at):
    path.prepare(proposed, "waive", people=people, at=at)
    with pytest.raises(MoveRefused, match="Give the reasons"):
        path.step(proposed, "waive", by=people.member, at=at)


def test_another_rating_is_proposed(assessed, proposed, people, at):
    """Neither the board nor the committee overrides by a waiver."""
    for name, by in (("override", people.member), ("override_as_board", people.board)):
        assert "another_rating_is_proposed" in shut(proposed, name, by=by, at=at)
        other = RatingOverride.objects.filter(to_rating=2).first() or path.override(
            assessed, "1.4", 2, people=people, at=at
        )
        assert "another_rating_is_proposed" not in shut(other, name, by=by, at=at)


def test_a_waiver_is_proposed(assessed, proposed, people, at):
    assert "a_waiver_is_proposed" not in shut(proposed, "waive", by=people.member, at=at)
    other = path.override(assessed, "1.4", 2, people=people, at=at)
    assert "a_waiver_is_proposed" in shut(other, "waive", by=people.member, at=at)
    assert [other.is_put(each) for each in ("override", "override_as_board", "waive")] == [True, True, False]
    assert [proposed.is_put(each) for each in ("override", "override_as_board", "waive")] == [False, False, True]


def test_criterion_is_waivable(assessed, proposed, people, at):
    assert "criterion_is_waivable" not in shut(proposed, "waive", by=people.member, at=at)
    fresh = RatingOverride.objects.get(pk=proposed.pk)
    fresh.rating = of(assessed, "2.1")
    said = {each.code: each.details for each in unmet(fresh, "waive", by=people.member, at=at)}
    assert said["criterion_is_waivable"] == (f"Framework 1.0 asks {fresh.rating.criterion} of everybody.",)
    assert said["criterion_is_no_knock_out"] == (f"{fresh.rating.criterion} is a knock-out.",)


# ── What it does ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_waived_does_not_count_and_everything_is_kept(assessed, waived, at):
    given = of(assessed, "4.1")
    assert (given.rating, given.moderated_rating, given.overridden_rating) == (0, 0, None)
    assert (given.counts, given.label, given.is_overridden) == ("waived", "Waived by the committee", True)
    score = score_of(assessed, "NOC", at)
    assert (score.line("4.1").counts, score.total, score.domains["D4"]) == (False, 75, 75)
    entry = audit.history(assessed).last()
    assert (entry.event, entry.note) == ("waived", WHY)
    assert entry.data == {
        "rating_id": given.pk,
        "criterion": "4.1",
        "override": waived.reference,
        "from": 0,
        "to": "waived",
    }


def test_the_history_says_why_the_score_rose(firm, people, at):
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at, rating=3, but={"4.1": 0})
    proposed = path.override(firm, "4.1", None, people=people, at=at)
    path.decide(proposed, "waive", people=people, at=at, note=WHY)
    said = [cause.sentence for cause in history_of(firm, "NOC").order_by("number").last().why]
    assert said == [
        "4.1 Current licence from a recognised regulator waived by the committee (was 0): no change in "
        "D4 Home-regulator standing."
    ]


def test_the_database_reckons_the_same(assessed, waived, at):
    subject = Scored(assessed.pk, "NOC", framework_row(at.date()).pk)
    (found,) = sheets([subject], on=at.date()).values()
    assert found.held["4.1"].rating == "waived"
    (total,) = totals([subject], on=at.date()).values()
    assert total.percent == score_of(assessed, "NOC", at).total


def test_a_new_rating_takes_the_place_of_a_waiver_once_it_is_moderated(assessed, waived, people, at, rated):
    anew = rated("4.1", 1)
    assert score_of(assessed, "NOC", at).line("4.1").rating == "waived"
    judging.moderate(anew, by=people.moderator, at=at)
    assert score_of(assessed, "NOC", at).line("4.1").rating == 1


def test_a_decision_keeps_by_what_it_was_waived_and_is_reckoned_again(assessed, waived, at):
    kept = json.loads(json.dumps(facts(score_of(assessed, "NOC", at), assessed)))
    assert (kept["layout"], kept["criteria"]["4.1"]["rating"], kept["criteria"]["4.1"]["waived_by"]) == (
        3,
        "waived",
        waived.reference,
    )
    assert kept["criteria"]["4.2"]["waived_by"] is None
    assert [kept["content"]["criteria"][code][-1] for code in ("4.1", "4.2")] == [True, False]
    assert frozen.differences(kept) == []
    kept["criteria"]["4.1"]["waived_by"] = "OVR-99999"
    assert frozen.differences(kept)[0].startswith("The hash of the record is ")


def test_the_committees_memo_says_what_was_waived_and_by_what(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at, rating=3, but={"4.1": 0})
    proposed = path.override(firm, "4.1", None, people=people, at=at)
    waived = path.decide(proposed, "waive", people=people, at=at, note=WHY)
    case = path.step(case, "recommend", by=people.supervisor, at=at, note="Met, with a waiver.")
    memo = compose_memo(case, audit.history(case).last(), at)
    (criteria,) = [each["rows"] for each in memo["sections"] if each["title"] == "Criteria"]
    (said,) = [value for name, value in criteria if name.startswith("4.1")]
    assert said == (
        f"rated 0 Not met, by {people.assessor}; moderated by {people.moderator}; "
        f"waived by the committee ({waived.reference})"
    )


# ── What the database refuses ────────────────────────────────────────────────────────────────────────────────────────
def test_the_database_lets_nothing_be_waived_without_a_decision(assessed, proposed, people, at):
    change = Rating.objects.filter(pk=proposed.rating_id)
    with pytest.raises(DatabaseError, match=r"overrides rating \d+ to a waiver"), transaction.atomic():
        change.update(waived=True)
    path.decide(proposed, "waive", people=people, at=at, note=WHY)
    with pytest.raises(DatabaseError, match=r"overrides rating \d+ to nothing"), transaction.atomic():
        change.update(waived=False)
    with pytest.raises(IntegrityError, match="what_is_waived_was_moderated"), transaction.atomic():
        Rating.objects.create(
            firm=assessed,
            criterion=Criterion.objects.get(code="1.7"),
            rating=3,
            waived=True,
            rationale="Read.",
            assessor=people.assessor,
            rated_at=at,
        )


def test_the_database_lets_only_what_is_waivable_be_waived(assessed, people, at):
    row = {"firm": assessed, "to_rating": None, "reasons": WHY, "proposed_by": people.supervisor, "proposed_at": at}
    with pytest.raises(DatabaseError, match="does not let the committee waive"), transaction.atomic():
        RatingOverride.objects.create(rating=of(assessed, "4.2"), mark="", **row)
