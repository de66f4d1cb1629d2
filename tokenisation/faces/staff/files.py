"""The files of an asset for the state's people: its cap table, its ledger, the terms of a bond."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from pvara.kernel.downloads import FORMS
from pvara.kernel.web import holding
from tokenisation import exports
from tokenisation.access import VIEW
from tokenisation.faces import exports as files
from tokenisation.models import Asset


def _asked(request: HttpRequest, pk: int, form: str) -> Asset:
    if form not in FORMS:
        raise Http404(f"There is no {form} of this.")
    return get_object_or_404(Asset.objects.visible_to(request.user).select_related("debt_terms"), pk=pk)


def _entry(request: HttpRequest, asset: Asset) -> int | None:
    """The entry that `?entry=` names; the last one where the address asks for nonsense."""
    said = request.GET.get("entry", "")
    wanted = int(said) if said.isascii() and said.isdigit() and len(said) <= 18 else 0
    return wanted if 0 < wanted <= asset.last_entry else None


@require_safe
@holding(VIEW)
def cap_table(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    asset = _asked(request, pk, form)
    return files.cap_table(asset, form, seq=_entry(request, asset))


@require_safe
@holding(VIEW)
def ledger(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    asset = _asked(request, pk, form)
    return files.journal(asset, form, seq=_entry(request, asset))


@require_safe
@holding(VIEW)
def bond_terms(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    asset = _asked(request, pk, form)
    terms = exports.bond_terms(asset)
    if terms is None:
        raise Http404("A commodity has no terms of a bond.")
    return files.bond_terms(asset, terms, form)
