"""What is charged and what was paid: the tariff, invoices with their lines, and payments that are only ever added."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from licensing.lifecycle.fees import InvoiceLifecycle
from licensing.models.firms import CaseQuerySet, Firm
from licensing.models.scores import people_who_assessed
from licensing.states import Activity, FeeKind, InvoiceState
from pvara.kernel import looks
from pvara.kernel.models import User
from pvara.kernel.models.figures import Figure

NOTHING = Decimal("0.00")
LIVE = (InvoiceState.ISSUED, InvoiceState.PART_PAID)
SETTLED = (InvoiceState.PAID, InvoiceState.WAIVED)


def money(**options: Any) -> Any:
    """A field for rupees with their paisa."""
    return models.DecimalField(max_digits=24, decimal_places=2, **options)


# ── The tariff ───────────────────────────────────────────────────────────────────────────────────────────────────────
class TariffRow(models.Model):
    """One fee from a day on, until the next row for the same takes effect. A change is a new row, never an edited one.

    A row without an activity is charged once; one with an activity is added for each time that it is asked for. Rows
    of a sample stand beside the tariff for comparison: nothing is ever charged by them.
    """

    kind = models.CharField(max_length=20, choices=FeeKind.choices)
    activity = models.CharField(max_length=20, choices=Activity.choices, blank=True)
    amount_pkr = money()
    effective_from = models.DateField()
    is_sample = models.BooleanField(default=False)
    mark = models.CharField(max_length=10, choices=Figure.Mark.choices)
    source = models.TextField()
    entered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        verbose_name = "fee of the tariff"
        verbose_name_plural = "fees of the tariff"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "activity", "effective_from", "is_sample"], name="tariff_row_once_a_day"
            ),
            models.CheckConstraint(condition=Q(amount_pkr__gte=0), name="tariff_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, from {self.effective_from:%-d %B %Y}"

    @property
    def title(self) -> str:
        what = str(self.get_kind_display())
        return f"{what}: {self.get_activity_display()}" if self.activity else what


def tariff_in_force(on: date, *, sample: bool = False) -> list[TariffRow]:
    """The rows in force on a day, in the order of the kinds and of the activities."""
    newest: dict[tuple[str, str], TariffRow] = {}
    for row in _tariff(sample):
        if row.effective_from <= on:
            newest[row.kind, row.activity] = row
    kinds, activities = FeeKind.values, ["", *Activity.values]
    return sorted(newest.values(), key=lambda each: (kinds.index(each.kind), activities.index(each.activity)))


@looks.remembered
def _tariff(sample: bool) -> tuple[TariffRow, ...]:
    """Every row there ever was, the oldest first."""
    return tuple(TariffRow.objects.filter(is_sample=sample).order_by("effective_from", "pk"))


def rows_due(kind: str, activities: Iterable[str], on: date) -> list[TariffRow]:
    """The rows by which something is charged on a day; empty when no fee is due."""
    asked = {"", *activities}
    return [row for row in tariff_in_force(on) if row.kind == kind and row.activity in asked and row.amount_pkr]


def due(kind: str, activities: Iterable[str], on: date) -> Decimal:
    """What the tariff asks for something on a day, in PKR."""
    return sum((row.amount_pkr for row in rows_due(kind, activities, on)), Decimal(0))


# ── Invoices ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class InvoiceCounter(models.Model):
    """The last number given in a year; locked until the invoice that takes the next one is kept."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"PVARA/INV/{self.year}: {self.last}"


class InvoiceQuerySet(CaseQuerySet):
    def about(self, subject: models.Model) -> "InvoiceQuerySet":
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)

    def with_paid(self) -> "InvoiceQuerySet":
        """Each with what was paid on it, in the same question."""
        return self.annotate(paid=Coalesce(Sum("payments__amount_pkr"), NOTHING))


class Invoice(InvoiceLifecycle):
    """What a firm is asked to pay for one thing. Its lines say by which rows of the tariff."""

    number = models.CharField(max_length=40, unique=True)
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=20, choices=FeeKind.choices)
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    # The first day of what is paid for, where the same is paid for again and again: a year of a licence.
    period_from = models.DateField(null=True, blank=True, editable=False)
    total_pkr = money()
    issued_at = models.DateTimeField()
    due_on = models.DateField()
    raised_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    waiver_asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    waiver_asked_at = models.DateTimeField(null=True, blank=True)
    waiver_reasons = models.TextField(blank=True)
    waived_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    cancelled_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(total_pkr__gt=0), name="invoice_asks_for_something"),
            models.CheckConstraint(
                condition=Q(waived_by__isnull=True)
                | (Q(waiver_asked_by__isnull=False) & ~Q(waived_by=F("waiver_asked_by"))),
                name="invoice_waiver_is_not_by_who_asked",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "kind"],
                condition=Q(state__in=["issued", "part_paid"], period_from__isnull=True),
                name="invoice_one_open_for_a_thing",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "kind", "period_from"],
                condition=~Q(state="cancelled"),
                name="invoice_one_for_a_period",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="invoice_by_subject"),
            models.Index(fields=["state", "-id"], name="invoice_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.firm}"

    def get_absolute_url(self) -> str:
        return reverse("staff:invoice", args=[self.pk])

    @property
    def reference(self) -> str:
        return self.number

    @property
    def access_anchor(self) -> Firm:
        return self.firm

    @property
    def subject(self) -> Any:
        """The row that is paid for."""
        return apps.get_model(self.subject_type)._base_manager.get(pk=self.subject_id)

    def officer_ids(self) -> frozenset[int]:
        """Everybody who has or had the case in hand that is paid for: they keep away from its money."""
        asked: Any = getattr(self.subject, "officer_ids", frozenset)
        officers: frozenset[int] = asked()
        return officers

    def assessor_ids(self) -> set[int]:
        """Everybody whose ratings that case rests on: they do not decide whether its fee is waived."""
        return people_who_assessed(self.firm)

    @property
    def paid_pkr(self) -> Decimal:
        """What was paid, less what was taken back."""
        if "paid" in self.__dict__:
            return Decimal(self.__dict__["paid"])
        return self.payments.aggregate(sum=Coalesce(Sum("amount_pkr"), NOTHING))["sum"]

    @property
    def outstanding_pkr(self) -> Decimal:
        """What is still to be paid: nothing once it is waived or cancelled."""
        return self.total_pkr - self.paid_pkr if self.state in LIVE else NOTHING

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    def is_overdue(self, on: date) -> bool:
        return self.state in LIVE and on > self.due_on


class InvoiceLine(models.Model):
    """One fee on an invoice, with the row of the tariff that it comes from."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    tariff = models.ForeignKey(TariffRow, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    amount_pkr = money()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(amount_pkr__gt=0), name="invoice_line_asks_for_something")]

    def __str__(self) -> str:
        return self.title


def invoice_for(subject: models.Model, kind: str) -> Invoice | None:
    """The newest invoice of a kind on a row that was not cancelled, with what was paid on it."""
    rows = Invoice.objects.about(subject).filter(kind=kind).exclude(state=InvoiceState.CANCELLED)
    found: Invoice | None = rows.with_paid().first()
    return found


# ── Payments ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class PaymentQuerySet(CaseQuerySet):
    firm_path = "invoice__firm"


class Payment(models.Model):
    """Money that came in for an invoice, or the counter-entry that takes such an entry back. Never changed.

    The database holds it against the invoice: never more than the total, never by the case's own officer, one bank
    reference and amount once only (`guards_sql.py`).
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    amount_pkr = money()
    paid_on = models.DateField()
    bank_reference = models.CharField(max_length=100)
    note = models.TextField(blank=True)
    statement_row = models.OneToOneField(
        "licensing.StatementRow", null=True, blank=True, on_delete=models.PROTECT, related_name="payment"
    )
    reverses = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, amount_pkr__gt=0) | Q(reverses__isnull=False, amount_pkr__lt=0),
                name="payment_is_positive_and_its_reversal_negative",
            ),
            models.CheckConstraint(condition=~Q(bank_reference=""), name="payment_has_a_bank_reference"),
        ]
        indexes = [models.Index(fields=["bank_reference"], name="payment_by_bank_reference")]

    def __str__(self) -> str:
        return f"PKR {self.amount_pkr:,.2f}, {self.bank_reference}"
