"""An asset's page, with approvals, attestations, holdings, entries and venues; and an authorisation's page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from pvara.kernel import figures
from pvara.kernel.machine import MoveRefused
from pvara.kernel.web import explain_on, holding, person
from tokenisation import ledger
from tokenisation.access import (
    ALLOCATE,
    ATTEST,
    AUTHORISE,
    FREEZE,
    HAND_IN,
    ORDER,
    PROPOSE,
    PROPOSE_ACTION,
    RECONCILE,
    RECORD_APPROVAL,
    REDEEM,
    TAKE_BACK,
    VIEW,
)
from tokenisation.actions import assets as actions
from tokenisation.actions import authorisations as authorising
from tokenisation.actions import ledger as posting
from tokenisation.actions.attestations import record_attestation
from tokenisation.actions.corporate import record_days
from tokenisation.actions.redemptions import redeem_treasury
from tokenisation.faces.corporate_forms import EventForm, PartialForm
from tokenisation.faces.forms import (
    ApprovalForm,
    AttestationForm,
    AuthorisationForm,
    LastDayForm,
    RegisterForm,
    UnitsForm,
)
from tokenisation.faces.order_forms import FreezeForm, RedeemForm, TreasuryForm
from tokenisation.models import (
    Asset,
    Break,
    DistributionAuthorisation,
    HoldingsReturn,
    JournalEntry,
    Reconciliation,
    placed_by_settlement,
)
from tokenisation.postings import STANDING_ORDERS
from tokenisation.states import GIVEN_UP, PUBLISHED, AssetKind, AssetState

ENTRIES_SHOWN = 20
# The postings that an authorisation's page offers: who may make them, and their form.
POSTING_FORMS: dict[str, tuple[str, type[UnitsForm]]] = {
    "allocate": (ALLOCATE, UnitsForm),
    "take_back": (TAKE_BACK, UnitsForm),
    "freeze": (FREEZE, FreezeForm),
    "redeem": (REDEEM, RedeemForm),
}


def the_asset(request: HttpRequest, pk: int) -> Asset:
    found = Asset.objects.visible_to(request.user).select_related(
        "programme", "proposed_by", "approved_by", "issued_by", "debt_terms", "commodity_terms"
    )
    return get_object_or_404(found.prefetch_related("approvals__recorded_by", "attestations"), pk=pk)


@require_safe
@holding(VIEW)
def asset(request: HttpRequest, pk: int) -> HttpResponse:
    return _asset(request, the_asset(request, pk))


def _asset(request: HttpRequest, found: Asset, *, bound: forms.BaseForm | None = None) -> HttpResponse:
    """The asset's page; `bound` is the one of its forms that was refused, with what was typed."""
    user, at = request.user, timezone.now()
    terms = getattr(found, "debt_terms", None)
    pays = bool(terms and terms.payments_a_year)
    offered: dict[str, tuple[bool, type[forms.BaseForm]]] = {
        "approval_form": (found.state == AssetState.UNDER_REVIEW and user.has_perm(RECORD_APPROVAL), ApprovalForm),
        "attestation_form": (found.is_commodity and user.has_perm(ATTEST), AttestationForm),
        "register_form": (found.state in PUBLISHED and user.has_perm(RECONCILE), RegisterForm),
        "authorisation_form": (found.state == AssetState.ISSUED and user.has_perm(AUTHORISE), AuthorisationForm),
        "partial_form": (found.state in PUBLISHED and pays and user.has_perm(PROPOSE_ACTION), PartialForm),
        "event_form": (found.state in PUBLISHED and user.has_perm(PROPOSE_ACTION), EventForm),
        "treasury_form": (
            found.state in STANDING_ORDERS and found.treasury_units > 0 and user.has_perm(REDEEM),
            TreasuryForm,
        ),
    }
    shown: dict[str, Any] = {
        name: (bound if isinstance(bound, kind) else getattr(kind, "fresh", kind)()) if allowed else None
        for name, (allowed, kind) in offered.items()
    }
    shown |= {
        "asset": found,
        "cumulative": figures.value("programme.cumulative_cap", on=timezone.localdate(at)),
        "valuation": found.valuation(at) if found.unit_usd_cents is None else None,
        "holdings": ledger.holdings(found),
        "redeems_later": found.kind == AssetKind.TREASURY_BILL
        and found.state in (AssetState.ISSUED, AssetState.PAUSED),
        "authorisations": found.authorisations.with_placed().select_related("asset", "venue__licence", "venue__firm"),
        "entries": entries_of(JournalEntry.objects.filter(asset=found)),
        "documents": found.documents.with_superseded().in_order(),
        "may_hand_in": found.state not in GIVEN_UP and user.has_perm(HAND_IN),
        "may_amend": found.state == AssetState.DRAFT and user.has_perm(PROPOSE),
        "may_order": user.has_perm(ORDER),
        "settled": placed_by_settlement(found),
        "corporate_actions": found.corporate_actions.select_related("asset").by_date(),
        # Before the issue the calendar is what the terms promise.
        "promised": terms.promised(record_days=record_days(at)) if terms and found.state not in PUBLISHED else [],
        "breaks": Break.objects.standing().filter(asset=found).select_related("asset", "venue__licence", "venue__firm"),
        "returns": HoldingsReturn.objects.latest_of(found),
        "comparisons": Reconciliation.objects.filter(asset=found).select_related("venue__licence", "venue__firm")[:10],
        "form": bound,
    }
    return render(request, "staff/asset.html", shown, status=422 if bound is not None else 200)


def entries_of(rows: Any) -> Any:
    return rows.select_related("asset", "venue__licence", "maker", "checker", "settlement__settled_in").order_by("-pk")[
        :ENTRIES_SHOWN
    ]


@require_POST
@holding(RECORD_APPROVAL)
def approval_new(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = the_asset(request, pk), ApprovalForm(request.POST)
    return acted(request, found, form, actions.record_approval, "The approval is recorded.")


@require_POST
@holding(ATTEST)
def attestation_new(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = the_asset(request, pk), AttestationForm(request.POST)
    done = "The attestation is recorded. It backs the units once another person of the debt office has accepted it."
    return acted(request, found, form, record_attestation, done)


@require_POST
@holding(AUTHORISE)
def authorise(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = the_asset(request, pk), AuthorisationForm(request.POST)
    return acted(request, found, form, authorising.authorise_venue, "The venue is authorised.")


@require_POST
@holding(REDEEM)
def treasury_redeem(request: HttpRequest, pk: int) -> HttpResponse:
    """What was never sold or came back is redeemed too, or the asset would never be over."""
    found, form = the_asset(request, pk), TreasuryForm(request.POST)
    return acted(request, found, form, redeem_treasury, "The redemption is recorded.")


def acted(
    request: HttpRequest, found: Asset, form: forms.BaseForm, action: Callable[..., Any], done: str
) -> HttpResponse:
    """Call the action with what the form says; back to the asset, or its page again with the reasons."""
    if form.is_valid():
        said = dict(form.cleaned_data)
        # The venue is what is authorised: the action takes it by position.
        first = [said.pop("venue")] if "venue" in said else []
        try:
            action(found, *first, **said, by=person(request), at=timezone.now())
        except (MoveRefused, ValidationError) as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, done)
            return redirect(found)
    return _asset(request, the_asset(request, found.pk), bound=form)


# ── Authorisations ───────────────────────────────────────────────────────────────────────────────────────────────────
def the_authorisation(request: HttpRequest, pk: int) -> DistributionAuthorisation:
    found = DistributionAuthorisation.objects.visible_to(request.user)
    return get_object_or_404(found.select_related("asset", "venue__licence", "venue__firm", "authorised_by"), pk=pk)


@require_safe
@holding(VIEW)
def authorisation(request: HttpRequest, pk: int) -> HttpResponse:
    return _authorisation(request, the_authorisation(request, pk))


def _authorisation(
    request: HttpRequest, found: DistributionAuthorisation, *, which: str = "", bound: forms.Form | None = None
) -> HttpResponse:
    shown: dict[str, Any] = {
        f"{name}_form": (bound if which == name and bound else kind.fresh(auto_id=f"{name}_%s"))
        if request.user.has_perm(permission)
        else None
        for name, (permission, kind) in POSTING_FORMS.items()
    }
    entries = JournalEntry.objects.filter(asset_id=found.asset_id, venue_id=found.venue_id)
    last_day = LastDayForm(auto_id="last_day_%s", initial={"expected_version": found.version})
    shown |= {
        "last_day_form": (bound if which == "last_day" else last_day) if request.user.has_perm(AUTHORISE) else None,
        "authorisation": found,
        "balances": ledger.balances(found),
        "entries": entries_of(entries),
        "may_order": request.user.has_perm(ORDER),
        "form": bound,
    }
    return render(request, "staff/authorisation.html", shown, status=422 if bound is not None else 200)


@require_POST
@holding(ALLOCATE)
def allocate(request: HttpRequest, pk: int) -> HttpResponse:
    return posted(request, pk, "allocate", posting.allocate)


@require_POST
@holding(TAKE_BACK)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    return posted(request, pk, "take_back", posting.take_back)


def posted(request: HttpRequest, pk: int, which: str, action: Callable[..., Any]) -> HttpResponse:
    """Post what one of the page's forms says; back to the page, or the page again with the reasons."""
    found = the_authorisation(request, pk)
    form = POSTING_FORMS[which][1](request.POST, auto_id=f"{which}_%s")
    if form.is_valid():
        try:
            made = action(found, **form.cleaned_data, by=person(request), at=timezone.now())
        except MoveRefused as refusal:
            explain_on(form, refusal)
        else:
            again = " It had been posted already; nothing was posted twice." if made.replayed else ""
            messages.success(request, f"Posted as entry {found.asset.code}-{made.seq}.{again}")
            return redirect(found)
    return _authorisation(request, the_authorisation(request, pk), which=which, bound=form)


@require_POST
@holding(AUTHORISE)
def last_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Move the last day of an authorisation."""
    found, form = the_authorisation(request, pk), LastDayForm(request.POST, auto_id="last_day_%s")
    if form.is_valid():
        try:
            authorising.change_last_day(found, **form.cleaned_data, by=person(request), at=timezone.now())
        except MoveRefused as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "The last day is moved.")
            return redirect(found)
    return _authorisation(request, the_authorisation(request, pk), which="last_day", bound=form)
