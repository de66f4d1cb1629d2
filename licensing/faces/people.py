"""What pages and programs show of a firm's owners: who is behind each company, the chain, and what a change changes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from licensing import ownership
from licensing.models import ChangeOfControl, Firm, KeyIndividual, OwnershipStatement
from licensing.models.ownership import statements_that_took_effect
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
    return [
        Changed(each.holder, each.held, str(each.right), _said(each, each.before), _said(each, each.after))
        for each in ownership.differences(before.stated(), after.stated())
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


def since_the_noc(firm: Firm, granted_at: datetime, at: datetime) -> "tuple[Any, Any, list[Changed]]":
    """The statement at the NOC, the one now, and what changed in between; None where there is none."""
    rows = list(statements_that_took_effect(firm).filter(effective_at__lte=at))
    now = rows[0] if rows else None
    then = next((each for each in rows if each.effective_at <= granted_at), None)
    return then, now, changed(then, now) if then is not None and now is not None else []


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
