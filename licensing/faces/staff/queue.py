"""The queue: the cases of one phase at a time, filtered by the address, each with the clock that runs out first."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing.access import READ_CASES
from licensing.faces.cases import states_waiting_for
from licensing.models import (
    AmlRegistration,
    Appeal,
    ChangeOfControl,
    Consultation,
    Filing,
    Finding,
    Firm,
    Incident,
    Inspection,
    KeyIndividual,
    Letter,
    Licence,
    LicenceApplication,
    NocApplication,
    Renewal,
    SetUp,
    SupervisionProposal,
    Variation,
)
from licensing.models.conflicts import cases_open_to, firms_closed_to
from licensing.models.overdue import standing
from pvara.kernel import deadlines, flags
from pvara.kernel.deadlines import Ticking
from pvara.kernel.models import ClockFlag
from pvara.kernel.web import holding, page_of, person

# The cases of a phase, their title, whose they are, and the states in which nothing is left to decide.
PHASES: dict[str, tuple[type[Any], str, str | None, tuple[str, ...]]] = {
    "noc": (NocApplication, "NOC applications", "case_officer", ("draft", *NocApplication.closed_states)),
    "setup": (SetUp, "Set-ups", "noc__case_officer", ("complete", "lapsed")),
    "aml": (AmlRegistration, "AML services", "setup__noc__case_officer", ("refused", "withdrawn", "ended")),
    "full": (LicenceApplication, "Licence applications", "case_officer", ("draft", *LicenceApplication.closed_states)),
    "licence": (Licence, "Licences", None, tuple(Licence.closed_states)),
    "renewal": (Renewal, "Renewals", None, ("not_due", *Renewal.closed_states)),
    "variation": (Variation, "Variations", None, tuple(Variation.closed_states)),
    "appeal": (Appeal, "Appeals", "recorded_by", tuple(Appeal.closed_states)),
    "people": (KeyIndividual, "Key individuals", "vetted_by", tuple(KeyIndividual.closed_states)),
    "control": (ChangeOfControl, "Changes of control", "assessed_by", tuple(ChangeOfControl.closed_states)),
    "consultation": (Consultation, "Consultations", "requested_by", tuple(Consultation.closed_states)),
    "inspection": (Inspection, "Inspections", "scheduled_by", tuple(Inspection.closed_states)),
    "finding": (Finding, "Findings", "raised_by", tuple(Finding.closed_states)),
    "return": (Filing, "Returns", None, tuple(Filing.closed_states)),
    "incident": (Incident, "Incidents", None, tuple(Incident.closed_states)),
    "proposal": (SupervisionProposal, "Proposed by scores", None, tuple(SupervisionProposal.closed_states)),
    "letter": (Letter, "Letters to check", "decided_by", ("approved", "issued", "superseded", "revoked")),
}
SHOWN = {"waiting": "Waiting for me", "mine": "My cases", "open": "All open", "all": "All"}


@dataclass(frozen=True)
class Choice:
    """A filter that can be chosen: its key in the address, its title, and whether it is chosen."""

    key: str
    title: str
    current: bool
    count: int | None = None


def rows(request: HttpRequest, phase: str, show: str, closed_to: set[int]) -> "QuerySet[Any]":
    """The rows of a phase that a filter leaves. What waits for oneself is in no firm that is closed to one."""
    model, _, officer, closed = PHASES[phase]
    found: QuerySet[Any] = model.objects.visible_to(request.user)
    if show == "waiting":
        found = found.filter(state__in=states_waiting_for(request.user, model)).exclude(state__in=closed)
        found = cases_open_to(person(request), found, closed=closed_to)
    elif show == "mine":
        found = found.filter(**{officer: request.user}) if officer else found.none()
    elif show == "open":
        found = found.exclude(state__in=closed)
    if asked := request.GET.get("q", "").strip():
        found = found.filter(Q(firm__legal_name__icontains=asked) | Q(firm__trading_name__icontains=asked))
    return found


@require_safe
@holding(READ_CASES)
def queue(request: HttpRequest) -> HttpResponse:
    show = request.GET.get("show", "")
    if show not in SHOWN:
        # Who decides nothing, an auditor say, starts with everything that is open.
        show = "waiting" if any(states_waiting_for(request.user, each) for each, *_ in PHASES.values()) else "open"
    phase = request.GET.get("phase", "")
    closed_to = firms_closed_to(person(request), timezone.now()) if show == "waiting" else set()
    counts = {key: rows(request, key, show, closed_to).count() for key in PHASES}
    if phase not in PHASES:
        phase = next((key for key, count in counts.items() if count), "noc")
    model, title, *_ = PHASES[phase]
    found = rows(request, phase, show, closed_to)
    states = [(value, words) for value, words in model._meta.get_field("state").choices]
    state = request.GET.get("state", "")
    if state in dict(states):
        found = found.filter(state=state)
    page = page_of(found.select_related("firm").prefetch_related("firm__mous").order_by("pk"), request)
    at = timezone.now()
    ticking = deadlines.of_rows(model, page.object_list, at)
    raised = flags.of_rows(model, ticking)
    shown = {
        "title": title,
        "phases": [Choice(key, each[1], key == phase, counts[key]) for key, each in PHASES.items()],
        "shows": [Choice(key, words, key == show) for key, words in SHOWN.items()],
        "states": states,
        "phase": phase,
        "show": show,
        "state": state,
        "q": request.GET.get("q", ""),
        "page": page,
        "cases": [(case, *_first_due(case.pk, ticking[case.pk], raised)) for case in page],
        "breaches": sum(each.is_breach for each in standing(request.user, at)),
    }
    return render(request, "staff/queue.html", shown)


def _first_due(pk: int, ticking: list[Ticking], raised: dict[tuple[int, str], list[ClockFlag]]) -> tuple[Any, Any]:
    """The clock that runs out first, and the newest flag that stands on it."""
    first = deadlines.next_due(ticking)
    found = raised.get((pk, first.rule.name)) if first is not None else None
    return first, found[-1] if found else None


@require_safe
@holding(READ_CASES)
def firms(request: HttpRequest) -> HttpResponse:
    """Every firm that has a file."""
    asked = request.GET.get("q", "").strip()
    found = Firm.objects.visible_to(request.user).prefetch_related("mous")
    if asked:
        found = found.filter(Q(legal_name__icontains=asked) | Q(trading_name__icontains=asked))
    return render(request, "staff/firms.html", {"page": page_of(found, request), "q": asked})
