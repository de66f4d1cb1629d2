"""A machine as a picture: states as boxes, moves as labelled arrows from top to bottom, in SVG.

A move that leads to one state from many is drawn once, with the states it is made from written beside it; a move that
stays in its state is written into the box. Where everything stands comes from `layers.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap
from typing import Any

from django.utils.text import slugify

from pvara.kernel import layers
from pvara.kernel.layers import Node
from pvara.kernel.machine import Move, Stateful, label, moves_of
from pvara.kernel.regime import who

# From this many states on, a move is drawn once for all of them.
MANY = 3
LINE = 15  # pixels from one line of text to the next
SIGN = 6.8  # pixels that a sign of the labels is wide, on average
BETWEEN = 26.0  # pixels between two ranks
EDGE = 24  # pixels around the whole
SIGNS_A_LINE = 28

STYLE = """
text { font: 12px "Liberation Sans", Arial, Helvetica, sans-serif; fill: #14231e; text-anchor: middle; }
.state { fill: #eef5f1; stroke: #0b5d3b; stroke-width: 1.5; }
.last { fill: #f4f1e8; stroke: #6b5a1e; stroke-width: 1.5; }
.inner { fill: none; stroke: #6b5a1e; stroke-width: 1; }
.name { font-weight: bold; font-size: 13px; }
.quiet { fill: #4d5b55; font-size: 11px; }
.line { fill: none; stroke: #4d6b5d; stroke-width: 1.3; }
.back { stroke-dasharray: 5 3; }
.behind { fill: #ffffff; }
.many { fill: #ffffff; stroke: #8a9a92; stroke-dasharray: 3 3; }
"""


INTRODUCTION = """\
# The machines of the regime, as pictures

Every box is a state and every arrow a move, with the letter that it sends and, below it, who makes it. The black dot is
where a case begins; a double frame is a state that nothing leads out of. A broken line leads back. A move that is made
from many states is drawn once, in a broken frame, with those states beside it; one that stays in its state stands in
the box, behind ↻. Which gates stand in the way of each move, the tables in the project's README say.

These files are written from the code by `make regime` and never by hand.
"""


@dataclass(frozen=True)
class Text:
    """A line of a label: what it says and how it looks."""

    words: str
    style: str = ""


@dataclass
class Arrow:
    """What leads from one state to another: its way through bends and label, from top to bottom."""

    way: list[Node]
    back: bool = False
    plain: bool = False


# ── What is said ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _said(row: Move) -> list[Text]:
    """A move: its title with the letter that it sends, and below it who makes it."""
    # Bound to the sign before it, so that no line begins with a letter's code alone.
    title = f"{row.title} ·\u00a0{row.letter}" if row.letter else row.title
    return [
        *(Text(each) for each in wrap(title, SIGNS_A_LINE)),
        *(Text(each, "quiet") for each in wrap(who(row), SIGNS_A_LINE + 4)),
    ]


def _size(texts: Iterable[Text]) -> tuple[float, float]:
    lines = list(texts)
    widest = max(len(each.words) * (SIGN if each.style != "name" else SIGN * 1.2) for each in lines)
    return widest + 14, len(lines) * LINE + 8


def description(model: type[Stateful]) -> str:
    """The picture in words, for who does not see it."""
    said = []
    for row in moves_of(model).values():
        sources = ", ".join(label(model, each) for each in row.sources)
        said.append(f"{row.title} ({who(row)}): from {sources} to {label(model, row.target)}.")
    return " ".join(said)


# ── The graph ────────────────────────────────────────────────────────────────────────────────────────────────────────
class Picture:
    """The nodes and arrows of one machine."""

    def __init__(self, model: type[Stateful]) -> None:
        machine: Any = model
        self.model = model
        self.rows = list(moves_of(model).values())
        self.first = str(machine._meta.get_field("state").default)
        used = {self.first, *(state for row in self.rows for state in (*row.sources, row.target))}
        self.states = [str(value) for value, _ in machine._meta.get_field("state").choices if value in used]
        self.titles = {str(value): str(words) for value, words in machine._meta.get_field("state").choices}
        self.leaving = {source for row in self.rows for source in row.sources if source != row.target}
        self.texts: dict[str, list[Text]] = {}
        self.nodes: dict[str, Node] = {}
        self.arrows: list[Arrow] = []
        self._build()

    def _build(self) -> None:
        single: dict[tuple[str, str], list[Text]] = {}
        stays: dict[str, list[Text]] = {}
        many: list[tuple[Move, list[str]]] = []
        for row in self.rows:
            elsewhere = [source for source in row.sources if source != row.target]
            if row.target in row.sources:
                stays.setdefault(row.target, []).append(Text(f"↻ {row.title}", "quiet"))
            if len(elsewhere) >= MANY:
                many.append((row, elsewhere))
                continue
            for source in elsewhere:
                said = single.setdefault((source, row.target), [])
                said += [Text(""), *_said(row)] if said else _said(row)
        rank = self._ranks(single, many)
        for state in self.states:
            self._add(f"state {state}", [Text(self.titles[state], "name"), *stays.get(state, [])])
            # Labels stand on the odd ranks between, and the mark of the beginning above everything.
            self.nodes[f"state {state}"].rank = 2 * rank[state] + 1
        self._add("start", [])
        self.arrows.append(self._arrow(self.nodes["start"], self.nodes[f"state {self.first}"], [], 0))
        for (source, target), texts in single.items():
            self._draw(source, target, texts)
        for number, (row, sources) in enumerate(many):
            self._draw_many(number, row, sources)

    def _ranks(self, single: Iterable[tuple[str, str]], many: list[tuple[Move, list[str]]]) -> dict[str, int]:
        """By the arrows that are drawn one by one, as far as they go; what only hangs on many stands high and aside."""
        edges = list(single)
        tied = {self.first, *(state for edge in edges for state in edge)}
        if {self.first, *(target for _, target in edges)} < tied:
            edges += [(source, row.target) for row, sources in many for source in sources]
        rank, _ = layers.ranks(self.states, edges, self.first)
        return {state: rank[state] if state in tied else 1 for state in self.states}

    def _add(self, key: str, texts: list[Text], *, weight: float = 1.0) -> Node:
        width, height = _size(texts) if texts else (14.0, 14.0)
        if key.startswith("state"):
            width, height = max(width + 16, 110.0), height + 14
        node = self.nodes[key] = Node(key, width, height, weight=weight)
        self.texts[key] = texts
        return node

    def _draw(self, source: str, target: str, texts: list[Text]) -> None:
        above, below = self.nodes[f"state {source}"], self.nodes[f"state {target}"]
        back = above.rank > below.rank
        upper, lower = (below, above) if back else (above, below)
        # The label stands beside the state from which the arrow leaves.
        arrow = self._arrow(upper, lower, texts, lower.rank - 1 if back else upper.rank + 1)
        arrow.back = back
        self.arrows.append(arrow)

    def _arrow(self, upper: Node, lower: Node, texts: list[Text], at: int) -> Arrow:
        way = [upper]
        for rank in range(upper.rank + 1, lower.rank):
            key = f"{upper.key} {lower.key} {rank} {len(self.arrows)}"
            node = self._add(key, texts if rank == at else [], weight=2.0)
            if rank != at:
                node.width, node.height = 6.0, 1.0
            node.rank = rank
            way.append(node)
        way.append(lower)
        for one, other in pairwise(way):
            layers.join(one, other)
        return Arrow(way, plain=not texts)

    def _draw_many(self, number: int, row: Move, sources: list[str]) -> None:
        """One label above the target, with the states it is made from."""
        names = ", ".join(self.titles[each].lower() for each in sources)
        texts = [*_said(row), *(Text(each, "quiet") for each in wrap(f"from {names}", SIGNS_A_LINE + 6))]
        target = self.nodes[f"state {row.target}"]
        node = self._add(f"many {number}", texts)
        node.rank = target.rank - 1
        layers.join(node, target)
        self.arrows.append(Arrow([node, target]))


def file_name(model: type[Stateful]) -> str:
    return f"{slugify(str(model._meta.verbose_name))}.svg"


def index(models: Iterable[type[Stateful]]) -> str:
    """The page that shows every picture, in the order in which the regime is read."""
    parts = [INTRODUCTION]
    for model in models:
        name = str(model._meta.verbose_name)
        title = f"{name[0].upper()}{name[1:]}"
        parts.append(f"## {title}\n\n![The states of: {name}]({file_name(model)})\n")
    return "\n".join(parts)


# ── Drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def as_svg(model: type[Stateful]) -> str:
    """The machine as an SVG that says in words what it shows."""
    picture = Picture(model)
    rows = layers.ordered(picture.nodes.values())
    width, height = layers.place(rows, between=BETWEEN)
    name = str(model._meta.verbose_name)
    title = f"The states of: {name}"
    across, down = round(width) + 2 * EDGE, round(height) + 2 * EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" width="{across}" height="{down}" '
        'role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(description(model))}</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path d="M 0 1 L 10 5 L 0 9 z" fill="#4d6b5d"/></marker></defs>',
        f'<rect width="{across}" height="{down}" fill="#ffffff"/>',
        f'<g transform="translate({EDGE} {EDGE})">',
        *_lines(picture),
        *(_box(picture, node) for row in rows for node in row if picture.texts[node.key] or node.key == "start"),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _box(picture: Picture, node: Node) -> str:
    x, y = round(node.x - node.width / 2), round(node.y)
    width, height = round(node.width), round(node.height)
    middle = round(node.x)
    if node.key == "start":
        return f'<circle cx="{middle}" cy="{y + 7}" r="7" fill="#14231e"/>'
    texts = picture.texts[node.key]
    kind, _, state = node.key.partition(" ")
    parts = []
    if kind == "state" and state in picture.leaving:
        parts.append(f'<rect class="state" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>')
    elif kind == "state" and node.key in picture.nodes and state in picture.states:
        parts.append(f'<rect class="last" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>')
        inside = f'x="{x + 4}" y="{y + 4}" width="{width - 8}" height="{height - 8}"'
        parts.append(f'<rect class="inner" {inside} rx="5"/>')
    else:
        style = "many" if kind == "many" else "behind"
        parts.append(f'<rect class="{style}" x="{x}" y="{y}" width="{width}" height="{height}" rx="4"/>')
    top = y + (height - len(texts) * LINE) / 2 + LINE - 4
    for number, text in enumerate(texts):
        style = f' class="{text.style}"' if text.style else ""
        parts.append(f'<text{style} x="{middle}" y="{round(top + number * LINE)}">{escape(text.words)}</text>')
    return "".join(parts)


def _lines(picture: Picture) -> list[str]:
    leaves, arrives = _anchors(picture)
    found = []
    for number, arrow in enumerate(picture.arrows):
        first, *between, last = arrow.way
        # Straight through the height of every rank, and bent only between ranks, where nothing stands.
        points = [(leaves[number], first.y + first.height), (leaves[number], first.row[1])]
        for node in between:
            points += [(node.x, node.row[0]), (node.x, node.row[1])]
        points += [(arrives[number], last.row[0]), (arrives[number], last.y)]
        found.append(_path(points, back=arrow.back))
    return found


def _anchors(picture: Picture) -> tuple[dict[int, float], dict[int, float]]:
    """Where each arrow touches its boxes: side by side along the edge, in the order in which they come."""
    leaves: dict[int, float] = {}
    arrives: dict[int, float] = {}
    for found, own, nearest in ((leaves, 0, 1), (arrives, -1, -2)):
        by_box: dict[str, list[int]] = {}
        for number, arrow in enumerate(picture.arrows):
            by_box.setdefault(arrow.way[own].key, []).append(number)
        for key, numbers in by_box.items():
            node = picture.nodes[key]
            numbers.sort(key=lambda each: (picture.arrows[each].way[nearest].x, each))
            room = node.width - 24
            for place, number in enumerate(numbers, start=1):
                found[number] = node.x - room / 2 + room * place / (len(numbers) + 1)
    return leaves, arrives


def _path(points: list[tuple[float, float]], *, back: bool) -> str:
    (x, y), *rest = [each for number, each in enumerate(points) if not number or each != points[number - 1]]
    said = [f"M {round(x)} {round(y)}"]
    for to_x, to_y in rest:
        if round(to_x) == round(x):
            said.append(f"L {round(to_x)} {round(to_y)}")
        else:
            half = (to_y - y) / 2
            bend = f"{round(x)} {round(y + half)}, {round(to_x)} {round(to_y - half)}"
            said.append(f"C {bend}, {round(to_x)} {round(to_y)}")
        x, y = to_x, to_y
    tip = 'marker-start="url(#tip)"' if back else 'marker-end="url(#tip)"'
    return f'<path class="line{" back" if back else ""}" d="{" ".join(said)}" {tip}/>'
