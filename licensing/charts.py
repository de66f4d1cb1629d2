"""Pictures of scores, as SVG: domains against their floors, a total over time, and where all licensees stand.

Pure: figures in, text out, the same in a page and in a PDF.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pvara.kernel.drawing import INK, LINE, MET, MISSED, NEITHER, PALE, WIDTH, length, picture, rect, stroke, text


@dataclass(frozen=True)
class Bar:
    """One domain: its name, its percentage, and its floor where it has one."""

    title: str
    value: Decimal
    floor: Decimal | None = None

    @property
    def is_missed(self) -> bool:
        return self.floor is not None and self.value < self.floor


@dataclass(frozen=True)
class Point:
    """A total from a day on."""

    day: date
    value: Decimal


def domains(bars: Sequence[Bar]) -> str:
    """A bar for each domain, and a mark at its floor."""
    left, wide, step = 300, WIDTH - 300 - 60, 26
    parts = []
    for place, bar in enumerate(bars):
        top = place * step
        colour = NEITHER if bar.floor is None else MISSED if bar.is_missed else MET
        parts += [
            text(left - 8, top + 16, bar.title, anchor="end"),
            rect(left, top + 4, wide, 16, PALE),
            rect(left, top + 4, length(bar.value * wide / 100), 16, colour),
            text(left + wide + 8, top + 16, f"{bar.value:.1f}"),
        ]
        if bar.floor is not None:
            at = length(left + bar.floor * wide / 100)
            parts.append(stroke(at, top + 1, at, top + 23, INK, 2))
    return picture("Domains against their floors; the table beside has the figures.", len(bars) * step + 4, parts)


def over_time(points: Sequence[Point], *, until: date, bars: Mapping[str, Decimal]) -> str:
    """The total as steps, from its first day to `until`, over the bars of some gates, each by its name."""
    left, wide, high = 40, WIDTH - 40 - 50, 180
    first = min((each.day for each in points), default=until)
    span = max((until - first).days, 1)

    def across(day: date) -> str:
        return length(left + Decimal((day - first).days * wide) / span)

    def up(value: Decimal) -> str:
        return length(10 + (100 - value) * high / 100)

    parts = []
    for name, bar in bars.items():
        parts += [
            stroke(str(left), up(bar), str(left + wide), up(bar), LINE, 1, dashes="4 3"),
            text(left + wide + 6, Decimal(up(bar)) + 4, name),
        ]
    for value in (Decimal(0), Decimal(50), Decimal(100)):
        parts.append(text(left - 6, Decimal(up(value)) + 4, str(value), anchor="end"))
    ordered = sorted(points, key=lambda each: each.day)
    ends = [*(each.day for each in ordered[1:]), *([until] if ordered else [])]
    corners = [
        f"{across(day)},{up(each.value)}" for each, end in zip(ordered, ends, strict=True) for day in (each.day, end)
    ]
    if corners:
        parts.append(f'<polyline points="{" ".join(corners)}" fill="none" stroke="{NEITHER}" stroke-width="2"/>')
    parts += [f'<circle cx="{across(each.day)}" cy="{up(each.value)}" r="3" fill="{INK}"/>' for each in ordered]
    parts += [
        text(left, high + 30, first.isoformat()),
        text(left + wide, high + 30, until.isoformat(), anchor="end"),
    ]
    return picture("The total over time; the table below has the figures.", high + 40, parts)


STEP = 5


def shares(totals: Iterable[Decimal]) -> list[tuple[int, int]]:
    """How many totals there are from each multiple of five up to the next; 100 counts with those from 95."""
    counts = dict.fromkeys(range(0, 100, STEP), 0)
    for total in totals:
        counts[min(int(total) // STEP * STEP, 100 - STEP)] += 1
    return list(counts.items())


def distribution(totals: Iterable[Decimal]) -> str:
    """How many licensees stand where."""
    counted = shares(totals)
    left, high = 20, 160
    wide = Decimal(WIDTH - 2 * left) / len(counted)
    most = max((count for _, count in counted), default=0) or 1
    parts = []
    for place, (begins, count) in enumerate(counted):
        tall = Decimal(count * high) / most
        x = left + place * wide
        parts.append(rect(length(x + 1), length(20 + high - tall), length(wide - 2), length(tall), NEITHER))
        if count:
            parts.append(text(x + wide / 2, 16 + high - tall, str(count), anchor="middle"))
        if begins % 10 == 0:
            parts.append(text(x, high + 36, str(begins), anchor="middle"))
    parts.append(text(WIDTH - left, high + 36, "100", anchor="middle"))
    return picture("How many licensees stand where; the table beside has the figures.", high + 44, parts)
