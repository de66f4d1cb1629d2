"""Permissions to settle: all of them, the proposal of one or of its end, and one with its moves."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from pvara.kernel.web import explain_on, holding, page_of, person, sent
from tokenisation.access import PERMIT, VIEW
from tokenisation.actions.settlement import propose_permission
from tokenisation.faces.settlement_forms import PermissionForm
from tokenisation.models import SettlementPermission, settlement_assets
from tokenisation.states import PermissionState

ROWS = ("proposed_by", "decided_by")


@require_safe
@holding(VIEW)
def permissions(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = SettlementPermission.objects.visible_to(request.user).select_related(*ROWS)
    if state in PermissionState.values:
        found = found.filter(state=state)
    shown = {
        "page": page_of(found.order_by("-pk"), request),
        "state": state,
        "states": PermissionState.choices,
        "settlement_assets": settlement_assets(timezone.localdate()),
        "may_propose": request.user.has_perm(PERMIT),
    }
    return render(request, "staff/settlement_permissions.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(PERMIT)
def permission_new(request: HttpRequest) -> HttpResponse:
    form = PermissionForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        said = form.said()
        try:
            made = propose_permission(said.pop("code"), **said, by=person(request), at=timezone.now())
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{made.reference} is proposed. Another person of the debt office confirms it.")
            return redirect(made)
    return render(request, "staff/settlement_permission_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@holding(VIEW)
def permission(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(SettlementPermission.objects.visible_to(request.user).select_related(*ROWS), pk=pk)
    shown = {"permission": found, "listed": found.of_code().select_related("permission")}
    return render(request, "staff/settlement_permission.html", shown)
