"""Two ratings of one criterion, given apart: sealed until both are in, and nothing is moderated before."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from licensing.actions import ratings, seconds
from licensing.models import Criterion, Rating, ScoreEntry, SealedRating
from licensing.models.agreed import agreement_by_domain
from licensing.models.framework import framework_row
from licensing.models.scores import criteria_outstanding, people_who_assessed, score_of
from pvara.demo import answers, path
from pvara.kernel import audit, roles
from tests.licensing import judging, twice

SECRET = "The mandate names nobody for goAML."


@pytest.fixture
def later(regime, people, at):
    """A day on which every criterion is rated twice."""
    twice.in_force(people=people, at=at)
    return at + timedelta(days=2)


@pytest.fixture
def azra(later):
    return twice.another_assessor()


@pytest.fixture
def first(firm, asif, azra, later):
    return twice.give(firm, "1.2", 1, by=asif, at=later, rationale=SECRET)


@pytest.fixture
def both(first, firm, azra, later):
    return twice.give(firm, "1.2", 4, by=azra, at=later + timedelta(hours=1), rationale="All is there.")


# ── The seal ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_first_of_two_is_sealed_and_no_rating(first, firm, later):
    assert isinstance(first, SealedRating)
    assert Rating.objects.count() == 0
    assert score_of(firm, "NOC", later).is_untouched
    assert ScoreEntry.objects.filter(firm=firm).count() == 0


def test_the_log_has_who_gave_it_and_a_hash_and_nothing_else_of_it(first, firm, asif):
    entry = audit.history(firm).last()
    assert (entry.event, entry.actor, entry.note) == ("rated_and_sealed", asif, "")
    assert entry.data == {"criterion": "1.2", "sealed_id": first.pk, "fingerprint": first.fingerprint}
    # Five marks are quickly tried out; with the salt unknown each looks like any other.
    guesses = {SealedRating(criterion=first.criterion, rating=each, rationale=SECRET).fingerprint for each in range(5)}
    assert first.fingerprint not in guesses


def test_the_second_opens_both_and_each_keeps_its_own_words(both, first, asif, azra, later):
    given = Rating.objects.get()
    assert (given.rating, given.rationale, given.assessor, given.rated_at) == (1, SECRET, asif, later)
    assert (given.second_rating, given.second_rationale, given.second_assessor) == (4, "All is there.", azra)
    assert given.second_at == later + timedelta(hours=1)
    sealed = SealedRating.objects.get()
    assert (sealed.waits, sealed.opened_as, sealed.fingerprint) == (False, given, first.fingerprint)


def test_the_log_then_has_both_and_shows_that_the_first_is_what_was_sealed(both, firm, azra):
    entry = audit.history(firm).last()
    assert (entry.event, entry.actor, entry.note) == ("rated", azra, "All is there.")
    said = entry.data
    assert (said["rating"], said["second_rating"], said["rationale"], said["assessor"]) == (1, 4, SECRET, "Asif")
    again = SealedRating(
        criterion=both.criterion, rating=said["rating"], rationale=said["rationale"], salt=said["salt"]
    )
    assert again.fingerprint == said["fingerprint"]
    assert [each.data["fingerprint"] for each in audit.history(firm) if each.event == "rated_and_sealed"] == [
        said["fingerprint"]
    ]


def test_the_same_assessor_gives_the_first_anew_and_never_the_second(first, firm, asif, later):
    again = twice.give(firm, "1.2", 3, by=asif, at=later)
    assert isinstance(again, SealedRating)
    assert Rating.objects.count() == 0
    assert list(SealedRating.objects.order_by("pk").values_list("rating", "waits")) == [(1, False), (3, True)]


def test_it_is_said_of_a_criterion_that_its_second_rating_is_awaited(first, firm, later):
    framework = framework_row(later.date())
    said = [each for each in criteria_outstanding(firm, "NOC", later, framework) if each.startswith("1.2 ")]
    assert said == [f"{first.criterion.code} {first.criterion.title} waits for its second rating."]


def test_the_rating_of_before_goes_on_counting_until_both_are_in(both, firm, saira, asif, azra, later):
    judging.moderate(both, by=saira, at=later, rating=2, note="In between.")
    twice.give(firm, "1.2", 0, by=asif, at=later)
    assert Rating.objects.get(current=True) == both
    assert any("waits for its second rating" in each for each in criteria_outstanding(firm, "NOC", later))
    twice.give(firm, "1.2", 1, by=azra, at=later)
    assert Rating.objects.get(current=True).rating == 0
    assert Rating.objects.filter(current=False).get() == both


def test_what_is_asked_for_anew_is_not_waited_for(first, firm, later):
    ratings.reopen(firm, ["1.2"], by=None, at=later, why="The owner changed.")
    assert SealedRating.objects.filter(waits=True).count() == 0
    assert audit.history(firm).last().data == {"criteria": ["1.2"]}


# ── Who ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_only_assessors_seal(firm, saira, later):
    with pytest.raises(PermissionDenied, match="Only assessors rate"):
        twice.give(firm, "1.2", 3, by=saira, at=later)


def test_neither_of_the_two_moderates(both, asif, azra, later):
    for each in (asif, azra):
        roles.grant(each, "moderator", by=None, at=later)
        with pytest.raises(PermissionDenied, match="Whoever gave a rating does not moderate it"):
            judging.moderate(both, by=type(each).objects.get(pk=each.pk), at=later)


def test_whoever_sealed_or_gave_the_second_has_assessed_the_firm(first, firm, asif, azra, later):
    assert people_who_assessed(firm) == {asif.pk}
    twice.give(firm, "1.2", 3, by=azra, at=later)
    assert people_who_assessed(firm) == {asif.pk, azra.pk}


# ── Moderation ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_rating_alone_is_not_moderated_once_two_are_asked_for(rated, firm, people, at, saira):
    alone = rated("1.2", 3)
    twice.in_force(people=people, at=at)
    judging.moderate(rated("1.3", 3), by=saira, at=at)
    with pytest.raises(ValidationError, match="Its second rating is not in"):
        judging.moderate(alone, by=saira, at=at + timedelta(days=2))


@pytest.mark.parametrize("to", [None, 1, 2, 3, 4])
def test_ratings_three_steps_apart_leave_no_word_without_a_note(both, saira, later, to):
    """1 and 4 were given: whatever is said is more than a step from one of them."""
    with pytest.raises(ValidationError, match="A change of more than one step needs a note"):
        judging.moderate(both, by=saira, at=later, rating=to)
    assert judging.moderate(both, by=saira, at=later, rating=to, note="Read again.").is_moderated


def test_ratings_two_steps_apart_are_met_in_the_middle_without_a_note(firm, asif, azra, saira, later):
    twice.give(firm, "1.2", 2, by=asif, at=later)
    given = twice.give(firm, "1.2", 4, by=azra, at=later)
    assert judging.moderate(given, by=saira, at=later, rating=3).moderated_rating == 3


def test_a_framework_that_asks_for_one_rating_seals_nothing(rated, firm, asif, at, criterion):
    given = seconds.give_rating(firm, criterion("1.2"), by=asif, at=at, rating=3, rationale="Read.")
    assert isinstance(given, Rating)
    assert not given.has_second


def test_a_rating_is_not_given_past_the_seal(firm, asif, later):
    criterion = Criterion.objects.get(code="1.2", domain__framework__edition=twice.EDITION)
    with pytest.raises(ValidationError, match="is rated twice, blindly"):
        ratings.rate(firm, criterion, by=asif, at=later, rating=3, rationale="Read.")


# ── What the database keeps ──────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_is_moderated_alone_behind_the_actions(firm, asif, saira, azra, later):
    criterion = Criterion.objects.get(code="1.2", domain__framework__edition=twice.EDITION)
    Rating.objects.create(firm=firm, criterion=criterion, rating=3, rationale="R.", assessor=asif, rated_at=later)
    with pytest.raises(DatabaseError, match="has no second one"), transaction.atomic():
        Rating.objects.update(moderated_rating=3, moderator=saira, moderated_at=later)


@pytest.mark.parametrize("changed", [{"rating": 4}, {"rationale": "Better."}, {"salt": "x"}])
def test_what_is_sealed_stays(first, changed):
    with pytest.raises(DatabaseError, match="stays as it was given"), transaction.atomic():
        SealedRating.objects.update(**changed)
    with pytest.raises(DatabaseError, match="stays as it was given"), transaction.atomic():
        SealedRating.objects.all().delete()


@pytest.mark.parametrize("changed", [{"second_rating": 2}, {"second_rationale": "Better."}])
def test_the_second_stays(both, changed):
    with pytest.raises(DatabaseError, match="stays as it was given"), transaction.atomic():
        Rating.objects.update(**changed)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"second_assessor": "asif"}, "second_assessor_is_somebody_else"),
        ({"moderator": "azra"}, "second_assessor_is_somebody_else"),
        ({"second_at": None}, "second_rating_on_the_scale"),
        ({"second_rating": 5}, "second_rating_on_the_scale"),
        ({"second_rating": None}, "second_rating_on_the_scale"),
    ],
)
def test_two_people_on_the_scale(request, firm, asif, azra, later, columns, constraint):
    criterion = Criterion.objects.get(code="1.2", domain__framework__edition=twice.EDITION)
    said = {
        "firm": firm,
        "criterion": criterion,
        "rating": 3,
        "rationale": "R.",
        "assessor": asif,
        "rated_at": later,
        "second_assessor": azra,
        "second_rating": 3,
        "second_rationale": "R.",
        "second_at": later,
        **{
            name: request.getfixturevalue(value) if isinstance(value, str) else value for name, value in columns.items()
        },
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Rating.objects.create(**said)


def test_the_second_assessor_decides_nothing_even_behind_the_gates(regime, firm, people, at, asif):
    twice.in_force(people=people, at=at)
    later = at + timedelta(days=2)
    case = path.noc_case(firm, people=people, at=later, until="under_assessment")
    azra = twice.another_assessor()
    twice.give(firm, "1.2", 3, by=asif, at=later)
    twice.give(firm, "1.2", 3, by=azra, at=later)
    with pytest.raises(DatabaseError, match="assessed or moderated this firm"), transaction.atomic():
        type(case).objects.filter(pk=case.pk).update(decided_by=azra)


def test_the_second_assessor_decides_on_no_change_of_control_even_behind_the_gates(regime, firm, people, at, asif):
    path.noc_case(firm, people=people, at=at)
    change = path.notify_change(firm, people=people, at=at, rows=answers.owners_of(firm.legal_name, first_owner=55))
    twice.in_force(people=people, at=at)
    later = at + timedelta(days=2)
    azra = twice.another_assessor()
    row = type(change).objects.filter(pk=change.pk)
    twice.give(firm, "1.2", 3, by=asif, at=later)
    twice.give(firm, "1.2", 3, by=azra, at=later)
    with pytest.raises(DatabaseError, match="assessed or moderated this firm"), transaction.atomic():
        row.update(decided_by=azra)
    assert row.update(decided_by=people.member) == 1


# ── How far they agree ───────────────────────────────────────────────────────────────────────────────────────────────
def test_agreement_by_domain_over_a_span(firm, asif, azra, later):
    for code, one, other in (("1.1", 1, 2), ("1.2", 2, 2), ("1.3", 3, 3), ("1.4", 4, 3), ("2.1", 3, 3)):
        twice.give(firm, code, one, by=asif, at=later)
        twice.give(firm, code, other, by=azra, at=later)
    twice.give(firm, "4.2", None, by=asif, at=later)
    twice.give(firm, "4.2", 4, by=azra, at=later)
    day = later.date()
    found = {each.code: each for each in agreement_by_domain(day, day)}
    assert {code: (each.agreement.pairs, each.not_compared) for code, each in found.items()} == {
        "D1": (4, 0),
        "D2": (1, 0),
        "D4": (0, 1),
        "": (5, 1),
    }
    # By hand: 1 − 8/24 in D1; in all 1 − 5·2/(14 + 3 + 2 + 11 + 2).
    kappas = {code: each.agreement.kappa for code, each in found.items()}
    assert kappas["D1"] is not None
    assert round(kappas["D1"], 4) == Decimal("0.6667")
    assert kappas[""] == Decimal("0.6875")
    assert (kappas["D2"], kappas["D4"]) == (None, None)
    assert agreement_by_domain(day + timedelta(days=1), day + timedelta(days=9)) == []


@pytest.mark.django_db(transaction=True)
def test_two_assessors_at_the_very_same_time(firm, asif, azra, later):
    """Whoever comes second waits for the first and opens both; neither is lost."""

    def rate(by, rating):
        try:
            return twice.give(firm, "1.2", rating, by=by, at=later)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        given = [each.result() for each in (pool.submit(rate, asif, 1), pool.submit(rate, azra, 4))]
    assert {type(each) for each in given} == {Rating, SealedRating}
    assert Rating.objects.get().sealed.waits is False
