"""Flags on clocks that run out, and the word to those whose turn it is. Nothing is ever decided by time."""

from datetime import datetime

from licensing.actions.notices import tell_people
from licensing.actions.timers import each_of, timer
from licensing.models.overdue import told
from pvara.kernel import flags
from pvara.kernel.deadlines import Ticking
from pvara.kernel.machine import Stateful
from pvara.kernel.models import ClockFlag


@timer
def raise_flags(at: datetime) -> int:
    """Warn before a clock of ours runs out, flag it when it has, and escalate it to the next role as it stays so."""

    def flag(found: tuple[Stateful, str], at: datetime) -> bool:
        row, name = found
        raised = flags.raise_due(row, name, at=at)
        for each, ticking in raised:
            _tell(row, each, ticking, at=at)
        return bool(raised)

    return each_of(flags.wanting(at), flag, at)


def _tell(row: Stateful, flag: ClockFlag, ticking: Ticking, *, at: datetime) -> None:
    what = "overdue" if flag.is_breach else "due soon"
    tell_people(
        told(row, flag.role, at),
        subject=f"{row.reference}: {ticking.title.lower()} {what}",  # type: ignore[attr-defined]  # every case has one
        template="clock_flag",
        context={"row": row, "flag": flag, "ticking": ticking},
        key=f"clock-flag:{flag.pk}",
        at=at,
    )
