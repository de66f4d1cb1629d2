"""Calls that come while others are under way are made together.

Whoever comes while a lane is free calls alone, at once. Whoever comes later waits with the others, and the first of
them takes all along as soon as a lane is free: so a quiet process waits for nothing, and the busier it is the less a
call costs. What is not answered together, and all of it should that fail, each calls alone; so a call must be one that
may be repeated. Nobody is held up for long by another's wait: whoever is not taken along within `PATIENCE` calls
alone.

The threads of one process are gathered. This knows nothing of what is called.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

# So many calls of a process are under way at once: one is worked at while the next is being read.
LANES = 2
# So many are taken along at most.
MOST = 64
# Seconds.
PATIENCE = 0.25


@dataclass(eq=False)
class Waiting(Generic[Asked, Answer]):
    """Somebody in the queue. `woken` is let go once there is an answer, or once it is theirs to take others along."""

    asked: Asked
    woken: Lock = field(default_factory=Lock)
    answer: Answer | None = None
    takes: "list[Waiting[Asked, Answer]] | None" = None


class Gathering(Generic[Asked, Answer]):
    """Gathers what `together` does at once: given several, it answers those that it did, by their place in the list.

    When it raises one of `failures` it has done nothing, or nobody can know: each is then asked for alone.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Asked]], dict[int, Answer]],
        *,
        failures: tuple[type[Exception], ...],
        lanes: int = LANES,
        most: int = MOST,
        patience: float = PATIENCE,
    ) -> None:
        self._together, self._failures = together, failures
        self._free, self._most, self._patience = lanes, most, patience
        self._queue: list[Waiting[Asked, Answer]] = []
        self._guard = Lock()

    def ask(self, asked: Asked, alone: Callable[[], Answer]) -> Answer:
        """The answer given together with others, or else what `alone` answers or raises."""
        mine: Waiting[Asked, Answer] = Waiting(asked)
        with self._guard:
            if self._free:
                self._free -= 1
                mine.takes = []
            else:
                mine.woken.acquire()
                self._queue.append(mine)
        if mine.takes is None:
            self._wait(mine)
        if mine.takes is None:
            return alone() if mine.answer is None else mine.answer
        try:
            if not mine.takes:
                return alone()
            self._do([mine, *mine.takes])
        finally:
            self._hand_on()
        return alone() if mine.answer is None else mine.answer

    def _wait(self, mine: Waiting[Asked, Answer]) -> None:
        if mine.woken.acquire(timeout=self._patience):
            return
        with self._guard:
            if mine in self._queue:
                self._queue.remove(mine)
                return
        mine.woken.acquire()

    def _do(self, all_of_us: list[Waiting[Asked, Answer]]) -> None:
        try:
            for place, answer in self._together([each.asked for each in all_of_us]).items():
                all_of_us[place].answer = answer
        except self._failures:
            pass  # Each finds out alone what the matter is.
        finally:
            for each in all_of_us[1:]:
                each.woken.release()

    def _hand_on(self) -> None:
        """Give the lane to the first who waits, with those behind it."""
        with self._guard:
            if not self._queue:
                self._free += 1
                return
            first, *others = self._queue[: self._most]
            del self._queue[: self._most]
            first.takes = others
        first.woken.release()
