"""Supervision, for the regulator: what licensees file and report, and which of them is to be visited."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.access import READ_CASES, SUPERVISE
from licensing.actions import supervision
from licensing.faces.panels import Panel
from licensing.models import Document, Filing, Incident, Licence, VisitPlan
from licensing.models.supervision import measured
from licensing.states import FilingState, IncidentState, Severity
from pvara.kernel.forms import SharedForm
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.seen import ChangedMeanwhile
from pvara.kernel.web import explain_on, holding, page_of, person, sent

WAITING_FOR_THE_FIRM = (FilingState.DUE, FilingState.QUERIED)
# What somebody who supervises looks for first.
WANTED = {"overdue": "Overdue", "judge": "To be looked at"}


class ImpactForm(SharedForm):
    """How much depends on a licensee, in three figures."""

    client_assets_pkr = forms.DecimalField(label="Client assets, in PKR", max_digits=24, decimal_places=2)
    users = forms.IntegerField(label="Users in Pakistan", max_value=2**63 - 1)
    programme_share = forms.DecimalField(
        label="Share of the tokenisation programme, in per cent", max_digits=5, decimal_places=2
    )


class FollowUpForm(forms.Form):
    text = forms.CharField(
        label="A question or a remark",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        help_text="The firm reads it.",
    )


# ── On the page of a licence ─────────────────────────────────────────────────────────────────────────────────────────
def supervision_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What the licensee owes and reported, and by when it is visited."""
    if not isinstance(case, Licence):
        return None
    filed = list(Filing.objects.filter(licence=case).select_related("kind"))
    context = {
        "licence": case,
        "returns": [(each, each.is_overdue(at)) for each in filed if each.state != FilingState.ACCEPTED],
        "accepted": sum(each.state == FilingState.ACCEPTED for each in filed),
        "incidents": Incident.objects.filter(licence=case),
        "plan": getattr(case, "visit_plan", None),
        "may_assess": user.has_perm(SUPERVISE),
    }
    return Panel("Supervision", "supervision", "staff/panels/supervision.html", context)


# ── Returns ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@holding(READ_CASES)
def returns(request: HttpRequest) -> HttpResponse:
    """The returns of every licensee, the longest overdue first; the address says which of them."""
    asked = {key: request.GET.get(key, "").strip()[:100] for key in ("state", "q")}
    at = timezone.now()
    found: Any = Filing.objects.visible_to(request.user)
    if asked["state"] in FilingState.values:
        found = found.filter(state=asked["state"])
    elif asked["state"] == "overdue":
        found = found.filter(state__in=WAITING_FOR_THE_FIRM, due_on__lt=timezone.localdate(at))
    elif asked["state"] == "judge":
        found = found.filter(state=FilingState.FILED)
    if asked["q"]:
        named = Q(firm__legal_name__icontains=asked["q"]) | Q(firm__trading_name__icontains=asked["q"])
        found = found.filter(named | Q(kind__title__icontains=asked["q"]))
    # What is filed is kept for reading, and waits behind what is owed.
    found = found.order_by(F("filed_at").desc(nulls_first=True), "due_on", "pk")
    page = page_of(found.select_related("firm", "kind", "licence"), request)
    shown = {
        "page": page,
        "rows": [(each, each.is_overdue(at)) for each in page],
        "asked": asked,
        "states": [*WANTED.items(), *FilingState.choices],
    }
    return render(request, "staff/returns.html", shown)


@require_safe
@holding(READ_CASES)
def filing(request: HttpRequest, pk: int) -> HttpResponse:
    """One return: its figures, the document, and what became of it."""
    rows = Filing.objects.visible_to(request.user).select_related("firm", "licence", "kind", "filed_by", "accepted_by")
    found: Any = get_object_or_404(rows.prefetch_related("firm__mous"), pk=pk)
    shown = {
        "filing": found,
        "firm": found.firm,
        "overdue": found.is_overdue(timezone.now()),
        "figures": [(field["label"], found.figures.get(field["key"], "")) for field in found.kind.fields],
        "documents": Document.objects.about(found),
    }
    return render(request, "staff/filing.html", shown)


# ── Incidents ────────────────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@holding(READ_CASES)
def incidents(request: HttpRequest) -> HttpResponse:
    """What went wrong at licensees, the newest first; the address says which."""
    asked = {key: request.GET.get(key, "").strip()[:100] for key in ("state", "severity", "q")}
    found: Any = Incident.objects.visible_to(request.user)
    if asked["state"] in IncidentState.values:
        found = found.filter(state=asked["state"])
    if asked["severity"] in Severity.values:
        found = found.filter(severity=asked["severity"])
    if asked["q"]:
        named = Q(firm__legal_name__icontains=asked["q"]) | Q(firm__trading_name__icontains=asked["q"])
        found = found.filter(named | Q(title__icontains=asked["q"]))
    shown = {
        "page": page_of(found.select_related("firm").order_by("-pk"), request),
        "asked": asked,
        "states": IncidentState.choices,
        "severities": Severity.choices,
    }
    return render(request, "staff/incidents.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(READ_CASES)
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident, what was said of it since, and the form to say more."""
    rows = Incident.objects.visible_to(request.user).select_related("firm", "licence", "reported_by", "closed_by")
    found: Any = get_object_or_404(rows.prefetch_related("firm__mous", "follow_ups__written_by"), pk=pk)
    may_write = request.user.has_perm(SUPERVISE) and found.state == IncidentState.REPORTED
    form = FollowUpForm(sent(request)[0]) if may_write else None
    if request.method == "POST" and form is None:
        messages.error(request, "Supervisors follow up an incident, as long as it is open.")
        return redirect(found.get_absolute_url())
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            supervision.follow_up(found, form.cleaned_data["text"], by=person(request), at=timezone.now())
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "The firm reads what you wrote.")
            return redirect(found.get_absolute_url())
    shown = {"incident": found, "firm": found.firm, "form": form}
    return render(request, "staff/incident.html", shown, status=422 if form is not None and form.errors else 200)


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@holding(READ_CASES)
def visits(request: HttpRequest) -> HttpResponse:
    """By when each licensee is visited, the first first."""
    at = timezone.now()
    rows = VisitPlan.objects.visible_to(request.user).exclude(licence__state__in=Licence.closed_states)
    page = page_of(rows.select_related("licence__firm").order_by("due_on", "pk"), request)
    shown = {"page": page, "rows": [(each, each.is_overdue(at)) for each in page]}
    return render(request, "staff/visits.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(SUPERVISE)
def impact(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down how much depends on a licensee; how often it is visited follows from it."""
    licence = get_object_or_404(Licence.objects.visible_to(request.user).select_related("firm"), pk=pk)
    form = ImpactForm(sent(request)[0], shows=measured(licence))
    if request.method == "POST" and form.is_valid():
        try:
            made = supervision.assess_impact(licence, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        except ChangedMeanwhile as newer:
            form.tell(newer)
        else:
            messages.success(request, f"The impact is {made.get_impact_display().lower()}; the next visit follows it.")
            return redirect(licence.get_absolute_url())
    back = licence.get_absolute_url()
    shown = {
        "form": form,
        "title": "Measure the impact",
        "submit": "Keep the figures",
        "crumbs": [("Cases", reverse("staff:queue")), (licence.reference, back)],
        "cancel": back,
        "above": licence.firm,
        "lead": "How much depends on the licensee says, with the risk that its score shows, how often it is visited.",
    }
    return render(request, "staff/form.html", shown, status=422 if form.errors else 200)
