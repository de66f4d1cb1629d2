"""Pictures of a programme, as SVG: amounts against what limits them, and when the debts mature.

Pure: figures in, text out. Amounts are US cents.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pvara.kernel.drawing import INK, MET, MISSED, NEITHER, PALE, WIDTH, length, picture, rect, stroke, text

MILLION = 100_000_000
SIGNS = 34  # of a title; the table beside has the whole of it


@dataclass(frozen=True)
class Amount:
    """One bar: what it is of, how much, and the most that it may be where something limits it."""

    title: str
    cents: int
    most: int | None = None

    @property
    def is_over(self) -> bool:
        return self.most is not None and self.cents > self.most


def short(cents: int) -> str:
    """An amount in millions, for a picture: `US$356.0m`."""
    return f"US${Decimal(cents) / MILLION:,.1f}m"


def amounts(bars: Sequence[Amount], *, whole: int, label: str) -> str:
    """A bar for each amount along a line as long as `whole`, or as the greatest, and a mark where each is limited."""
    left, wide, step = 230, WIDTH - 230 - 90, 26
    longest = max([whole, *(bar.cents for bar in bars)], default=0) or 1
    parts = []
    for place, bar in enumerate(bars):
        top = place * step
        colour = NEITHER if bar.most is None else MISSED if bar.is_over else MET
        title = bar.title if len(bar.title) <= SIGNS else f"{bar.title[: SIGNS - 1]}…"
        parts += [
            text(left - 8, top + 16, title, anchor="end"),
            rect(left, top + 4, wide, 16, PALE),
            rect(left, top + 4, length(Decimal(bar.cents * wide) / longest), 16, colour),
            text(left + wide + 8, top + 16, short(bar.cents)),
        ]
        if bar.most is not None:
            at = length(left + Decimal(min(bar.most, longest) * wide) / longest)
            parts.append(stroke(at, top + 1, at, top + 23, INK, 2))
    return picture(label, len(bars) * step + 4, parts)


def quarter_of(day: date) -> tuple[int, int]:
    return day.year, (day.month + 2) // 3


def ladder(rungs: Sequence[tuple[date, int]], *, label: str) -> str:
    """What matures in each quarter, from the first in which anything does to the last."""
    sums: dict[tuple[int, int], int] = {}
    for day, cents in rungs:
        sums[quarter_of(day)] = sums.get(quarter_of(day), 0) + cents
    left, high = 20, 150
    first, last = min(sums, default=(0, 1)), max(sums, default=(0, 0))
    count = (last[0] - first[0]) * 4 + last[1] - first[1] + 1
    wide = Decimal(WIDTH - 2 * left) / max(count, 1)
    broad = min(wide, Decimal(60))
    most = max(sums.values(), default=0) or 1
    # A label needs its room: of many quarters only those in which a year begins are named, and not every year.
    years = 1 if count <= 48 else 5
    parts = []
    for place in range(count):
        year, quarter = divmod(first[0] * 4 + first[1] - 1 + place, 4)
        x, cents = left + place * wide, sums.get((year, quarter + 1), 0)
        tall = Decimal(cents * high) / most
        parts.append(rect(length(x + 1), length(20 + high - tall), length(broad - 2), length(tall), NEITHER))
        if cents:
            end = place > count // 2
            parts.append(
                text(x + broad if end else x, 16 + high - tall, short(cents), anchor="end" if end else "start")
            )
        if count <= 8:
            parts.append(text(x, high + 36, f"{year} Q{quarter + 1}"))
        elif quarter == 0 and year % years == 0:
            parts.append(text(x, high + 36, str(year)))
    return picture(label, high + 44, parts)
