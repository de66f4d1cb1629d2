"""The sub-limits of a programme: all of them, the proposal of one, and one with its moves."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from pvara.kernel.web import explain_on, holding, page_of, person, sent
from tokenisation.access import LIMIT, VIEW
from tokenisation.actions.limits import propose_limit
from tokenisation.faces.limit_forms import LimitForm
from tokenisation.models import SubLimit
from tokenisation.states import LimitScope, LimitState

ROWS = ("programme", "venue__licence", "venue__firm", "proposed_by", "decided_by")


@require_safe
@holding(VIEW)
def limits(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = SubLimit.objects.visible_to(request.user).select_related(*ROWS)
    if state in LimitState.values:
        found = found.filter(state=state)
    shown = {
        "page": page_of(found.order_by("-pk"), request),
        "state": state,
        "states": LimitState.choices,
        "may_propose": request.user.has_perm(LIMIT),
    }
    return render(request, "staff/limits.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(LIMIT)
def limit_new(request: HttpRequest) -> HttpResponse:
    form = LimitForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        said = form.said()
        try:
            made = propose_limit(
                said.pop("programme"), said.pop("scope"), **said, by=person(request), at=timezone.now()
            )
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"{made.reference} is proposed. Another person of the debt office confirms it.")
            return redirect(made)
    return render(request, "staff/limit_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@holding(VIEW)
def limit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(SubLimit.objects.visible_to(request.user).select_related(*ROWS), pk=pk)
    today = timezone.localdate()
    shown = {
        "limit": found,
        "same": found.same().select_related("programme").order_by("-effective_from"),
        "counting": SubLimit.objects.in_force(
            found.programme_id, LimitScope(found.scope), on=today, of_class=found.of_class, venue_id=found.venue_id
        ),
    }
    return render(request, "staff/limit.html", shown)
