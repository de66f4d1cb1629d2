"""What people had before them when they wrote, and whether it is still there when what they wrote is to take its place.

Two may have the same page open. A form, or a program, sends back the mark of what it was filled in from; the action
that writes over it compares under its own lock, and tells whoever comes second what the first one wrote. What is empty
has no mark: who sends none saw nothing, and so writes only where nothing is. A move needs none of this, for it has the
version of its row.
"""

import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from pvara.kernel.models import AuditEntry


class ChangedMeanwhile(Exception):
    """Somebody wrote after the person looked and before they wrote. Nothing was changed.

    `now` is what is there by its names, `seen` its mark, and `entry` what the log has of whoever wrote it.
    """

    def __init__(self, now: Mapping[str, Any], entry: AuditEntry | None) -> None:
        self.now, self.seen, self.entry = dict(now), mark(now), entry
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        if self.entry is None:
            return "This was changed since you looked at it."
        local = timezone.localtime(self.entry.at)
        who = self.entry.actor_name or "the system"
        return f"Meanwhile {who} wrote here, on {local:%-d %B %Y} at {local:%H:%M}."


def mark(shown: Mapping[str, Any]) -> str:
    """What is shown, by its names, in one line that a form can carry: each name with a digest of what it says."""
    plain = {name: _plain(said) for name, said in shown.items()}
    return " ".join(f"{name}={_digest(said)}" for name, said in plain.items() if said)


def changed(seen: str, now: Mapping[str, Any]) -> list[str]:
    """The names under which something else is written now than was seen."""
    before, after = _by_name(seen), _by_name(mark(now))
    return [name for name in now if before.get(name) != after.get(name)]


def require_seen(
    seen: str, now: Mapping[str, Any], *, log: "QuerySet[AuditEntry]", of: Iterable[str] | None = None
) -> None:
    """Raise ChangedMeanwhile unless what is there now is what the person saw; `of` names what is to be written over.

    To be asked with the row locked. `log` holds the entries of those who wrote here: the last of them is named.
    """
    about = now if of is None else {name: now[name] for name in of}
    if changed(seen, about):
        raise ChangedMeanwhile(now, log.last())


def _by_name(seen: str) -> dict[str, str]:
    return {name: digest for name, _, digest in (each.partition("=") for each in seen.split())}


def _plain(said: Any) -> str:
    """A value as text, the same whether it comes from a form, from a program or from the database."""
    match said:
        case None | False:
            return ""
        case str():
            # A browser sends the ends of lines in its own way.
            return said.replace("\r\n", "\n").strip()
        case Decimal():
            return f"{said.normalize():f}"
        case dict():
            return "\x1f".join(f"{key}\x1e{words}" for key, each in sorted(said.items()) if (words := _plain(each)))
        case tuple():
            return "\x1f".join(_plain(each) for each in said).strip("\x1f")
        case list() | set() | frozenset():
            return "\x1f".join(sorted(_plain(each) for each in said))
    return str(getattr(said, "pk", said))


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:12]
