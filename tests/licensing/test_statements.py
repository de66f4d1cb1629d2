"""Bank statements: what is read, what each row comes to, and that an import is exactly what was shown, once."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from licensing.actions import fees, interests, statements
from licensing.actions.statement_files import MOST_ROWS, numbers_in, read
from licensing.models import BankStatement, Invoice, Payment, StatementRow
from pvara.demo import path
from pvara.kernel import audit, roles
from tests.licensing.fees import at_once
from tests.licensing.rules import day

HEAD = "Date,Amount,Currency,Bank reference,Details,Account\n"
ACCOUNT = "PK00SAMP0000000000000001"
ONE = f"2026-03-04,76000.00,PKR,BANK-1,PVARA/INV/2026/00001,{ACCOUNT}\n"


def row(**changed):
    cells = {
        "on": "2026-03-04",
        "amount": "76000.00",
        "currency": "PKR",
        "reference": "BANK-1",
        "details": "PVARA/INV/2026/00001",
        "account": ACCOUNT,
        **changed,
    }
    return ",".join(f'"{each}"' for each in cells.values()) + "\n"


def file(content, name="statement.csv"):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode(), "text/csv")


@pytest.fixture
def invoice(regime, firm, people, at):
    """PKR 76,000 for a NOC application."""
    said = {"effective_from": date(2026, 1, 1), "people": people, "at": day(2025, 12, 1)}
    path.change_setting("fee.noc_application", 76000, **said)
    return path.noc_case(firm, people=people, at=at, until="submitted").fee_invoice


@pytest.fixture
def handed_in(farah, at):
    """`handed_in(rows)`: a statement of these rows below the usual header."""
    return lambda *rows: statements.hand_in(file(HEAD + "".join(rows)), by=farah, at=at)[0]


def verdicts(statement, by, at):
    return [(each.line, each.verdict, each.said) for each in statements.look_through(statement, by=by, at=at)]


def imported(statement, by, at):
    shown = statements.shown_hash(statements.look_through(statement, by=by, at=at))
    return statements.import_statement(statement, shown=shown, by=by, at=at)


# ── What is read ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_row_is_read_as_it_stands():
    (line,) = read((HEAD + ONE).encode())
    assert (line.number, line.paid_on, line.amount, line.currency, line.bank_reference, line.account) == (
        2,
        date(2026, 3, 4),
        Decimal("76000.00"),
        "PKR",
        "BANK-1",
        ACCOUNT,
    )
    assert (line.numbers, line.fault) == (("PVARA/INV/2026/00001",), "")


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("value date,Credit,CCY,Transaction ID,Narration,IBAN", "04/03/2026,76000,PKR,B,x,A"),
        ("IBAN,Narration,REFERENCE NO.,Ccy,Deposit,Posting Date", 'A,x,B,pkr,"76,000.00",4-Mar-2026'),
        ("Date , Amount credited,Currency,Bank_Reference,Particulars,Account No.", "04.03.2026,76000.0,PKR,B,x,A"),
        ("\ufeffDate,Amount,Currency,Reference,Remarks,Account,Balance", "2026-03-04,76000.00,PKR,B,x,A,99"),
    ],
)
def test_headers_and_dates_as_banks_write_them(head, cells):
    (line,) = read(f"{head}\r\n{cells}\r\n".encode())
    said = (line.paid_on, line.amount, line.currency, line.bank_reference, line.cells["details"], line.account)
    assert said == (date(2026, 3, 4), Decimal(76000), "PKR", "B", "x", "A")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ["The file is empty. Choose another one."]),
        (b"\n \n", ["The file is empty. Choose another one."]),
        (HEAD.encode(), ["The file has a header and no rows. Choose another one."]),
        (
            HEAD.replace(",", ";").encode(),
            [
                "The columns are separated by semicolons. Save the file with commas between them "
                "(“CSV, comma delimited”) and upload that."
            ],
        ),
        (
            (HEAD + ONE).encode("utf-16"),
            ["The file is written in UTF-16. Save it as “CSV UTF-8” and upload that."],
        ),
        (
            (HEAD + ONE + row(details="Café")).encode("latin-1"),
            ["Line 3 holds a sign that is not UTF-8. Save the file as “CSV UTF-8” and upload that."],
        ),
        (b"PK\x03\x04 rest", ["This is an Excel workbook. Save it as “CSV UTF-8” and upload that."]),
        (b"%PDF-1.7", ["This is a PDF. Export the statement from the bank's site as CSV."]),
        (b"a,b\0\n", ["The file holds signs that no text has. Export it from the bank's site as CSV."]),
        (
            b"Date,Amount,Currency,Reference,Details\n",
            [
                "There is no column “Account”; it may also be called account no, account number, "
                "credited account, iban.",
                "The first line of the file must be its header.",
            ],
        ),
        (
            HEAD.replace("Date", "Date,Value date").encode(),
            [
                "“Date” and “Value date” could each be the column “Date”. Leave one of them out.",
                "The first line of the file must be its header.",
            ],
        ),
        (
            (HEAD + '2026-03-04,"76000\n').encode(),
            ["The file is not CSV: unexpected end of data. Export it from the bank's site again."],
        ),
    ],
)
def test_what_is_no_statement_says_what_to_do(content, said):
    with pytest.raises(ValidationError) as refusal:
        read(content)
    assert refusal.value.message_dict == {"file": said}


def test_a_file_has_a_bound_and_may_reach_it():
    rows = "".join(row(reference=f"B{number}") for number in range(MOST_ROWS))
    assert len(read((HEAD + rows).encode())) == MOST_ROWS
    with pytest.raises(ValidationError, match="Export a shorter period"):
        read((HEAD + rows + ONE).encode())


@pytest.mark.parametrize(
    ("details", "found"),
    [
        ("PVARA/INV/2026/00001", ("PVARA/INV/2026/00001",)),
        ("fee pvara-inv-2026-00001 thanks", ("PVARA/INV/2026/00001",)),
        ("PVARAINV202600001", ("PVARA/INV/2026/00001",)),
        ("PVARA INV 2026 00001; PVARA/INV/2026/00001", ("PVARA/INV/2026/00001",)),
        ("PVARA/INV/2026/00001 PVARA/INV/2026/00002", ("PVARA/INV/2026/00001", "PVARA/INV/2026/00002")),
        ("PVARA/INV/2026/000012", ()),
        ("salary", ()),
    ],
)
def test_invoice_numbers_as_payers_write_them(details, found):
    assert numbers_in(details) == found


# ── What each row comes to ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("changed", "verdict", "said"),
    [
        ({}, "recorded", "PKR 76,000.00 for PVARA/INV/2026/00001, which settles it."),
        (
            {"amount": "75999.99"},
            "recorded",
            "PKR 75,999.99 for PVARA/INV/2026/00001, which leaves PKR 0.01 to pay.",
        ),
        (
            {"amount": "76000.01"},
            "wrong_amount",
            "PKR 76,000.00 is outstanding on PVARA/INV/2026/00001, and more came in.",
        ),
        ({"currency": "USD"}, "wrong_currency", "It came in USD; invoices are paid in PKR."),
        ({"currency": ""}, "wrong_currency", "It came in no currency; invoices are paid in PKR."),
        ({"account": "PK11OTHER"}, "foreign", "It is a movement of another account than ours."),
        ({"amount": "-76000"}, "foreign", "Money that went out, or none at all."),
        ({"amount": "(76,000.00)"}, "foreign", "Money that went out, or none at all."),
        ({"details": "Salary"}, "foreign", "It names no invoice of ours."),
        ({"details": "PVARA/INV/2026/00999"}, "foreign", "There is no invoice PVARA/INV/2026/00999."),
        ({"on": "2026-03-05"}, "unreadable", "Its day has not come yet."),
        ({"on": "31/02/2026"}, "unreadable", "“31/02/2026” is no date, such as 2026-03-04 or 04/03/2026."),
        ({"amount": "76.000,00"}, "unreadable", "“76.000,00” is no amount, such as 76,000.00."),
        ({"amount": "1.234"}, "unreadable", "“1.234” is no amount, such as 76,000.00."),
        ({"reference": " "}, "unreadable", "The bank's reference is missing."),
        (
            {"details": "PVARA/INV/2026/00001 and PVARA/INV/2026/00002"},
            "unreadable",
            "It names several invoices (PVARA/INV/2026/00001, PVARA/INV/2026/00002): record the payments by hand.",
        ),
    ],
)
def test_a_row_and_its_verdict(invoice, handed_in, farah, at, changed, verdict, said):
    statement = handed_in(row(**changed))
    assert verdicts(statement, farah, at) == [(2, verdict, said)]
    # The import does what was shown, and nothing else.
    imported(statement, farah, at)
    kept = StatementRow.objects.get()
    assert (kept.line, kept.verdict, kept.said) == (2, verdict, said)
    assert Payment.objects.filter(statement_row=kept).count() == (verdict == "recorded")


def test_an_account_is_the_same_however_it_is_spaced(invoice, handed_in, farah, at):
    statement = handed_in(row(account="pk00 samp 0000 0000 0000 0001"))
    assert [verdict for _, verdict, _ in verdicts(statement, farah, at)] == ["recorded"]


def test_a_row_with_a_cell_too_many_is_said(invoice, handed_in, farah, at):
    statement = handed_in(ONE.strip() + ",more\n")
    said = "It has 7 cells where the header has 6."
    assert verdicts(statement, farah, at) == [(2, "unreadable", said)]


def test_earlier_rows_count_for_later_ones(invoice, handed_in, farah, at):
    half = {"amount": "38000"}
    statement = handed_in(
        row(**half),
        row(**half),
        row(amount="38000.01", reference="BANK-2"),
        row(**half, reference="BANK-3"),
        row(**half, reference="BANK-4"),
    )
    assert verdicts(statement, farah, at) == [
        (2, "recorded", "PKR 38,000.00 for PVARA/INV/2026/00001, which leaves PKR 38,000.00 to pay."),
        (3, "duplicate", "This payment is recorded already, for PVARA/INV/2026/00001."),
        (4, "wrong_amount", "PKR 38,000.00 is outstanding on PVARA/INV/2026/00001, and more came in."),
        (5, "recorded", "PKR 38,000.00 for PVARA/INV/2026/00001, which settles it."),
        (6, "already_paid", "PVARA/INV/2026/00001 is paid in full by an earlier row: nothing is to be paid."),
    ]
    imported(statement, farah, at)
    invoice = Invoice.objects.get()
    assert (invoice.state, invoice.paid_pkr, Payment.objects.count()) == ("paid", Decimal(76000), 2)


def test_what_was_recorded_by_hand_is_a_duplicate(invoice, handed_in, farah, at):
    fees.record_payment(
        invoice, amount=Decimal(1000), paid_on=date(2026, 3, 4), bank_reference="BANK-1", by=farah, at=at
    )
    statement = handed_in(row(amount="1000"))
    said = "This payment is recorded already, for PVARA/INV/2026/00001."
    assert verdicts(statement, farah, at) == [(2, "duplicate", said)]
    fees.reverse_payment(Payment.objects.get(), reasons="For another firm.", by=farah, at=at)
    assert [verdict for _, verdict, _ in verdicts(statement, farah, at)] == ["recorded"]


def test_a_waived_invoice_takes_no_money(invoice, handed_in, farah, dania, at):
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=farah, at=at)
    path.step(invoice, "waive", by=dania, at=at, note="Granted.")
    said = "PVARA/INV/2026/00001 is waived: nothing is to be paid."
    assert verdicts(handed_in(ONE), farah, at) == [(2, "already_paid", said)]


def test_ones_own_case_is_left_to_a_colleague(invoice, handed_in, omar, farah, at):
    roles.grant(omar, "finance_officer", by=None, at=at)
    fees.record_payment(
        invoice, amount=Decimal(76000), paid_on=date(2026, 3, 4), bank_reference="BANK-1", by=farah, at=at
    )
    path.step(invoice.subject, "accept_intake", by=omar, at=at)
    fees.reverse_payment(Payment.objects.get(), reasons="Bounced.", by=farah, at=at)
    statement = handed_in(row(reference="BANK-2"))
    said = "You are the officer of this case and keep away from its money; a colleague imports it."
    assert verdicts(statement, omar, at) == [(2, "own_case", said)]
    assert [verdict for _, verdict, _ in verdicts(statement, farah, at)] == ["recorded"]


def test_who_has_an_interest_in_the_firm_leaves_it_to_a_colleague(invoice, handed_in, farah, at):
    interests.declare(invoice.firm, by=farah, at=at, nature="other", explanation="A friend.")
    ((_, verdict, said),) = verdicts(handed_in(ONE), farah, at)
    assert (verdict, "A friend." in said) == ("own_case", True)


# ── Importing ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_import_keeps_every_row_and_says_by_whom(invoice, handed_in, farah, at):
    statement = imported(handed_in(ONE, row(details="Salary", reference="BANK-9")), farah, at)
    assert (statement.imported_by, statement.imported_at) == (farah, at)
    assert list(StatementRow.objects.values_list("line", "verdict", "bank_reference")) == [
        (2, "recorded", "BANK-1"),
        (3, "foreign", "BANK-9"),
    ]
    payment = Payment.objects.get()
    assert (payment.note, payment.statement_row.line, payment.recorded_by) == ("statement.csv, line 2", 2, farah)
    assert [(each.event, each.data.get("rows")) for each in audit.history(statement)] == [
        ("handed_in", None),
        ("imported", {"recorded": 1, "foreign": 1}),
    ]
    assert [each.verdict for each in statements.as_imported(statement)] == ["recorded", "foreign"]


def test_the_same_file_is_the_same_statement_and_imported_once(invoice, handed_in, farah, at, later):
    first = handed_in(ONE)
    shown = statements.shown_hash(statements.look_through(first, by=farah, at=at))
    statements.import_statement(first, shown=shown, by=farah, at=at)
    again, new = statements.hand_in(file(HEAD + ONE, "another name.csv"), by=farah, at=later(1))
    assert (again.pk, new, BankStatement.objects.count()) == (first.pk, False, 1)
    assert statements.import_statement(again, shown=shown, by=farah, at=later(1)).imported_at == at
    with pytest.raises(ValidationError, match="imported already"):
        statements.import_statement(again, shown="0" * 64, by=farah, at=later(1))
    assert Payment.objects.count() == 1


def test_what_changed_since_it_was_shown_is_not_imported(invoice, handed_in, farah, at):
    statement = handed_in(ONE, row(details="Salary"))
    shown = statements.shown_hash(statements.look_through(statement, by=farah, at=at))
    fees.record_payment(
        invoice, amount=Decimal(1000), paid_on=date(2026, 3, 4), bank_reference="BANK-7", by=farah, at=at
    )
    with pytest.raises(ValidationError, match="Something changed since you looked"):
        statements.import_statement(statement, shown=shown, by=farah, at=at)
    statement.refresh_from_db()
    assert (statement.imported_at, StatementRow.objects.count(), Payment.objects.count()) == (None, 0, 1)


def test_nothing_is_half_imported(invoice, handed_in, farah, at):
    """The second row fails in the database itself: the first is not recorded either."""
    statement = handed_in(ONE, row(reference="BANK-2", details="Salary"))
    shown = statements.shown_hash(statements.look_through(statement, by=farah, at=at))
    StatementRow.objects.create(statement=statement, line=3, cells={}, verdict="foreign", said="")
    with pytest.raises(IntegrityError), transaction.atomic():
        statements.import_statement(statement, shown=shown, by=farah, at=at)
    assert (Payment.objects.count(), StatementRow.objects.count()) == (0, 1)


def test_only_who_keeps_the_accounts_imports(invoice, handed_in, omar, farah, at):
    statement = handed_in(ONE)
    shown = statements.shown_hash(statements.look_through(statement, by=omar, at=at))
    with pytest.raises(PermissionDenied):
        statements.hand_in(file(HEAD + ONE), by=omar, at=at)
    with pytest.raises(PermissionDenied):
        statements.import_statement(statement, shown=shown, by=omar, at=at)


def test_the_database_keeps_a_statement_as_it_was_handed_in(invoice, handed_in, farah, at):
    statement = handed_in(ONE)
    for change in (
        lambda: BankStatement.objects.update(content=b"other"),
        lambda: BankStatement.objects.all().delete(),
        lambda: BankStatement.objects.update(file_name="x", imported_at=at, imported_by=farah, shown_sha256="0"),
    ):
        with pytest.raises(IntegrityError, match="kept as it was handed in"), transaction.atomic():
            change()
    imported(statement, farah, at)
    with pytest.raises(IntegrityError, match="kept as it was handed in"), transaction.atomic():
        BankStatement.objects.update(imported_at=at)


# ── At once ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_import_once(invoice, handed_in, farah, at):
    statement = handed_in(ONE)
    shown = statements.shown_hash(statements.look_through(statement, by=farah, at=at))

    def confirm():
        return statements.import_statement(statement, shown=shown, by=farah, at=at)

    came = at_once(confirm, confirm)
    assert [each.imported_at for each in came] == [at, at]
    assert (Payment.objects.count(), StatementRow.objects.count(), Invoice.objects.get().state) == (1, 1, "paid")


@pytest.mark.django_db(transaction=True)
def test_a_payment_by_hand_and_an_import_at_once_never_take_too_much(invoice, handed_in, farah, at):
    statement = handed_in(ONE)
    shown = statements.shown_hash(statements.look_through(statement, by=farah, at=at))
    by_hand = {"amount": Decimal(76000), "paid_on": date(2026, 3, 4), "bank_reference": "BANK-2"}
    came = at_once(
        lambda: statements.import_statement(statement, shown=shown, by=farah, at=at),
        lambda: fees.record_payment(Invoice.objects.get(), by=farah, at=at, **by_hand),
    )
    assert sum(isinstance(each, ValidationError) for each in came) == 1
    assert (Payment.objects.count(), Invoice.objects.get().state) == (1, "paid")
