"""What an exchange is asked to pay: its invoices, with account and reference, and the request to waive one."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing.actions import fees as actions
from licensing.faces import fees
from licensing.faces.fees import ReasonsForm
from licensing.faces.panels import Panel
from licensing.models.fees import LIVE
from pvara.kernel import audit
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User
from pvara.kernel.web import applicants_only, explain_on, page_of, person, sent


@require_safe
@applicants_only
def invoices(request: HttpRequest) -> HttpResponse:
    """Every invoice of one's own firms, what is due first in the eye."""
    today = timezone.localdate()
    page = page_of(fees.invoices().visible_to(request.user), request)
    shown = {
        "page": page,
        "rows": [(each, each.is_overdue(today)) for each in page],
        "account": fees.account_on(timezone.now()),
    }
    return render(request, "portal/invoices.html", shown)


def the_invoice(request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(fees.whole_invoices().visible_to(request.user), pk=pk)


@require_safe
@applicants_only
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """One invoice: what for, what is left to pay, where and under which reference."""
    found = the_invoice(request, pk)
    declined = audit.history(found).filter(event="waiver_declined").last()
    shown = {
        "invoice": found,
        "subject": found.subject,
        "account": fees.account_on(timezone.now()),
        "overdue": found.is_overdue(timezone.localdate()),
        "payments": found.payments.all(),
        "may_ask": found.state in LIVE and found.waiver_asked_by_id is None,
        "declined": declined if found.waiver_asked_by_id is None else None,
    }
    return render(request, "portal/invoice.html", shown)


@require_safe
@applicants_only
def invoice_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The invoice alone, for the printer or as a PDF from the browser."""
    found = the_invoice(request, pk)
    back = reverse("portal:invoice", args=[pk])
    account = fees.account_on(found.issued_at)
    shown = {"invoice": found, "subject": found.subject, "account": account, "back": back}
    return render(request, "invoice_paper.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@applicants_only
def waiver_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the committee to waive what is outstanding."""
    found = the_invoice(request, pk)
    form = ReasonsForm(sent(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_for_waiver(found, by=person(request), at=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            explain_on(form, refusal)
        else:
            messages.success(request, "The committee is asked to waive the fee. Until it decides, the invoice stands.")
            return redirect("portal:invoice", pk=pk)
    return render(request, "portal/waiver.html", {"invoice": found, "form": form}, status=422 if form.errors else 200)


def fees_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """What the case costs: what is charged, or will be when it is submitted."""
    if not isinstance(case, fees.CHARGED_FOR):
        return None
    rows, due = fees.of_the_case(case, at)
    if not rows and not due:
        return None
    return Panel("Fees", "fees", "portal/panels/fees.html", {"rows": rows, "due": due})
