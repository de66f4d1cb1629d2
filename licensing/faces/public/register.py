"""The public register: licences, and apart from them the holders of a No Objection Certificate, which is no licence.

Never shown: a score, a reason that speaks of one, people, answers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing import standing
from licensing.models import AmlRegistration, Appeal, Licence, Measure, NocApplication
from licensing.states import Activity, AmlState, LicenceState, MeasureKind, NocState
from pvara.kernel import figures
from pvara.kernel.models import AuditEntry
from pvara.kernel.web import page_of

LISTS = {"licensed": "Licences", "noc": "NOC holders (not licensed)"}
# Published only while the Authority's setting says so.
APPLICANTS = {"applicants": "Applicants (nothing granted yet)"}
# What the public learns of a licence's history: the moves and the granting, with their dates, never the reasons.
PUBLIC_EVENTS = {
    "issued": "Licence granted",
    "impose_restriction": "Restricted",
    "lift_restriction": "Restrictions lifted",
    "ease_restrictions": "Restrictions eased",
    "suspend": "Suspended",
    "urgent_suspend": "Suspended",
    "lift_unratified": "Urgent suspension not ratified, and ended",
    "lift_unratified_restricted": "Urgent suspension not ratified, and ended",
    "lift_unratified_noticed": "Urgent suspension not ratified, and ended",
    "prolong_suspension": "Suspension prolonged",
    "reinstate": "Reinstated",
    "reinstate_restricted": "Reinstated with restrictions",
    "revoke": "Revoked",
    "accept_surrender": "Surrendered",
    "expire": "Expired",
    "renewed": "Renewed",
    "varied": "Activities changed",
    "restore": "Restored after an appeal",
    "restore_restricted": "Restored after an appeal, with restrictions",
    "restore_suspended": "Revocation set aside on appeal",
    "lift_after_appeal": "Restrictions lifted after an appeal",
    "ease_after_appeal": "Restrictions eased after an appeal",
    "restriction_taken_away": "Restrictions eased after an appeal",
}

# Whoever holds the paper may look it up, also when it no longer holds.
WERE_GRANTED = (NocState.GRANTED, NocState.SUSPENDED, NocState.REVOKED, NocState.EXPIRED)


@dataclass(frozen=True)
class Happened:
    """One line of an entry's public history."""

    at: Any
    words: str


def licences() -> "QuerySet[Licence]":
    return Licence.objects.select_related("firm", "standing__licence").prefetch_related("measures")


def nocs() -> "QuerySet[NocApplication]":
    # Who was licensed since stands among the licences.
    granted = NocApplication.objects.filter(state__in=(NocState.GRANTED, NocState.SUSPENDED)).select_related("firm")
    return granted.exclude(firm__licences__isnull=False)


def applicants() -> "QuerySet[NocApplication]":
    """Those who asked for a certificate and wait for its decision."""
    over = (NocState.DRAFT, *NocApplication.closed_states)
    return NocApplication.objects.exclude(state__in=over).select_related("firm").order_by("firm__legal_name", "pk")


def lists() -> dict[str, str]:
    """The lists that are published today."""
    public = figures.value("register.applicants_public", on=timezone.localdate())
    return {**LISTS, **APPLICANTS} if public else LISTS


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
    published = lists()
    found = {"licensed": named(licences(), asked, "holder_name"), "noc": named(nocs(), asked)}
    if "applicants" in published:
        found["applicants"] = named(applicants(), asked)
    counts = {key: rows.count() for key, rows in found.items()}
    if chosen not in published:
        # A search opens the list in which something was found.
        chosen = "noc" if asked and not counts["licensed"] and counts["noc"] else "licensed"
    shown = {
        "lists": [(key, title, counts[key]) for key, title in published.items()],
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
    rows: Any = {"LIC": licences(), "NOC": NocApplication.objects.filter(state__in=WERE_GRANTED).select_related("firm")}
    if prefix not in rows or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise Http404("There is no such entry.")
    found = rows[prefix].filter(pk=int(digits)).first()
    if found is None or found.reference != number:
        raise Http404("There is no such entry.")
    at = timezone.now()
    if prefix == "NOC":
        shown = {
            "case": found,
            "firm": found.firm,
            "in_force": found.is_in_force(at),
            "services": registered_services(found),
        }
        return render(request, "public/noc.html", shown)
    venue = getattr(found, "standing", None)
    shown = {
        "case": found,
        "firm": found.firm,
        "in_term": found.is_in_term(at),
        "may_distribute": venue is not None and standing.may_distribute(venue, at),
        "history": history(found),
        "suspended": [Activity(code).label for code in found.suspended_activities],
        "appeal_is_pending": Appeal.objects.about(found).pending().exists(),
    }
    return render(request, "public/licence.html", shown)


def registered_services(noc: NocApplication) -> list[str]:
    """The AML Registered Services that a NOC holder is permitted at this moment."""
    permitted = AmlRegistration.objects.filter(setup__noc=noc, state=AmlState.PERMITTED)
    return [title for row in permitted for _, title in row.service_titles()]


def history(licence: Licence) -> list[Happened]:
    """What was decided on a licence, newest first."""
    return list(reversed(histories([licence.pk]).get(licence.pk, [])))


def histories(ids: Iterable[int]) -> dict[int, list[Happened]]:
    """What was decided on some licences, oldest first, by primary key; one query."""
    entries = AuditEntry.objects.filter(
        subject_type=Licence._meta.label_lower, subject_id__in=list(ids), event__in=PUBLIC_EVENTS
    )
    found: dict[int, list[Happened]] = {}
    for each in entries.order_by("subject_id", "seq"):
        found.setdefault(each.subject_id, []).append(Happened(each.at, PUBLIC_EVENTS[each.event]))
    return found


def in_public_state(state: str) -> Q:
    """The licences whose published state is this one: a notice, or a wish to surrender, is not published."""
    unpublished = Q(state__in=(LicenceState.SHOW_CAUSE, LicenceState.SURRENDER_REQUESTED))
    restricted = Q(
        pk__in=Measure.objects.filter(
            kind=MeasureKind.RESTRICTION, decided_at__isnull=False, ended_at__isnull=True
        ).values("licence")
    )
    if state == LicenceState.ACTIVE:
        return Q(state=state) | (unpublished & ~restricted)
    if state == LicenceState.RESTRICTED:
        return Q(state=state) | (unpublished & restricted)
    return Q(state=state)
