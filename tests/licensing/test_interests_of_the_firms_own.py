"""Who stepped back from a case has no part in what it is judged by: evidence, ratings, overrides, people, owners."""

import pytest
from django.core.exceptions import PermissionDenied

from licensing.actions import interests, overrides, ratings, seconds
from licensing.actions import people as individuals
from licensing.models import Rating
from licensing.models.assessed import criteria_asked_of
from licensing.models.ratings import judged
from pvara.demo import answers, path
from pvara.demo.path.work import upload
from pvara.kernel.machine import MoveRefused, moves
from pvara.kernel.seen import mark

WHY = "I wrote about it."
TOLD = [f"Recused: {WHY}"]


def back_from(case, *whose, at):
    for who in whose:
        interests.recuse(case, by=who, at=at, reasons=WHY)


def out_of(row, who, at):
    return row.access_anchor.conflicts_of(who, at, case=row) == TOLD


def stands_in_the_way(row, name, who, at):
    (offer,) = [each for each in moves(type(row).objects.get(pk=row.pk), by=who, at=at) if each.name == name]
    return next((list(each.details) for each in offer.unmet if each.code == "person_has_no_interest"), [])


@pytest.fixture
def case(firm, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at, rating=2)
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


@pytest.fixture
def piece(case, firm, people, at):
    asked = list(criteria_asked_of(firm, at).filter(code="1.4"))
    [(kind, served)] = path.by_kind(asked).items()
    return upload(firm, kind, served, title="Rules", people=people, at=at)


@pytest.fixture
def individual(case, firm, people, at):
    return path.nominate(firm, "director", people=people, at=at)


@pytest.fixture
def override(case, firm, people, at):
    return path.override(firm, "1.4", 3, people=people, at=at)


def test_moves_and_votes(case, piece, individual, override, people, at):
    rows = (piece, individual, override)
    assert not any(out_of(row, who, at) for row in rows for who in (people.officer, people.supervisor, people.member))
    back_from(case, people.officer, people.supervisor, people.member, at=at)
    for row, move, who in (
        (piece, "accept", people.officer),
        (piece, "reject", people.officer),
        (individual, "take_up", people.officer),
        (override, "drop", people.supervisor),
    ):
        assert stands_in_the_way(row, move, who, at) == TOLD, move
    with pytest.raises(MoveRefused, match="you take no part"):
        path.step(piece, "accept", by=people.officer, at=at)
    tally = override.tally("override", at)
    assert (tally.barred[people.member], people.member2 in tally.members) == (tuple(TOLD), True)


def test_what_is_done_without_a_move(case, firm, individual, people, at):
    given = Rating.objects.get(firm=firm, criterion__code="1.3", current=True)
    seen = mark(judged(given))
    individual = path.step(individual, "take_up", by=people.officer, at=at)
    back_from(case, people.officer, people.supervisor, people.assessor, people.moderator, at=at)
    refused = (
        lambda: seconds.give_rating(
            firm,
            given.criterion,
            by=people.assessor,
            at=at,
            rating=3,
            rationale="More.",
            not_applicable=False,
            seen=seen,
        ),
        lambda: ratings.moderate(given, by=people.moderator, at=at, rating=3, seen=seen),
        lambda: overrides.propose_override(given, by=people.supervisor, at=at, to_rating=3, reasons="More."),
        lambda: individuals.record_check(
            individual, by=people.officer, at=at, kind="identity", result="clear", made_on=at.date()
        ),
    )
    for act in refused:
        with pytest.raises(PermissionDenied, match="I wrote about it"):
            act()


def test_a_change_of_control_while_the_set_up_is_open(firm, people, at):
    noc = path.noc_case(firm, people=people, at=at)
    back_from(noc, people.officer, at=at)
    change = path.notify_change(firm, people=people, at=at, rows=answers.owners_of(firm.legal_name, first_owner=55))
    assert stands_in_the_way(change, "assess", people.officer, at) == TOLD


def test_a_case_that_is_over_keeps_nobody_from_the_next(case, piece, individual, override, people, at):
    back_from(case, people.officer, at=at)
    assert all(out_of(row, people.officer, at) for row in (piece, individual, override))
    path.step(case, "withdraw", by=people.applicant, at=at, note="Not now.")
    assert not any(out_of(row, people.officer, at) for row in (piece, individual, override))


def test_a_noc_reaches_the_firms_own_until_its_set_up_is_confirmed(firm, people, at):
    noc = path.noc_case(firm, people=people, at=at)
    individual = path.nominate(firm, "director", people=people, at=at)
    back_from(noc, people.member2, at=at)
    assert out_of(individual, people.member2, at)
    path.confirmed_setup(noc, people=people, at=at)
    assert not out_of(individual, people.member2, at)


def test_a_part_of_a_case_reaches_nothing_of_the_firms_own(case, piece, people, at):
    back_from(case.consultations.first(), people.officer, at=at)
    assert not out_of(piece, people.officer, at)
