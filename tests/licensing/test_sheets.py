"""Many criteria in one act: all of them or none, every refusal named, and one entry in the history of the score."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.actions import interests, sheets
from licensing.actions.firms import register_firm
from licensing.actions.ratings import Judgement
from licensing.actions.sheets import SomeRefused, Word
from licensing.models import Criterion, Rating, ScoreEntry, SealedRating, VenueStanding
from licensing.models.histories import history_of
from licensing.models.ratings import judged
from pvara.demo import path
from pvara.kernel import audit, roles
from pvara.kernel.seen import ChangedMeanwhile, mark
from tests.licensing import twice

DOMAIN = ("1.1", "1.2", "1.3", "1.4")


@pytest.fixture
def case(firm, people, at):
    """A NOC application under assessment, of which nothing is rated yet."""
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


@pytest.fixture
def other(stranger, at):
    return register_firm("Another Exchange", by=stranger, at=at, country="Malta", website="https://another.example/")


@pytest.fixture
def judge(criterion):
    """`judge("1.1", 3)`: what an assessor says of it, who saw nothing there."""

    def said(code, rating=3, *, edition=None, **more):
        row = Criterion.objects.get(code=code, domain__framework__edition=edition) if edition else criterion(code)
        return Judgement(row, **{"rating": rating, "rationale": "The policy was read.", **more})

    return said


@pytest.fixture
def four(case, firm, judge, asif, at):
    return sheets.rate_together(firm, [judge(code) for code in DOMAIN], by=asif, at=at)


def read(*given, **words):
    """The words of a moderator who has just read these ratings: confirmed, but for what `words` say by the code."""
    rows = Rating.objects.in_bulk([each.pk for each in given]).values()
    return {each.criterion.code: Word(seen=mark(judged(each)), **words.get(each.criterion.code, {})) for each in rows}


def reasons(refusal):
    """Each refused criterion, and what was said of it."""
    return {
        code: each.messages if isinstance(each, ValidationError) else [str(each)]
        for code, each in refusal.value.refused.items()
    }


# ── Rating ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_several_are_rated_and_each_is_in_the_log(four, firm, asif, at):
    rows = Rating.objects.filter(firm=firm).order_by("pk")
    assert [(each.criterion.code, each.rating, each.assessor, each.rated_at) for each in rows] == [
        (code, 3, asif, at) for code in DOMAIN
    ]
    entries = list(audit.history(firm).filter(event="rated"))
    assert [(each.actor, each.note) for each in entries] == [(asif, "The policy was read.")] * 4
    assert [each.data for each in entries] == [
        {"rating_id": row.pk, "criterion": row.criterion.code, "rating": 3} for row in rows
    ]


def test_the_history_of_the_score_has_one_entry_for_the_act(case, firm, rated, judge, asif, at):
    rated("1.5", 3)
    sheets.rate_together(firm, [judge(code) for code in DOMAIN], by=asif, at=at)
    first, second = history_of(firm, "NOC").order_by("number")
    assert [each.sentence for each in first.why] == ["Scored for the first time."]
    assert [each.code for each in second.why] == list(DOMAIN)
    assert ScoreEntry.objects.filter(firm=firm).count() == 2


def test_every_phase_that_is_scored_has_one_entry_and_the_standing_changes_once(licence, judge, asif, saira, at, later):
    """A licensee whose set-up is open is scored twice."""
    firm = licence.firm
    given = sheets.rate_together(firm, [judge(code) for code in DOMAIN], by=asif, at=at)
    assert [ScoreEntry.objects.filter(firm=firm, phase=each).count() for each in ("SETUP", "FULL")] == [1, 1]
    sheets.moderate_together(firm, read(*given, **{code: {"rating": 2} for code in DOMAIN}), by=saira, at=later(1))
    for phase in ("SETUP", "FULL"):
        assert [each.code for each in history_of(firm, phase).first().why] == list(DOMAIN)
        assert history_of(firm, phase).count() == 2
    assert audit.history(licence).filter(event="standing_changed", actor=asif).count() == 1
    assert not VenueStanding.objects.get(firm=firm).may_distribute


def test_the_firm_is_scored_once_however_many_are_rated(case, firm, judge, asif, at):
    def scorings(*codes):
        with CaptureQueriesContext(connection) as asked:
            sheets.rate_together(firm, [judge(code) for code in codes], by=asif, at=at)
        return sum('INSERT INTO "licensing_scoreentry"' in each["sql"] for each in asked)

    assert [scorings("1.1"), scorings("1.2", "1.3", "1.4")] == [1, 1]


def test_every_refusal_is_named_and_nothing_is_written(case, firm, judge, rated, asif, at):
    rated("1.4", 2)
    entries, log = ScoreEntry.objects.count(), audit.history(firm).count()
    said = [
        judge("1.1"),
        judge("1.2", 9),
        judge("1.3", rationale=" "),
        judge("1.4", 4),
        judge("1.5", None, not_applicable=True),
    ]
    with pytest.raises(SomeRefused) as refusal:
        sheets.rate_together(firm, said, by=asif, at=at)
    assert isinstance(refusal.value.refused.pop("1.4"), ChangedMeanwhile)
    assert reasons(refusal) == {
        "1.2": ["Give a rating from 0 (not met) to 4 (fully met)."],
        "1.3": ["Say why: the rationale is part of the record."],
        "1.5": ["1.5 is knock-out: it always applies."],
    }
    assert [(each.criterion.code, each.rating) for each in Rating.objects.filter(firm=firm)] == [("1.4", 2)]
    assert (ScoreEntry.objects.count(), audit.history(firm).count()) == (entries, log)


def test_evidence_is_asked_about_as_of_one_alone(case, firm, people, criterion, judge, asif, at):
    piece = path.give_evidence(firm, [criterion("1.1")], title="Policy", people=people, at=at)
    with pytest.raises(SomeRefused) as refusal:
        sheets.rate_together(firm, [judge("1.1", evidence=[piece]), judge("1.2", evidence=[piece])], by=asif, at=at)
    wrong = f"{piece.reference} is no document of this firm for 1.2: choose another."
    assert reasons(refusal) == {"1.2": [wrong]}
    (given,) = sheets.rate_together(firm, [judge("1.1", evidence=[piece])], by=asif, at=at)
    assert list(given.evidence.all()) == [piece]


@pytest.mark.parametrize("name", ["amina", "omar", "saira", "sana", "dania", "stranger"])
def test_only_assessors_rate_several(request, firm, judge, at, name):
    with pytest.raises(PermissionDenied, match="Only assessors rate"):
        sheets.rate_together(firm, [judge("1.1"), judge("1.2")], by=request.getfixturevalue(name), at=at)


def test_who_is_removed_from_a_firm_or_recommended_it_rates_none(case, firm, people, judge, asif, at):
    interests.declare(firm, by=asif, at=at, nature="family", explanation="My brother keeps their books.")
    with pytest.raises(PermissionDenied):
        sheets.rate_together(firm, [judge("1.1")], by=asif, at=at)
    assert not Rating.objects.filter(firm=firm).exists()


def test_nothing_at_all_is_no_act(case, firm, asif, saira, at):
    with pytest.raises(ValidationError, match="Rate at least one criterion"):
        sheets.rate_together(firm, [], by=asif, at=at)
    with pytest.raises(ValidationError, match="Moderate at least one rating"):
        sheets.moderate_together(firm, {}, by=saira, at=at)


# ── Rated twice ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_of_two_ratings_the_first_of_each_is_sealed_and_the_second_opens_them(firm, people, judge, asif, at):
    twice.in_force(people=people, at=at)
    later = at + timedelta(days=2)
    path.noc_case(firm, people=people, at=later, until="under_assessment")
    before = ScoreEntry.objects.filter(firm=firm).count()
    codes = ("1.2", "1.3")
    first = sheets.rate_together(firm, [judge(each, 2, edition=twice.EDITION) for each in codes], by=asif, at=later)
    assert [type(each) for each in first] == [SealedRating, SealedRating]
    assert (Rating.objects.count(), ScoreEntry.objects.filter(firm=firm).count()) == (0, before)
    second = sheets.rate_together(
        firm, [judge(each, 3, edition=twice.EDITION) for each in codes], by=twice.another_assessor(), at=later
    )
    assert [(each.rating, each.second_rating) for each in second] == [(2, 3), (2, 3)]
    assert ScoreEntry.objects.filter(firm=firm).count() == before + 1


# ── Moderation ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_several_are_confirmed_or_changed_and_each_is_in_the_log(four, firm, saira, at):
    changed = {"1.2": {"rating": 2}, "1.3": {"rating": 1, "note": "The minute is unsigned."}}
    given = sheets.moderate_together(firm, read(*four, **changed), by=saira, at=at)
    assert {each.criterion.code: (each.rating, each.moderated_rating, each.moderation_note) for each in given} == {
        "1.1": (3, 3, ""),
        "1.2": (3, 2, ""),
        "1.3": (3, 1, "The minute is unsigned."),
        "1.4": (3, 3, ""),
    }
    entries = list(audit.history(firm).filter(event="moderated"))
    assert [(each.actor, each.data["criterion"], each.data["to"]) for each in entries] == [
        (saira, "1.1", 3),
        (saira, "1.2", 2),
        (saira, "1.3", 1),
        (saira, "1.4", 3),
    ]
    last = history_of(firm, "NOC").first()
    # Without evidence each counts 1 at most, and what was found otherwise is said all the same.
    assert ([each.code for each in last.why], history_of(firm, "NOC").count()) == (["1.2", "1.3"], 2)


def test_every_rating_that_is_not_moderated_is_named_and_none_is(four, firm, rated, saira, at):
    own = type(saira).objects.get(pk=saira.pk)
    roles.grant(own, "assessor", by=None, at=at)
    own = type(saira).objects.get(pk=saira.pk)
    mine = rated("1.5", 3, by=own)
    read_before = read(*four, mine, **{"1.2": {"rating": 0}, "1.4": {"rating": 9}})
    rated("1.3", 1)
    words = {**read_before, "2.1": Word(), "1.1": read_before["1.1"]}
    with pytest.raises(SomeRefused) as refusal:
        sheets.moderate_together(firm, words, by=own, at=at)
    assert isinstance(refusal.value.refused.pop("1.3"), ChangedMeanwhile)
    assert reasons(refusal) == {
        "1.2": ["A change of more than one step needs a note."],
        "1.4": ["Give a rating from 0 (not met) to 4 (fully met)."],
        "1.5": ["Whoever gave a rating does not moderate it."],
        "2.1": ["There is no rating to moderate."],
    }
    assert not Rating.objects.filter(firm=firm, moderated_at__isnull=False).exists()


@pytest.mark.parametrize("name", ["amina", "omar", "asif", "sana", "dania", "stranger"])
def test_only_moderators_moderate_several(request, four, firm, at, name):
    with pytest.raises(PermissionDenied, match="Only moderators moderate"):
        sheets.moderate_together(firm, read(*four), by=request.getfixturevalue(name), at=at)


def test_who_is_removed_from_a_firm_moderates_none(four, firm, saira, at):
    interests.declare(firm, by=saira, at=at, nature="family", explanation="My brother keeps their books.")
    with pytest.raises(PermissionDenied):
        sheets.moderate_together(firm, read(*four), by=saira, at=at)


def test_what_is_said_of_another_firm_is_not_moderated_by_its_code(four, firm, other, saira, at):
    with pytest.raises(SomeRefused) as refusal:
        sheets.moderate_together(other, read(*four), by=saira, at=at)
    assert set(reasons(refusal)) == set(DOMAIN)


def test_who_recommended_an_open_case_rates_and_moderates_none(firm, people, judge, at):
    path.noc_case(firm, people=people, at=at, until="recommended")
    for code in ("assessor", "moderator"):
        roles.grant(people.supervisor, code, by=None, at=at)
    by = type(people.supervisor).objects.get(pk=people.supervisor.pk)
    current = Rating.objects.filter(firm=firm, criterion__code__in=DOMAIN, current=True)
    with pytest.raises(PermissionDenied, match="You recommended NOC-"):
        sheets.rate_together(firm, [judge("1.1")], by=by, at=at)
    with pytest.raises(PermissionDenied, match="You recommended NOC-"):
        sheets.moderate_together(firm, read(*current), by=by, at=at)
