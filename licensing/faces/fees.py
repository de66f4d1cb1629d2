"""What every face says of money: the account to pay into, an invoice with all of it, and the fees of a case."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django import forms
from django.db.models import Q
from django.utils import timezone

from licensing.models import Invoice, Licence, LicenceApplication, NocApplication, SetUp
from licensing.models.fees import InvoiceQuerySet, TariffRow, tariff_in_force
from pvara.kernel import figures
from pvara.kernel.machine import Stateful

# The rows on whose page their fees stand.
CHARGED_FOR = (NocApplication, SetUp, LicenceApplication, Licence)


class ReasonsForm(forms.Form):
    """Why something about an invoice is asked for or done."""

    reasons = forms.CharField(
        label="Reasons", widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, help_text="Part of the record."
    )


class RefusalForm(ReasonsForm):
    """Why a fee stays as it is."""

    reasons = forms.CharField(
        label="Reasons, as the firm will read them", widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )


@dataclass(frozen=True)
class Account:
    """Where fees are paid into, as in force on a day."""

    bank: str
    title: str
    number: str


def account_on(at: datetime) -> Account:
    said = figures.values("fees.", on=timezone.localdate(at))
    return Account(said["fees.bank"], said["fees.account_title"], said["fees.account_number"])


def invoices() -> InvoiceQuerySet:
    """Invoices with what a list shows of each, newest first."""
    # Summing the payments takes the model's own order away.
    found: InvoiceQuerySet = Invoice.objects.select_related("firm").with_paid().order_by("-pk")
    return found


def whole_invoices() -> InvoiceQuerySet:
    """Invoices with all that their own page shows."""
    people = ("raised_by", "waiver_asked_by", "waived_by", "cancelled_by")
    payments = ("payments__recorded_by", "payments__statement_row__statement", "payments__reversed_by")
    found: InvoiceQuerySet = invoices().select_related(*people).prefetch_related("lines__tariff", *payments)
    return found


def of_the_case(case: Stateful, at: datetime) -> tuple[list[Invoice], Decimal]:
    """The invoices of a case, newest first, and what the tariff will ask for when it is submitted."""
    charged = Q(subject_type=case._meta.label_lower, subject_id=case.pk)
    if isinstance(case, Licence):
        # The first year's fee was charged on the application from which the licence came.
        charged |= Q(subject_type=LicenceApplication._meta.label_lower, subject_id=case.application_id)
    due = Decimal(0)
    if isinstance(case, NocApplication | LicenceApplication) and case.state == "draft":
        due = case.fee_due(at)
    return list(invoices().filter(charged)), due


# ── The tariff ───────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Tariff:
    """What is charged today, what was set for days to come, and the sample beside it."""

    in_force: list[TariffRow]
    to_come: list[TariffRow]
    sample: list[TariffRow]

    @property
    def charges_nothing(self) -> bool:
        return not any(row.amount_pkr for row in self.in_force)


def tariff(at: datetime) -> Tariff:
    today = timezone.localdate(at)
    to_come = TariffRow.objects.filter(effective_from__gt=today, is_sample=False).order_by("effective_from", "pk")
    return Tariff(tariff_in_force(today), list(to_come), tariff_in_force(today, sample=True))
