"""Where the chains of a statement lead: shares, votes and control, exact, and the picture of the chain. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from licensing.ownership.statements import WHOLE, Holding, Kind, Right, Statement, total

MAJORITY = Fraction(50)


@dataclass(frozen=True)
class Owner:
    """A party at which a chain ends. `share` and `votes` are in per cent, exact; `votes` counts what they control."""

    name: str
    kind: Kind
    share: Fraction
    votes: Fraction
    controls: bool
    disclosed: bool

    @property
    def is_person(self) -> bool:
        return self.kind == Kind.PERSON


@dataclass(frozen=True)
class Link:
    """A line of the drawn chain; `again` marks a company whose own holders are drawn further up."""

    depth: int
    name: str
    held: str
    kind: Kind
    right: Right
    percent: Decimal
    again: bool


class ClosedRing(ValueError):
    """Companies that hold only each other: nobody stands behind them, and no share can be worked out."""


# ── Shares ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def shares(statement: Statement, subject: str) -> dict[str, Fraction]:
    """The effective share of every end of the chain in a company, in per cent, exact; they never sum to more than 100.

    The product along each path, summed over all paths, cross-holdings to infinity: each company in between is taken
    out in turn, and whatever it held goes to its holders in proportion. Raises ClosedRing.
    """
    onward: dict[str, dict[str, Fraction]] = {}
    ends: dict[str, dict[str, Fraction]] = {}
    for name, kind in statement.parties.items():
        if kind not in (Kind.COMPANY, Kind.LISTED):
            continue
        onward[name], ends[name] = {}, {}
        stated = statement.of(name, Right.SHARES)
        for each in stated:
            looked_through = statement.parties[each.holder] in (Kind.COMPANY, Kind.LISTED)
            goes_to = onward[name] if looked_through else ends[name]
            goes_to[each.holder] = goes_to.get(each.holder, Fraction(0)) + Fraction(each.percent) / WHOLE
        if kind == Kind.LISTED:
            # What nobody is named for belongs to the market, and the chain ends there.
            ends[name][name] = 1 - total(stated) / WHOLE
    while len(onward) > 1:
        # Those with the fewest ways through first: it keeps the fractions short, and changes nothing else.
        middle = min(
            (name for name in onward if name != subject),
            key=lambda name: (sum(name in each for each in onward.values()) * len(onward[name]), name),
        )
        _take_out(middle, onward, ends)
    turn = 1 - onward[subject].get(subject, Fraction(0))
    if turn == 0:
        raise ClosedRing(f"Nobody stands behind {subject}.")
    return {name: part / turn * WHOLE for name, part in ends[subject].items() if part}


def _take_out(middle: str, onward: dict[str, dict[str, Fraction]], ends: dict[str, dict[str, Fraction]]) -> None:
    through, out = onward.pop(middle), ends.pop(middle)
    turn = 1 - through.pop(middle, Fraction(0))
    for name, ways in onward.items():
        part = ways.pop(middle, Fraction(0))
        if not part:
            continue
        if turn == 0:
            raise ClosedRing(f"Nobody stands behind {middle}.")
        for target, each in through.items():
            ways[target] = ways.get(target, Fraction(0)) + part * each / turn
        for target, each in out.items():
            ends[name][target] = ends[name].get(target, Fraction(0)) + part * each / turn


# ── Control ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def controlled_by(statement: Statement, who: str) -> set[str]:
    """The companies that somebody controls: more than half of the votes, or control by other means, at every step.

    Votes of companies already controlled count in full, so a majority chain is as good as the whole.
    """
    found: set[str] = set()
    companies = [name for name, kind in statement.parties.items() if kind in (Kind.COMPANY, Kind.LISTED)]
    while True:
        theirs = found | {who}
        more = {
            name
            for name in companies
            if name not in theirs
            and (
                any(each.holder in theirs for each in statement.of(name, Right.CONTROL))
                or total(each for each in statement.voting(name) if each.holder in theirs) > MAJORITY
            )
        }
        if not more:
            return found
        found |= more


def owners(statement: Statement, subject: str, *, disclosed_from: Decimal) -> list[Owner]:
    """Everybody at whom a chain ends, largest first.

    Disclosed is a natural person with at least `disclosed_from` per cent of the shares or of the votes, or in control.
    """
    held = shares(statement, subject)
    least = Fraction(disclosed_from)
    found = []
    for name, kind in statement.parties.items():
        if kind == Kind.COMPANY or (name not in held and kind not in (Kind.PERSON, Kind.STATE)):
            continue
        controlled = set() if kind == Kind.DISPERSED else controlled_by(statement, name)
        votes = total(each for each in statement.voting(subject) if each.holder in controlled | {name})
        controls = subject in controlled
        share = held.get(name, Fraction(0))
        if not (share or votes or controls):
            continue
        disclosed = kind == Kind.PERSON and (share >= least or votes >= least or controls)
        found.append(Owner(name, kind, share, votes, controls, disclosed))
    return sorted(found, key=lambda each: (-each.share, -each.votes, each.name))


# ── The picture ──────────────────────────────────────────────────────────────────────────────────────────────────────
def chain(statement: Statement, subject: str) -> list[Link]:
    """The holders of a company, their holders and so on, line by line; a company is drawn out once."""
    lines: list[Link] = []
    drawn = {subject}
    waiting = [(1, each) for each in _holders(statement, subject)]
    while waiting:
        depth, each = waiting.pop(0)
        kind = statement.parties[each.holder]
        looked_through = kind in (Kind.COMPANY, Kind.LISTED)
        lines.append(
            Link(depth, each.holder, each.held, kind, each.right, each.percent, looked_through and each.holder in drawn)
        )
        if looked_through and each.holder not in drawn:
            drawn.add(each.holder)
            waiting = [(depth + 1, above) for above in _holders(statement, each.holder)] + waiting
    return lines


def _holders(statement: Statement, company: str) -> list[Holding]:
    found = [each for each in statement.holdings if each.held == company]
    return sorted(found, key=lambda each: (list(Right).index(each.right), -each.percent, each.holder))
