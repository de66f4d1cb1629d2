"""The documents of an asset for the state's people: one with its editions, the hand-in, and the file itself."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from pvara.kernel.downloads import handed_out
from pvara.kernel.machine import MoveRefused
from pvara.kernel.web import explain_on, holding, person, sent
from tokenisation.access import HAND_IN, VIEW
from tokenisation.actions.documents import hand_in_document
from tokenisation.faces.forms import HandInForm
from tokenisation.models import Asset, AssetDocument
from tokenisation.states import GIVEN_UP


def the_document(request: HttpRequest, pk: int) -> AssetDocument:
    found = AssetDocument.objects.visible_to(request.user).with_superseded()
    return get_object_or_404(found.select_related("asset", "supersedes", "uploaded_by", "published_by"), pk=pk)


@require_safe
@holding(VIEW)
def document(request: HttpRequest, pk: int) -> HttpResponse:
    found = the_document(request, pk)
    shown = {
        "document": found,
        "documents": found.editions().with_superseded(),
        "may_hand_in": request.user.has_perm(HAND_IN) and found.asset.state not in GIVEN_UP,
    }
    return render(request, "staff/asset_document.html", shown)


@require_safe
@holding(VIEW)
def document_file(request: HttpRequest, pk: int) -> FileResponse:
    found = the_document(request, pk)
    return handed_out(found.file, found.file_name)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(HAND_IN)
def document_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in a document; with `?of=` a later edition of one that is here."""
    asset = get_object_or_404(Asset.objects.visible_to(request.user), pk=pk)
    form = HandInForm(*sent(request), initial=_before(request, asset))
    if request.method == "POST" and form.is_valid():
        try:
            made = hand_in_document(asset, **form.cleaned_data, by=person(request), at=timezone.now())
        except (ValidationError, MoveRefused) as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, f"“{made}” is handed in. Another person of the debt office publishes it.")
            return redirect(made)
    shown = {"asset": asset, "form": form}
    return render(request, "staff/asset_document_new.html", shown, status=422 if form.errors else 200)


def _before(request: HttpRequest, asset: Asset) -> dict[str, str]:
    """What the form says already when the address names an edition of this asset; nothing for nonsense."""
    said = request.GET.get("of", "")
    if not (said.isascii() and said.isdigit() and len(said) <= 18):
        return {}
    found = asset.documents.filter(pk=int(said)).first()
    return {"kind": found.kind, "title": found.title} if found else {}
