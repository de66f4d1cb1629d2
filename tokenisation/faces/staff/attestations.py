"""Attestations of the reserves behind commodities: all of them, and one with its moves.

They are recorded on the page of their asset.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from pvara.kernel.web import holding, page_of
from tokenisation.access import VIEW
from tokenisation.models import ReserveAttestation
from tokenisation.states import AttestationState

ROWS = ("asset__commodity_terms", "recorded_by", "decided_by")


@require_safe
@holding(VIEW)
def attestations(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = ReserveAttestation.objects.visible_to(request.user).select_related("asset")
    if state in AttestationState.values:
        found = found.filter(state=state)
    shown = {"page": page_of(found.order_by("-pk"), request), "state": state, "states": AttestationState.choices}
    return render(request, "staff/attestations.html", shown)


@require_safe
@holding(VIEW)
def attestation(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ReserveAttestation.objects.visible_to(request.user).select_related(*ROWS), pk=pk)
    shown = {"attestation": found, "differences": found.differences(), "later": found.accepted_later()}
    return render(request, "staff/attestation.html", shown)
