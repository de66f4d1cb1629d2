"""Laying a graph out in layers from top to bottom: which rank a node stands on, in which order, and at which x.

The method is Sugiyama's: ranks by the longest path, an order with few crossings by barycentres, places by what the
neighbours' mean asks for. Pure, and the same for the same graph: nothing is drawn by chance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

SWEEPS = 24
APART = 28.0  # pixels between two neighbours of a rank


@dataclass
class Node:
    """A box, a label, or a bend of a line that runs past a rank; x is its middle, y its upper edge."""

    key: str
    width: float
    height: float
    rank: int = 0
    x: float = 0.0
    y: float = 0.0
    # From where to where its rank reaches: the tallest node of it.
    row: tuple[float, float] = (0.0, 0.0)
    # How much it matters that the node stands where its neighbours want it: bends more, so that lines run straight.
    weight: float = 1.0
    above: list["Node"] = field(default_factory=list)
    below: list["Node"] = field(default_factory=list)


def join(upper: Node, lower: Node) -> None:
    """Tie two nodes of neighbouring ranks."""
    upper.below.append(lower)
    lower.above.append(upper)


def ranks(nodes: Sequence[str], edges: Iterable[tuple[str, str]], first: str) -> tuple[dict[str, int], set[str]]:
    """The rank of each node by the longest path, and the edges that lead back up, as “source target”."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        if source != target and target not in after[source]:
            after[source].append(target)
    back, order, seen = set(), [], set()
    for root in (first, *nodes):
        if root in seen:
            continue
        path, waiting = [root], [iter(after[root])]
        seen.add(root)
        while waiting:
            following = next(waiting[-1], None)
            if following is None:
                order.append(path.pop())
                waiting.pop()
            elif following in path:
                back.add(f"{path[-1]} {following}")
            elif following not in seen:
                seen.add(following)
                path.append(following)
                waiting.append(iter(after[following]))
    rank = dict.fromkeys(nodes, 0)
    for node in reversed(order):
        for following in after[node]:
            if f"{node} {following}" not in back:
                rank[following] = max(rank[following], rank[node] + 1)
    return rank, back


# ── Order ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def ordered(nodes: Iterable[Node]) -> list[list[Node]]:
    """The nodes rank by rank, in an order with few crossings."""
    rows: dict[int, list[Node]] = {}
    for node in nodes:
        rows.setdefault(node.rank, []).append(node)
    found = [rows[rank] for rank in sorted(rows)]
    best, fewest = [list(row) for row in found], _crossings(found)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        for row in found[1:] if downwards else reversed(found[:-1]):
            _by_barycentre(row, found, downwards=downwards)
        _swap_neighbours(found)
        if (now := _crossings(found)) < fewest:
            best, fewest = [list(row) for row in found], now
    return best


def _places(rows: list[list[Node]]) -> dict[str, int]:
    return {node.key: place for row in rows for place, node in enumerate(row)}


def _by_barycentre(row: list[Node], rows: list[list[Node]], *, downwards: bool) -> None:
    place = _places(rows)
    asked = {}
    for node in row:
        others = node.above if downwards else node.below
        asked[node.key] = sum(place[each.key] for each in others) / len(others) if others else float(place[node.key])
    row.sort(key=lambda node: (asked[node.key], place[node.key]))


def _swap_neighbours(rows: list[list[Node]]) -> None:
    """Swap two that stand side by side wherever fewer lines cross then."""
    for row in rows:
        for left in range(len(row) - 1):
            place = _places(rows)
            one, other = row[left], row[left + 1]
            if _between(other, one, place) < _between(one, other, place):
                row[left], row[left + 1] = other, one


def _between(one: Node, other: Node, place: dict[str, int]) -> int:
    """How many lines of two neighbours cross when the first stands to the left."""
    return sum(
        place[mine.key] > place[theirs.key]
        for mines, others in ((one.above, other.above), (one.below, other.below))
        for mine in mines
        for theirs in others
    )


def _crossings(rows: list[list[Node]]) -> int:
    place = _places(rows)
    crossed = 0
    for row in rows:
        lines = [(place[node.key], place[each.key]) for node in row for each in node.below]
        for number, (left, right) in enumerate(lines):
            crossed += sum((left - one) * (right - other) < 0 for one, other in lines[number + 1 :])
    return crossed


# ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def place(rows: list[list[Node]], *, between: float) -> tuple[float, float]:
    """Give every node its x and y; returns the width and the height of the whole."""
    for row in rows:
        _settle(row, [0.0 for _ in row])
    for sweep in range(SWEEPS * 2):
        downwards = sweep % 2 == 0
        for row in rows if downwards else reversed(rows):
            # Both sides count in the end; at first each sweep listens to the side it comes from.
            late = sweep >= SWEEPS
            asked = []
            for node in row:
                others = [*node.above, *node.below] if late else (node.above if downwards else node.below)
                asked.append(sum(each.x for each in others) / len(others) if others else node.x)
            _settle(row, asked)
    _draw_together(rows)
    left = min(node.x - node.width / 2 for row in rows for node in row)
    top = 0.0
    for row in rows:
        tallest = max(node.height for node in row)
        for node in row:
            node.x -= left
            node.y = top + (tallest - node.height) / 2
            node.row = (top, top + tallest)
        top += tallest + between
    return max(node.x + node.width / 2 for row in rows for node in row), top - between


def _draw_together(rows: list[list[Node]]) -> None:
    """Move whatever hangs together, and on nothing else, to the left until it meets what stands there."""
    nothing = float("-inf")
    right: dict[int, float] = {}
    number_of = {node.key: number for number, row in enumerate(rows) for node in row}
    parts = _parts(rows)
    for part in sorted(parts, key=lambda part: (-len(part), part[0].key)):
        numbers = {number_of[each.key] for each in part}
        # Its lines run from rank to rank, so it keeps clear of what stands just above and below as well.
        edge = max(right.get(number + near, nothing) for number in numbers for near in (-1, 0, 1))
        if edge > nothing:
            shift = edge + 2 * APART - min(each.x - each.width / 2 for each in part)
            for each in part:
                each.x += shift
        for each in part:
            number = number_of[each.key]
            right[number] = max(right.get(number, nothing), each.x + each.width / 2)


def _parts(rows: list[list[Node]]) -> list[list[Node]]:
    """What hangs together."""
    found, seen = [], set()
    for node in (each for row in rows for each in row):
        if node.key in seen:
            continue
        part, waiting = [], [node]
        seen.add(node.key)
        while waiting:
            part.append(waiting.pop())
            for each in (*part[-1].above, *part[-1].below):
                if each.key not in seen:
                    seen.add(each.key)
                    waiting.append(each)
        found.append(part)
    return found


def _settle(row: list[Node], asked: list[float]) -> None:
    """As near to where each wants to be as order and distance allow: a weighted regression that never falls."""
    offsets, at = [], 0.0
    for number, node in enumerate(row):
        if number:
            at += row[number - 1].width / 2 + APART + node.width / 2
        offsets.append(at)
    blocks: list[list[float]] = []  # sum of what is asked, weight, how many
    for node, want, offset in zip(row, asked, offsets, strict=True):
        blocks.append([(want - offset) * node.weight, node.weight, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            last = blocks.pop()
            blocks[-1] = [mine + theirs for mine, theirs in zip(blocks[-1], last, strict=True)]
    number = 0
    for total, weight, many in blocks:
        for _ in range(int(many)):
            row[number].x = total / weight + offsets[number]
            number += 1
