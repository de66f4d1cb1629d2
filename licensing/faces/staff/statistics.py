"""The statistics for staff: every month of a year, with every duration; and the same as CSV."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from licensing.access import READ_CASES
from licensing.faces.statistics import as_csv, deeds_as_csv, shown, year_asked
from pvara.kernel.web import holding


@require_safe
@holding(READ_CASES)
def statistics(request: HttpRequest) -> HttpResponse:
    return render(request, "staff/statistics.html", shown(year_asked(request), public=False))


@require_safe
@holding(READ_CASES)
def statistics_csv(request: HttpRequest) -> HttpResponse:
    return as_csv(year_asked(request), public=False)


@require_safe
@holding(READ_CASES)
def deeds_csv(request: HttpRequest) -> HttpResponse:
    return deeds_as_csv(year_asked(request), public=False)
