"""Panels: what each part of the regime adds to the page of a case. Staff and firms have a list each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pvara.kernel.machine import Stateful
from pvara.kernel.models import User


@dataclass(frozen=True)
class Panel:
    """A card on a case's page: its title, its anchor, and the template that fills it with `context` as `panel`."""

    title: str
    anchor: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)


Maker = Callable[[Stateful, User, datetime], Panel | None]


def made(makers: Iterable[Maker], case: Stateful, user: User, at: datetime) -> list[Panel]:
    """The panels that have something to show on this case."""
    return [panel for maker in makers if (panel := maker(case, user, at)) is not None]
