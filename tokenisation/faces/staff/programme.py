"""The programme's page: cap, headroom, assets, venues and dated rates; and the proposal of an asset."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing import standing
from pvara.kernel import figures
from pvara.kernel.machine import MoveRefused
from pvara.kernel.web import explain_on, holding, page_of, person, sent
from tokenisation.access import PROPOSE, VIEW
from tokenisation.actions import assets
from tokenisation.actions import programme as actions
from tokenisation.faces.forms import CommodityTermsForm, DebtTermsForm, ProposalForm, RateForm
from tokenisation.models import (
    Asset,
    Break,
    CorporateAction,
    FxRate,
    LedgerCheck,
    Programme,
    counts_at_market,
    settlement_assets,
)
from tokenisation.states import ActionState, AssetState

SHELVES = {"debt": "a bill, bond or sukuk", "commodity": "a commodity reserve"}


@require_safe
@holding(VIEW)
def programme(request: HttpRequest) -> HttpResponse:
    return _programme(request)


def _programme(request: HttpRequest, *, bound: RateForm | None = None) -> HttpResponse:
    at, today = timezone.now(), timezone.localdate()
    state = request.GET.get("state", "")
    found = Asset.objects.visible_to(request.user).with_placed().select_related("programme")
    if state in AssetState.values:
        found = found.filter(state=state)
    programmes = list(Programme.objects.all())
    shown = {
        "programmes": programmes,
        "at_market": [(each, counts_at_market(each, at)) for each in programmes],
        "page": page_of(found.order_by("-pk"), request),
        "state": state,
        "health": LedgerCheck.objects.health(at),
        **Break.objects.visible_to(request.user).standing().counted(),
        "missed": CorporateAction.objects.visible_to(request.user).filter(state=ActionState.MISSED).count(),
        "states": AssetState.choices,
        "by_state": Asset.objects.values("state").annotate(n=Count("pk"), cents=Sum("reserved_usd_cents")),
        "venues": [(each, standing.may_distribute(each, at)) for each in standing.venues()[:50]],
        "cumulative": figures.value("programme.cumulative_cap", on=today),
        "source": figures.value("fx.source", on=today),
        "rates": FxRate.objects.order_by("-date")[:5],
        "settlement_assets": settlement_assets(today),
        "may_propose": request.user.has_perm(PROPOSE),
        "rate_form": bound or RateForm(initial={"currency": "PKR"}),
        "form": bound,
    }
    return render(request, "staff/programme.html", shown, status=422 if bound is not None else 200)


@require_POST
@holding(PROPOSE)
def rate_new(request: HttpRequest) -> HttpResponse:
    form = RateForm(request.POST)
    if not form.is_valid():
        return _programme(request, bound=form)
    said = form.cleaned_data
    rate = actions.record_rate(
        said["currency"],
        on=said["date"],
        per_usd=said["per_usd"],
        by=person(request),
        at=timezone.now(),
    )
    messages.success(request, f"Recorded: {rate}.")
    return redirect("staff:programme")


@require_http_methods(["GET", "HEAD", "POST"])
@holding(PROPOSE)
def asset_new(request: HttpRequest, shelf: str) -> HttpResponse:
    """Propose an asset with its terms."""
    if shelf not in SHELVES:
        raise Http404(f"There is no kind {shelf}.")
    commodity = shelf == "commodity"
    terms_form: Any = (CommodityTermsForm if commodity else DebtTermsForm)(sent(request)[0])
    form = ProposalForm(sent(request)[0], commodity=commodity)
    # Both are asked, so that the page names everything that is wrong at once.
    if request.method == "POST" and all([form.is_valid(), terms_form.is_valid()]):
        said = dict(form.cleaned_data)
        if commodity:
            said["currency"] = "USD"
        terms = terms_form._meta.model(**terms_form.cleaned_data)
        try:
            asset = assets.propose_asset(
                said.pop("programme"),
                terms=terms,
                by=person(request),
                at=timezone.now(),
                **said,
            )
        except (MoveRefused, ValidationError) as refusal:
            explain_on(form, refusal, terms_form)
        else:
            messages.success(request, f"{asset.code} is proposed. Submit it for review when it is complete.")
            return redirect(asset)
    wrong = form.errors or terms_form.errors
    shown = {"form": form, "terms_form": terms_form, "shelf": shelf, "what": SHELVES[shelf]}
    return render(request, "staff/asset_new.html", shown, status=422 if wrong else 200)
