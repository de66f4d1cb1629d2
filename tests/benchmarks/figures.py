"""What a figure is, and where the figures of each subject are kept. Each subject has a module beside this one."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Benchmark:
    """A figure: `measured` against `limit`, both in the same run and interleaved; `at_most` is their greatest ratio.

    `prepare` is called once, before; each of the two does its work once and leaves everything as it was.
    """

    name: str
    at_most: float
    prepare: Callable[[], None]
    measured: Callable[[], object]
    limit: Callable[[], object]


def keep(subject: str, figures: list[dict[str, Any]], *, folder: Path) -> None:
    """Write the figures of one subject into bench.json, beside those that are there of others."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "bench.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    kept.write_text(json.dumps({**known, subject: figures}, indent=2) + "\n")
