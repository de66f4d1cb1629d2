"""Breaks between the ledger and other records, and the figures of the traditional register."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from pvara.kernel.web import holding, page_of
from tokenisation.access import RECONCILE, VIEW
from tokenisation.actions.reconciliation import record_register
from tokenisation.faces.forms import RegisterForm
from tokenisation.faces.staff.assets import acted, the_asset
from tokenisation.models import Break, Reconciliation
from tokenisation.states import BreakState


@require_safe
@holding(VIEW)
def breaks(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = Break.objects.visible_to(request.user).select_related("asset", "venue__licence", "venue__firm")
    if state in BreakState.values:
        found = found.filter(state=state)
    shown = {"page": page_of(found.order_by("-pk"), request), "state": state, "states": BreakState.choices}
    return render(request, "staff/breaks.html", shown)


@require_safe
@holding(VIEW)
def break_page(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Break.objects.visible_to(request.user).select_related("asset", "venue__licence", "venue__firm")
    found = get_object_or_404(rows.select_related("explained_by", "closed_by"), pk=pk)
    same = Reconciliation.objects.filter(asset=found.asset, against=found.against, venue_id=found.venue_id)
    comparisons = same.select_related("venue__licence", "venue__firm")[:30]
    return render(request, "staff/break.html", {"break": found, "comparisons": comparisons})


@require_POST
@holding(RECONCILE)
def register_new(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = the_asset(request, pk), RegisterForm(request.POST)
    return acted(request, found, form, record_register, "The figure is recorded and compared with the ledger.")
