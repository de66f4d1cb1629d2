"""The statistics for everybody, aggregated, and the statutory clocks with their terms; and the numbers as CSV."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing.faces.statistics import as_csv, deeds_as_csv, published_clocks, shown, year_asked


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    context = shown(year_asked(request), public=True) | {"clocks": published_clocks(timezone.localdate())}
    return render(request, "public/statistics.html", context)


@require_safe
def statistics_csv(request: HttpRequest) -> HttpResponse:
    return as_csv(year_asked(request), public=True)


@require_safe
def deeds_csv(request: HttpRequest) -> HttpResponse:
    return deeds_as_csv(year_asked(request), public=True)
