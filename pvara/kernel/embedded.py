"""The bundled PostgreSQL: starts, stops and upgrades nothing but its own server under `var/`. Knows no Django."""

from pathlib import Path


def address(var: Path) -> str:
    """The DATABASE_URL of the bundled server, computed without starting it."""
    return f"postgresql://postgres@127.0.0.1:54329/pvara?var={var}"
