"""The switch of distribution: what turns it, that it is turned in the same transaction, and who has the last word."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from time import monotonic, sleep

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from licensing import standing
from licensing.actions.firms import register_firm
from licensing.actions.licences import refresh_every_standing
from licensing.models import Evidence, EvidenceLink, Licence, Rating, VenueStanding
from pvara.demo import life, path
from pvara.kernel import audit
from tests.licensing import judging

SUSPENDED = "The licence is suspended."


def day(*said: int) -> datetime:
    return timezone.make_aware(datetime(*said))


@pytest.fixture
def licence(firm, people, at):
    """Licensed on 6 March 2026, two days after `at`, everything fully met."""
    return path.licensed(firm, people=people, at=at)


@pytest.fixture
def told(monkeypatch):
    """What the followers of standings are told."""
    said = []
    monkeypatch.setattr(
        standing,
        "_followers",
        [*standing._followers, lambda venue, *, by, at: said.append((venue.may_distribute, venue.reasons, by, at))],
    )
    return said


@pytest.fixture
def rerate(firm, people, criterion):
    """`rerate("5.1", 2, at=at)`: given anew by the assessor and confirmed by the moderator."""

    def give(code, rating, *, at):
        given = judging.rate(firm, criterion(code), by=people.assessor, at=at, rating=rating, rationale="Read again.")
        return judging.moderate(given, by=people.moderator, at=at)

    return give


def below(*codes: str) -> list[str]:
    """A firm is told where it is weak; the figures stay in the house."""
    return [f"{code} is below the bar for distribution (gate G6)." for code in codes]


def stands(licence) -> tuple[bool, list[str]]:
    venue = standing.standing_of(licence)
    return venue.may_distribute, venue.reasons


def changes(licence) -> list[dict]:
    return [entry.data for entry in audit.history(licence) if entry.event == "standing_changed"]


# ── What turns it ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_licence_brings_its_standing_with_it(licence, people, later):
    venue = standing.standing_of(licence)
    assert (venue.firm, venue.may_distribute, venue.reasons, venue.standing_version, venue.changed_at) == (
        *[licence.firm, True, [], 1, later(2)],
    )
    assert changes(licence) == [
        {
            "may_distribute": True,
            "holds_until": "2026-05-07T00:00:00+05:00",
            "reasons": [],
            "standing_version": 1,
        }
    ]
    assert audit.history(licence).last().actor == people.board


def test_a_licence_may_be_granted_to_a_venue_that_may_not_distribute(firm, people, at):
    """Gate G3 lets pass at 75; distribution asks for 80."""
    licence = path.licensed(firm, people=people, at=at, rating=3)
    assert (licence.state, stands(licence)) == ("active", (False, below("The total score")))
    assert standing.standing_of(licence).holds_until is None


def test_every_move_of_a_licence_turns_the_switch(licence, people, danish, later, told):
    life.suspend(licence, people=people, at=later(3))
    assert stands(licence) == (False, [SUSPENDED])
    life.reinstate(licence, people=people, at=later(4), by=danish)
    assert stands(licence) == (True, [])
    life.revoke(licence, people=people, at=later(5), by=people.board)
    assert stands(licence) == (False, ["The licence is revoked."])
    assert told == [
        (False, [SUSPENDED], people.board, later(3)),
        (True, [], danish, later(4)),
        (False, ["The licence is revoked."], people.board, later(5)),
    ]
    assert [each["standing_version"] for each in changes(licence)] == [1, 2, 3, 4]


def test_every_reason_is_given(licence, people, later, rerate):
    life.suspend(licence, people=people, at=later(3))
    Licence.objects.filter(pk=licence.pk).update(activities=["custody"])
    rerate("2.1", 2, at=later(3))
    long_after = day(2027, 3, 6)
    EvidenceLink.objects.update(expires_on=None)
    standing.refresh(licence, by=None, at=long_after)
    assert stands(licence) == (
        False,
        [
            SUSPENDED,
            "The term of the licence runs from 2026-03-06 to 2027-03-05.",
            "The licence does not cover exchange.",
            # D2 itself stands at 80 of 100: a knock-out is missed by itself.
            *below("2.1"),
        ],
    )


def test_evidence_rejected_takes_the_standing_away_and_new_evidence_gives_it_back(
    licence, firm, people, later, criterion, told
):
    piece = Evidence.objects.get(firm=firm, links__criterion__code="5.1")
    path.step(piece, "reject", by=people.officer, at=later(3), note="Withdrawn by counsel.")
    # Without evidence a criterion counts 1 of 4; D5 stands at 11 of 14 and the total at 97, and a knock-out is missed.
    assert stands(licence) == (False, below("5.1"))
    path.give_evidence(firm, [criterion("5.1")], title="New opinion", people=people, at=later(4))
    assert stands(licence) == (True, [])
    assert [(may, by) for may, _, by, _ in told] == [(False, people.officer), (True, people.officer)]


def test_what_turns_nothing_is_told_to_nobody(licence, later, told, rerate):
    rerate("1.2", 3, at=later(3))
    assert (told, len(changes(licence))) == ([], 1)


def test_a_refresh_of_what_stands_changes_nothing(licence, later, told):
    before = VenueStanding.objects.values().get()
    for days in (2, 3, 30):
        assert standing.refresh(licence, by=None, at=later(days)).standing_version == 1
    assert (VenueStanding.objects.values().get(), told, len(changes(licence))) == (before, [], 1)


def test_a_revoked_licence_is_left_alone(licence, firm, people, later, told):
    life.revoke(licence, people=people, at=later(3), by=people.board)
    told.clear()
    EvidenceLink.objects.update(expires_on=day(2025, 1, 1).date())
    standing.refresh_firm(firm, by=None, at=later(4))
    assert refresh_every_standing(at=later(4)) == 0
    assert (told, stands(licence)) == ([], (False, ["The licence is revoked."]))


# ── One transaction ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_follower_that_fails_leaves_everything_as_it_was(licence, people, later, monkeypatch):
    def fail(venue, *, by, at):
        raise RuntimeError("The registry cannot follow.")

    monkeypatch.setattr(standing, "_followers", [*standing._followers, fail])
    with pytest.raises(RuntimeError, match="cannot follow"):
        life.suspend(licence, people=people, at=later(3))
    assert (Licence.objects.get().state, stands(licence), len(changes(licence))) == ("active", (True, []), 1)


def test_a_rating_that_a_follower_refuses_is_not_given(licence, people, later, monkeypatch, rated):
    given = rated("5.1", 2, at=later(3))

    def fail(venue, *, by, at):
        raise RuntimeError("The registry cannot follow.")

    monkeypatch.setattr(standing, "_followers", [fail])
    with pytest.raises(RuntimeError, match="cannot follow"):
        judging.moderate(given, by=people.moderator, at=later(3))
    assert (Rating.objects.get(pk=given.pk).is_moderated, stands(licence)) == (False, (True, []))


def test_a_standing_is_never_deleted(licence):
    with pytest.raises(DatabaseError, match="A standing is never deleted"), transaction.atomic():
        VenueStanding.objects.all().delete()


# ── Time alone ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_standing_holds_until_the_evidence_that_it_needs_is_past_its_grace(licence):
    # Evidence of one month, accepted on 6 March, is good through 6 April; its grace of 30 days ends with 6 May.
    venue = standing.standing_of(licence)
    assert venue.holds_until == day(2026, 5, 7)
    assert standing.may_distribute(venue, day(2026, 5, 6, 23, 59, 59)) is True
    assert standing.may_distribute(venue, day(2026, 5, 7)) is False


def test_new_evidence_moves_the_day(licence, firm, people, criterion):
    path.give_evidence(firm, [criterion("5.3"), criterion("7.2")], title="April", people=people, at=day(2026, 4, 20, 9))
    # Good through 20 May, in grace through 19 June.
    assert standing.standing_of(licence).holds_until == day(2026, 6, 20)
    assert [each["holds_until"] for each in changes(licence)] == [
        "2026-05-07T00:00:00+05:00",
        "2026-06-20T00:00:00+05:00",
    ]


def test_with_evidence_that_lasts_a_standing_holds_until_the_end_of_the_term(licence, later):
    EvidenceLink.objects.update(expires_on=None)
    venue = standing.refresh(licence, by=None, at=later(3))
    assert (licence.valid_to, venue.holds_until) == (day(2027, 3, 5).date(), day(2027, 3, 6))


def test_the_night_writes_down_what_time_has_done(licence, told):
    assert refresh_every_standing(at=day(2026, 5, 6, 23, 59)) == 0
    assert told == []
    assert refresh_every_standing(at=day(2026, 5, 7)) == 1
    # Without the two, D5 stands at 11 of 14, 78.57%, and still clears its floor.
    assert told == [(False, below("5.3", "7.2"), None, day(2026, 5, 7))]
    assert audit.history(licence).last().actor is None


# ── Who may see it ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_staff_see_every_venue_and_an_applicant_their_own(licence, people, stranger, aisha, later):
    venue = standing.standing_of(licence)
    seen = {person.name: list(standing.venues_for(person)) for person in (people.applicant, aisha, stranger)}
    assert seen == {"Amina": [venue], "Aisha": [venue], "Stranger": []}
    assert (standing.acts_for(people.applicant, venue), standing.acts_for(stranger, venue)) == (True, False)
    register_firm("Another", by=stranger, at=later(3), country="Pakistan")
    assert list(standing.venues_for(stranger)) == []


def test_a_licence_without_a_standing_has_none(licence):
    assert standing.standing_of(Licence(pk=0)) is None


# ── Many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────
def in_a_thread(pool: ThreadPoolExecutor, act: Callable[[], object]) -> Future:
    def alone() -> object:
        try:
            return act()
        finally:
            connection.close()

    return pool.submit(alone)


def wait_for_a_waiter(other: Future) -> None:
    """Until somebody waits for a lock of this very transaction: the other has come as far as it can."""
    until = monotonic() + 20
    with connection.cursor() as cursor:
        while monotonic() < until:
            assert not other.done(), other.result()
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
            sleep(0.01)
    raise AssertionError("Nobody waits.")


@pytest.mark.django_db(transaction=True)
def test_a_suspension_that_waits_for_a_rating_has_the_last_word(licence, people, later, rated):
    given = rated("1.1", 3, at=later(3))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            # So much better that the standing is worked out afresh, as open, but not committed yet.
            judging.moderate(given, by=people.moderator, at=later(3))
            standing.refresh_firm(licence.firm, by=None, at=later(3))
            suspension = in_a_thread(pool, lambda: life.suspend(licence, people=people, at=later(3)))
            wait_for_a_waiter(suspension)
        suspension.result(timeout=30)
    assert stands(licence) == (False, [SUSPENDED])


@pytest.mark.django_db(transaction=True)
def test_a_rating_that_waits_for_a_suspension_does_not_undo_it(licence, people, later, rerate):
    rerate("5.1", 2, at=later(3))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            life.suspend(licence, people=people, at=later(3))
            # The one thing that kept the venue from distributing is mended at that very moment.
            rating = in_a_thread(pool, lambda: rerate("5.1", 4, at=later(3)))
            wait_for_a_waiter(rating)
        rating.result(timeout=30)
    assert stands(licence) == (False, [SUSPENDED])


@pytest.mark.django_db(transaction=True)
def test_a_rating_that_meets_a_grant_is_not_lost(firm, people, at, later, criterion):
    """When the moderator confirms, the licence is not to be seen yet; its standing must know all the same."""
    done = path.confirmed_setup(path.noc_case(firm, people=people, at=at), people=people, at=at)
    case = path.full_case(done, people=people, at=at, until="in_principle")
    path.vote(case, "grant_licence", people=people, at=later(1))
    low = judging.rate(firm, criterion("5.1"), by=people.assessor, at=at, rating=2, rationale="Accounts are mixed.")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            path.step(case, "grant_licence", by=people.board, at=later(1))
            moderation = in_a_thread(pool, lambda: judging.moderate(low, by=people.moderator, at=later(1)))
            wait_for_a_waiter(moderation)
        moderation.result(timeout=30)
    assert stands(Licence.objects.get()) == (False, below("5.1"))


@pytest.mark.django_db(transaction=True)
def test_ratings_moderations_evidence_and_suspensions_storm(licence, firm, people, danish, later, criterion, rerate):
    """Everything that turns the switch at once, again and again: no deadlock, and the row says what the rows say."""
    when = later(3)
    rounds = 6
    together = Barrier(3)

    def suspend_and_reinstate():
        for number in range(rounds):
            together.wait(timeout=20)
            life.suspend(licence, people=people, at=when)
            if number < rounds - 1:
                life.reinstate(licence, people=people, at=when, by=danish)

    def rate():
        for number in range(rounds):
            together.wait(timeout=20)
            rerate("9.3", number % 5, at=when)

    def prove():
        for number in range(rounds):
            together.wait(timeout=20)
            piece = path.give_evidence(firm, [criterion("9.3")], title=f"{number}", people=people, at=when)
            path.step(piece, "reject", by=people.officer, at=when, note="Unsigned.")

    with ThreadPoolExecutor(3) as pool:
        for each in [in_a_thread(pool, act) for act in (suspend_and_reinstate, rate, prove)]:
            each.result(timeout=60)
    assert stands(licence) == (False, [SUSPENDED])
    versions = [each["standing_version"] for each in changes(licence)]
    assert versions == list(range(1, len(versions) + 1))
    # A suspension and a reinstatement each turned it, whatever went on beside them.
    assert len(versions) == 1 + 2 * rounds - 1
