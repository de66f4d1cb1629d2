"""The published tariff: what is charged today, and what is set for days to come."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing.faces import fees


@require_safe
def tariff(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    return render(request, "public/tariff.html", {"tariff": fees.tariff(at), "account": fees.account_on(at)})
