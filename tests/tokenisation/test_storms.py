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
    # Ninety-six assets of US$30m each, less a few cents; the cap of US$2bn has room for sixty-six.
    units = 30_000_000_00 // 1786
    Programme.objects.filter(pk=programme.pk).update(cap_usd_cents=2_000_000_000_00)
    assets = [approvable(propose(units=units)) for _ in range(96)]
    answers = all_at_once(
        16,
        [
            lambda a=asset: perform(a, "approve", by=dua, at=at, expected_version=a.version)  # type: ignore[misc]  # bound now
            for asset in assets
        ],
    )
    refusals = [each for each in answers if isinstance(each, MoveRefused)]
    assert [[unmet.code for unmet in each.unmet] for each in refusals] == [["programme_has_headroom"]] * 30
    assert Asset.objects.filter(state="approved").count() == 66
    programme.refresh_from_db()
    assert programme.committed_usd_cents == 1786 * units * 66
    assert list(invariants.check()) == []


def test_sixteen_threads_never_place_one_unit_more(stocked, amina, at):
    # One by one from a shelf of a thousand; each thread in a connection of its own.
    def placed(part: int) -> list[str]:
        codes = []
        for number in range(part, 1_040, 16):
            try:
                place(stocked, units=1, key=f"one {number}", by=amina, at=at)
            except PostingRefused as refusal:
                codes.append(refusal.code)
        return codes

    answers = all_at_once(16, [lambda p=part: placed(p) for part in range(16)])  # type: ignore[misc]  # bound now
    assert [code for codes in answers for code in codes] == ["over_allocation"] * 40
    assert JournalEntry.objects.filter(kind="distribute").count() == 1_000
    stocked.refresh_from_db()
    assert stocked.shelf_units == 0
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
