"""The programme in public: figures, issued assets, and the venues that may distribute each at this moment."""

from django.db.models import Prefetch
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing import standing
from pvara.kernel import figures
from pvara.kernel.downloads import handed_out
from pvara.kernel.web import page_of
from tokenisation.exposure import public_figures
from tokenisation.faces import pictures
from tokenisation.models import Asset, AssetDocument, DistributionAuthorisation, Programme
from tokenisation.states import AuthorisationState


@require_safe
def programme(request: HttpRequest) -> HttpResponse:
    assets = Asset.objects.published().with_placed().select_related("programme")
    shown = {
        "figures": [pictures.of_public(public_figures(each)) for each in Programme.objects.all()],
        "cumulative": figures.value("programme.cumulative_cap", on=timezone.localdate()),
        "page": page_of(assets.order_by("-pk"), request),
    }
    return render(request, "public/programme.html", shown)


@require_safe
def document(request: HttpRequest, code: str, pk: int) -> FileResponse:
    """A published document itself."""
    found = get_object_or_404(AssetDocument.objects.public(), asset__code=code, pk=pk)
    return handed_out(found.file, found.file_name)


@require_safe
def asset(request: HttpRequest, code: str) -> HttpResponse:
    live = DistributionAuthorisation.objects.filter(state=AuthorisationState.ACTIVE).select_related(
        "venue__licence", "venue__firm"
    )
    found = get_object_or_404(
        Asset.objects.published()
        .select_related("programme", "debt_terms", "commodity_terms")
        .prefetch_related(Prefetch("authorisations", live)),
        code=code,
    )
    at = timezone.now()
    venues = [each.venue for each in found.authorisations.all() if standing.may_distribute(each.venue, at)]
    attestation = found.attestation_at(at) if found.is_commodity else None
    shown = {
        "asset": found,
        "venues": venues,
        "attestation": attestation,
        "documents": AssetDocument.objects.public().filter(asset=found).with_superseded().in_order(),
        "outstanding_cents": found.outstanding_units * (found.unit_usd_cents or 0),
        "at": at,
    }
    return render(request, "public/asset.html", shown)
