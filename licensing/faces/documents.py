"""A document that was handed in with a step of a case, as a download for whoever may see it."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from licensing.models import Document


@require_safe
@login_required
def document(request: HttpRequest, pk: int) -> FileResponse:
    """Always a download: what somebody else uploaded never runs or shows under our own address."""
    return download(get_object_or_404(Document.objects.visible_to(request.user), pk=pk))


def download(found: Document) -> FileResponse:
    # Of no particular type: a browser is never to open what somebody else uploaded.
    return FileResponse(
        found.file.open("rb"),
        as_attachment=True,
        filename=found.file_name,
        content_type="application/octet-stream",
    )
