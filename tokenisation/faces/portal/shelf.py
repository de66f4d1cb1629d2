"""A venue's shelf: the assets it may distribute, what it holds of each, and the recording of placements."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing import standing
from pvara.kernel.machine import MoveRefused
from pvara.kernel.web import applicants_only, explain_on, person
from tokenisation import exposure
from tokenisation.actions import ledger
from tokenisation.faces import pictures
from tokenisation.faces.files import file_page
from tokenisation.faces.forms import PlacementForm
from tokenisation.faces.lines import COLUMNS_OF_PLACEMENTS
from tokenisation.models import (
    Break,
    CorporateAction,
    DistributionAuthorisation,
    JournalEntry,
    held_by,
    settlement_assets,
)

PAID_SHOWN, PAYMENTS_SHOWN = 10, 40


@require_safe
@applicants_only
def venue(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(standing.venues_for(request.user), pk=pk)
    assets = DistributionAuthorisation.objects.filter(venue=found).values("asset")
    told = CorporateAction.objects.told().filter(asset__in=assets).select_related("asset").by_date()
    # The latest of what is over, before what is coming: years of paid coupons must not hide the next one.
    payments = [*reversed(told.over().reverse()[:PAID_SHOWN]), *told.coming()[:PAYMENTS_SHOWN]]
    held = held_by(found, payments)
    shown = {
        "venue": found,
        "payments": [(each, held.get(each.pk), each.due_to(held.get(each.pk))) for each in payments],
        "may_distribute": standing.may_distribute(found, timezone.now()),
        "authorisations": DistributionAuthorisation.objects.filter(venue=found).with_placed().select_related("asset"),
        "unkept": Break.objects.standing().of_conditions().filter(venue=found).select_related("asset"),
        "entries": JournalEntry.objects.filter(venue=found)
        .select_related("asset", "settlement__settled_in")
        .order_by("-pk")[:20],
    }
    return render(request, "portal/venue.html", shown)


@require_safe
@applicants_only
def venue_exposure(request: HttpRequest, pk: int) -> HttpResponse:
    """What the venue has of each programme, and of what it may have; its own and nobody else's."""
    found = get_object_or_404(standing.venues_for(request.user), pk=pk)
    programmes = [pictures.of_venue(each) for each in exposure.of_venue(found, timezone.now())]
    return render(request, "portal/exposure.html", {"venue": found, "programmes": programmes})


def the_authorisation(request: HttpRequest, pk: int) -> DistributionAuthorisation:
    rows = DistributionAuthorisation.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("asset", "venue__licence", "venue__firm"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def placement(request: HttpRequest, pk: int) -> HttpResponse:
    """Record units placed with clients; refused with the reason unless everything holds at this moment."""
    found = the_authorisation(request, pk)
    form = PlacementForm(request.POST) if request.method == "POST" else PlacementForm.fresh()
    if request.method == "POST" and form.is_valid():
        try:
            posted = ledger.place(found, **form.cleaned_data, by=person(request), at=timezone.now())
        except MoveRefused as refusal:
            explain_on(form, refusal)
        else:
            again = " It had been recorded already; nothing was recorded twice." if posted.replayed else ""
            messages.success(request, f"Recorded as entry {found.asset.code}-{posted.seq}.{again}")
            return redirect("portal:venue", pk=found.venue_id)
    shown = {
        "authorisation": found,
        "asset": found.asset,
        "venue": found.venue,
        "may_distribute": standing.may_distribute(found.venue, timezone.now()),
        "form": form,
    }
    return render(request, "portal/placement.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def placement_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Record many placements at once, after every row was looked through."""
    found = the_authorisation(request, pk)
    back = reverse("portal:venue", args=[found.venue_id])
    return file_page(
        request,
        found,
        template="portal/placement_file.html",
        back=back,
        columns=COLUMNS_OF_PLACEMENTS,
        venue=found.venue,
        settlement_assets=settlement_assets(timezone.localdate()),
    )
