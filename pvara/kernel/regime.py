"""The regime as people read it: every machine as a table and as a diagram, made from the moves themselves."""

from dataclasses import astuple, dataclass, fields
from typing import Any

from pvara.kernel import roles
from pvara.kernel.machine import SYSTEM, Move, Stateful, moves_of


@dataclass(frozen=True)
class Row:
    """A move as the regulator would write it."""

    move: str
    source: str
    target: str
    who: str
    gates: str
    letter: str
    clock: str


def who(row: Move) -> str:
    names = []
    for permission in row.permissions:
        names += [role.title for role in roles.ROLES.values() if permission in role.permissions]
        names += [roles.ON_OBJECTS[permission]] if permission in roles.ON_OBJECTS else []
        names += ["the scheduler"] if permission == SYSTEM else []
    return ", ".join(dict.fromkeys(names))


def table(model: type[Stateful]) -> list[Row]:
    """The machine as the regulator would write it: move, from, to, who, gates, letter, clock."""
    return [
        Row(
            move=row.name,
            source=", ".join(row.sources),
            target=row.target,
            who=who(row),
            gates=", ".join(each.code for each in row.gates),
            letter=row.letter or "",
            clock=", ".join(row.clocks),
        )
        for row in moves_of(model).values()
    ]


def as_text(model: type[Stateful]) -> str:
    """The table in aligned columns, for a terminal and for the golden tests."""
    grid = [tuple(field.name for field in fields(Row)), *(astuple(row) for row in table(model))]
    widths = [max(len(cells[column]) for cells in grid) for column in range(len(grid[0]))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) for cells in grid]
    return "\n".join(line.rstrip() for line in lines)


def as_markdown(model: type[Stateful]) -> str:
    """The table for the README."""
    head, *rows = [[field.name for field in fields(Row)], *(list(astuple(row)) for row in table(model))]
    always = ", ".join(each.code for each in model.standing_gates)
    return "\n".join(
        [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(cells)} |" for cells in rows)]
        + ([f"\nFor every move that staff make: {always}."] if always else [])
    )


def diagram(model: type[Stateful]) -> str:
    """The machine as a Mermaid state diagram."""
    machine: Any = model
    initial = machine._meta.get_field("state").default
    lines = ["stateDiagram-v2", f"    [*] --> {initial}"]
    for row in moves_of(model).values():
        lines += [f"    {source} --> {row.target}: {row.name}" for source in row.sources]
    leaving = {source for row in moves_of(model).values() for source in row.sources}
    last = dict.fromkeys(row.target for row in moves_of(model).values() if row.target not in leaving)
    lines += [f"    {state} --> [*]" for state in last]
    return "\n".join(lines)
