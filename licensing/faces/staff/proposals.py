"""What a licensee's score proposes to enforcement: its page, and its part of the licence's page."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from licensing.access import READ_CASES
from licensing.faces.panels import Panel
from licensing.models import Licence, SupervisionProposal
from licensing.models.proposals import proposals_of
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.web import holding


@require_safe
@holding(READ_CASES)
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    rows = SupervisionProposal.objects.visible_to(request.user)
    found = get_object_or_404(rows.select_related("firm", "licence", "entry__framework", "settled_by"), pk=pk)
    return render(request, "staff/proposal.html", {"proposal": found, "firm": found.firm})


def proposals_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What the score of a licence has proposed, the newest first."""
    if not isinstance(case, Licence):
        return None
    rows = proposals_of(case)
    return Panel("Proposed by the score", "proposals", "staff/panels/proposals.html", {"rows": rows}) if rows else None
