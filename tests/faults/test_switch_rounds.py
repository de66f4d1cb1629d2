"""The race of a suspension with eight distributors, round after round: nothing is posted after it by commit order, and
it is never starved.

What is committed before a suspension is counted inside it, once it has the switch: whoever shared the switch has
committed by then, and whoever comes later must be refused. That it is not starved is counted and not timed: no more
postings that began after it asked for the switch may come before it than there are distributors. Both counts were seen
to fail, on a function without the lock and on a switch that does not queue.

`make siege` runs a hundred rounds.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from threading import Barrier
from time import sleep
from typing import NamedTuple

import pytest
from django.db import connection, transaction

from licensing.models import VenueStanding
from licensing.standing_sql import INSTALL, LOCK_CLASS
from pvara.kernel import audit
from pvara.kernel.machine import perform
from tests.faults.test_switch import DISTRIBUTORS, install, slowed, unlocked
from tests.tokenisation.conftest import *  # noqa: F403  the registry's fixtures
from tests.tokenisation.conftest import turn
from tokenisation import invariants, postings_sql
from tokenisation.actions.authorisations import follow_standing
from tokenisation.actions.ledger import allocate, place
from tokenisation.ledger import PostingRefused
from tokenisation.models import DistributionAuthorisation, JournalEntry

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("SWITCH_ROUNDS", "20"))
PATIENCE_SECONDS = 60

ASK = """
    WITH asked AS MATERIALIZED (SELECT clock_timestamp() AS moment)
    UPDATE licensing_venuestanding s SET may_distribute = false, reasons = '["The score is below the bar."]'
        FROM asked WHERE s.id = %s RETURNING asked.moment
"""
# One that tries again and again instead of queueing: whoever shares the switch goes before it as often as they like.
QUEUED = f"PERFORM pg_advisory_xact_lock({LOCK_CLASS}, OLD.id::integer);"
TRIED = f"""
    FOR attempt IN 1..400 LOOP
        EXIT WHEN pg_try_advisory_xact_lock({LOCK_CLASS}, OLD.id::integer);
        PERFORM pg_sleep(0.002);
    END LOOP;
    {QUEUED}
"""


class Round(NamedTuple):
    """Entries that were committed before the suspension had the switch; after it; and those of the former that began
    after it had asked."""

    before: int
    after: int
    overtook: int


def ask(query: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


@dataclass
class Race:
    """Eight distributors who place one unit after another until they are refused, again in every round."""

    authorisation: DistributionAuthorisation
    amina: object
    dua: object
    at: object

    def __post_init__(self) -> None:
        self.gate = Barrier(DISTRIBUTORS + 1, timeout=PATIENCE_SECONDS)
        self.begun: list[tuple[int, object]] = []
        self.entries = JournalEntry.objects.filter(kind="distribute")

    def run(self, rounds: int) -> list[Round]:
        with ThreadPoolExecutor(DISTRIBUTORS) as pool:
            running = [pool.submit(self.distribute, number, rounds) for number in range(DISTRIBUTORS)]
            try:
                made = [self.round(number) for number in range(rounds)]
            except BaseException:
                self.gate.abort()
                raise
            for each in running:
                each.result(timeout=PATIENCE_SECONDS)
        return made

    def distribute(self, number: int, rounds: int) -> None:
        try:
            for nth in range(rounds):
                self.gate.wait()
                self.place_until_refused(f"{nth}-{number}")
                self.gate.wait()
        except BaseException:
            self.gate.abort()
            raise
        finally:
            connection.close()

    def place_until_refused(self, key: str) -> None:
        count = 0
        while True:
            count += 1
            [(began,)] = ask("SELECT clock_timestamp()")
            try:
                posted = place(self.authorisation, units=1, key=f"{key}-{count}", by=self.amina, at=self.at)
            except PostingRefused as refusal:
                assert refusal.code in {"venue_not_in_good_standing", "authorisation_not_active"}  # noqa: PT017  in a thread
                return
            self.begun.append((posted.entry_id, began))

    def round(self, number: int) -> Round:
        self.begun = []
        self.gate.wait()
        while len(self.begun) < DISTRIBUTORS and not self.gate.broken:
            sleep(0.002)
        asked, had, before = self.suspend(whole=number % 2 == 0)
        self.gate.wait()
        began_later = [entry for entry, began in self.begun if began > asked]
        overtook = self.entries.filter(pk__in=began_later, recorded_at__lt=had).count()
        after = self.entries.count() - before
        self.reinstate()
        return Round(before, after, overtook)

    def suspend(self, *, whole: bool) -> tuple[object, object, int]:
        """When it asked, when it had the switch, and how many entries were committed then. In every other round the
        standing alone is lost: the lock is to be tested, and not only the authorisation's own state."""
        venue_id = self.authorisation.venue_id
        with transaction.atomic():
            [(asked,)] = ask(ASK, venue_id)
            [(had, before)] = ask(
                "SELECT clock_timestamp(), count(*) FROM tokenisation_journalentry WHERE kind = 'distribute'"
            )
            venue = VenueStanding.objects.get(pk=venue_id)
            data = {"may_distribute": False, "standing_version": venue.standing_version}
            audit.record(venue.licence, event="standing_changed", by=None, at=self.at, data=data)
            if whole:
                follow_standing(venue, by=None, at=self.at)
        return asked, had, before

    def reinstate(self) -> None:
        turn(VenueStanding.objects.get(pk=self.authorisation.venue_id), True, at=self.at)
        row = DistributionAuthorisation.objects.get(pk=self.authorisation.pk)
        if row.state == "suspended":
            perform(row, "resume", by=self.dua, at=self.at, expected_version=row.version, note="Again.")


@pytest.fixture
def race(authorisation, daud, amina, dua, at) -> Race:
    allocate(authorisation, units=10_000, key="stock", by=daud, at=at)
    return Race(authorisation, amina, dua, at)


@pytest.fixture
def afterwards_as_before() -> Iterator[None]:
    yield
    install(postings_sql.POST)
    install(INSTALL)


def test_no_entry_follows_a_suspension_and_no_suspension_is_starved(race):
    made = race.run(ROUNDS)
    assert [each.after for each in made] == [0] * ROUNDS
    assert [each for each in made if each.overtook > DISTRIBUTORS] == []
    # It was a race: everybody placed in every round.
    assert all(later.before - sooner.before >= DISTRIBUTORS for sooner, later in pairwise(made))
    assert list(invariants.check()) == []


def test_without_the_lock_entries_follow(race, afterwards_as_before, each_alone):
    install(unlocked(slowed(postings_sql.POST, seconds=0.1)))
    assert any(each.after > 0 for each in race.run(4))


def test_a_switch_that_does_not_queue_is_starved(race, afterwards_as_before, each_alone):
    assert INSTALL.count(QUEUED) == 1
    install(INSTALL.replace(QUEUED, TRIED))
    # Postings long enough for their shares to overlap.
    install(slowed(postings_sql.POST, seconds=0.01))
    assert any(each.overtook > DISTRIBUTORS for each in race.run(4))
