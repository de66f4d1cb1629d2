"""What programs were answered during a siege, and how it is compared with what is there afterwards; pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Answered(NamedTuple):
    """What a program was told of a key: the entry with its number and hash. Written down when it is told."""

    key: str
    units: int
    entry: int
    seq: int
    hash: str

    @classmethod
    def read(cls, line: str) -> "Answered":
        key, units, entry, seq, digest = line.split()
        return cls(key, int(units), int(entry), int(seq), digest)


def lost(told: Iterable[Answered], journal: Mapping[str, Answered]) -> list[str]:
    """What was acknowledged and is not in the journal as it was acknowledged; pure."""
    return [f"{each} was answered; there is {journal.get(each.key)}." for each in told if journal.get(each.key) != each]
