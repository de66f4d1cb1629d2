"""Amending a draft of an asset and its terms: two may have it open, and neither writes over the other unseen."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from pvara.kernel.forms import SharedForm
from pvara.kernel.machine import MoveRefused
from pvara.kernel.seen import ChangedMeanwhile, changed
from pvara.kernel.web import explain_on, holding, person, sent
from tokenisation.access import PROPOSE
from tokenisation.actions.assets import amend_draft
from tokenisation.faces.forms import AmendedCommodityForm, AmendedDebtForm, AmendedForm
from tokenisation.models import Asset
from tokenisation.models.described import said_in, said_of
from tokenisation.states import AssetState

# Both forms carry the mark of what they show: each field needs a name of its own.
TERMS = "terms"


@require_http_methods(["GET", "HEAD", "POST"])
@holding(PROPOSE)
def asset_amend(request: HttpRequest, pk: int) -> HttpResponse:
    drafts = Asset.objects.visible_to(request.user).select_related("programme", "debt_terms", "commodity_terms")
    found = get_object_or_404(drafts, pk=pk)
    if found.state != AssetState.DRAFT:
        messages.error(request, f"{found.code} is {found.get_state_display().lower()}: only a draft is amended.")
        return redirect(found)
    form, terms_form = _forms(request, found)
    # Both are asked, so that the page names everything that is wrong at once.
    if request.method == "POST" and all([form.is_valid(), terms_form.is_valid()]):
        said, in_terms = dict(form.cleaned_data), dict(terms_form.cleaned_data)
        seen = f"{said.pop('seen', '')} {in_terms.pop('seen', '')}"
        terms = terms_form._meta.model(**in_terms)
        try:
            amend_draft(found, terms=terms, by=person(request), at=timezone.now(), seen=seen, **said)
        except (MoveRefused, ValidationError) as refusal:
            explain_on(form, refusal, terms_form)
        except ChangedMeanwhile as newer:
            _tell(newer, form)
            _tell(newer, terms_form)
        else:
            messages.success(request, f"{said['code']} is amended.")
            return redirect(found)
    shown = {"asset": Asset.objects.get(pk=pk), "form": form, "terms_form": terms_form}
    wrong = form.errors or terms_form.errors
    return render(request, "staff/asset_amend.html", shown, status=422 if wrong else 200)


def _forms(request: HttpRequest, found: Asset) -> tuple[Any, Any]:
    data, says = sent(request)[0], said_of(found)
    of_terms = AmendedCommodityForm if found.is_commodity else AmendedDebtForm
    names = [name for name in AmendedForm.Meta.fields if not (found.is_commodity and name == "currency")]
    names += [] if found.is_commodity else ["unit_nominal"]
    form = AmendedForm(data, shows={name: says[name] for name in names}, commodity=found.is_commodity, instance=found)
    return form, of_terms(data, shows=said_in(found.terms), prefix=TERMS)


def _tell(newer: ChangedMeanwhile, form: SharedForm) -> None:
    """What was written meanwhile under the names of this form, if anything was."""
    now = {name: said for name, said in newer.now.items() if name in form.fields}
    if changed(form.cleaned_data.get("seen", ""), now):
        form.tell(ChangedMeanwhile(now, newer.entry))
