"""What pages and programs show of a firm's owners: who is behind each company, the chain, and what a change changes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from licensing import ownership
from licensing.models import ChangeOfControl, Firm, KeyIndividual, OwnershipStatement
from licensing.models.ownership import OwnersSince, statements_that_took_effect
from pvara.kernel import figures


@dataclass(frozen=True)
class Line:
    """An owner as people read it."""

    name: str
    kind: str
    country: str
    share: Decimal
    votes: Decimal
    controls: bool
    disclosed: bool


@dataclass(frozen=True)
class Step:
    """A line of the chain as people read it; `indent` is its depth, as far as a page is wide."""

    depth: int
    indent: int
    name: str
    kind: str
    holds: str
    again: bool


@dataclass(frozen=True)
class Behind:
    """One company, who owns and controls it, and how."""

    company: str
    owners: tuple[Line, ...]
    chain: tuple[Step, ...]

    @property
    def controllers(self) -> list[str]:
        return [each.name for each in self.owners if each.controls]


def behind(statement: OwnershipStatement, at: datetime) -> list[Behind]:
    """Each company of a statement; the threshold is the one in force at that moment."""
    least = figures.value("ownership.disclosed_from", on=timezone.localdate(at))
    stated = statement.stated()
    countries = {each.name: each.country for each in statement.owners.all()}
    return [
        Behind(
            company,
            tuple(
                Line(
                    each.name,
                    ownership.KINDS[each.kind],
                    countries.get(each.name, ""),
                    ownership.shown(each.share),
                    ownership.shown(each.votes),
                    each.controls,
                    each.disclosed,
                )
                for each in ownership.owners(stated, company, disclosed_from=least)
            ),
            tuple(
                Step(each.depth, min(each.depth, 5), each.name, ownership.KINDS[each.kind], holds(each), each.again)
                for each in ownership.chain(stated, company)
            ),
        )
        for company in stated.subjects
    ]


def holds(link: ownership.Link) -> str:
    if link.right == ownership.Right.CONTROL:
        return f"control of {link.held}"
    return f"{ownership.shown(link.percent)}% of the {link.right} of {link.held}"


@dataclass(frozen=True)
class Changed:
    """A holding that two statements give differently, in words."""

    holder: str
    held: str
    right: str
    before: str
    after: str


def changed(before: OwnershipStatement, after: OwnershipStatement) -> list[Changed]:
    """What another statement says otherwise."""
    return in_words(ownership.differences(before.stated(), after.stated()))


def in_words(differences: list[ownership.Difference]) -> list[Changed]:
    return [
        Changed(each.holder, each.held, str(each.right), _said(each, each.before), _said(each, each.after))
        for each in differences
    ]


def _said(difference: ownership.Difference, percent: Decimal | None) -> str:
    if percent is None:
        return "–"
    return "yes" if difference.right == ownership.Right.CONTROL else f"{ownership.shown(percent)}%"


@dataclass(frozen=True)
class OwnershipNow:
    """A firm's ownership at a moment: the statement in effect and those before it, newest first."""

    statement: OwnershipStatement | None
    companies: list[Behind]
    former: list[Any]


def ownership_now(firm: Firm, at: datetime) -> OwnershipNow:
    rows = list(statements_that_took_effect(firm).filter(effective_at__lte=at))
    if not rows:
        return OwnershipNow(None, [], [])
    return OwnershipNow(rows[0], behind(rows[0], at), rows[1:])


@dataclass(frozen=True)
class OwnerMoved:
    """An owner that came, went or changed since the NOC, as people read it; `by` has a sign, and points of per cent."""

    name: str
    kind: str
    what: str
    before: str
    after: str
    by: str


@dataclass(frozen=True)
class SinceTheNoc:
    """The owners at the NOC held against those of today: the statements, what differs, what is unaccounted for."""

    then: OwnershipStatement | None
    now: OwnershipStatement | None
    is_unchanged: bool
    owners: list[OwnerMoved]
    holdings: list[Changed]
    changes: list[str]
    unaccounted: list[str]


def since_the_noc(found: OwnersSince | None) -> SinceTheNoc | None:
    if found is None:
        return None
    moved = [
        OwnerMoved(
            each.name,
            ownership.KINDS[each.kind],
            each.what,
            "–" if each.before is None else ownership.said(each.before),
            "–" if each.after is None else ownership.said(each.after),
            f"{ownership.shown(each.by):+f}".replace("-", "−") if each.by else "0",
        )
        for each in found.owners
    ]
    holdings = in_words(found.holdings)
    return SinceTheNoc(found.then, found.now, found.is_unchanged, moved, holdings, found.changes, found.unaccounted)


def people_shown(firm: Firm) -> Any:
    """The key individuals of a firm: those who are there, then those who were."""
    rows = KeyIndividual.objects.filter(firm=firm).select_related("firm").order_by("pk")
    return sorted(rows, key=lambda each: each.state == "departed")


def changes_of(user: Any) -> Any:
    """Changes of control that a person may see, with both statements."""
    parts = ("owners", "holdings")
    statements = OwnershipStatement.objects.select_related("firm").prefetch_related(*parts)
    return (
        ChangeOfControl.objects.visible_to(user)
        .select_related("firm", "notified_by", "assessed_by", "decided_by")
        .prefetch_related(Prefetch("statement", statements), Prefetch("replaces", statements), "firm__mous")
    )
