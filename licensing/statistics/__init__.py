"""What became of cases and what was done about licences, month by month, counted in SQL from the audit log.

`cases.py` follows cases from their receipt to what became of them, with how long they took; `deeds.py` counts what was
done that is no case of its own: measures, surrenders, appeals, changes of control.
"""

from .cases import (
    CLOSING,
    COLUMNS,
    OUTCOMES,
    PHASES,
    TIMED,
    Durations,
    Phase,
    Row,
    as_line,
    move_of,
    of_year,
    published,
)
from .deeds import DEED_COLUMNS, DEEDS, Deed, DeedRow, deed_as_line, deeds_of_year

__all__ = [
    "CLOSING",
    "COLUMNS",
    "DEEDS",
    "DEED_COLUMNS",
    "OUTCOMES",
    "PHASES",
    "TIMED",
    "Deed",
    "DeedRow",
    "Durations",
    "Phase",
    "Row",
    "as_line",
    "deed_as_line",
    "deeds_of_year",
    "move_of",
    "of_year",
    "published",
]
