"""Clocks that run out, among the regulator's people: whose turn it is, who of them is told, which rows are shown.

Which flags are due and which stand is the kernel's `flags`; here is what licensing knows of roles, officers and firms.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from licensing.models.consultations import Consultation
from licensing.models.firms import Firm
from licensing.models.setup import Milestone, SetUp
from pvara.kernel import flags, roles
from pvara.kernel.flags import Flagged
from pvara.kernel.machine import Stateful
from pvara.kernel.models import ClockFlag, User

OFFICER = "case_officer"

# What a row of each kind is shown with; the others have their firm, or are of no firm.
SHOWN_WITH: dict[type[Stateful], tuple[str, ...]] = {
    SetUp: ("firm", "noc"),
    Milestone: ("setup__firm", "setup__noc"),
    Consultation: ("firm", "agency", "noc", "full"),
}


def case_of(row: Any) -> Any:
    """The case that a row belongs to, with its officer: a milestone's set-up, a consultation's application."""
    if isinstance(row, Milestone):
        return row.setup
    return row.case if isinstance(row, Consultation) else row


def firm_of(row: Any) -> Firm | None:
    """The firm that a row is about; None for what is about an asset of the state."""
    anchor = row.access_anchor
    return anchor if isinstance(anchor, Firm) else None


def officer_id_of(row: Any) -> int | None:
    officer: int | None = getattr(case_of(row), "case_officer_id", None)
    return officer


# ── Who is told ──────────────────────────────────────────────────────────────────────────────────────────────────────
def told(row: Any, role: str, at: datetime) -> list[User]:
    """Who of a role is told of a row: its case officer alone, or else all who have no interest in the firm.

    An officer who has left, has given the role up or is removed from the case is no officer to tell.
    """
    people = [each for each in roles.holders(role).order_by("pk") if _is_free(each, row, at)]
    officer = [each for each in people if role == OFFICER and each.pk == officer_id_of(row)]
    return officer or people


def _is_free(person: User, row: Any, at: datetime) -> bool:
    firm = firm_of(row)
    return firm is None or not any(firm.conflicts_of(person, at, case=each) for each in {row, case_of(row)})


# ── What stands ──────────────────────────────────────────────────────────────────────────────────────────────────────
def standing(user: Any, at: datetime) -> list[Flagged]:
    """Everything that is flagged on rows that this person sees, the worst first; a firm is shown no flag."""
    if not user.has_perm(flags.READ_FLAGS):
        return []

    def rows_of(model: type[Any], ids: Iterable[int]) -> "QuerySet[Any]":
        rows: QuerySet[Any] = model.objects.visible_to(user).filter(pk__in=list(ids))
        return rows.select_related(*SHOWN_WITH.get(model, _firm_of(model)))

    return flags.standing(at, rows_of=rows_of)


def _firm_of(model: type[Any]) -> tuple[str, ...]:
    return ("firm",) if any(each.name == "firm" for each in model._meta.fields) else ()


def is_for(flagged: Flagged, user: Any) -> bool:
    """Whether one of the flags was raised for this person: for their role, or for them as the case officer."""
    return any(_is_theirs(flag, flagged.row, user) for flag in flagged.flags)


def _is_theirs(flag: ClockFlag, row: Any, user: Any) -> bool:
    officer = officer_id_of(row) if flag.role == OFFICER else None
    return flag.role in roles.of(user) and officer in (None, user.pk)
