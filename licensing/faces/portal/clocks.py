"""An exchange's clocks explained: its own, and those of our decisions on it."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing.faces.clocks import explained
from licensing.faces.portal.home import PAGES
from licensing.models import AmlRegistration, Appeal, InformationRequest, Milestone, Renewal, Variation
from pvara.kernel.machine import Stateful
from pvara.kernel.web import applicants_only, machine_called


def page_called(name: str) -> Callable[[Any], str]:
    return lambda row: reverse(name, args=[row.pk])


# Where the row itself is looked at.
ROWS: dict[type[Stateful], Callable[[Any], str]] = {
    **PAGES,
    Milestone: page_called("portal:milestone"),
    InformationRequest: page_called("portal:request"),
    AmlRegistration: page_called("portal:aml_registration"),
    Renewal: page_called("portal:renewal"),
    Variation: page_called("portal:variation"),
    Appeal: page_called("portal:appeal"),
}


@require_safe
@applicants_only
def clocks(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    model: Any = machine_called(kind)
    if model not in ROWS:
        raise Http404(f"A {model._meta.verbose_name} has no clocks for its firm.")
    row = get_object_or_404(model.objects.visible_to(request.user), pk=pk)
    shown = {"row": row, "back": ROWS[model](row), "clocks": explained(row, timezone.now(), staff=False)}
    return render(request, "portal/clocks.html", shown)
