"""What pages and programs say of a row's clocks: the card on its page, and the explanation stretch by stretch.

Staff see every clock and the flags on it. A firm sees its own clocks and those of our decisions; what we time among
ourselves, and whom we tell when it runs out, is not shown to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from pvara.kernel import deadlines, flags
from pvara.kernel.deadlines import Explanation, Ticking
from pvara.kernel.machine import Stateful, machines
from pvara.kernel.models import ClockFlag


# ── On the row's own page ────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Shown:
    """One clock as read now, and the newest flag that stands on it."""

    ticking: Ticking
    flag: ClockFlag | None = None


@dataclass(frozen=True)
class Card:
    """The clocks of a row that have started, and the address of the page that explains them."""

    clocks: list[Shown]
    href: str


def for_staff(model: type[Stateful], rows: Iterable[Any], at: datetime) -> dict[int, Card]:
    """The cards of rows by primary key; as many queries for thirty rows as for one."""
    ticking = deadlines.of_rows(model, rows, at)
    standing = flags.of_rows(model, ticking)
    return {
        pk: Card([_flagged(pk, each, standing) for each in found], _address("staff:clocks", model, pk))
        for pk, found in ticking.items()
    }


def _flagged(pk: int, ticking: Ticking, standing: dict[tuple[int, str], list[ClockFlag]]) -> Shown:
    raised = standing.get((pk, ticking.rule.name))
    return Shown(ticking, raised[-1] if raised else None)


def for_firm(row: Any, at: datetime) -> Card:
    """The card of a row on the page of the firm that it is about."""
    return Card([Shown(each) for each in outward(deadlines.of(row, at))], _address("portal:clocks", type(row), row.pk))


def outward(ticking: Iterable[Ticking]) -> list[Ticking]:
    """The clocks that a firm is shown."""
    return [each for each in ticking if not each.rule.inward]


def _address(name: str, model: type[Stateful], pk: int) -> str:
    return reverse(name, args=[model._meta.label_lower, pk])


# ── Flags ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def roles_told() -> list[str]:
    """The roles that any clock of the house tells, by title."""
    return sorted({role for model in machines() for rule in model.clocks for role in rule.tells}, key=flags.role_title)


# ── Explained ────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Raised:
    """A flag, and whether it still says what is: a day that has moved since makes it a past one."""

    flag: ClockFlag
    stands: bool


@dataclass(frozen=True)
class Explained:
    """A clock with everything that it was worked out from, and the flags that were ever raised on it."""

    clock: Explanation
    raised: tuple[Raised, ...] = ()


def explained(row: Any, at: datetime, *, staff: bool) -> list[Explained]:
    """Every clock of a row that has started, as staff or as the firm may read it."""
    found = deadlines.explain(row, at)
    if not staff:
        return [Explained(each) for each in found if not each.ticking.rule.inward]
    history = flags.history(row)
    return [
        Explained(
            each,
            tuple(
                Raised(flag, flags.stands(flag, each.ticking))
                for flag in history
                if flag.clock == each.ticking.rule.name
            ),
        )
        for each in found
    ]
