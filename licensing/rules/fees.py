"""Gates of money: fees that are settled before a case goes on, and hands that stay off the money of their own case."""

from datetime import datetime
from typing import Any

from pvara.kernel.gates import Open, Shut, gate
from pvara.kernel.models import User


# ── Invoices ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The payments do not cover the total.")
def payments_cover_the_total(invoice: Any) -> Open | Shut:
    paid, total = invoice.paid_pkr, invoice.total_pkr
    if paid == total:
        return Open({"paid_pkr": str(paid), "total_pkr": str(total)})
    return Shut(f"PKR {paid:,.2f} of PKR {total:,.2f} is paid.")


@gate("The payments do not cover a part of the total.")
def payments_cover_a_part(invoice: Any) -> Open | Shut:
    paid, total = invoice.paid_pkr, invoice.total_pkr
    if 0 < paid < total:
        return Open({"paid_pkr": str(paid), "total_pkr": str(total)})
    return Shut(f"PKR {paid:,.2f} of PKR {total:,.2f} is paid.")


@gate("Something is paid on the invoice.")
def nothing_is_paid(invoice: Any) -> bool | Shut:
    return invoice.paid_pkr == 0 or Shut(f"PKR {invoice.paid_pkr:,.2f} is paid; take the payments back first.")


@gate("The officer of a case keeps away from its money.")
def recorder_is_not_the_case_officer(invoice: Any, by: User | None) -> bool:
    return by is None or by.pk not in invoice.officer_ids()


@gate("Nobody asked for a waiver.")
def waiver_was_asked_for(invoice: Any) -> bool | Open:
    if invoice.waiver_asked_by_id is None:
        return False
    return Open({"asked_by": str(invoice.waiver_asked_by), "reasons": invoice.waiver_reasons})


@gate("Whoever asked for a waiver does not give it.")
def waiver_is_not_by_who_asked(invoice: Any, by: User | None) -> bool:
    return by is None or invoice.waiver_asked_by_id != by.pk


# ── Applications ─────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The fee reference is missing.")
def fee_reference_is_given(case: Any, at: datetime) -> bool | Open | Shut:
    due = case.fee_due(at)
    if not due:
        return Open({"fee": "no fee is due"})
    return bool(case.fee_reference) or Shut(f"A fee of PKR {due:,.2f} is due; say under which reference you pay it.")


def is_settled(invoice: Any, due: Any) -> Open | Shut:
    """Whether what was charged is paid or waived; `due` is what the tariff asked for when nothing was charged."""
    if invoice is None and not due:
        return Open({"fee": "no fee is due"})
    if invoice is None:
        return Shut(f"PKR {due:,.2f} is due, and no invoice stands.")
    if invoice.is_settled:
        return Open({"invoice": invoice.number, "state": invoice.state, "total_pkr": str(invoice.total_pkr)})
    return Shut(f"{invoice.number}: PKR {invoice.outstanding_pkr:,.2f} of PKR {invoice.total_pkr:,.2f} is not paid.")


@gate("The application fee is not confirmed.")
def fee_is_confirmed(case: Any, at: datetime) -> Open | Shut:
    return is_settled(case.fee_invoice, case.fee_due(case.submitted_at or at))


@gate("The annual fee is not paid.")
def annual_fee_is_paid(case: Any, at: datetime) -> Open | Shut:
    return is_settled(case.annual_fee_invoice, case.annual_fee_due(case.approved_at or at))


@gate("The fee of the extension is not paid.")
def extension_fee_is_paid(case: Any, at: datetime) -> bool | Open | Shut:
    # Nothing is charged before somebody asks; that nobody did is said by a gate of its own.
    return case.extension_asked_at is None or is_settled(case.extension_invoice, case.extension_due(at))


@gate("Whoever recorded a payment of the fee does not take the case up.")
def officer_did_not_record_the_payment(case: Any, by: User | None) -> bool:
    return by is None or by.pk not in case.payment_recorder_ids()
