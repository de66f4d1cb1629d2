"""Why a move was not made: every reason, the version that was missed, the name that no machine has."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from pvara.kernel.machine import Stateful


@dataclass(frozen=True)
class Unmet:
    """One reason why a move cannot be made now: a code for machines, a sentence for people, and the particulars."""

    code: str
    reason: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join([self.reason, *self.details])


class MoveRefused(Exception):
    """The move was not made; `unmet` holds every reason, not just the first. Nothing was changed."""

    def __init__(self, subject: models.Model, name: str, unmet: list[Unmet]) -> None:
        self.subject, self.name, self.unmet = subject, name, unmet
        super().__init__(f"{name}: " + " ".join(str(each) for each in unmet))


class StaleVersion(Exception):
    """The row has moved on since the person looked at it. Nothing was changed."""

    def __init__(self, subject: "Stateful", expected: int) -> None:
        self.subject, self.expected, self.actual = subject, expected, subject.version
        super().__init__(f"This was version {expected} when you opened it and is version {self.actual} now.")


class UnknownMove(LookupError):
    """The machine has no move of that name."""
