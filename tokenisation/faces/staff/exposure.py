"""The page of a programme's exposure: headroom, classes, venues, investors, maturities and breaks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pvara.kernel.web import holding
from tokenisation import exposure as reckoning
from tokenisation.access import VIEW
from tokenisation.faces import pictures
from tokenisation.models import Programme


@require_safe
@holding(VIEW)
def exposure(request: HttpRequest, pk: int) -> HttpResponse:
    programme = get_object_or_404(Programme, pk=pk)
    found = reckoning.of_programme(programme, timezone.now())
    shown = {**pictures.of_programme(found), "breaks": reckoning.standing_breaks(programme)}
    return render(request, "staff/exposure.html", shown)
