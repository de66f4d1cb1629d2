"""The pictures in docs/regime are those of the machines as they are, and can be read."""

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from pvara.kernel import layers, machine, pictures
from pvara.kernel.layers import Node
from pvara.kernel.management.commands import regime

SVG = "{http://www.w3.org/2000/svg}"
MACHINES = machine.machines()
BY_NAME = {pictures.file_name(each): each for each in MACHINES}


def test_the_pictures_are_those_of_the_machines() -> None:
    """After a change of a machine: `make regime`."""
    kept = {path.name: path.read_text(encoding="utf-8") for path in regime.PICTURES.iterdir()}
    assert kept == regime.drawn()
    assert len(BY_NAME) == len(MACHINES)


def test_drawing_takes_away_what_is_no_more(tmp_path) -> None:
    (tmp_path / "gone.svg").write_text("<svg/>")
    regime.draw_into(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"README.md", *BY_NAME}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_picture_says_every_state_and_every_move(name: str) -> None:
    model, root = BY_NAME[name], ElementTree.fromstring(pictures.as_svg(BY_NAME[name]))
    assert [each.tag.removeprefix(SVG) for each in root][:2] == ["title", "desc"]
    assert root.get("aria-labelledby") == "title desc"
    states = dict(model._meta.get_field("state").choices)
    moves = machine.moves_of(model).values()
    used = {model._meta.get_field("state").default} | {each for row in moves for each in (*row.sources, row.target)}
    names = [each.text for each in root.iter(f"{SVG}text") if each.get("class") == "name"]
    assert sorted(names) == sorted(str(states[each]) for each in used)
    drawn = " ".join("".join(each.itertext()) for each in root.iter(f"{SVG}text")).replace("\u00a0", " ")
    described = root.find(f"{SVG}desc").text
    for row in moves:
        assert (row.title, row.title in drawn, row.title in described) == (row.title, True, True)


@pytest.mark.parametrize("name", BY_NAME)
def test_no_box_lies_on_another_and_all_lie_within(name: str) -> None:
    root = ElementTree.fromstring(pictures.as_svg(BY_NAME[name]))
    boxes = [
        tuple(float(each.get(key)) for key in ("x", "y", "width", "height"))
        for each in root.iter(f"{SVG}rect")
        if each.get("class") not in (None, "inner")
    ]
    for (x, y, width, height), (other_x, other_y, other_width, other_height) in combinations(boxes, 2):
        apart = (
            x + width <= other_x or other_x + other_width <= x or y + height <= other_y or other_y + other_height <= y
        )
        assert apart, name
    right, below = float(root.get("width")) - 2 * pictures.EDGE, float(root.get("height")) - 2 * pictures.EDGE
    assert all(
        x >= 0 and y >= 0 and x + width <= right + 1 and y + height <= below + 1 for x, y, width, height in boxes
    )


def test_every_arrow_goes_down_rank_by_rank_and_is_drawn() -> None:
    for model in MACHINES:
        picture = pictures.Picture(model)
        steps = {lower.rank - upper.rank for arrow in picture.arrows for upper, lower in pairwise(arrow.way)}
        assert steps == {1}
        assert len(re.findall(r'<path class="line', pictures.as_svg(model))) == len(picture.arrows)


# ── The layers themselves ────────────────────────────────────────────────────────────────────────────────────────────
def test_ranks_are_the_longest_way_and_a_way_back_is_known() -> None:
    rank, back = layers.ranks("abcd", [("a", "b"), ("b", "c"), ("a", "c"), ("c", "a"), ("c", "d")], "a")
    assert (rank, back) == ({"a": 0, "b": 1, "c": 2, "d": 3}, {"c a"})


def test_lines_that_need_not_cross_do_not() -> None:
    nodes = {key: Node(key, 10, 10, rank=int(key in "cd")) for key in "abcd"}
    layers.join(nodes["a"], nodes["d"])
    layers.join(nodes["b"], nodes["c"])
    rows = layers.ordered(nodes.values())
    pairs = {"a": "d", "b": "c"}
    assert [pairs[each.key] for each in rows[0]] == [each.key for each in rows[1]]


def test_neighbours_keep_their_distance() -> None:
    top, low = Node("top", 10, 10), [Node(key, 50, 10, rank=1) for key in "abc"]
    for each in low:
        layers.join(top, each)
    rows = layers.ordered([top, *low])
    width, height = layers.place(rows, between=20)
    lefts = [each.x - each.width / 2 for each in rows[1]]
    assert [round(one - other) for other, one in pairwise(lefts)] == [78, 78]
    assert (round(width), round(height), round(top.x - rows[1][1].x)) == (206, 40, 0)
