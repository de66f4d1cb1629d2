"""Internal memos: the card on a case, the page of one, and the same on paper for the committee's file."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from licensing.access import READ_CASES
from licensing.faces.panels import Panel
from licensing.models import LicenceApplication, Memo, NocApplication
from licensing.models.memos import memos_of
from pvara.kernel import pdf
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.web import holding


def memos_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """The memos with which a case was recommended."""
    if not isinstance(case, NocApplication | LicenceApplication) or case.recommended_by_id is None:
        return None
    rows = list(memos_of(case).defer("content"))
    return Panel("Internal memos", "memos", "staff/panels/memos.html", {"rows": rows}) if rows else None


@require_safe
@holding(READ_CASES)
def memo(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Memo.objects.visible_to(request.user).select_related("firm"), pk=pk)
    shown = {"memo": found, "case": found.subject, "firm": found.firm, "said": found.content}
    return render(request, "staff/memo.html", shown)


@require_safe
@holding(READ_CASES)
def memo_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The memo as a file: the same bytes each time."""
    found = get_object_or_404(Memo.objects.visible_to(request.user).select_related("firm"), pk=pk)
    content = pdf.render(
        render_to_string("staff/memo_paper.html", {"memo": found, "said": found.content}),
        stylesheets=["css/score_pack.css", "css/memo.css"],
        made_at=found.written_at,
        identifier=bytes.fromhex(found.sha256),
    )
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{found.reference}.pdf"'},
    )
