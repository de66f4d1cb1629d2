"""Eight distributors against one suspension: nothing is posted after the suspension is acknowledged, by commit order.

The same race on a function without the venue's lock is lost: a test of a lock that cannot fail shows nothing.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest
from django.db import DatabaseError, connection, transaction

from licensing.models import VenueStanding
from tests.tokenisation.conftest import *  # noqa: F403  the registry's fixtures
from tokenisation import gathering_sql, invariants, ledger, postings_sql
from tokenisation.actions.ledger import allocate, place
from tokenisation.ledger import PostingRefused
from tokenisation.models import DistributionAuthorisation, JournalEntry

pytestmark = pytest.mark.django_db(transaction=True)

DISTRIBUTORS = 8
ENTRY = "    INSERT INTO tokenisation_journalentry "


def install(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def slowed(sql: str, seconds: float = 0.02) -> str:
    """The function with a pause between reading the standing and relying on it, so that the race is always run."""
    assert sql.count(ENTRY) == 1
    return sql.replace(ENTRY, f"    PERFORM pg_sleep({seconds});\n" + ENTRY)


def unlocked(sql: str) -> str:
    assert sql.count(postings_sql.SHARED_LOCK) == 1
    return sql.replace(postings_sql.SHARED_LOCK, "NULL;")


def gathered_slowed(sql: str, seconds: float = 0.02) -> str:
    """The same pause in the function that posts several."""
    written = "    WITH made AS (\n"
    assert sql.count(written) == 1
    return sql.replace(written, f"    PERFORM pg_sleep({seconds});\n" + written)


def gathered_unlocked(sql: str) -> str:
    assert sql.count(gathering_sql.TRIED_LOCK) == 1
    return sql.replace(gathering_sql.TRIED_LOCK, "true")


@pytest.fixture
def the_real_function_afterwards() -> Iterator[None]:
    yield
    install(postings_sql.POST + gathering_sql.GATHERED)


def resting() -> bool:
    """Somebody is in the pause that `slowed` and `gathered_slowed` put in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


@pytest.fixture
def taken_along(monkeypatch) -> list[int]:
    """How many placements each call of several had."""
    sizes, together = list[int](), ledger.GATHERING._together

    def counted(asked):
        sizes.append(len(asked))
        return together(asked)

    monkeypatch.setattr(ledger.GATHERING, "_together", counted)
    return sizes


def race(authorisation: DistributionAuthorisation, suspend: Callable[[], object], *, by, at) -> tuple[int, int]:
    """Entries before the suspension was acknowledged, and entries that were committed after it."""
    stop = Event()

    def distribute(number: int) -> None:
        count = 0
        try:
            while not stop.is_set():
                count += 1
                place(authorisation, units=1, key=f"{number}-{count}", by=by, at=at)
        except PostingRefused as refusal:
            assert refusal.code in {"venue_not_in_good_standing", "authorisation_not_active"}  # noqa: PT017  in a thread
        finally:
            connection.close()

    entries = JournalEntry.objects.filter(kind="distribute")
    with ThreadPoolExecutor(DISTRIBUTORS) as pool:
        running = [pool.submit(distribute, number) for number in range(DISTRIBUTORS)]
        try:
            while entries.count() < 3 * DISTRIBUTORS and not any(each.done() for each in running):
                sleep(0.005)
            suspend()
            acknowledged = entries.count()
            sleep(0.2)
        finally:
            stop.set()
        for each in running:
            each.result(timeout=30)
    return acknowledged, entries.count() - acknowledged


@pytest.fixture
def full_shelf(authorisation, daud, at) -> DistributionAuthorisation:
    allocate(authorisation, units=10_000, key="stock", by=daud, at=at)
    return authorisation


def turn_the_switch(venue: VenueStanding) -> None:
    # The standing alone, without what follows it: the lock is to be tested and not the authorisation's own state.
    VenueStanding.objects.filter(pk=venue.pk).update(may_distribute=False)


def test_a_suspended_licence_stops_eight_distributors(full_shelf, venue, suspend_licence, amina, at):
    before, after = race(full_shelf, lambda: suspend_licence(venue), by=amina, at=at)
    assert before >= 3 * DISTRIBUTORS
    assert after == 0
    full_shelf.refresh_from_db()
    assert full_shelf.state == "suspended"
    assert list(invariants.check()) == []


def test_the_lock_alone_stops_them(full_shelf, venue, amina, at, the_real_function_afterwards, taken_along):
    install(slowed(postings_sql.POST) + gathered_slowed(gathering_sql.GATHERED))
    before, after = race(full_shelf, lambda: turn_the_switch(venue), by=amina, at=at)
    assert before >= 3 * DISTRIBUTORS
    assert after == 0
    assert max(taken_along) > 1


def test_without_the_lock_the_race_is_lost(full_shelf, venue, amina, at, the_real_function_afterwards, each_alone):
    # A pause far longer than the suspension takes, so that postings are under way when it is acknowledged, however
    # busy the machine is.
    install(unlocked(slowed(postings_sql.POST, seconds=0.5)))
    _, after = race(full_shelf, lambda: turn_the_switch(venue), by=amina, at=at)
    assert after > 0


@pytest.mark.parametrize(("locked", "after"), [(True, 0), (False, 1)])
def test_nor_is_it_won_by_those_who_are_taken_along(
    full_shelf, venue, amina, at, the_real_function_afterwards, locked, after
):
    """Step by step: the suspension comes while a call of several rests between reading the standing and using it."""
    slow = gathered_slowed(gathering_sql.GATHERED, seconds=1)
    install(slow if locked else gathered_unlocked(slow))
    entries = JournalEntry.objects.filter(kind="distribute")

    def together() -> int:
        try:
            placement = ledger.Placement("together", full_shelf.asset_id, venue.pk, 1, amina.pk, "", "", at)
            return len(ledger._place_together([placement]))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(together)
        while not resting():
            assert not answer.done()
            sleep(0.005)
        turn_the_switch(venue)
        acknowledged = entries.count()
        assert answer.result(timeout=30) == 1
    assert entries.count() - acknowledged == after


def test_a_standing_is_not_written_in_a_way_that_deadlocks(venue):
    # To name a key column would lock the row against the foreign keys of postings that hold the venue's lock.
    with pytest.raises(DatabaseError):
        venue.save()


def test_a_distribution_that_waits_for_a_suspension_is_refused(full_shelf, venue, amina, at):
    """The reverse order, step by step: the switch is being turned when the posting comes."""
    with ThreadPoolExecutor(1) as pool:

        def distribute() -> str:
            try:
                place(full_shelf, units=1, key="late", by=amina, at=at)
                return "posted"
            except PostingRefused as refusal:
                return refusal.code
            finally:
                connection.close()

        with transaction.atomic():
            turn_the_switch(venue)
            answer = pool.submit(distribute)
            sleep(0.3)
            assert not answer.done()
        assert answer.result(timeout=10) == "venue_not_in_good_standing"
