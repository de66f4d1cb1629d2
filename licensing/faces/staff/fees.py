"""Fees for the regulator: the ledger, one invoice with its money, and what finance and the committee do to it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licensing.access import ASK_FOR_WAIVER, KEEP_ACCOUNTS, READ_CASES, WAIVE_FEES
from licensing.actions import fees as actions
from licensing.faces import fees
from licensing.faces.fees import ReasonsForm, RefusalForm
from licensing.faces.panels import Panel
from licensing.models import Firm, Invoice, Payment
from licensing.models.fees import LIVE, TariffRow
from licensing.states import FeeKind, InvoiceState
from pvara.kernel.machine import MoveRefused, Stateful
from pvara.kernel.models import User
from pvara.kernel.web import explain_on, holding, page_of, person, sent
from pvara.kernel.widgets import DayInput

# What the ledger may be narrowed to beside the states themselves.
WANTED = {"overdue": "Overdue", "waiver": "Waiver asked for"}


class PaymentForm(forms.Form):
    """Money that came in."""

    amount = forms.DecimalField(
        label="Amount in PKR",
        max_digits=24,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text="As it arrived: a part of the total is a part payment.",
    )
    paid_on = forms.DateField(label="Date of the payment", widget=DayInput)
    bank_reference = forms.CharField(
        label="The bank's reference", max_length=100, help_text="As on the bank's statement. One payment is taken once."
    )
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 2}), required=False, max_length=4000)


# ── The ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@holding(READ_CASES)
def ledger(request: HttpRequest) -> HttpResponse:
    """Every invoice, newest first; the address says which of them."""
    asked = {key: request.GET.get(key, "").strip()[:100] for key in ("state", "kind", "firm", "q")}
    today = timezone.localdate()
    found: Any = Invoice.objects.visible_to(request.user)
    if asked["state"] in InvoiceState.values:
        found = found.filter(state=asked["state"])
    elif asked["state"] == "overdue":
        found = found.filter(state__in=LIVE, due_on__lt=today)
    elif asked["state"] == "waiver":
        found = found.filter(state__in=LIVE, waiver_asked_by__isnull=False)
    if asked["kind"] in FeeKind.values:
        found = found.filter(kind=asked["kind"])
    firm = None
    if asked["firm"].isascii() and asked["firm"].isdigit() and len(asked["firm"]) < 19:
        firm = Firm.objects.visible_to(request.user).filter(pk=int(asked["firm"])).first()
        found = found.filter(firm=int(asked["firm"]))
    if asked["q"]:
        named = Q(firm__legal_name__icontains=asked["q"]) | Q(firm__trading_name__icontains=asked["q"])
        found = found.filter(Q(number__icontains=asked["q"]) | named)
    page = page_of(found.select_related("firm").with_paid().order_by("-pk"), request)
    shown = {
        "page": page,
        "rows": [(each, each.is_overdue(today)) for each in page],
        "asked": asked,
        "firm": firm,
        "states": [*InvoiceState.choices, *WANTED.items()],
        "kinds": FeeKind.choices,
        "keeps_accounts": request.user.has_perm(KEEP_ACCOUNTS),
    }
    return render(request, "staff/invoices.html", shown)


# ── One invoice ──────────────────────────────────────────────────────────────────────────────────────────────────────
def the_invoice(request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(fees.whole_invoices().visible_to(request.user), pk=pk)


@require_safe
@holding(READ_CASES)
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked for and by which fees, what was paid, whether it is to be waived, and everything that happened."""
    found = the_invoice(request, pk)
    user, live = person(request), found.state in LIVE
    keeps = user.has_perm(KEEP_ACCOUNTS)
    asked = found.waiver_asked_by_id is not None
    decides = user.has_perm(WAIVE_FEES) and live and asked and found.waiver_asked_by_id != user.pk
    shown = {
        "invoice": found,
        "subject": found.subject,
        "overdue": found.is_overdue(timezone.localdate()),
        "payments": found.payments.all(),
        "may_record": keeps and live,
        "may_take_back": keeps and found.state in (InvoiceState.PAID, InvoiceState.PART_PAID),
        "may_ask": user.has_perm(ASK_FOR_WAIVER) and live and not asked,
        "may_decline": decides and not actions.kept_from_the_waiver(found, user, at=timezone.now()),
        "may_raise_again": keeps and found.state == InvoiceState.CANCELLED,
        # The moves that follow from a payment are made by recording it.
        "moves": "waive cancel",
    }
    return render(request, "staff/invoice.html", shown)


@require_safe
@holding(READ_CASES)
def invoice_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The invoice alone, for the printer."""
    found = the_invoice(request, pk)
    account = fees.account_on(found.issued_at)
    shown = {"invoice": found, "subject": found.subject, "account": account, "back": found.get_absolute_url()}
    return render(request, "invoice_paper.html", shown)


def act_page(
    request: HttpRequest, found: Invoice, form: forms.Form, act: Callable[..., Any], *, done: str, **words: Any
) -> HttpResponse:
    """One act on an invoice: shown, sent back with what was typed and why, or done."""
    if request.method == "POST" and form.is_valid():
        try:
            act(by=person(request), at=timezone.now(), **form.cleaned_data)
        except (ValidationError, MoveRefused) as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, done)
            return redirect(found)
    shown = {"invoice": found, "form": form, **words}
    return render(request, "staff/invoice_act.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@holding(KEEP_ACCOUNTS)
def payment_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a payment by hand, where no statement of the bank brings it."""
    found = the_invoice(request, pk)
    first = {"amount": found.outstanding_pkr or None, "paid_on": timezone.localdate()}

    def record(**said: Any) -> Payment:
        return actions.record_payment(found, **said)

    return act_page(
        request,
        found,
        PaymentForm(sent(request)[0], initial=first),
        record,
        done="The payment is recorded.",
        title="Record a payment",
        submit="Record the payment",
        lead=f"PKR {found.outstanding_pkr:,.2f} of PKR {found.total_pkr:,.2f} is outstanding.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(KEEP_ACCOUNTS)
def payment_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a payment back by a counter-entry."""
    payment = get_object_or_404(Payment.objects.visible_to(request.user), pk=pk)
    found = the_invoice(request, payment.invoice_id)

    def take_back(**said: Any) -> Payment:
        return actions.reverse_payment(payment, **said)

    return act_page(
        request,
        found,
        ReasonsForm(sent(request)[0]),
        take_back,
        done="The payment is taken back; the invoice stands open by as much.",
        title="Take a payment back",
        submit="Take the payment back",
        lead=f"PKR {payment.amount_pkr:,.2f}, {payment.bank_reference}. A counter-entry is added; nothing is deleted.",
    )


# ── Waivers ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@holding(ASK_FOR_WAIVER)
def waiver_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the committee to waive what is outstanding."""
    found = the_invoice(request, pk)

    def ask(**said: Any) -> Invoice:
        return actions.ask_for_waiver(found, **said)

    return act_page(
        request,
        found,
        ReasonsForm(sent(request)[0]),
        ask,
        done="The committee is asked to waive the fee.",
        title="Ask for a waiver",
        submit="Ask the committee",
        lead="The committee decides; whoever asks does not.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@holding(WAIVE_FEES)
def waiver_declined(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the fee as it is."""
    found = the_invoice(request, pk)

    def decline(**said: Any) -> Invoice:
        return actions.decline_waiver(found, **said)

    return act_page(
        request,
        found,
        RefusalForm(sent(request)[0]),
        decline,
        done="The fee stays as it is, and the firm is told.",
        title="Decline the waiver",
        submit="Decline the waiver",
        lead=f"Asked for: {found.waiver_reasons}" if found.waiver_reasons else "No waiver is asked for.",
    )


@require_POST
@holding(KEEP_ACCOUNTS)
def invoice_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Charge anew for what a cancelled invoice was for."""
    found = the_invoice(request, pk)
    try:
        again = actions.raise_again(found, by=person(request), at=timezone.now())
    except ValidationError as refusal:
        for said in refusal.messages:
            messages.error(request, said)
        return redirect(found)
    messages.success(request, f"{again.number} is raised in its place.")
    return redirect(again)


# ── The tariff ───────────────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@holding(READ_CASES)
def tariff(request: HttpRequest) -> HttpResponse:
    """Every row that was ever set, with its day, its source and who entered it."""
    at = timezone.now()
    rows = TariffRow.objects.filter(is_sample=False).select_related("entered_by").order_by("-effective_from", "pk")
    shown = {"tariff": fees.tariff(at), "page": page_of(rows, request)}
    return render(request, "staff/tariff.html", shown)


# ── On the pages of cases ────────────────────────────────────────────────────────────────────────────────────────────
def fees_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    if not isinstance(case, fees.CHARGED_FOR):
        return None
    rows, due = fees.of_the_case(case, at)
    if not rows and not due:
        return None
    return Panel("Fees", "fees", "staff/panels/fees.html", {"rows": rows, "due": due})
