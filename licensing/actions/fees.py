"""Invoices and payments: what a submission or an approval charges, and what finance makes of the money that comes."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models, transaction
from django.utils import timezone

from licensing.access import ASK_FOR_WAIVER, KEEP_ACCOUNTS, REPRESENT, WAIVE_FEES
from licensing.actions import notices
from licensing.actions.interests import require_no_interest
from licensing.models import (
    Invoice,
    InvoiceLine,
    Licence,
    LicenceApplication,
    NocApplication,
    Payment,
    SetUp,
    StatementRow,
)
from licensing.models.fees import LIVE, TariffRow, rows_due
from licensing.rules.hands import HAD_NO_HAND
from licensing.states import FeeKind, InvoiceState
from pvara.kernel import audit, figures
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User


def require(by: User, *permissions: str) -> None:
    if not any(by.has_perm(each) for each in permissions):
        raise PermissionDenied("This belongs to another role.")


# ── Charging ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def raise_invoice(
    subject: models.Model,
    kind: str,
    *,
    activities: Iterable[str],
    by: User | None,
    at: datetime,
    period_from: date | None = None,
) -> Invoice | None:
    """Charge what the tariff in force asks for one thing; None when it asks for nothing.

    `subject` is any row with a `firm`. `period_from` is the first day of what is paid for anew each time: the tariff of
    that day holds, whenever it is charged. Call it in the transaction of what is charged for: the number that the
    invoice takes is kept or given back with it, so that numbers have no gaps.
    """
    firm: Any = subject.firm  # type: ignore[attr-defined]  # every row that is charged for belongs to a firm
    today = timezone.localdate(at)
    rows = rows_due(kind, activities, period_from or today)
    if not rows:
        return None
    with transaction.atomic():
        invoice = Invoice.objects.create(
            number=_next_number(today.year),
            firm=firm,
            kind=kind,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            period_from=period_from,
            total_pkr=sum(row.amount_pkr for row in rows),
            issued_at=at,
            due_on=today + timedelta(days=int(figures.value("fees.due_days", on=today))),
            raised_by=by,
        )
        year = f", for the year from {period_from:%-d %B %Y}" if period_from else ""
        InvoiceLine.objects.bulk_create(
            InvoiceLine(invoice=invoice, tariff=row, title=f"{row.title}{year}", amount_pkr=row.amount_pkr)
            for row in rows
        )
        audit.record(
            invoice,
            event="issued",
            by=by,
            at=at,
            to_state=invoice.state,
            data={
                "number": invoice.number,
                "total_pkr": str(invoice.total_pkr),
                "lines": [{"tariff": row.pk, "title": row.title, "amount_pkr": str(row.amount_pkr)} for row in rows],
            },
        )
        _tell(invoice, f"{invoice.number}: PKR {invoice.total_pkr:,.2f} to pay", "invoice", "issued", at=at)
        return invoice


def _next_number(year: int) -> str:
    """PVARA/INV/<YYYY>/<NNNNN>, without gaps: the counter's row stays locked until this invoice is kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO licensing_invoicecounter (year, last) VALUES (%s, 1)
            ON CONFLICT (year) DO UPDATE SET last = licensing_invoicecounter.last + 1
            RETURNING last
            """,
            [year],
        )
        (number,) = cursor.fetchone()
    return f"PVARA/INV/{year}/{number:05d}"


def _tell(invoice: Invoice, subject: str, template: str, occasion: str, *, at: datetime) -> None:
    account = figures.values("fees.", on=timezone.localdate(at))
    notices.tell_firm(
        invoice.firm,
        subject=subject,
        template=template,
        context={"invoice": invoice, "account": {key.partition(".")[2]: said for key, said in account.items()}},
        key=f"invoice:{invoice.pk}:{occasion}",
        at=at,
    )


@follows(NocApplication, "submit")
@follows(LicenceApplication, "submit")
def charge_for_the_application(case: Any, *, by: User, at: datetime, entry: AuditEntry) -> None:
    raise_invoice(case, case.fee_kind, activities=case.requested_activities, by=None, at=at)


@follows(NocApplication, "ask_to_extend")
@follows(SetUp, "ask_to_extend")
def charge_for_the_extension(case: Any, *, by: User, at: datetime, entry: AuditEntry) -> None:
    raise_invoice(case, FeeKind.EXTENSION, activities=case.requested_activities, by=None, at=at)


@follows(LicenceApplication, "approve_in_principle", "approve_with_conditions")
def charge_for_the_year(case: LicenceApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    raise_invoice(case, FeeKind.ANNUAL, activities=case.requested_activities, by=None, at=at)


def raise_again(cancelled: Invoice, *, by: User, at: datetime) -> Invoice:
    """Charge anew for what a cancelled invoice was for, by the tariff of today, or of the first day of its year.

    Raises ValidationError for one that is not cancelled, while another stands, and where nothing is due any more.
    """
    require(by, KEEP_ACCOUNTS)
    require_no_interest(by, cancelled.firm, at=at)
    subject = cancelled.subject
    with transaction.atomic():
        # Two who charge anew take turns: the second finds the invoice of the first.
        Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=cancelled.pk)
        same = Invoice.objects.about(subject).filter(kind=cancelled.kind, period_from=cancelled.period_from)
        standing = same.exclude(state=InvoiceState.CANCELLED)
        if cancelled.state != InvoiceState.CANCELLED or standing.exists():
            raise ValidationError("An invoice for this stands already.")
        again = raise_invoice(
            subject,
            cancelled.kind,
            activities=_charged_for(subject),
            by=by,
            at=at,
            period_from=cancelled.period_from,
        )
        if again is None:
            raise ValidationError("By the tariff of today nothing is due for this.")
        return again


def _charged_for(subject: Any) -> list[str]:
    """The activities by which the fee of a row is reckoned."""
    if isinstance(subject, Licence):
        return list(subject.activities)
    found: list[str] | None = getattr(subject, "charged_activities", None)
    return list(subject.requested_activities) if found is None else found


# ── Paying ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def record_payment(
    invoice: Invoice,
    *,
    amount: Decimal,
    paid_on: date,
    bank_reference: str,
    by: User,
    at: datetime,
    note: str = "",
    row: StatementRow | None = None,
) -> Payment:
    """Record money that came in for an invoice, and settle it as far as the money reaches.

    Raises ValidationError, saying what to do, for more than is outstanding, for a payment that is recorded already,
    and for a day that has not come; MoveRefused for the case's own officer.
    """
    require(by, KEEP_ACCOUNTS)
    reference = bank_reference.strip()
    with transaction.atomic():
        invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)
        if row is None:
            _check_payment(invoice, amount, paid_on, reference, at)
        paid = invoice.paid_pkr + amount
        payment = Payment(
            invoice=invoice,
            amount_pkr=amount,
            paid_on=paid_on,
            bank_reference=reference,
            note=note.strip(),
            statement_row=row,
            recorded_by=by,
            recorded_at=at,
        )
        # Asked before the row is written, so that the refusal is the gate's and not the database's.
        if by.pk not in invoice.officer_ids():
            payment.save()
        perform(
            invoice,
            "settle" if paid == invoice.total_pkr else "record_part",
            by=by,
            at=at,
            expected_version=invoice.version,
            data=_facts(payment),
        )
        if paid == invoice.total_pkr:
            _tell(invoice, f"{invoice.number} is paid", "invoice_paid", f"paid:{payment.pk}", at=at)
        return payment


def _check_payment(invoice: Invoice, amount: Decimal, paid_on: date, reference: str, at: datetime) -> None:
    if invoice.state not in LIVE:
        raise ValidationError(f"{invoice.number} is {invoice.get_state_display().lower()}: nothing is to be paid.")
    if amount <= 0:
        raise ValidationError({"amount": "Give an amount above zero. To take a payment back, reverse it."})
    if amount > invoice.outstanding_pkr:
        said = f"PKR {invoice.outstanding_pkr:,.2f} is outstanding. Record that, and return the rest to the payer."
        raise ValidationError({"amount": said})
    if paid_on > timezone.localdate(at):
        raise ValidationError({"paid_on": "This day has not come yet."})
    if not reference:
        raise ValidationError({"bank_reference": "Give the bank's reference of the payment."})
    there = Payment.objects.filter(
        bank_reference=reference, amount_pkr=amount, reverses__isnull=True, reversed_by__isnull=True
    ).select_related("invoice")
    if payment := there.first():
        raise ValidationError({"bank_reference": f"This payment is recorded already, for {payment.invoice.number}."})


def _facts(payment: Payment) -> dict[str, Any]:
    return {
        "payment": payment.pk,
        "amount_pkr": str(payment.amount_pkr),
        "paid_on": str(payment.paid_on),
        "bank_reference": payment.bank_reference,
    }


def reverse_payment(payment: Payment, *, reasons: str, by: User, at: datetime) -> Payment:
    """Take a payment back by a counter-entry; the invoice stands open again by as much. Nothing is ever deleted.

    Raises ValidationError for one that was taken back already, that is itself a counter-entry, or whose invoice was
    waived or cancelled; MoveRefused without reasons and for the case's own officer.
    """
    require(by, KEEP_ACCOUNTS)
    with transaction.atomic():
        invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=payment.invoice_id)
        if payment.reverses_id is not None:
            raise ValidationError("This is a counter-entry itself. Record the payment again instead.")
        if Payment.objects.filter(reverses=payment).exists():
            raise ValidationError("This payment was taken back already.")
        if invoice.state not in (InvoiceState.PAID, InvoiceState.PART_PAID):
            raise ValidationError(f"{invoice.number} is {invoice.get_state_display().lower()}: its payments stand.")
        left = invoice.paid_pkr - payment.amount_pkr
        counter = Payment(
            invoice=invoice,
            amount_pkr=-payment.amount_pkr,
            paid_on=timezone.localdate(at),
            bank_reference=payment.bank_reference,
            note=reasons.strip(),
            reverses=payment,
            recorded_by=by,
            recorded_at=at,
        )
        if by.pk not in invoice.officer_ids():
            counter.save()
        perform(
            invoice,
            "reopen_in_part" if left else "reopen",
            by=by,
            at=at,
            expected_version=invoice.version,
            note=reasons,
            data=_facts(counter) | {"reverses": payment.pk},
        )
        return counter


# ── Waiving ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def ask_for_waiver(invoice: Invoice, *, reasons: str, by: User, at: datetime) -> Invoice:
    """Ask the committee to waive what is outstanding: the firm itself may, or the regulator's people for it."""
    if not by.has_perm(ASK_FOR_WAIVER) and not by.has_perm(REPRESENT, invoice.firm):
        raise PermissionDenied("You do not act for this firm.")
    if by.is_staff:
        require_no_interest(by, invoice.firm, at=at)
    if not reasons.strip():
        raise ValidationError({"reasons": "Give the reasons: the committee decides on them."})
    with transaction.atomic():
        invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)
        if invoice.state not in LIVE:
            raise ValidationError(f"{invoice.number} is {invoice.get_state_display().lower()}: nothing is to be paid.")
        if invoice.waiver_asked_by_id is not None:
            raise ValidationError("A waiver was asked for already; the committee has not decided yet.")
        invoice.waiver_asked_by, invoice.waiver_asked_at, invoice.waiver_reasons = by, at, reasons.strip()
        invoice.save(update_fields=["waiver_asked_by", "waiver_asked_at", "waiver_reasons"])
        audit.record(invoice, event="waiver_asked_for", by=by, at=at, note=invoice.waiver_reasons)
        return invoice


def kept_from_the_waiver(invoice: Invoice, by: User, *, at: datetime) -> list[str]:
    """Why a person decides on no waiver of an invoice, either way; empty when they had no hand in its case."""
    return [each.reason for each in HAD_NO_HAND if not each.verdict(invoice, by=by, at=at)]


def decline_waiver(invoice: Invoice, *, reasons: str, by: User, at: datetime) -> Invoice:
    """Leave the fee as it is; it may be asked for again, with other reasons."""
    require(by, WAIVE_FEES)
    require_no_interest(by, invoice.firm, at=at)
    if said := kept_from_the_waiver(invoice, by, at=at):
        raise PermissionDenied(" ".join(said))
    if not reasons.strip():
        raise ValidationError({"reasons": "Give the reasons: they are part of the record."})
    with transaction.atomic():
        invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)
        if invoice.waiver_asked_by_id is None or invoice.state not in LIVE:
            raise ValidationError("No waiver is asked for.")
        if invoice.waiver_asked_by_id == by.pk:
            raise ValidationError("Whoever asked for a waiver does not decide on it.")
        asked_by = str(invoice.waiver_asked_by)
        invoice.waiver_asked_by, invoice.waiver_asked_at, invoice.waiver_reasons = None, None, ""
        invoice.save(update_fields=["waiver_asked_by", "waiver_asked_at", "waiver_reasons"])
        entry = audit.record(
            invoice, event="waiver_declined", by=by, at=at, note=reasons.strip(), data={"asked_by": asked_by}
        )
        context = f"declined:{entry.pk}"
        _tell(invoice, f"{invoice.number}: the fee is not waived", "invoice_not_waived", context, at=at)
        return invoice


# ── The tariff ───────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def load_tariff(given: dict[str, Any], *, at: datetime) -> int:
    """Add the rows of a fixture that are missing and return how many; a row that is there is never overwritten."""
    on = date.fromisoformat(given["effective_from"])
    added = 0
    for which in ("tariff", "sample"):
        for each in given[which]:
            _, new = TariffRow.objects.get_or_create(
                kind=each["kind"],
                activity=each.get("activity", ""),
                effective_from=on,
                is_sample=which == "sample",
                defaults={
                    "amount_pkr": Decimal(each["amount_pkr"]),
                    "mark": each["mark"],
                    "source": each["source"],
                    "entered_at": at,
                },
            )
            added += new
    return added
