"""Placements that come together: who calls alone, who is taken along, what the database makes of several at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread

import pytest
from django.db import OperationalError, connection

from pvara.kernel import audit
from tests.conftest import person
from tests.tokenisation.conftest import licensed_venue, turn
from tokenisation import invariants, ledger
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import allocate, place
from tokenisation.gathering import Gathering
from tokenisation.ledger import Placement, Posted, PostingRefused
from tokenisation.models import DistributionAuthorisation, JournalEntry


# ── Who is gathered ──────────────────────────────────────────────────────────────────────────────────────────────────
class Scene:
    """A gathering with one lane, whose first caller holds it until `go` is set while others queue up behind."""

    def __init__(self, together: Callable[[Sequence[int]], dict[int, str]], **said: object) -> None:
        self.gathering: Gathering[int, str] = Gathering(
            together, failures=(OperationalError,), **{"lanes": 1, "patience": 30, **said}
        )
        self.go, self.begun, self.alone = Event(), Event(), list[int]()

    def first(self) -> str:
        self.begun.set()
        assert self.go.wait(30)
        return "first"

    def by_itself(self, number: int) -> str:
        self.alone.append(number)
        return f"alone {number}"

    def play(self, numbers: Sequence[int]) -> list[str]:
        with ThreadPoolExecutor(len(numbers) + 1) as pool:
            holder = pool.submit(self.gathering.ask, 0, self.first)
            assert self.begun.wait(30)
            asked = []
            for place, number in enumerate(numbers, 1):
                asked.append(pool.submit(self.gathering.ask, number, lambda n=number: self.by_itself(n)))
                self.until(lambda p=place: len(self.gathering._queue) == p or asked[-1].done())
            self.go.set()
            assert holder.result(30) == "first"
            answers = [each.result(30) for each in asked]
        assert (self.gathering._free, self.gathering._queue) == (1, [])
        return answers

    @staticmethod
    def until(true: Callable[[], bool]) -> None:
        waited = Event()
        for _ in range(3_000):
            if true():
                return
            waited.wait(0.01)
        raise AssertionError("It did not come to that.")


def test_a_quiet_process_calls_alone():
    def never(asked):
        raise AssertionError("There was nobody to be gathered with.")

    scene = Scene(never)
    assert [scene.gathering.ask(n, lambda n=n: scene.by_itself(n)) for n in (1, 2)] == ["alone 1", "alone 2"]


def test_those_who_wait_are_taken_along_in_their_order_and_each_gets_its_own_answer():
    calls = []

    def together(asked):
        calls.append(list(asked))
        return {place: f"with {number}" for place, number in enumerate(asked)}

    scene = Scene(together)
    assert scene.play([1, 2, 3, 4]) == ["with 1", "with 2", "with 3", "with 4"]
    assert (calls, scene.alone) == ([[1, 2, 3, 4]], [])


def test_not_more_than_so_many_at_once():
    calls = []

    def together(asked):
        calls.append(list(asked))
        return {place: f"with {number}" for place, number in enumerate(asked)}

    assert Scene(together, most=2).play([1, 2, 3, 4]) == ["with 1", "with 2", "with 3", "with 4"]
    assert calls == [[1, 2], [3, 4]]


def test_what_was_not_answered_together_is_asked_alone():
    scene = Scene(lambda asked: {0: "with 1", 2: "with 3"})
    assert scene.play([1, 2, 3]) == ["with 1", "alone 2", "with 3"]
    assert scene.alone == [2]


def test_when_it_fails_each_asks_alone():
    def fails(asked):
        raise OperationalError("The server went away.")

    scene = Scene(fails)
    assert scene.play([1, 2, 3]) == ["alone 1", "alone 2", "alone 3"]


def test_a_mistake_is_told_and_the_others_go_on():
    def wrong(asked):
        raise TypeError("A mistake of ours.")

    scene = Scene(wrong)
    with pytest.raises(TypeError):
        scene.play([1, 2, 3])
    assert sorted(scene.alone) == [2, 3]
    assert (scene.gathering._free, scene.gathering._queue) == (1, [])


def test_a_refusal_alone_is_the_callers_and_the_lane_is_handed_on():
    def refused() -> str:
        raise PermissionError

    scene = Scene(lambda asked: {})
    for _ in range(2):
        with pytest.raises(PermissionError):
            scene.gathering.ask(1, refused)
    assert scene.gathering._free == 1


def test_nobody_waits_for_long_behind_one_that_hangs():
    scene = Scene(lambda asked: {}, patience=0.01)
    hung = Thread(target=scene.gathering.ask, args=(0, scene.first))
    hung.start()
    assert scene.begun.wait(30)
    assert scene.gathering.ask(1, lambda: scene.by_itself(1)) == "alone 1"
    scene.go.set()
    hung.join(30)
    assert (scene.gathering._free, scene.gathering._queue) == (1, [])


# ── What the database makes of them ──────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def placement(stocked, amina, at):
    """`placement("key", units=…)`: amina's from the stocked shelf unless told otherwise."""

    def said(key: str, units: int = 100, **changed) -> Placement:
        given = Placement(key, stocked.asset_id, stocked.venue_id, units, amina.pk, "", "", at)
        return given._replace(**changed)

    return said


def told(made: dict[int, Posted]) -> dict[int, int]:
    return {place: each.seq for place, each in made.items()}


def test_several_are_entries_of_their_own(stocked, placement, amina, at):
    made = ledger._place_together([placement("a"), placement("b", 200, case_ref="client 7"), placement("c", 300)])
    assert told(made) == {0: 3, 1: 4, 2: 5}
    rows = JournalEntry.objects.filter(kind="distribute").order_by("seq")
    assert list(rows.values_list("idempotency_key", "units", "case_ref", "maker_id", "standing_version")) == [
        ("a", 100, "", amina.pk, stocked.venue.standing_version),
        ("b", 200, "client 7", amina.pk, stocked.venue.standing_version),
        ("c", 300, "", amina.pk, stocked.venue.standing_version),
    ]
    assert [bytes(each.hash) for each in rows] == [made[place].hash for place in range(3)]
    last = audit.history(stocked).last()
    assert (last.event, last.actor, last.data["first"], last.data["last"], last.data["units"]) == (
        "units_distributed",
        amina,
        3,
        5,
        600,
    )
    assert list(invariants.check()) == []


def test_one_is_told_in_the_history_as_if_it_came_alone(stocked, placement, amina, at):
    ledger._place_together([placement("a", case_ref="client 7")])
    together = audit.history(stocked).last()
    place(stocked, units=100, key="b", case_ref="client 7", by=amina, at=at)
    alone = audit.history(stocked).last()
    for each in (together, alone):
        for own in ("entry", "seq", "key"):
            each.data.pop(own)
    assert (together.event, together.actor, together.note, together.data) == (
        alone.event,
        alone.actor,
        alone.note,
        alone.data,
    )


def test_two_persons_events_of_one_authorisation_are_chained(stocked, placement, at):
    other = person("Anwar")
    ledger._place_together([placement("a"), placement("b", maker_id=other.pk), placement("c")])
    history = list(audit.history(stocked))[-2:]
    assert [(each.actor.name, each.data["units"]) for each in history] == [("Amina", 200), ("Anwar", 100)]
    assert bytes(history[1].prev_hash) == bytes(history[0].hash)
    assert list(audit.verify()) == []
    assert list(invariants.check()) == []


def test_venues_and_assets_side_by_side(stocked, propose, approve, placement, daud, dua, at):
    other = authorise_venue(stocked.asset, licensed_venue("Ravi Exchange", at=at), limit_units=1_000, by=dua, at=at)
    allocate(other, units=50, key="elsewhere", by=daud, at=at)
    elsewhere = {"venue_id": other.venue_id}
    made = ledger._place_together([placement("a", 50, **elsewhere), placement("b"), placement("c", 1, **elsewhere)])
    # The other shelf has fifty: the third is left to be refused alone.
    assert sorted(made) == [0, 1]
    other.refresh_from_db()
    assert other.shelf_units == 0
    assert list(invariants.check()) == []


def test_those_that_fit_are_placed_and_the_rest_is_left(stocked, placement):
    assert told(ledger._place_together([placement("a", 600), placement("b", 400), placement("c", 1)])) == {0: 3, 1: 4}
    assert ledger._place_together([placement("d", 1)]) == {}


def test_what_is_left_to_be_answered_alone(stocked, placement, amina, at):
    place(stocked, units=5, key="used", by=amina, at=at)
    used = f"venue:{stocked.venue_id}:used"
    assert ledger._place_together([placement(used, 5)]) == {}
    assert ledger._place_together([placement("a", 0), placement("", 5)]) == {}
    assert ledger._place_together([placement("a", settlement="GOLD")]) == {}
    assert ledger._place_together([placement("a", asset_id=0), placement("b", venue_id=0)]) == {}
    assert told(ledger._place_together([placement("twice", 1), placement("twice", 1)])) == {0: 4}


def test_a_venue_out_of_standing_is_left(stocked, venue, placement, at):
    turn(venue, False, at=at)
    assert ledger._place_together([placement("a")]) == {}


def test_a_stopped_authorisation_is_left(stocked, placement, move, dua):
    move(stocked, "suspend", dua)
    assert ledger._place_together([placement("a")]) == {}


def test_a_paused_asset_is_left(stocked, placement, move, dua):
    move(stocked.asset, "pause", dua)
    assert ledger._place_together([placement("a")]) == {}


@pytest.mark.django_db(transaction=True)
def test_a_venue_whose_standing_changes_is_left_and_not_waited_for(stocked, venue, placement):
    with ThreadPoolExecutor(1) as pool:

        def together() -> dict[int, Posted]:
            try:
                return ledger._place_together([placement("a")])
            finally:
                connection.close()

        with ledger.transaction.atomic():
            type(venue).objects.filter(pk=venue.pk).update(may_distribute=False)
            assert pool.submit(together).result(timeout=10) == {}


@pytest.mark.django_db(transaction=True)
def test_a_crowd_is_gathered_and_nothing_is_lost(stocked, amina, at, monkeypatch):
    """Sixteen threads on one shelf: some go alone, most together, and every unit is accounted for."""
    gathered = []
    together = ledger.GATHERING._together

    def counted(asked):
        gathered.append(len(asked))
        return together(asked)

    monkeypatch.setattr(ledger.GATHERING, "_together", counted)
    start = Barrier(16)

    def work(thread: int) -> tuple[int, int]:
        placed = refused = 0
        try:
            start.wait(30)
            for number in range(20):
                try:
                    place(stocked, units=5, key=f"{thread}-{number}", by=amina, at=at)
                    placed += 1
                except PostingRefused as refusal:
                    assert refusal.code == "over_allocation"  # noqa: PT017  in a thread
                    refused += 1
            return placed, refused
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(work, range(16)))
    assert (sum(placed for placed, _ in done), sum(refused for _, refused in done)) == (200, 120)
    assert max(gathered) > 1
    authorisation = DistributionAuthorisation.objects.get(pk=stocked.pk)
    assert (authorisation.shelf_units, authorisation.distributed_units) == (0, 1_000)
    assert list(invariants.check()) == []
    assert list(audit.verify()) == []
