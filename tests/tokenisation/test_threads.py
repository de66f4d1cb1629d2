"""Random acts of every kind by eight threads at once: afterwards the journal, read in its order, is the paper model's.

Whatever the threads did to each other, the entries that were accepted are a history that one careful person could have
written alone, and every invariant holds.
"""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from pvara.kernel.machine import MoveRefused, StaleVersion, perform
from tests.tokenisation.conftest import debt_terms, licensed_venue, turn
from tests.tokenisation.model import WAYS, Paper, Shelf
from tokenisation import invariants, ledger
from tokenisation.actions.assets import issue_asset
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.models import Account, DistributionAuthorisation, JournalEntry
from tokenisation.states import AccountKind, EntryKind

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
ACTS = 40
UNITS = 60


class Crowd:
    """What eight people may do to one bond at two venues, at random."""

    def __init__(self, asset, authorisations, maker, checker, at) -> None:
        self.asset, self.venues = asset, [each.venue_id for each in authorisations]
        self.maker, self.checker, self.at = maker, checker, at

    def act(self, dice: random.Random, name: str) -> None:
        match dice.randrange(10):
            case 0:
                self.correct_something(dice, name)
            case 1:
                self.send_a_file(dice, name)
            case 2:
                self.turn_or_resume(dice)
            case _:
                kind, source = dice.choice([(kind, source) for kind, ways in WAYS.items() for source in ways])
                venue, other = dice.sample(self.venues, 2)
                self.post(
                    EntryKind(kind),
                    name,
                    source=AccountKind(source),
                    units=dice.randint(1, 6),
                    venue_id=venue,
                    to_venue_id=other if kind == "forced" and dice.random() < 0.5 else None,
                )

    def post(self, kind, key, **act) -> None:
        people = {"maker_id": self.maker.pk, "checker_id": self.checker.pk, "case_ref": "HC/7", "at": self.at}
        ledger.post(kind, self.asset, key=key, **people, **act)

    def correct_something(self, dice, name) -> None:
        entries = JournalEntry.objects.filter(asset=self.asset).exclude(kind__in=["correct", "issue"])
        if ids := list(entries.values_list("pk", flat=True)):
            entry = entries.get(pk=dice.choice(ids))
            self.post(
                EntryKind.CORRECT,
                name,
                units=entry.units,
                venue_id=entry.venue_id,
                to_venue_id=entry.to_venue_id,
                reverses_id=entry.pk,
            )

    def send_a_file(self, dice, name) -> None:
        lines = [ledger.Line(f"{name}-{number}", dice.randint(1, 3)) for number in range(3)]
        kind = dice.choice([EntryKind.ALLOCATE, EntryKind.DISTRIBUTE])
        venue = dice.choice(self.venues)
        ledger.post_batch(kind, self.asset, lines, venue_id=venue, maker_id=self.maker.pk, at=self.at)

    def turn_or_resume(self, dice) -> None:
        row = DistributionAuthorisation.objects.select_related("venue").get(venue=dice.choice(self.venues))
        if row.state == "suspended" and row.venue.may_distribute:
            perform(row, "resume", by=self.checker, at=self.at, expected_version=row.version, note="Again.")
        elif dice.random() < 0.5:
            turn(row.venue, not row.venue.may_distribute, at=self.at)


def replayed(asset, authorisations) -> Paper:
    """The paper model after every entry of the journal in its order. A correction is looked up by its entry."""
    venues = [each.venue_id for each in authorisations]
    places = {("treasury", None): UNITS, ("redeemed", None): 0}
    places |= {(k, v): 0 for k in ("inventory", "clients", "frozen_shelf", "frozen_clients") for v in venues}
    paper = Paper({each.venue_id: Shelf(each.limit_units) for each in authorisations}, places)
    rows = JournalEntry.objects.filter(asset=asset, seq__gt=1).select_related("reverses").order_by("seq")
    for entry in rows:
        of = entry.reverses.idempotency_key if entry.reverses else ""
        number = paper.post(
            entry.kind, entry.source, entry.venue_id, entry.to_venue_id, entry.units, entry.idempotency_key, of
        )
        assert number == entry.seq
    return paper


def test_what_many_did_at_once_is_a_history_of_one(propose, approve, daud, dua, at):
    asset = approve(propose(units=UNITS, kind="bond", terms=debt_terms(coupon="fixed", payments_a_year=2)))
    asset = issue_asset(asset, expected_version=asset.version, by=daud, at=at)
    authorisations = [
        authorise_venue(asset, licensed_venue(name, at=at), limit_units=limit, by=dua, at=at)
        for name, limit in (("Indus Exchange", 40), ("Ravi Exchange", 25))
    ]
    crowd = Crowd(asset, authorisations, daud, dua, at)
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  pytest shows it when the test fails

    def work(thread: int) -> int:
        dice, done = random.Random(f"{seed}-{thread}"), 0
        try:
            for number in range(ACTS):
                try:
                    crowd.act(dice, f"{thread}-{number}")
                    done += 1
                except (MoveRefused, StaleVersion):
                    pass  # most of a random crowd's wishes cannot be granted
        finally:
            connection.close()
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        done = sum(each.result(timeout=60) for each in [pool.submit(work, thread) for thread in range(THREADS)])
    assert done > THREADS
    paper = replayed(asset, authorisations)
    rows = Account.objects.filter(asset=asset).exclude(kind="supply").values_list("kind", "venue_id", "units")
    redeemed = paper.units.pop(("redeemed", None))
    assert {(kind, venue): units for kind, venue, units in rows} == paper.units
    asset.refresh_from_db()
    assert (asset.redeemed_units, asset.outstanding_units) == (redeemed, UNITS - redeemed)
    # The cap is the redeeming action's to give back; here the ledger posts alone.
    assert [each.name for each in invariants.check() if not each.name.startswith("The programme's")] == []
