"""The page of a wind-down: the firm's plan, its documents, its clocks, and what may be done about it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing.access import READ_CASES
from licensing.faces import clocks
from licensing.models import Document, WindDown
from pvara.kernel.web import holding


@require_safe
@holding(READ_CASES)
def wind_down(request: HttpRequest, pk: int) -> HttpResponse:
    people = ("submitted_by", "approved_by", "closed_by")
    rows = WindDown.objects.visible_to(request.user).select_related("firm", "licence", *people)
    found = get_object_or_404(rows, pk=pk)
    shown = {
        "winding": found,
        "firm": found.firm,
        "documents": Document.objects.about(found),
        "clocks": clocks.for_staff(WindDown, [found], timezone.now())[found.pk],
    }
    return render(request, "staff/wind_down.html", shown)
