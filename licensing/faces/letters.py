"""A letter's PDF as it was signed, byte for byte, for whoever may see the letter. What is not issued has none."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from licensing.models import Letter


@require_safe
@login_required
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Letter.objects.visible_to(request.user).issued().select_related("document"), pk=pk)
    return HttpResponse(
        bytes(found.document.pdf),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{found.file_name}"'},
    )
