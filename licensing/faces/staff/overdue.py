"""What is overdue or soon will be, the worst first, and whom it was escalated to; the clocks of a row explained."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing.access import READ_CASES
from licensing.faces.clocks import explained, roles_told
from licensing.faces.staff.queue import Choice
from licensing.models import Appeal
from licensing.models.appeals import with_subjects
from licensing.models.overdue import is_for, standing
from pvara.kernel.flags import READ_FLAGS, role_title
from pvara.kernel.web import holding, machine_called, page_of

SHOWN = {"all": "Everybody's", "mine": "Mine"}


@require_safe
@holding(READ_FLAGS)
def overdue(request: HttpRequest) -> HttpResponse:
    found = standing(request.user, timezone.now())
    mine = [each for each in found if is_for(each, request.user)]
    show, role = request.GET.get("show", ""), request.GET.get("role", "")
    show = show if show in SHOWN else "all"
    counts = {"all": len(found), "mine": len(mine)}
    rows = mine if show == "mine" else found
    if role in roles_told():
        rows = [each for each in rows if any(flag.role == role for flag in each.flags)]
    # Of the roles, those that were told of something that this person sees; whoever asked for another sees which.
    raised = {flag.role for each in found for flag in each.flags} | {role}
    shown = {
        "page": page_of(rows, request),
        "shows": [Choice(key, words, key == show, counts[key]) for key, words in SHOWN.items()],
        "roles": [Choice(code, role_title(code), code == role) for code in roles_told() if code in raised],
        "role": role,
        "reads_cases": request.user.has_perm(READ_CASES),
        "varied": _varied(request.user),
    }
    return render(request, "staff/overdue.html", shown)


def _varied(user: Any) -> list[tuple[Appeal, Any]]:
    """What the tribunal varied and nothing was decided about since, the longest first: no clock of ours runs on it."""
    rows = Appeal.objects.to_be_carried_out().visible_to(user).select_related("firm", "decision")
    return with_subjects(rows.order_by("varied_at", "pk"))


@require_safe
@holding(READ_FLAGS)
def clocks(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    model: Any = machine_called(kind)
    if not model.clocks:
        raise Http404(f"A {model._meta.verbose_name} has no clocks.")
    row = get_object_or_404(model.objects.visible_to(request.user), pk=pk)
    shown = {
        "row": row,
        "clocks": explained(row, timezone.now(), staff=True),
        "reads_cases": request.user.has_perm(READ_CASES),
    }
    return render(request, "staff/clocks.html", shown)
