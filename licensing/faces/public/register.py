"""The public register: licences, and apart from them the holders of a No Objection Certificate, which is no licence.

Never shown: a score, a reason that speaks of one, people, answers.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing import standing
from licensing.models import Licence, NocApplication
from licensing.states import NocState
from pvara.kernel.models import AuditEntry
from pvara.kernel.web import page_of

LISTS = {"licensed": "Licences", "noc": "NOC holders (not licensed)"}
# What the public learns of a licence's history: the moves and the granting, with their dates, never the reasons.
PUBLIC_EVENTS = {"issued": "Licence granted", "suspend": "Suspended", "reinstate": "Reinstated", "revoke": "Revoked"}


@dataclass(frozen=True)
class Happened:
    """One line of an entry's public history."""

    at: Any
    words: str


def licences() -> "QuerySet[Licence]":
    return Licence.objects.select_related("firm", "standing__licence")


def nocs() -> "QuerySet[NocApplication]":
    # Who was licensed since stands among the licences.
    granted = NocApplication.objects.filter(state=NocState.GRANTED).select_related("firm")
    return granted.exclude(firm__licences__isnull=False)


def named(rows: "QuerySet[Any]", asked: str, *more: str) -> "QuerySet[Any]":
    """The rows whose firm, or whose other names, hold what was asked for."""
    if not asked:
        return rows
    match = Q()
    for field in ("firm__legal_name", "firm__trading_name", "firm__website", *more):
        match |= Q(**{f"{field}__icontains": asked})
    return rows.filter(match)


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("q", "").strip()[:100]
    chosen = request.GET.get("list", "")
    found = {"licensed": named(licences(), asked, "holder_name"), "noc": named(nocs(), asked)}
    counts = {key: rows.count() for key, rows in found.items()}
    if chosen not in LISTS:
        # A search opens the list in which something was found.
        chosen = "noc" if asked and not counts["licensed"] and counts["noc"] else "licensed"
    shown = {
        "lists": [(key, title, counts[key]) for key, title in LISTS.items()],
        "chosen": chosen,
        "page": page_of(found[chosen], request),
        "q": asked,
        "nothing_at_all": not any(counts.values()),
        "at": timezone.now(),
    }
    return render(request, "public/register.html", shown)


@require_safe
def entry(request: HttpRequest, number: str) -> HttpResponse:
    """One entry, by the number of its licence or NOC."""
    prefix, digits = number[:3], number.rpartition("-")[2]
    rows: Any = {"LIC": licences(), "NOC": NocApplication.objects.filter(state=NocState.GRANTED).select_related("firm")}
    if prefix not in rows or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise Http404("There is no such entry.")
    found = rows[prefix].filter(pk=int(digits)).first()
    if found is None or found.reference != number:
        raise Http404("There is no such entry.")
    at = timezone.now()
    if prefix == "NOC":
        return render(
            request, "public/noc.html", {"case": found, "firm": found.firm, "in_force": found.is_in_force(at)}
        )
    venue = getattr(found, "standing", None)
    shown = {
        "case": found,
        "firm": found.firm,
        "in_term": found.is_in_term(at),
        "may_distribute": venue is not None and standing.may_distribute(venue, at),
        "history": history(found),
    }
    return render(request, "public/licence.html", shown)


def history(licence: Licence) -> list[Happened]:
    entries = AuditEntry.objects.filter(
        subject_type=licence._meta.label_lower, subject_id=licence.pk, event__in=PUBLIC_EVENTS
    )
    return [Happened(each.at, PUBLIC_EVENTS[each.event]) for each in entries.order_by("-seq")]
