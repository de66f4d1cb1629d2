"""Ratings: who gives them, who confirms them, what is kept, and when they begin to count."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing import scoring
from licensing.actions import ratings
from licensing.actions.firms import register_firm
from licensing.models import Criterion, Domain, Evidence, Framework, Rating, VenueStanding
from licensing.models.ratings import judged
from licensing.models.scores import criteria_outstanding, facts, people_who_assessed, ratings_of, score_of
from pvara.demo import path
from pvara.kernel import audit, roles
from pvara.kernel.seen import ChangedMeanwhile, mark
from tests.licensing import judging


def counted(firm, code, at):
    """What a criterion's rating counts, before the rules of evidence."""
    return next(line.rating for line in score_of(firm, "NOC", at).lines if line.criterion.code == code)


# ── Rating ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_rating_is_kept_with_its_reasons_and_recorded(firm, asif, at, rated):
    given = rated("1.1", 3)
    assert (given.counts, given.label, given.assessor, given.rated_at) == (3, "3 Largely met", asif, at)
    entry = audit.history(firm).last()
    assert (entry.event, entry.actor, entry.note) == ("rated", asif, "The policy was read.")
    assert entry.data == {"rating_id": given.pk, "criterion": "1.1", "rating": 3}


def test_a_new_rating_takes_the_place_of_the_old_one_which_is_kept(firm, rated):
    first, second = rated("1.1", 3), rated("1.1", 4)
    assert list(Rating.objects.filter(firm=firm).order_by("pk").values_list("pk", "rating", "current")) == [
        (first.pk, 3, False),
        (second.pk, 4, True),
    ]


@pytest.mark.parametrize("name", ["amina", "omar", "saira", "sana", "dania", "bilal", "nadia", "aisha", "stranger"])
def test_only_assessors_rate(request, rated, name):
    with pytest.raises(PermissionDenied, match="Only assessors rate"):
        rated("1.1", 3, by=request.getfixturevalue(name))
    assert Rating.objects.count() == 0


@pytest.mark.parametrize("rating", [-1, 5, None, True, "3"])
def test_a_rating_off_the_scale_is_refused(rated, rating):
    with pytest.raises(ValidationError) as refusal:
        rated("1.1", rating)
    assert refusal.value.message_dict == {"rating": ["Give a rating from 0 (not met) to 4 (fully met)."]}


def test_a_rating_without_reasons_is_refused(rated):
    with pytest.raises(ValidationError) as refusal:
        rated("1.1", 3, rationale=" \n")
    assert refusal.value.message_dict == {"rationale": ["Say why: the rationale is part of the record."]}


def test_a_criterion_that_does_not_apply_is_out_of_the_reckoning(firm, rated, at):
    given = rated("7.3", None, not_applicable=True, rationale="Founded last year.")
    assert (given.counts, given.label) == (scoring.NOT_APPLICABLE, "Not applicable")
    assert score_of(firm, "NOC", at).domains["D7"] is None


@pytest.mark.parametrize(("code", "mark"), [("1.1", "mandatory"), ("2.1", "knock-out")])
def test_a_marked_criterion_always_applies(rated, code, mark):
    with pytest.raises(ValidationError) as refusal:
        rated(code, None, not_applicable=True)
    assert refusal.value.message_dict == {"not_applicable": [f"{code} is {mark}: it always applies."]}


def test_nothing_is_rated_by_a_draft(firm, asif, at):
    draft = Framework.objects.create(edition="2.0", effective_from=date(2026, 1, 1))
    domain = Domain.objects.create(framework=draft, code="D1", title="A domain", order=0)
    new = Criterion.objects.create(domain=domain, code="1.1", title="Easier", points=1, applies_from="NOC", order=0)
    with pytest.raises(ValidationError) as refusal:
        judging.rate(firm, new, by=asif, at=at, rating=4, rationale="It would pass.")
    assert refusal.value.message_dict == {"criterion": ["Framework 2.0 is not published: nothing is rated by it."]}


# ── Moderation ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_moderator_confirms(firm, saira, at, rated):
    given = judging.moderate(rated("1.1", 3), by=saira, at=at)
    assert (given.rating, given.moderated_rating, given.moderator, given.is_moderated) == (3, 3, saira, True)
    entry = audit.history(firm).last()
    assert (entry.event, entry.actor) == ("moderated", saira)
    assert entry.data == {"rating_id": given.pk, "criterion": "1.1", "from": 3, "to": 3}


def test_a_moderator_changes_and_both_are_kept(saira, at, rated):
    given = judging.moderate(rated("1.1", 3), by=saira, at=at, rating=2)
    assert (given.rating, given.moderated_rating, given.counts) == (3, 2, 2)


def test_a_change_of_one_step_needs_no_note_and_one_of_two_does(saira, at, rated):
    given = rated("1.1", 3)
    with pytest.raises(ValidationError) as refusal:
        judging.moderate(given, by=saira, at=at, rating=1)
    assert refusal.value.message_dict == {"note": ["A change of more than one step needs a note."]}
    assert judging.moderate(given, by=saira, at=at, rating=1, note="The minute is unsigned.").counts == 1


def test_whoever_rated_does_not_moderate(asif, at, rated):
    roles.grant(asif, "moderator", by=None, at=at)
    asif = type(asif).objects.get(pk=asif.pk)
    with pytest.raises(PermissionDenied, match="Whoever gave a rating does not moderate it"):
        judging.moderate(rated("1.1", 3), by=asif, at=at)


@pytest.mark.parametrize("name", ["amina", "omar", "asif", "sana", "dania", "stranger"])
def test_only_moderators_moderate(request, at, rated, name):
    given = rated("1.1", 3)
    with pytest.raises(PermissionDenied, match="Only moderators moderate"):
        judging.moderate(given, by=request.getfixturevalue(name), at=at)


def test_a_rating_that_was_replaced_is_not_moderated(saira, at, rated):
    former = rated("1.1", 3)
    rated("1.1", 4)
    with pytest.raises(ValidationError, match="replaced by a newer one"):
        judging.moderate(former, by=saira, at=at)


def test_what_does_not_apply_is_confirmed_but_not_turned_into_a_number(saira, at, rated):
    given = rated("7.3", None, not_applicable=True)
    with pytest.raises(ValidationError) as refusal:
        judging.moderate(given, by=saira, at=at, rating=4)
    assert refusal.value.message_dict == {"rating": ["This criterion was found not applicable; have it rated first."]}
    assert judging.moderate(given, by=saira, at=at).counts == scoring.NOT_APPLICABLE


# ── When a rating counts ─────────────────────────────────────────────────────────────────────────────────────────────
def test_before_the_first_moderation_a_rating_counts_provisionally(firm, at, rated):
    rated("1.1", 3)
    assert counted(firm, "1.1", at) == 3
    rated("1.1", 2)
    assert counted(firm, "1.1", at) == 2


def test_once_moderated_a_new_rating_waits_for_its_own_moderation(firm, saira, at, rated):
    judging.moderate(rated("1.1", 2), by=saira, at=at)
    higher = rated("1.1", 4)
    assert counted(firm, "1.1", at) == 2
    judging.moderate(higher, by=saira, at=at)
    assert counted(firm, "1.1", at) == 4
    # The file shows the newest rating all the while, and the case cannot be recommended before it is moderated.
    lower = rated("1.1", 0)
    assert (counted(firm, "1.1", at), ratings_of(firm)["1.1"]) == (4, lower)
    assert criteria_outstanding(firm, "NOC", at)[0] == (
        "1.1 Board-approved AML/CFT policy aligned with AMLA 2010 is not moderated."
    )


def test_no_assessor_alone_moves_a_venues_standing(firm, people, at, later, criterion):
    path.licensed(firm, people=people, at=at)
    assert VenueStanding.objects.get(firm=firm).may_distribute
    given = judging.rate(
        firm, criterion("5.1"), by=people.assessor, at=later(3), rating=2, rationale="Accounts are mixed."
    )
    assert VenueStanding.objects.get(firm=firm).may_distribute
    judging.moderate(given, by=people.moderator, at=later(4))
    standing = VenueStanding.objects.get(firm=firm)
    assert (standing.may_distribute, standing.reasons) == (
        False,
        [
            "5.1 is below the bar for distribution (gate G6).",
        ],
    )
    # And back: asif alone cannot open it either.
    given = judging.rate(firm, criterion("5.1"), by=people.assessor, at=later(5), rating=4, rationale="Mended.")
    assert not VenueStanding.objects.get(firm=firm).may_distribute
    judging.moderate(given, by=people.moderator, at=later(6))
    assert VenueStanding.objects.get(firm=firm).may_distribute


def test_a_rating_given_under_an_older_framework_holds_until_it_is_given_anew(firm, people, saira, asif, at, rated):
    judging.moderate(rated("1.1", 2), by=saira, at=at)
    path.published_framework("2.0", date(2026, 4, 1), people=people, at=at)
    spring = at + timedelta(days=60)
    assert (score_of(firm, "NOC", spring).framework.version, counted(firm, "1.1", spring)) == ("2.0", 2)
    new = Criterion.objects.get(code="1.1", domain__framework__edition="2.0")
    judging.moderate(
        judging.rate(firm, new, by=asif, at=spring, rating=3, rationale="Read again."), by=saira, at=spring
    )
    assert counted(firm, "1.1", spring) == 3
    assert list(Rating.objects.order_by("pk").values_list("current", flat=True)) == [False, True]


# ── What gates ask ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_outstanding_names_each_criterion_of_the_phase(firm, saira, at, rated):
    judging.moderate(rated("1.1", 3), by=saira, at=at)
    rated("1.2", 3)
    outstanding = criteria_outstanding(firm, "NOC", at)
    assert len(outstanding) == 14
    assert outstanding[:2] == [
        "1.2 Enterprise-wide ML/TF/PF risk assessment, including Pakistan is not moderated.",
        "1.3 Customer due diligence, enhanced and PEP, source of funds is not rated.",
    ]


def test_people_who_assessed_are_those_who_rated_and_moderated(firm, asif, saira, at, rated):
    rated("1.2", 3)
    assert people_who_assessed(firm) == {asif.pk}
    judging.moderate(rated("1.1", 3), by=saira, at=at)
    assert people_who_assessed(firm) == {asif.pk, saira.pk}


def test_a_score_takes_the_same_queries_whatever_there_is(firm, people, at, rated):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            score_of(firm, "FULL", at)
        return len(seen)

    empty = queries()
    path.rate_everything(firm, "FULL", people=people, at=at)
    assert (empty, queries()) == (7, 7)


def test_the_facts_of_a_score_are_kept_whole(firm, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at, rating=3)
    kept = facts(score_of(firm, "NOC", at), firm)
    assert {key: kept[key] for key in ("framework", "phase", "on", "grace_days", "total")} == {
        "framework": "1.0",
        "phase": "NOC",
        "on": "2026-03-04",
        "grace_days": 30,
        "total": "75",
    }
    of_it = kept["criteria"]["1.8"]
    assert {key: of_it[key] for key in ("rating", "effective", "evidence", "expires")} == {
        "rating": 3,
        "effective": 3,
        "evidence": "valid",
        "expires": ["2028-03-04"],
    }
    assert of_it["rating_id"] == Rating.objects.get(firm=firm, criterion__code="1.8", current=True).pk
    assert of_it["sha256"] == list(
        Evidence.objects.filter(firm=firm, links__criterion__code="1.8").values_list("sha256", flat=True)
    )
    assert kept["criteria"]["1.5"]["expires"] == [None]


# ── What the database refuses, and many at once ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"rating": 5}, "rating_on_the_scale"),
        ({"rating": None}, "rating_on_the_scale"),
        ({"not_applicable": True}, "rating_on_the_scale"),
        ({"moderated_rating": 5}, "moderated_rating_on_the_scale"),
    ],
)
def test_the_database_keeps_ratings_on_the_scale(rated, values, constraint):
    rated("1.1", 3)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Rating.objects.update(**values)


def test_the_database_keeps_moderator_and_assessor_apart(asif, rated):
    rated("1.1", 3)
    with pytest.raises(IntegrityError, match="moderator_is_not_assessor"), transaction.atomic():
        Rating.objects.update(moderator=asif)


def test_the_database_keeps_one_current_rating(rated):
    rated("1.1", 3)
    rated("1.1", 4)
    with pytest.raises(IntegrityError, match="one_current_rating"), transaction.atomic():
        Rating.objects.update(current=True)


@pytest.mark.django_db(transaction=True)
def test_assessors_rating_at_once_leave_one_current_rating_and_are_told(rated):
    def give(rating):
        try:
            return rated("1.1", rating)
        except ChangedMeanwhile:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = [each for each in pool.map(give, [0, 1, 2, 3, 4, 0, 1, 2], timeout=60) if each is not None]
    # Who had read something else by the time it was their turn was told so; what was said last counts.
    assert Rating.objects.count() == len(given) >= 1
    assert Rating.objects.get(current=True).pk == max(each.pk for each in given)


def test_nobody_rates_or_moderates_over_what_they_have_not_read(firm, criterion, rated, saira, asif, at):
    given = rated("1.1", 3)
    read = mark(judged(given))
    with pytest.raises(ChangedMeanwhile) as told:
        ratings.rate(firm, criterion("1.1"), by=asif, at=at, rating=1, rationale="It is a draft.")
    assert (told.value.entry.actor, told.value.now["rating_given"]) == (asif, "3 Largely met, by Asif")
    with pytest.raises(ChangedMeanwhile):
        ratings.moderate(given, by=saira, at=at)
    assert ratings.moderate(given, by=saira, at=at, seen=read).is_moderated
    with pytest.raises(ChangedMeanwhile) as told:
        ratings.rate(firm, criterion("1.1"), by=asif, at=at, rating=1, rationale="It is a draft.", seen=read)
    assert (told.value.entry.actor, told.value.now["moderation"]) == (saira, "3 Largely met.")


# ── What a rating rests on ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def piece(firm, people, at, criterion):
    return path.give_evidence(firm, [criterion("1.1")], title="Policy", people=people, at=at)


def refused(call, *args, **said):
    with pytest.raises(ValidationError) as refusal:
        call(*args, **said)
    return refusal.value.message_dict["evidence"]


def test_a_rating_names_the_documents_that_it_rests_on(firm, piece, rated):
    given = rated("1.1", 3, evidence=[piece])
    assert list(given.evidence.all()) == [piece]
    assert audit.history(firm).last().data["evidence"] == [piece.reference]
    with pytest.raises(DatabaseError, match="rows are added and never changed"), transaction.atomic():
        given.evidence.clear()


def test_a_rating_rests_on_the_firms_own_documents_for_the_criterion(firm, piece, people, at, rated, criterion):
    assert refused(rated, "1.2", 1, evidence=[piece]) == [
        f"{piece.reference} is no document of this firm for 1.2: choose another."
    ]
    other = register_firm("Another", by=people.applicant, at=at, country="Malta")
    theirs = path.give_evidence(other, [criterion("1.1")], title="Policy", people=people, at=at)
    assert refused(rated, "1.1", 1, evidence=[theirs]) == [
        f"{theirs.reference} is no document of this firm for 1.1: choose another."
    ]


@pytest.mark.parametrize(("rating", "stands"), [(0, True), (1, True), (2, False), (4, False)])
def test_from_partial_on_nothing_rests_on_what_was_rejected(piece, people, at, rated, rating, stands):
    path.step(piece, "reject", by=people.officer, at=at, note="It is not signed.")
    if stands:
        assert rated("1.1", rating, evidence=[piece]).rating == rating
    else:
        assert refused(rated, "1.1", rating, evidence=[piece]) == [
            f"{piece.reference} is rejected: a rating of {rating} rests on what is accepted."
        ]


@pytest.mark.parametrize(("rating", "stands"), [(1, True), (2, False)])
def test_from_partial_on_nothing_rests_on_what_is_infected(piece, rated, rating, stands):
    Evidence.objects.filter(pk=piece.pk).update(scan="infected")
    if stands:
        assert rated("1.1", rating, evidence=[piece]).rating == rating
    else:
        said = [f"{piece.reference} is infected: rate on something else."]
        assert refused(rated, "1.1", rating, evidence=[piece]) == said


def test_whether_a_rating_rests_on_what_was_never_scanned_is_a_setting(firm, people, at, criterion, piece, rated, asif):
    assert piece.scan == "unscanned"
    assert rated("1.1", 2, evidence=[piece]).rating == 2
    day = timezone.localdate(at) + timedelta(days=1)
    path.change_setting("evidence.unscanned_counts", "off", effective_from=day, people=people, at=at)
    tomorrow = at + timedelta(days=1)
    assert refused(rated, "1.1", 2, evidence=[piece], at=tomorrow) == [
        f"{piece.reference} was never scanned for viruses: have it uploaded again and scanned."
    ]
    assert rated("1.1", 1, evidence=[piece], at=tomorrow).rating == 1
    Evidence.objects.filter(pk=piece.pk).update(scan="clean")
    assert rated("1.1", 2, evidence=[piece], at=tomorrow).rating == 2


def test_a_rating_without_a_document_of_its_own_is_capped_by_the_score_and_not_refused(rated):
    assert rated("1.1", 4).rating == 4
