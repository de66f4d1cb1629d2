"""Gates: named predicates that say why they are shut. They are declared here and written in the apps' `rules`.

A gate answers about one row at one moment; it computes no score, writes nothing and asks no clock.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import models

from pvara.kernel.models import User


@dataclass(frozen=True)
class Open:
    """A gate that stands open, with the facts that opened it; the audit entry keeps them."""

    facts: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return True


class Shut:
    """A gate that is shut, with what stands in the way, one sentence each."""

    def __init__(self, *details: str) -> None:
        self.details = details

    def __bool__(self) -> bool:
        return False


class Predicate(Protocol):
    __name__: str
    __doc__: str | None

    def __call__(self, subject: Any, **act: Any) -> "bool | Open | Shut": ...


@dataclass(frozen=True)
class Gate:
    """A named predicate and the sentence that is said when it is shut.

    A premise asks whether what a move is about is there at all. While it is not, pages do not offer the move, not even
    as one that is not possible yet; programs are told as of any other gate.
    """

    code: str
    reason: str
    predicate: Predicate
    wants: frozenset[str]
    is_premise: bool = False

    def verdict(self, subject: models.Model, *, by: User | None, at: datetime, move: str = "") -> "Open | Shut":
        act = {"by": by, "at": at, "move": move}
        answer = self.predicate(subject, **{name: act[name] for name in self.wants})
        if isinstance(answer, Open | Shut):
            return answer
        return Open() if answer else Shut()


def gate(reason: str, *, premise: bool = False) -> Callable[[Callable[..., "bool | Open | Shut"]], Gate]:
    """Name a predicate as a gate. The predicate takes the subject and, if it asks for them, `by`, `at` and `move`.

    `move` is the name of the move that is asked for; empty when what holds for all moves of a row is asked once.
    """

    def named(predicate: Any) -> Gate:
        wants = frozenset(list(inspect.signature(predicate).parameters)[1:])
        if not wants <= {"by", "at", "move"}:
            raise TypeError(f"The gate {predicate.__name__} may ask for `by`, `at` and `move` only.")
        return Gate(predicate.__name__, reason, predicate, wants, premise)

    return named
