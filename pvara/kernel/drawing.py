"""The strokes that every picture of figures is made of, as SVG text; what a picture shows is its own module's.

Pure: the same figures make the same text. Beside each picture stands a table with the same figures, which is what a
reader who sees no picture gets; so a picture says in its label where its figures are.
"""

from collections.abc import Iterable
from decimal import Decimal
from html import escape

WIDTH = 720
INK, PALE, LINE = "#1f2933", "#e4e7eb", "#52606d"
# Met, missed, and what has no bar; told apart by words too, not by colour alone.
MET, MISSED, NEITHER = "#2f6f4f", "#b3261e", "#3e5c76"


def length(value: Decimal | int) -> str:
    """A length to a tenth, written one way only, so that the same figures make the same picture."""
    return f"{Decimal(value):.1f}"


def rect(x: int | str, y: int | str, width: int | str, height: int | str, fill: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>'


def stroke(x1: str, y1: int | str, x2: str, y2: int | str, colour: str, width: int, *, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def text(x: Decimal | int, y: Decimal | int, words: str, *, anchor: str = "start") -> str:
    place = f'x="{length(x)}" y="{length(y)}"'
    return f'<text {place} text-anchor="{anchor}" font-size="12" fill="{INK}">{escape(words)}</text>'


def picture(label: str, height: int, parts: Iterable[str]) -> str:
    drawn = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(label)}" font-family="sans-serif">{drawn}</svg>'
    )
