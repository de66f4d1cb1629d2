"""What a firm states of its ownership: parties, holdings, and what is wrong with them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

WHOLE = Fraction(100)


class Kind(StrEnum):
    """What a party is. Companies are looked through; the others are where a chain ends."""

    PERSON = "person"
    COMPANY = "company"
    LISTED = "listed"
    STATE = "state"
    DISPERSED = "dispersed"


KINDS = {
    Kind.PERSON: "Natural person",
    Kind.COMPANY: "Company or other legal person",
    Kind.LISTED: "Company listed on an exchange",
    Kind.STATE: "State or state body",
    Kind.DISPERSED: "Dispersed holders, each below the threshold",
}


class Right(StrEnum):
    """What is held."""

    SHARES = "shares"
    VOTES = "votes"
    CONTROL = "control"


RIGHTS = {
    Right.SHARES: "Shares",
    Right.VOTES: "Votes, where they differ from the shares",
    Right.CONTROL: "Control by other means, such as a right to appoint the board",
}


@dataclass(frozen=True)
class Holding:
    """What one party holds of another, in per cent; a holding of control has no percentage that counts."""

    holder: str
    held: str
    percent: Decimal
    right: Right = Right.SHARES


@dataclass(frozen=True)
class Statement:
    """Parties by name, and their holdings. The subjects are the firm and, when there is one, its subsidiary."""

    subjects: tuple[str, ...]
    parties: Mapping[str, Kind]
    holdings: tuple[Holding, ...]

    def of(self, company: str, right: Right) -> list[Holding]:
        return [each for each in self.holdings if each.held == company and each.right == right]

    def voting(self, company: str) -> list[Holding]:
        """Who votes in a company: as stated, or else as the shares are held."""
        return self.of(company, Right.VOTES) or self.of(company, Right.SHARES)


@dataclass(frozen=True)
class Difference:
    """A holding that two statements give differently; None where one of them does not have it."""

    holder: str
    held: str
    right: Right
    before: Decimal | None
    after: Decimal | None


# ── From rows to a statement ─────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Row:
    """A line of a statement as a firm writes it. Dispersed holders need no name; control needs no percentage."""

    holder: str
    kind: Kind
    held: str
    percent: Decimal = Decimal(0)
    right: Right = Right.SHARES
    country: str = ""


def read(
    rows: Iterable[Row], *, firm: str, subsidiary: str = ""
) -> tuple[Statement, dict[str, str], list[tuple[int, str]]]:
    """The statement that the rows make, the country of each party, and what cannot be read, by the row's number.

    A name is the same however it is spaced and whatever its capitals; it is kept as it was first written.
    """
    subjects = tuple(_plain(each) for each in (firm, subsidiary) if _plain(each))
    spelt = {each.casefold(): each for each in subjects}
    parties: dict[str, Kind] = dict.fromkeys(subjects, Kind.COMPANY)
    countries: dict[str, str] = {}
    holdings, wrong = [], []
    stated: dict[str, Kind] = {}
    for number, row in enumerate(rows, start=1):
        held = spelt.setdefault(_plain(row.held).casefold(), _plain(row.held))
        name = f"Dispersed holders of {held}" if row.kind == Kind.DISPERSED else _plain(row.holder)
        if not name or not held:
            wrong.append((number, "Name both the holder and the company that is held."))
            continue
        if row.right != Right.CONTROL and not 0 < row.percent <= 100:
            wrong.append((number, "A percentage is above 0 and at most 100."))
        elif row.right != Right.CONTROL and Fraction(row.percent) * 10**4 % 1:
            wrong.append((number, "A percentage has at most four places."))
        holder = spelt.setdefault(name.casefold(), name)
        parties.setdefault(held, Kind.COMPANY)
        if (before := stated.setdefault(holder, row.kind)) != row.kind:
            wrong.append(
                (number, f"{holder}: {KINDS[before].lower()} in an earlier row, {KINDS[row.kind].lower()} here.")
            )
        if holder in subjects and row.kind != Kind.COMPANY:
            wrong.append((number, f"{holder} is one of the companies in question: a company or other legal person."))
        parties[holder] = stated[holder] if holder not in subjects else Kind.COMPANY
        countries[holder] = countries.get(holder) or _plain(row.country)
        percent = Decimal(0) if row.right == Right.CONTROL else row.percent
        holdings.append(Holding(holder, held, percent, row.right))
    return Statement(subjects, parties, tuple(holdings)), countries, wrong


def _plain(name: str) -> str:
    return " ".join(name.split())


def shown(percent: Fraction | Decimal | int) -> Decimal:
    """A percentage with at most four places, rounded half up: for display alone."""
    exact = Fraction(percent)
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    trimmed = rounded.normalize()
    return trimmed.quantize(Decimal(1)) if trimmed == trimmed.to_integral_value() else trimmed


def total(holdings: Iterable[Holding]) -> Fraction:
    """What some holdings come to, in per cent."""
    return sum((Fraction(each.percent) for each in holdings), Fraction(0))


# ── Faults ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def faults(statement: Statement, *, dispersed_at_most: Decimal) -> list[str]:
    """Everything that is wrong with a statement, a sentence each; empty when it leads to the end of every chain.

    `dispersed_at_most` is the largest part of a company, in per cent, that may be stated without names.
    """
    said = [f"{each.holder} cannot hold a part of itself." for each in statement.holdings if each.holder == each.held]
    keys = [(each.holder, each.held, each.right) for each in statement.holdings]
    for holder, held, right in dict.fromkeys(key for key in keys if keys.count(key) > 1):
        said.append(f"What {holder} holds of {held} ({right}) is stated more than once.")
    held_by_others = dict.fromkeys(each.held for each in statement.holdings)
    for name in held_by_others:
        kind = statement.parties[name]
        if kind in (Kind.PERSON, Kind.STATE, Kind.DISPERSED):
            said.append(f"{name} is stated as held, but is no company: {KINDS[kind].lower()}.")
    for name, kind in statement.parties.items():
        if kind in (Kind.COMPANY, Kind.LISTED):
            said += _faults_of_sums(statement, name, kind, dispersed_at_most)
    return said + _faults_of_the_chain(statement)


def _faults_of_sums(statement: Statement, name: str, kind: Kind, dispersed_at_most: Decimal) -> list[str]:
    said = []
    if kind == Kind.COMPANY and not statement.of(name, Right.SHARES):
        said.append(f"Nobody is named who holds {name}: go on until a natural person, a state or a listed company.")
    for right in (Right.SHARES, Right.VOTES):
        stated = statement.of(name, right)
        in_all = total(stated)
        if in_all > WHOLE:
            said.append(f"The {right} of {name} come to {shown(in_all)}%: more than there are.")
        elif stated and kind == Kind.COMPANY and in_all < WHOLE:
            said.append(
                f"The {right} of {name} come to {shown(in_all)}%: name who holds the other {shown(WHOLE - in_all)}%, "
                "or state them as dispersed holders."
            )
        dispersed = total(each for each in stated if statement.parties[each.holder] == Kind.DISPERSED)
        if kind == Kind.COMPANY and dispersed > Fraction(dispersed_at_most):
            said.append(
                f"{shown(dispersed)}% of the {right} of {name} are stated as dispersed; "
                f"at most {shown(dispersed_at_most)}% may be."
            )
    return said


def _faults_of_the_chain(statement: Statement) -> list[str]:
    """Parties that lead to no subject, and companies behind which nobody stands."""
    said = []
    below: dict[str, set[str]] = {name: set() for name in statement.parties}
    above: dict[str, set[str]] = {name: set() for name in statement.parties}
    for each in statement.holdings:
        below[each.holder].add(each.held)
        if each.right == Right.SHARES:
            above[each.held].add(each.holder)
    for name in statement.parties:
        if name not in statement.subjects and not _reached(name, below) & set(statement.subjects):
            said.append(f"{name} leads to neither of the companies in question: check how its name is written.")
    ends = {name for name, kind in statement.parties.items() if kind != Kind.COMPANY}
    ring = [
        name
        for name, kind in statement.parties.items()
        if kind == Kind.COMPANY and above[name] and not _ends_somewhere(name, above, ends, statement)
    ]
    if ring:
        said.append(f"Nobody stands behind {', '.join(ring)}: they hold only each other.")
    return said


def _reached(start: str, steps: Mapping[str, set[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for each in steps[waiting.pop()] - found:
            found.add(each)
            waiting.append(each)
    return found


def _ends_somewhere(name: str, above: Mapping[str, set[str]], ends: set[str], statement: Statement) -> bool:
    """Whether a way up from a company comes out; a company without holders is a fault of its own."""
    reached = _reached(name, above)
    return bool(reached & ends) or any(not above[each] for each in reached)


def differences(before: Statement, after: Statement) -> list[Difference]:
    """The holdings in which two statements differ, by name."""
    was = {(each.holder, each.held, each.right): each.percent for each in before.holdings}
    now = {(each.holder, each.held, each.right): each.percent for each in after.holdings}
    return [
        Difference(*key, before=was.get(key), after=now.get(key))
        for key in sorted(was.keys() | now.keys())
        if was.get(key) != now.get(key)
    ]
