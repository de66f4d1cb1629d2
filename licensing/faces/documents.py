"""A document that was handed in with a step of a case, as a download for whoever may see it."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from licensing.models import Document
from pvara.kernel.downloads import handed_out


@require_safe
@login_required
def document(request: HttpRequest, pk: int) -> FileResponse:
    """Always a download: what somebody else uploaded never runs or shows under our own address."""
    return download(get_object_or_404(Document.objects.visible_to(request.user), pk=pk))


def download(found: Document) -> FileResponse:
    return handed_out(found.file, found.file_name)
