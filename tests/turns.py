"""Which of two processes takes which files, and in which order, when `make test` shares the tests out.

A file stays with one process, and those that want the same world stay together: each process builds what it wants for
itself. What takes long comes first, so that nobody begins it when the other has nothing left to do.
"""

from collections import Counter
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = {
    "tests/pages/": "the world",
    "tests/browser/": "the world",
    "tests/api/": "the programs",
}
# The first process makes the database; meanwhile the second does what wants none. Few tests but long ones come next.
FIRST = (
    ("tests/pages/", "tests/browser/"),
    ("tests/licensing/scoring/", "tests/test_"),
    ("tests/api/",),
    ("tests/faults/", "tests/journeys/"),
    ("tests/tokenisation/test_model", "tests/tokenisation/test_storms", "tests/licensing/test_random_walks"),
)


def file_of(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


class Turns(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = file_of(nodeid)
        return next((name for begins, name in TOGETHER.items() if file.startswith(begins)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Turns | None:
    if config.getoption("dist") != "loadfile":
        return None
    # By number of tests, it would be: that is not what takes long.
    config.option.loadscopereorder = False
    return Turns(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The order in which files are taken is the one in which they were collected; alone, a process keeps pytest's."""
    if not hasattr(config, "workerinput"):
        return
    tests = Counter(file_of(each.nodeid) for each in items)

    def turn(item: pytest.Item) -> tuple[int, int, str]:
        file = file_of(item.nodeid)
        first = (place for place, begins in enumerate(FIRST) if file.startswith(begins))
        return next(first, len(FIRST)), -tests[file], file

    items.sort(key=turn)
