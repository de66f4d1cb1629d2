"""What staff and firms both see of what goes back to an applicant: deficiencies and requests with their documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from licensing.models import (
    Deficiency,
    Document,
    InformationRequest,
    LicenceApplication,
    NocApplication,
    RequestItem,
)
from licensing.states import RequestState

# Of either kind, by what it is called in addresses.
CASES: dict[str, Any] = {"noc": NocApplication, "full": LicenceApplication}
# The states of a case in which questions are thought of, and those in which its completeness is looked at.
ASKED_IN = ("under_assessment", "rfi")
CHECKED_IN = ("completeness_check", "returned_incomplete")


def case_of(request: HttpRequest, kind: str, pk: int) -> Any:
    if kind not in CASES:
        raise Http404(f"There is no application of the kind {kind}.")
    return get_object_or_404(CASES[kind].objects.visible_to(request.user).select_related("firm"), pk=pk)


def documents_of_all(rows: Iterable[Any]) -> dict[int, list[Document]]:
    """What was handed in with each of some rows of one kind, by primary key; one query."""
    found: dict[int, list[Document]] = {each.pk: [] for each in rows}
    kinds = {each._meta.label_lower for each in rows}
    for document in Document.objects.filter(subject_type__in=kinds, subject_id__in=found):
        found[document.subject_id].append(document)
    return found


# ── Deficiencies ─────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Line:
    """One deficiency as a list shows it."""

    row: Deficiency
    words: str
    tone: str

    @property
    def round_title(self) -> str:
        return f"Returned in round {self.row.round}" if self.row.round else "Drafted"


def line_of(row: Deficiency) -> Line:
    if row.is_draft:
        return Line(row, "Draft", "secondary")
    if row.answer:
        return Line(row, "Answered", "success" if row.settled_at else "info")
    return Line(row, "To be answered" if row.is_open else "Not answered", "warning")


def by_round(rows: Iterable[Deficiency]) -> list[tuple[int | None, list[Line]]]:
    """The deficiencies of each return, the latest first; what is drafted before all of them, under None."""
    found: dict[int | None, list[Line]] = {}
    for each in rows:
        found.setdefault(each.round, []).append(line_of(each))
    return sorted(found.items(), key=lambda pair: (pair[0] is not None, -(pair[0] or 0)))


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Asked:
    """A request as a list shows it: how many questions its round put, and how many of them are answered."""

    row: InformationRequest
    put: int
    answered: int
    to_follow_up: int

    @property
    def waits_for_more_time(self) -> bool:
        return (
            self.row.state == RequestState.OPEN
            and self.row.extension_asked_at is not None
            and self.row.extension_decided_at is None
        )


def asked(rows: Iterable[InformationRequest]) -> list[Asked]:
    """`rows` come with their items."""
    return [
        Asked(
            row,
            put=sum(each.is_asked for each in row.items.all()),
            answered=sum(each.is_asked and bool(each.answer) for each in row.items.all()),
            to_follow_up=sum(bool(each.follow_up) for each in row.items.all()),
        )
        for row in rows
    ]


def words_of(item: RequestItem) -> tuple[str, str]:
    """How a question stands, in words, and their tone."""
    if item.round == 0:
        return "Draft", "secondary"
    if item.answer:
        return "Answered", "info" if item.is_open else "success"
    return ("To be answered", "warning") if item.is_open else ("Not answered", "secondary")
