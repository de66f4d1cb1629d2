"""Fees: invoices with their payments and waivers, statements of the bank in two calls, and the tariff for everybody."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.access import KEEP_ACCOUNTS, READ_AUDIT
from licensing.actions import fees as actions
from licensing.actions import statements
from licensing.faces import fees
from licensing.faces.api.bodies import ReasonsBody
from licensing.faces.api.shapes import Colleague, FirmName, StateTitle
from licensing.models import BankStatement, Invoice, InvoiceLine, Payment, TariffRow
from licensing.states import RowVerdict
from pvara.kernel.api import Moves, OneFile, Plain, PublicEndpoint, Reads, Strict


class Rupees(serializers.DecimalField):
    """An amount in rupees, as text with its paisa."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=24, decimal_places=2, **kwargs)


# ── Invoices ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class InvoiceLineShape(serializers.ModelSerializer[InvoiceLine]):
    class Meta:
        model = InvoiceLine
        fields = ["title", "amount_pkr", "tariff"]
        read_only_fields = fields


class PaymentShape(serializers.ModelSerializer[Payment]):
    recorded_by = Colleague()
    reverses: Any = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True, help_text="The payment that this counter-entry takes back."
    )

    class Meta:
        model = Payment
        fields = ["id", "invoice", "amount_pkr", "paid_on", "bank_reference", "reverses", "recorded_by", "recorded_at"]
        read_only_fields = fields


class InvoiceBrief(serializers.ModelSerializer[Invoice]):
    firm = FirmName(read_only=True)
    state_title = StateTitle()
    version = serializers.IntegerField(read_only=True)
    paid_pkr = Rupees(read_only=True)
    outstanding_pkr = Rupees(read_only=True)

    class Meta:
        model = Invoice
        fields = [
            "id",
            "number",
            "firm",
            "kind",
            "period_from",
            "subject_type",
            "subject_id",
            "state",
            "state_title",
            "version",
            "total_pkr",
            "paid_pkr",
            "outstanding_pkr",
            "issued_at",
            "due_on",
        ]
        read_only_fields = fields


class AccountShape(Plain):
    number = serializers.CharField()
    title = serializers.CharField()
    bank = serializers.CharField()


class InvoiceShape(InvoiceBrief):
    lines = InvoiceLineShape(many=True, read_only=True)
    payments = PaymentShape(many=True, read_only=True)
    waiver_asked_for = serializers.SerializerMethodField(help_text="Whether the committee is asked to waive it.")
    waiver_reasons = serializers.SerializerMethodField(
        help_text="What the firm gave as its reasons; those of the regulator's people are for these only."
    )
    waived_by = Colleague()
    pay_into = serializers.SerializerMethodField()

    class Meta:
        model = Invoice
        fields = [
            *InvoiceBrief.Meta.fields,
            "lines",
            "payments",
            "waiver_asked_for",
            "waiver_reasons",
            "waived_by",
            "pay_into",
        ]
        read_only_fields = fields

    def get_waiver_asked_for(self, invoice: Invoice) -> bool:
        return invoice.waiver_asked_by_id is not None

    def get_waiver_reasons(self, invoice: Invoice) -> str:
        asked_by = invoice.waiver_asked_by
        own = asked_by is not None and not asked_by.is_staff
        return invoice.waiver_reasons if own or self.context["request"].user.is_staff else ""

    @extend_schema_field(AccountShape)
    def get_pay_into(self, invoice: Invoice) -> Any:
        return AccountShape(fees.account_on(timezone.now())).data


class PaymentBody(Strict):
    amount_pkr = Rupees(help_text="As it arrived; a part of the total is a part payment.")
    paid_on = serializers.DateField()
    bank_reference = serializers.CharField(max_length=100, help_text="One payment is taken once.")
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class Invoices(Reads, Moves):
    """Invoices: all for the regulator's people, its own for a firm."""

    queryset = Invoice.objects.all()
    serializer_class = InvoiceShape
    brief_class = InvoiceBrief
    filters = {"state": "state", "firm": "firm_id", "kind": "kind", "number": "number"}

    def get_queryset(self) -> "QuerySet[Any]":
        rows = fees.invoices() if self.action == "list" else fees.whole_invoices()
        return rows.visible_to(self.request.user)

    @extend_schema(request=PaymentBody, responses={201: InvoiceShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def payments(self, request: Request, pk: int) -> Response:
        """Record a payment, and settle the invoice as far as it reaches. Sent again, it is refused as recorded."""
        invoice, said = self.get_object(), self.said(PaymentBody)
        actions.record_payment(invoice, amount=said.pop("amount_pkr"), by=self.person, at=timezone.now(), **said)
        return self.answer(self.fresh(invoice), status=201)

    @extend_schema(request=ReasonsBody, responses=InvoiceShape)
    @action(detail=True, methods=["post"], url_path="waiver-request", pagination_class=None)
    def waiver_request(self, request: Request, pk: int) -> Response:
        """Ask the committee to waive what is outstanding; it gives the waiver with the move `waive`."""
        invoice = actions.ask_for_waiver(self.get_object(), by=self.person, at=timezone.now(), **self.said(ReasonsBody))
        return self.answer(self.fresh(invoice))

    @extend_schema(request=ReasonsBody, responses=InvoiceShape)
    @action(detail=True, methods=["post"], url_path="waiver-refusal", pagination_class=None)
    def waiver_refusal(self, request: Request, pk: int) -> Response:
        """Leave the fee as it is; it may be asked for again."""
        invoice = actions.decline_waiver(self.get_object(), by=self.person, at=timezone.now(), **self.said(ReasonsBody))
        return self.answer(self.fresh(invoice))

    @extend_schema(request=None, responses={201: InvoiceShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def again(self, request: Request, pk: int) -> Response:
        """Charge anew for what a cancelled invoice was for."""
        raised = actions.raise_again(self.get_object(), by=self.person, at=timezone.now())
        return self.answer(self.fresh(raised), status=201)


class Payments(Reads):
    """Payments and the counter-entries that took some back; none is ever changed."""

    queryset = Payment.objects.all()
    serializer_class = PaymentShape
    filters = {"invoice": "invoice_id", "bank_reference": "bank_reference"}

    def get_queryset(self) -> "QuerySet[Any]":
        return Payment.objects.visible_to(self.request.user).select_related("recorded_by")

    @extend_schema(request=ReasonsBody, responses={201: PaymentShape})
    @action(detail=True, methods=["post"], pagination_class=None)
    def reversal(self, request: Request, pk: int) -> Response:
        """Take a payment back by a counter-entry; the invoice stands open again by as much."""
        counter = actions.reverse_payment(
            self.get_object(), by=self.person, at=timezone.now(), **self.said(ReasonsBody)
        )
        return self.answer(counter, status=201)


# ── Statements of the bank ───────────────────────────────────────────────────────────────────────────────────────────
class BankStatementRowShape(Plain):
    line = serializers.IntegerField(help_text="Where it stands in the file; the header is line 1.")
    cells = serializers.DictField(child=serializers.CharField(allow_blank=True))
    verdict = serializers.ChoiceField(choices=RowVerdict.choices)
    said = serializers.CharField(help_text="What becomes of it, or why nothing does.")
    bank_reference = serializers.CharField()
    amount_pkr = Rupees(allow_null=True)
    invoice = serializers.SerializerMethodField()

    def get_invoice(self, row: statements.Verdict) -> int | None:
        return row.invoice.pk if row.invoice is not None else None


class BankStatementBrief(serializers.ModelSerializer[BankStatement]):
    uploaded_by = Colleague()
    imported_by = Colleague()

    class Meta:
        model = BankStatement
        fields = ["id", "file_name", "size", "sha256", "uploaded_by", "uploaded_at", "imported_by", "imported_at"]
        read_only_fields = fields


class BankStatementShape(BankStatementBrief):
    _seen: list[statements.Verdict] | None = None

    shown = serializers.SerializerMethodField(
        help_text="The hash of what the rows say; send it to import them exactly so."
    )
    rows = serializers.SerializerMethodField()

    class Meta:
        model = BankStatement
        fields = [*BankStatementBrief.Meta.fields, "shown", "rows"]
        read_only_fields = fields

    def get_shown(self, statement: BankStatement) -> str:
        return statement.shown_sha256 or statements.shown_hash(self._rows(statement))

    @extend_schema_field(BankStatementRowShape(many=True))
    def get_rows(self, statement: BankStatement) -> Any:
        return BankStatementRowShape(self._rows(statement), many=True).data

    def _rows(self, statement: BankStatement) -> list[statements.Verdict]:
        # Looked through once: the hash is of the very rows that are shown.
        if self._seen is None:
            user = self.context["request"].user
            imported = statement.imported_at is not None
            self._seen = (
                statements.as_imported(statement)
                if imported
                else statements.look_through(statement, by=user, at=timezone.now())
            )
        return self._seen


class BankStatementBody(Plain):
    file = serializers.FileField(allow_empty_file=True, max_length=150, help_text="CSV in UTF-8.")


class ImportBody(Strict):
    shown = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="`shown`, as you were given it.")


class BankStatements(Reads):
    """Statements of the bank: handed in and looked through with one call, imported as they were shown with another."""

    queryset = BankStatement.objects.all()
    serializer_class = BankStatementShape
    brief_class = BankStatementBrief

    def get_queryset(self) -> QuerySet[BankStatement]:
        if not any(self.request.user.has_perm(each) for each in (KEEP_ACCOUNTS, READ_AUDIT)):
            raise PermissionDenied("Statements of the bank are finance's.")
        return BankStatement.objects.select_related("uploaded_by", "imported_by")

    def get_parsers(self) -> list[Any]:
        # Only here does a form come in, because only here does a file.
        posted = self.request is not None and self.request.method == "POST" and "pk" not in self.kwargs
        return [OneFile()] if posted else super().get_parsers()

    @extend_schema(request={"multipart/form-data": BankStatementBody}, responses={201: BankStatementShape})
    def create(self, request: Request) -> Response:
        """Hand in a statement and see what an import would make of each row. The same file is the same statement."""
        said = self.said(BankStatementBody)
        found, new = statements.hand_in(said["file"], by=self.person, at=timezone.now())
        answer = self.answer(self.get_queryset().get(pk=found.pk), status=201)
        if not new:
            answer["Idempotent-Replayed"] = "true"
        return answer

    @extend_schema(request=ImportBody, responses=BankStatementShape)
    @action(detail=True, methods=["post"], url_path="import", url_name="import", pagination_class=None)
    def import_(self, request: Request, pk: int) -> Response:
        """Record the payments exactly as they were shown, all of them or none. Sent again, it changes nothing."""
        found = statements.import_statement(
            self.get_object(), by=self.person, at=timezone.now(), **self.said(ImportBody)
        )
        return self.answer(self.get_queryset().get(pk=found.pk))


# ── The tariff ───────────────────────────────────────────────────────────────────────────────────────────────────────
class FeeShape(serializers.ModelSerializer[TariffRow]):
    title: Any = serializers.CharField(read_only=True)
    activity = serializers.CharField(
        read_only=True, help_text="The code of an activity; empty where a fee is the same for all of them."
    )

    class Meta:
        model = TariffRow
        fields = ["id", "kind", "activity", "title", "amount_pkr", "effective_from"]
        read_only_fields = fields


class TariffShape(Plain):
    in_force = FeeShape(many=True)
    to_come = FeeShape(many=True)
    pay_into = AccountShape()


class CurrentTariff(PublicEndpoint):
    serializer_class = TariffShape

    @extend_schema(operation_id="tariff", responses=TariffShape)
    def retrieve(self, request: Request) -> Response:
        """What is charged today, what is set for days to come, and the account that fees are paid into."""
        at = timezone.now()
        now = fees.tariff(at)
        return self.answer({"in_force": now.in_force, "to_come": now.to_come, "pay_into": fees.account_on(at)})
