"""Overriding a moderated rating: proposed by one, decided by the votes of a body, never for a knock-out."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from licensing.actions.overrides import propose_override
from licensing.models import Rating, RatingOverride
from licensing.models.scores import score_of
from pvara.demo import path
from pvara.kernel import audit, roles
from pvara.kernel.machine import MoveRefused, unmet
from tests.licensing import judging

WHY = "The committee heard the firm and read the rule set."


@pytest.fixture
def assessed(firm, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at, rating=2)
    return firm


@pytest.fixture
def proposed(assessed, people, at):
    return path.override(assessed, "1.4", 3, people=people, at=at)


def of(firm, code):
    return Rating.objects.get(firm=firm, criterion__code=code, current=True)


def shut(row, name, *, by, at):
    fresh = RatingOverride.objects.get(pk=row.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


def counts(firm, code, at):
    return next(line.rating for line in score_of(firm, "NOC", at).lines if line.criterion.code == code)


def refused(given, **said):
    with pytest.raises(ValidationError) as refusal:
        propose_override(given, **said)
    return refusal.value.message_dict if hasattr(refusal.value, "error_dict") else refusal.value.messages


# ── Proposing ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_proposal_changes_nothing_by_itself(assessed, proposed, at):
    assert (proposed.state, proposed.reference, proposed.becomes) == (
        *("proposed", f"OVR-{proposed.pk:05d}", "3 Largely met"),
    )
    assert counts(assessed, "1.4", at) == 2
    entry = audit.history(proposed).get()
    assert (entry.event, entry.to_state, entry.data) == (
        "proposed",
        "proposed",
        {"criterion": "1.4", "from": 2, "to": 3},
    )


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"to_rating": 5}, {"to_rating": ["Give a rating from 0 (not met) to 4 (fully met)."]}),
        ({"to_rating": -1}, {"to_rating": ["Give a rating from 0 (not met) to 4 (fully met)."]}),
        ({"to_rating": 2}, {"to_rating": ["It counts 2 Partial already."]}),
        ({"reasons": "  "}, {"reasons": ["Give the reasons: they are part of the record."]}),
    ],
)
def test_a_proposal_that_says_nothing_is_refused_by_field(assessed, people, at, said, wrong):
    given = {"to_rating": 3, "reasons": WHY, **said}
    assert refused(of(assessed, "1.4"), by=people.supervisor, at=at, **given) == wrong


def test_a_knock_out_is_never_overridden(assessed, people, at):
    said = [
        "1.5 In-house MLRO, not outsourced is a knock-out, which is never overridden: have it rated anew.",
    ]
    assert refused(of(assessed, "1.5"), by=people.supervisor, at=at, to_rating=3, reasons=WHY) == said


def test_only_a_moderated_rating_that_stands_is_overridden(firm, people, at, rated):
    said = ["Only a rating that stands and is moderated is overridden: have it moderated first."]
    given = rated("1.4", 2)
    told = {"by": people.supervisor, "at": at, "to_rating": 3, "reasons": WHY}
    assert refused(given, **told) == said
    judging.moderate(given, by=people.moderator, at=at)
    rated("1.4", 1)
    given.refresh_from_db()
    assert refused(given, **told) == said


def test_one_proposal_waits_for_a_rating_at_a_time(assessed, proposed, people, at):
    said = ["An override of this rating is proposed already: decide on that, or drop it."]
    assert refused(of(assessed, "1.4"), by=people.member, at=at, to_rating=4, reasons=WHY) == said
    path.step(proposed, "drop", by=people.supervisor, at=at, note="Not now.")
    assert path.override(assessed, "1.4", 4, people=people, at=at).state == "proposed"


def test_only_who_drafts_decisions_proposes(assessed, people, at):
    for person in (people.assessor, people.moderator, people.officer, people.applicant):
        with pytest.raises(PermissionDenied):
            propose_override(of(assessed, "1.4"), by=person, at=at, to_rating=3, reasons=WHY)


# ── Deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("move", ["override", "override_as_board"])
def test_a_body_overrides_by_its_votes_and_both_ratings_are_kept(assessed, proposed, people, at, move):
    by = path.voters(RatingOverride, move, people)[0]
    assert list(shut(proposed, move, by=by, at=at)) == ["votes_carry_the_decision"]
    made = path.decide(proposed, move, people=people, at=at, note=WHY)
    assert (made.state, made.decided_by) == ("made", by)
    given = of(assessed, "1.4")
    assert (given.rating, given.moderated_rating, given.overridden_rating) == (2, 2, 3)
    assert (given.given, given.moderated, given.label, given.is_overridden) == (
        *("2 Partial", "2 Partial", "3 Largely met", True),
    )
    assert counts(assessed, "1.4", at) == 3
    entry = audit.history(assessed).last()
    assert (entry.event, entry.actor, entry.note) == ("overridden", by, WHY)
    assert entry.data == {
        "rating_id": given.pk,
        "criterion": "1.4",
        "override": made.reference,
        "from": 2,
        "to": 3,
    }


def test_no_override_without_reasons(proposed, people, at):
    path.prepare(proposed, "override", people=people, at=at)
    with pytest.raises(MoveRefused, match="Give the reasons"):
        path.step(proposed, "override", by=people.member, at=at)


def test_criterion_is_no_knock_out(proposed, assessed, people, at):
    assert "criterion_is_no_knock_out" not in shut(proposed, "override", by=people.member, at=at)
    # As though the proposal were about another rating: neither the gate nor the database lets that pass.
    fresh = RatingOverride.objects.get(pk=proposed.pk)
    fresh.rating = of(assessed, "2.1")
    said = {each.code: each.details for each in unmet(fresh, "override", by=people.member, at=at)}
    assert said["criterion_is_no_knock_out"] == (f"{fresh.rating.criterion} is a knock-out.",)


def test_rating_still_stands(assessed, proposed, people, at, rated):
    assert "rating_still_stands" not in shut(proposed, "override", by=people.member, at=at)
    rated("1.4", 1)
    assert shut(proposed, "override", by=people.member, at=at)["rating_still_stands"] == (
        "The criterion was rated anew or reopened: propose the override of what stands now.",
    )


def test_decider_did_not_propose_the_override(assessed, people, at):
    proposed = propose_override(of(assessed, "1.4"), by=people.member, at=at, to_rating=3, reasons=WHY)
    assert "decider_did_not_propose_the_override" in shut(proposed, "override", by=people.member, at=at)
    assert "decider_did_not_propose_the_override" not in shut(proposed, "override", by=people.member2, at=at)
    tally = proposed.tally("override", at)
    assert (people.member in tally.members, tally.barred[people.member]) == (False, ("Proposed the override.",))


def test_nobody_who_assessed_or_has_a_case_in_hand_decides(firm, people, at):
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at, rating=2)
    proposed = path.override(firm, "1.4", 3, people=people, at=at)
    for person, gate in ((people.officer, "decider_is_not_case_officer"), (people.assessor, "decider_did_not_assess")):
        roles.grant(person, "committee_member", by=None, at=at)
        assert gate in shut(proposed, "override", by=person, at=at)


def test_an_override_lets_a_case_over_the_bar_and_a_new_rating_takes_its_place(assessed, proposed, people, at, rated):
    before = score_of(assessed, "NOC", at).total
    path.decide(proposed, "override", people=people, at=at, note=WHY)
    # 3 of 36 points, one step of four.
    lifted = score_of(assessed, "NOC", at).total - before
    assert round(lifted, 20) == round(Decimal(75) / 36, 20)
    anew = rated("1.4", 1)
    assert counts(assessed, "1.4", at) == 3  # until it is moderated
    judging.moderate(anew, by=people.moderator, at=at)
    assert counts(assessed, "1.4", at) == 1


def test_what_a_body_has_overridden_is_not_moderated_again(assessed, proposed, people, at):
    path.decide(proposed, "override", people=people, at=at, note=WHY)
    with pytest.raises(ValidationError, match="A body has overridden this rating by its votes"):
        judging.moderate(of(assessed, "1.4"), by=people.moderator, at=at, rating=1, note="Lower.")


# ── What the database refuses ────────────────────────────────────────────────────────────────────────────────────────
def test_the_database_lets_no_knock_out_be_overridden(assessed, people, at):
    row = {"firm": assessed, "rating": of(assessed, "1.5"), "to_rating": 3, "reasons": WHY}
    row |= {"proposed_by": people.supervisor, "proposed_at": at}
    with pytest.raises(IntegrityError, match="no_knock_out_is_overridden"), transaction.atomic():
        RatingOverride.objects.create(mark="knock_out", **row)
    with pytest.raises(DatabaseError, match="is marked “knock_out”, not “mandatory”"), transaction.atomic():
        RatingOverride.objects.create(mark="mandatory", **row)


def test_the_database_lets_nothing_be_overridden_without_a_decision(assessed, proposed, people, at):
    change = Rating.objects.filter(pk=proposed.rating_id)
    with pytest.raises(DatabaseError, match="No decision of a body overrides rating"), transaction.atomic():
        change.update(overridden_rating=3)
    path.decide(proposed, "override", people=people, at=at, note=WHY)
    for other in (4, None):
        with pytest.raises(DatabaseError, match="No decision of a body overrides rating"), transaction.atomic():
            change.update(overridden_rating=other)
    with pytest.raises(IntegrityError, match="override_decider_is_not_proposer"), transaction.atomic():
        RatingOverride.objects.filter(pk=proposed.pk).update(decided_by=people.supervisor)
