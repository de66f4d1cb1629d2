"""Bank statements: shown row by row before anything is recorded, then imported as they were shown, or not at all."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone

from licensing.access import KEEP_ACCOUNTS
from licensing.actions.fees import record_payment, require
from licensing.actions.statement_files import MOST_BYTES, Line, read
from licensing.models import BankStatement, Invoice, Payment, StatementRow
from licensing.models.fees import LIVE
from licensing.states import RowVerdict
from pvara.kernel import audit, figures
from pvara.kernel.models import User

# The key of the lock by which imports take turns; any number that nothing else of the house uses.
ONE_AT_A_TIME = 20260614


@dataclass(frozen=True)
class Verdict:
    """What will become of a row, or what became of it."""

    line: int
    cells: dict[str, str]
    verdict: str
    said: str
    paid_on: date | None = None
    bank_reference: str = ""
    amount_pkr: Decimal | None = None
    invoice: Invoice | None = None

    @property
    def title(self) -> str:
        return str(RowVerdict(self.verdict).label)

    @property
    def is_recorded(self) -> bool:
        return self.verdict == RowVerdict.RECORDED


# ── Handing in ───────────────────────────────────────────────────────────────────────────────────────────────────────
def hand_in(file: UploadedFile, *, by: User, at: datetime) -> tuple[BankStatement, bool]:
    """Keep a statement to be looked through; with it, whether it is new: a file that was handed in before is that one.

    Raises ValidationError on `file`, saying what to do, for what cannot be read as a statement.
    """
    require(by, KEEP_ACCOUNTS)
    content = file.read(MOST_BYTES + 1)
    read(content)
    with transaction.atomic():
        statement, new = BankStatement.objects.get_or_create(
            sha256=hashlib.sha256(content).hexdigest(),
            defaults={
                # A name is shown and never used as a path: the last part of it is enough.
                "file_name": (file.name or "statement.csv").replace("\\", "/").rpartition("/")[2][-150:],
                "content": content,
                "size": len(content),
                "uploaded_by": by,
                "uploaded_at": at,
            },
        )
        if new:
            data = {"file_name": statement.file_name, "sha256": statement.sha256, "size": statement.size}
            audit.record(statement, event="handed_in", by=by, at=at, data=data)
        return statement, new


# ── Looking through ──────────────────────────────────────────────────────────────────────────────────────────────────
def look_through(statement: BankStatement, *, by: User, at: datetime) -> list[Verdict]:
    """What an import by this person would make of every row, now. Nothing is written."""
    lines = read(bytes(statement.content))
    numbers = {number for line in lines for number in line.numbers}
    invoices = {each.number: each for each in _invoices(numbers)}
    references = {line.bank_reference for line in lines}
    payments = Payment.objects.filter(bank_reference__in=references, reverses__isnull=True, reversed_by__isnull=True)
    judged = _Judged(
        by=by,
        at=at,
        account="".join(str(figures.value("fees.account_number", on=timezone.localdate(at))).split()).upper(),
        invoices=invoices,
        there={
            (each.bank_reference, each.amount_pkr): each.invoice.number for each in payments.select_related("invoice")
        },
        left={each.pk: each.outstanding_pkr for each in invoices.values()},
        own={each.pk: _reason_to_keep_away(each, by, at) for each in invoices.values()},
    )
    return [judged.verdict_on(line) for line in lines]


def _invoices(numbers: Iterable[str]) -> Any:
    return Invoice.objects.filter(number__in=numbers).select_related("firm").with_paid().order_by("pk")


def _reason_to_keep_away(invoice: Invoice, by: User, at: datetime) -> str:
    if by.pk in invoice.officer_ids():
        return "You are the officer of this case and keep away from its money; a colleague imports it."
    return " ".join(invoice.firm.conflicts_of(by, at, case=invoice))


@dataclass(frozen=True)
class _Judged:
    """What rows are judged by; what an earlier row of the file takes is no longer there for a later one."""

    by: User
    at: datetime
    account: str
    invoices: dict[str, Invoice]
    there: dict[tuple[str, Decimal], str]
    left: dict[int, Decimal]
    own: dict[int, str]

    def verdict_on(self, line: Line) -> Verdict:
        invoice = self.invoices.get(line.numbers[0]) if len(line.numbers) == 1 else None
        verdict, said = self._judge(line, invoice)
        if verdict == RowVerdict.RECORDED and invoice is not None and line.amount is not None:
            self.left[invoice.pk] -= line.amount
            self.there[line.bank_reference, line.amount] = invoice.number
        # An amount in another currency is none in rupees.
        rupees = line.amount if line.currency == "PKR" else None
        return Verdict(line.number, line.cells, verdict, said, line.paid_on, line.bank_reference, rupees, invoice)

    def _judge(self, line: Line, invoice: Invoice | None) -> tuple[RowVerdict, str]:
        today = timezone.localdate(self.at)
        if line.fault or line.amount is None or line.paid_on is None:
            return RowVerdict.UNREADABLE, line.fault
        if line.account != self.account:
            return RowVerdict.FOREIGN, "It is a movement of another account than ours."
        if line.amount <= 0:
            return RowVerdict.FOREIGN, "Money that went out, or none at all."
        if line.paid_on > today:
            return RowVerdict.UNREADABLE, "Its day has not come yet."
        if len(line.numbers) > 1:
            named = ", ".join(line.numbers)
            return RowVerdict.UNREADABLE, f"It names several invoices ({named}): record the payments by hand."
        if invoice is None:
            number = f"There is no invoice {line.numbers[0]}." if line.numbers else "It names no invoice of ours."
            return RowVerdict.FOREIGN, number
        if line.currency != "PKR":
            return RowVerdict.WRONG_CURRENCY, f"It came in {line.currency or 'no currency'}; invoices are paid in PKR."
        if there := self.there.get((line.bank_reference, line.amount)):
            return RowVerdict.DUPLICATE, f"This payment is recorded already, for {there}."
        return self._judge_the_money(line.amount, invoice)

    def _judge_the_money(self, amount: Decimal, invoice: Invoice) -> tuple[RowVerdict, str]:
        left = self.left[invoice.pk]
        if invoice.state not in LIVE or left <= 0:
            why = "paid in full by an earlier row" if invoice.state in LIVE else invoice.get_state_display().lower()
            return RowVerdict.ALREADY_PAID, f"{invoice.number} is {why}: nothing is to be paid."
        if reason := self.own[invoice.pk]:
            return RowVerdict.OWN_CASE, reason
        if amount > left:
            return RowVerdict.WRONG_AMOUNT, f"PKR {left:,.2f} is outstanding on {invoice.number}, and more came in."
        how = "settles it" if amount == left else f"leaves PKR {left - amount:,.2f} to pay"
        return RowVerdict.RECORDED, f"PKR {amount:,.2f} for {invoice.number}, which {how}."


def shown_hash(verdicts: Iterable[Verdict]) -> str:
    """What a person was shown, in one value: the same for the same rows with the same verdicts."""
    told = [[each.line, each.verdict, each.said, each.bank_reference, str(each.amount_pkr)] for each in verdicts]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


# ── Importing ────────────────────────────────────────────────────────────────────────────────────────────────────────
def import_statement(statement: BankStatement, *, shown: str, by: User, at: datetime) -> BankStatement:
    """Record the payments of a statement exactly as they were shown, in one transaction, and keep every row.

    `shown` is `shown_hash` of what the person confirmed. Sent again, it changes nothing. Raises ValidationError when
    something changed since they looked, and for a statement that was imported as something else was shown.
    """
    require(by, KEEP_ACCOUNTS)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        statement = BankStatement.objects.select_for_update(of=("self",), no_key=True).get(pk=statement.pk)
        if statement.imported_at is not None:
            if statement.shown_sha256 == shown:
                return statement
            raise ValidationError("This statement was imported already, and every row of it is kept.")
        _lock_invoices(statement)
        verdicts = look_through(statement, by=by, at=at)
        if shown_hash(verdicts) != shown:
            raise ValidationError("Something changed since you looked: nothing was recorded. Look through it again.")
        for each in verdicts:
            _carry_out(statement, each, by=by, at=at)
        statement.imported_by, statement.imported_at, statement.shown_sha256 = by, at, shown
        statement.save(update_fields=["imported_by", "imported_at", "shown_sha256"])
        counts = {value: sum(each.verdict == value for each in verdicts) for value in RowVerdict.values}
        said = {value: count for value, count in counts.items() if count}
        audit.record(statement, event="imported", by=by, at=at, data={"rows": said, "shown_sha256": shown})
        return statement


def _lock_invoices(statement: BankStatement) -> None:
    """Nobody else records on these until the import is over; in the order of their numbers, so that all wait alike."""
    numbers = {number for line in read(bytes(statement.content)) for number in line.numbers}
    rows = Invoice.objects.filter(number__in=numbers).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True))


def _carry_out(statement: BankStatement, verdict: Verdict, *, by: User, at: datetime) -> None:
    row = StatementRow.objects.create(
        statement=statement,
        line=verdict.line,
        cells=verdict.cells,
        verdict=verdict.verdict,
        said=verdict.said[:400],
        bank_reference=verdict.bank_reference,
        amount_pkr=verdict.amount_pkr,
        invoice=verdict.invoice,
    )
    if not verdict.is_recorded or verdict.invoice is None or verdict.amount_pkr is None or verdict.paid_on is None:
        return
    record_payment(
        verdict.invoice,
        amount=verdict.amount_pkr,
        paid_on=verdict.paid_on,
        bank_reference=verdict.bank_reference,
        note=f"{statement.file_name}, line {verdict.line}",
        row=row,
        by=by,
        at=at,
    )


def as_imported(statement: BankStatement) -> list[Verdict]:
    """The rows of an imported statement as they were carried out."""
    return [
        Verdict(
            row.line,
            row.cells,
            row.verdict,
            row.said,
            bank_reference=row.bank_reference,
            amount_pkr=row.amount_pkr,
            invoice=row.invoice,
        )
        for row in statement.rows.select_related("invoice__firm")
    ]
