"""Freezes, redemptions and orders on the ledger, and the debt office's files of allocations."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pvara.kernel.machine import MoveRefused
from pvara.kernel.web import explain_on, holding, page_of, person, sent
from tokenisation.access import ALLOCATE, FREEZE, ORDER, REDEEM, VIEW
from tokenisation.actions import orders as actions
from tokenisation.actions.ledger import freeze as freeze_units
from tokenisation.actions.redemptions import redeem as redeem_units
from tokenisation.faces.files import file_page
from tokenisation.faces.order_forms import CorrectionForm, OrderForm
from tokenisation.faces.staff.assets import posted, the_authorisation
from tokenisation.models import JournalEntry, Order
from tokenisation.states import AccountKind, OrderState


@require_POST
@holding(FREEZE)
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    return posted(request, pk, "freeze", freeze_units)


@require_POST
@holding(REDEEM)
def redeem(request: HttpRequest, pk: int) -> HttpResponse:
    return posted(request, pk, "redeem", redeem_units)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(ALLOCATE)
def allocation_file(request: HttpRequest, pk: int) -> HttpResponse:
    found = the_authorisation(request, pk)
    return file_page(request, found, template="staff/allocation_file.html", back=found.get_absolute_url())


# ── Orders ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def the_order(request: HttpRequest, pk: int) -> Order:
    found = Order.objects.visible_to(request.user).select_related(
        "asset", "venue__licence", "venue__firm", "to_venue__licence", "reverses__asset", "entry__asset"
    )
    return get_object_or_404(found.select_related("proposed_by", "decided_by"), pk=pk)


@require_safe
@holding(VIEW)
def orders(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = Order.objects.visible_to(request.user).select_related("asset", "venue__licence", "proposed_by")
    if state in OrderState.values:
        found = found.filter(state=state)
    shown = {"page": page_of(found.order_by("-pk"), request), "state": state, "states": OrderState.choices}
    return render(request, "staff/orders.html", shown)


@require_safe
@holding(VIEW)
def order(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "staff/order.html", {"order": the_order(request, pk)})


@require_http_methods(["GET", "HEAD", "POST"])
@holding(ORDER)
def order_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose a release or a forced transfer on one venue's holding."""
    found = the_authorisation(request, pk)
    form = OrderForm(sent(request)[0], authorisation=found)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        what, to_venue = said.pop("what"), said.pop("to_venue")
        try:
            said["source"] = AccountKind(said["source"])
            if what == "release":
                made = actions.propose_release(found, **said, by=person(request), at=timezone.now())
            else:
                made = actions.propose_forced_transfer(
                    found, **said, to_venue=to_venue, by=person(request), at=timezone.now()
                )
        except MoveRefused as refusal:
            explain_on(form, refusal)
        else:
            return _proposed(request, made)
    shown = {"authorisation": found, "form": form}
    return render(request, "staff/order_new.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(ORDER)
def correction_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose to reverse a wrong entry whole."""
    entry = get_object_or_404(JournalEntry.objects.select_related("asset", "venue__licence", "maker"), pk=pk)
    form = CorrectionForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.propose_correction(entry, **form.cleaned_data, by=person(request), at=timezone.now())
        except MoveRefused as refusal:
            explain_on(form, refusal)
        else:
            return _proposed(request, made)
    return render(
        request, "staff/correction_new.html", {"entry": entry, "form": form}, status=422 if form.errors else 200
    )


def _proposed(request: HttpRequest, made: Any) -> HttpResponse:
    messages.success(request, f"{made.reference} is proposed. Another person of the debt office confirms it.")
    return redirect(made)
