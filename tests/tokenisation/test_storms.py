"""Many at once on a real PostgreSQL: the cap, the shelf and the keys hold whatever the order."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from pvara.kernel.machine import MoveRefused, perform
from tokenisation import invariants
from tokenisation.actions.ledger import place
from tokenisation.ledger import PostingRefused
from tokenisation.models import Asset, JournalEntry, Programme

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(threads: int, acts: list[Callable[[], object]]) -> list[object]:
    """Run the acts on so many threads; their answers, or the refusals they met."""

    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except MoveRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return [answer.result(timeout=60) for answer in [pool.submit(run, act) for act in acts]]


def test_an_over_cap_storm(propose, approvable, programme, dua, at):
    # Twelve assets of a hundred units each; the cap has room for five and a half.
    Programme.objects.filter(pk=programme.pk).update(cap_usd_cents=1786 * 550)
    assets = [approvable(propose(units=100)) for _ in range(12)]
    answers = all_at_once(
        12,
        [
            lambda a=asset: perform(a, "approve", by=dua, at=at, expected_version=a.version)  # type: ignore[misc]  # bound now
            for asset in assets
        ],
    )
    refusals = [each for each in answers if isinstance(each, MoveRefused)]
    assert [[unmet.code for unmet in each.unmet] for each in refusals] == [["programme_has_headroom"]] * 7
    assert Asset.objects.filter(state="approved").count() == 5
    programme.refresh_from_db()
    assert programme.committed_usd_cents == 1786 * 500
    assert list(invariants.check()) == []


def test_each_delivered_up_to_five_times_in_random_order(stocked, amina, at):
    # 150 keys of ten units for a shelf of 1,000: exactly 100 of them are placed, each once.
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  pytest shows it when the test fails
    dice = random.Random(seed)
    keys = [str(number) for number in range(150) for _ in range(dice.randint(1, 5))]
    dice.shuffle(keys)

    def delivered(key: str):
        return key, place(stocked, units=10, key=key, by=amina, at=at)

    answers = all_at_once(8, [lambda k=key: delivered(k) for key in keys])  # type: ignore[misc]  # bound now
    refused = [each for each in answers if isinstance(each, PostingRefused)]
    assert {each.code for each in refused} == {"over_allocation"}
    by_key: dict[str, set[int]] = {}
    for answer in answers:
        if isinstance(answer, tuple):
            by_key.setdefault(answer[0], set()).add(answer[1].entry_id)
    assert len(by_key) == 100
    assert {len(entries) for entries in by_key.values()} == {1}
    assert JournalEntry.objects.filter(kind="distribute").count() == 100
    stocked.refresh_from_db()
    assert stocked.shelf_units == 0
    assert list(invariants.check()) == []
