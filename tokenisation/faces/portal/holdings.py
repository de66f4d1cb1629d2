"""A venue's returns of what its clients hold."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing import standing
from pvara.kernel.machine import MoveRefused
from pvara.kernel.web import applicants_only, explain_on, person, sent
from tokenisation.actions.reconciliation import file_holdings
from tokenisation.faces.holdings import ALL_COLUMNS, HoldingsRow, read
from tokenisation.faces.lines import LinesForm
from tokenisation.models import DistributionAuthorisation, HoldingsReturn, Reconciliation


def _told(made: list[Reconciliation]) -> str:
    differ = sum(not each.agrees and not each.is_of_a_condition for each in made)
    unkept = sum(not each.agrees and each.is_of_a_condition for each in made)
    said = [f" {differ} differ from the ledger."] if differ else []
    said += [f" Conditions not kept: {unkept}."] if unkept else []
    return "".join([*said, " The debt office has been told."]) if said else ""


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def holdings(request: HttpRequest, pk: int) -> HttpResponse:
    """Look a return through row by row; file it when it is confirmed as it was shown."""
    venue = get_object_or_404(standing.venues_for(request.user), pk=pk)
    form = LinesForm(*sent(request), columns=ALL_COLUMNS)
    rows: list[HoldingsRow] = []
    if request.method == "POST" and form.is_valid():
        own = DistributionAuthorisation.objects.filter(venue=venue).select_related("asset", "venue__firm")
        try:
            rows = read(form.cleaned_data["text"], {each.asset.code: each for each in own}, today=timezone.localdate())
            right = [row.filed for row in rows if row.filed is not None]
            if request.POST.get("confirmed") == "yes" and len(right) == len(rows):
                # Of the text with line ends of one kind: a browser sends them in its own.
                handed_in = form.cleaned_data["text"].replace("\r\n", "\n")
                made = file_holdings(right, by=person(request), at=timezone.now(), handed_in=handed_in.encode())
                messages.success(request, f"Filed: {len(right)} rows.{_told(made)}")
                return redirect("portal:venue", pk=venue.pk)
        except (ValidationError, MoveRefused) as refusal:
            explain_on(form, refusal)
    wrong = sum(bool(row.wrong) for row in rows)
    if wrong:
        form.add_error(None, f"Nothing is filed: {wrong:,} of {len(rows):,} rows cannot be. Mend them and send all.")
    filed = HoldingsReturn.objects.filter(authorisation__venue=venue).with_since()
    shown = {
        "venue": venue,
        "form": form,
        "columns": ALL_COLUMNS,
        "rows": rows,
        "ready": bool(rows) and not form.errors,
        "text": form.cleaned_data.get("text", "") if form.is_bound and form.is_valid() else "",
        "filed": filed[:20],
    }
    return render(request, "portal/holdings.html", shown, status=422 if form.errors else 200)
