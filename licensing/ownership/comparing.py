"""Two statements of one firm held against each other: whether anything above it differs, and for whom it does. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from licensing.ownership.chains import Owner, owners
from licensing.ownership.statements import Difference, Kind, Statement, differences, shown


@dataclass(frozen=True)
class OwnerChange:
    """An owner at whom a chain ends, before and after; None where they were not there, or are not any more."""

    name: str
    kind: Kind
    before: Owner | None
    after: Owner | None

    @property
    def what(self) -> str:
        """“came”, “went” or “changed”."""
        if self.before is None:
            return "came"
        return "went" if self.after is None else "changed"

    @property
    def by(self) -> Fraction:
        """By how much their share of the shares changed, in points of per cent, exact."""
        return _share(self.after) - _share(self.before)

    @property
    def sentence(self) -> str:
        if self.what == "changed":
            return f"{self.name}: {said(self.before)} then, {said(self.after)} now."
        return f"{self.name} {self.what}: {said(self.before or self.after)}."


def _share(owner: Owner | None) -> Fraction:
    return Fraction(0) if owner is None else owner.share


def said(owner: Owner | None) -> str:
    """What an owner has of a company, in words."""
    if owner is None:
        return "nothing"
    votes = "" if owner.votes == owner.share else f" and {shown(owner.votes)}% of the votes"
    return f"{shown(owner.share)}% of the shares{votes}{', in control' if owner.controls else ''}"


def above(statement: Statement, subject: str) -> set[str]:
    """A company and everybody above it, by whatever right."""
    found, waiting = {subject}, [subject]
    while waiting:
        held = waiting.pop()
        more = {each.holder for each in statement.holdings if each.held == held} - found
        found |= more
        waiting += more
    return found


def differences_above(before: Statement, after: Statement, subject: str) -> list[Difference]:
    """The holdings above a company that differ; what it holds itself, such as a subsidiary, is no part of them."""
    there = above(before, subject) | above(after, subject)
    return [each for each in differences(before, after) if each.held in there]


def owners_changed(before: Statement, after: Statement, subject: str) -> list[OwnerChange]:
    """The ends of the chains of a company that came, went or have another share, vote or control, by name."""
    # Everybody counts, however small: what is disclosed is another question.
    was, now = (
        {each.name: each for each in owners(statement, subject, disclosed_from=Decimal(0))}
        for statement in (before, after)
    )
    found = [OwnerChange(name, (now | was)[name].kind, was.get(name), now.get(name)) for name in sorted(was | now)]
    return [each for each in found if _rights(each.before) != _rights(each.after)]


def _rights(owner: Owner | None) -> tuple[object, ...] | None:
    return None if owner is None else (owner.kind, owner.share, owner.votes, owner.controls)
