"""What waits for the votes of the board after it was done at once: the same of a licence and of a NOC."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Unratified:
    """An urgent suspension without the board's votes yet: what it is called, its last day, and who made it."""

    reference: str
    last_day: date
    made_by: frozenset[int | None]
