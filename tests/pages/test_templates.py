"""What a template names in one of its blocks, another block does not know: its link would lead nowhere, in silence."""

import re
from pathlib import Path

import pytest
from django.conf import settings

BLOCKS = re.compile(r"{%\s*(block\s+\w+|endblock)[^%]*%}")
NAMED = re.compile(r"\bas (\w+)\s*%}")
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))


def in_blocks(source: str) -> dict[tuple[str, ...], str]:
    """What stands in each block itself, by its path of names; what stands in none, by the empty path."""
    found: dict[tuple[str, ...], str] = {}
    path: tuple[str, ...] = ()
    pieces = BLOCKS.split(source)
    for at, piece in enumerate(pieces):
        if at % 2:
            path = (*path, piece.split()[1]) if piece.startswith("block") else path[:-1]
        else:
            found[path] = found.get(path, "") + piece
    return found


def strangers(source: str) -> list[str]:
    """The names that a block uses and only another block gave."""
    blocks = in_blocks(source)
    named = {path: set(NAMED.findall(text)) for path, text in blocks.items()}
    everywhere = set().union(*named.values())
    wrong = set()
    for path, text in blocks.items():
        known = set().union(*(given for other, given in named.items() if path[: len(other)] == other))
        for name in everywhere - known:
            # A name that is given to an included template (`href=`) is no use of it.
            if re.search(rf"{{[{{%][^}}]*(?<![\w\"'.]){name}\b(?!=)[^}}]*[}}%]}}", text):
                wrong.add(name)
    return sorted(wrong)


def test_no_block_uses_what_another_block_named():
    assert {str(each): found for each in TEMPLATES if (found := strangers(each.read_text()))} == {}


NAMES = "{% block a %}{% url 'x' as x_href %}{% endblock %}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (NAMES + "{% block b %}{{ x_href }}{% endblock %}", ["x_href"]),
        (NAMES + "{% block b %}{% if x_href %}{% endif %}{% endblock %}", ["x_href"]),
        (NAMES + "{% block b %}{% include 'c' with x_href=y %}{% endblock %}", []),
        ("{% block a %}{% url 'x' as x_href %}{% block b %}{{ x_href }}{% endblock %}{% endblock %}", []),
        ("{% url 'x' as x_href %}{% block b %}{{ x_href }}{% endblock %}", []),
    ],
)
def test_a_stranger_is_found(source, found):
    assert strangers(source) == found
