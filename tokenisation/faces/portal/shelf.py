"""A venue's shelf: the assets it may distribute, what it holds of each, and the recording of placements."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing import standing
from pvara.kernel.machine import MoveRefused
from pvara.kernel.web import applicants_only, explain_on, person
from tokenisation.actions import ledger
from tokenisation.faces.forms import UnitsForm
from tokenisation.models import DistributionAuthorisation, JournalEntry


@require_safe
@applicants_only
def venue(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(standing.venues_for(request.user), pk=pk)
    shown = {
        "venue": found,
        "may_distribute": standing.may_distribute(found, timezone.now()),
        "authorisations": DistributionAuthorisation.objects.filter(venue=found).select_related("asset"),
        "entries": JournalEntry.objects.filter(venue=found).select_related("asset").order_by("-pk")[:20],
    }
    return render(request, "portal/venue.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def placement(request: HttpRequest, pk: int) -> HttpResponse:
    """Record units placed with clients; refused with the reason unless everything holds at this moment."""
    rows = DistributionAuthorisation.objects.visible_to(request.user).select_related(
        "asset", "venue__licence", "venue__firm"
    )
    found = get_object_or_404(rows, pk=pk)
    form = UnitsForm(request.POST) if request.method == "POST" else UnitsForm.fresh()
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
