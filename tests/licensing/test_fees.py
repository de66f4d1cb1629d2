# ruff: noqa: E501  the tables are as wide as the regime
"""Fees: the tariff, invoices and their numbers, payments and their counter-entries, waivers, and the gates on them."""

import json
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connections, transaction

from licensing.actions import applications, fees
from licensing.models import Invoice, InvoiceCounter, InvoiceLine, NocApplication, Payment, TariffRow
from licensing.models.fees import rows_due, tariff_in_force
from licensing.states import FeeKind
from pvara.demo import path
from pvara.kernel import audit, outbox, roles
from pvara.kernel.machine import MoveRefused, perform
from pvara.kernel.regime import as_text
from tests.licensing.test_rules import day, shut

INVOICE = """
move           | source            | target    | who              | gates                                                      | letter | clock
record_part    | issued, part_paid | part_paid | Finance officer  | payments_cover_a_part, recorder_is_not_the_case_officer    |        |
settle         | issued, part_paid | paid      | Finance officer  | payments_cover_the_total, recorder_is_not_the_case_officer |        |
reopen         | part_paid, paid   | issued    | Finance officer  | nothing_is_paid, recorder_is_not_the_case_officer          |        |
reopen_in_part | part_paid, paid   | part_paid | Finance officer  | payments_cover_a_part, recorder_is_not_the_case_officer    |        |
waive          | issued, part_paid | waived    | Committee member | waiver_was_asked_for, waiver_is_not_by_who_asked           |        |
cancel         | issued            | cancelled | Finance officer  | nothing_is_paid                                            |        |
"""

FEE = Decimal("76000.00")


def test_the_machine_reads_as_the_regime():
    assert as_text(Invoice) == INVOICE.strip()


@pytest.fixture
def charged(regime, people):
    """A tariff that asks for something, set before anything happened."""

    def fee(key, amount):
        said = {"effective_from": date(2026, 1, 1), "people": people, "at": day(2025, 12, 1)}
        path.change_setting(f"fee.{key}", str(amount), **said)

    fee("noc_application", FEE)
    fee("licence_application", "100000")
    fee("licence_application.exchange", "50000.50")
    fee("annual.exchange", "1000000")
    fee("annual.custody", "250000.25")


@pytest.fixture
def submitted(charged, firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="submitted")


@pytest.fixture
def invoice(submitted):
    return submitted.fee_invoice


@pytest.fixture
def pay(farah, at):
    """`pay(invoice, "500.00")`: as farah records it."""

    def record(invoice, amount, reference="BANK-1", *, by=farah, on=date(2026, 3, 4), **more):
        more = {"at": at, **more}
        return fees.record_payment(invoice, amount=Decimal(amount), paid_on=on, bank_reference=reference, by=by, **more)

    return record


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


# ── The tariff ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_tariff_that_ships_asks_for_nothing_and_the_sample_is_not_charged(regime):
    on = date(2026, 3, 4)
    assert {(row.kind, row.amount_pkr) for row in tariff_in_force(on)} == {
        (kind, Decimal(0)) for kind in FeeKind.values
    }
    assert [row.title for row in tariff_in_force(on, sample=True)] == [
        "NOC application",
        "Licence application: Exchange",
        "Annual fee: Exchange",
        "Variation of a licence",
    ]
    assert [rows_due(kind, ["exchange"], on) for kind in FeeKind.values] == [[]] * 6


def test_a_fee_holds_from_its_day(charged, people, at):
    path.change_setting("fee.noc_application", str(FEE * 2), effective_from=date(2026, 3, 5), people=people, at=at)
    asked = [rows_due("noc_application", [], on)[0].amount_pkr for on in (date(2026, 3, 4), date(2026, 3, 5))]
    assert asked == [FEE, FEE * 2]
    assert TariffRow.objects.latest("pk").entered_by == people.board


def test_no_row_of_the_tariff_changes(regime):
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        TariffRow.objects.update(amount_pkr=1)


def test_loading_the_tariff_again_adds_nothing(regime, at):
    given = json.loads((settings.BASE_DIR / "fixtures" / "tariff.json").read_text())
    assert fees.load_tariff(given, at=at) == 0


# ── Charging ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_submission_is_charged_in_its_own_transaction(submitted, invoice, at):
    assert (invoice.number, invoice.state, invoice.total_pkr, invoice.kind, invoice.due_on) == (
        "PVARA/INV/2026/00001",
        "issued",
        FEE,
        "noc_application",
        date(2026, 4, 3),
    )
    assert [(line.title, line.amount_pkr, line.tariff.effective_from) for line in invoice.lines.all()] == [
        ("NOC application", FEE, date(2026, 1, 1))
    ]
    assert audit.history(invoice).get().data["total_pkr"] == "76000.00"


def test_the_firm_is_told_what_to_pay(invoice, mailoutbox, amina):
    outbox.drain()
    said = [mail for mail in mailoutbox if mail.subject == f"{invoice.number}: PKR 76,000.00 to pay"]
    assert [mail.to for mail in said] == [[amina.email]]
    assert "PK00SAMP0000000000000001" in said[0].body


def test_where_nothing_is_asked_nothing_is_charged_and_the_gates_say_so(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="completeness_check")
    assert (Invoice.objects.count(), InvoiceCounter.objects.count()) == (0, 0)
    gates = {entry.event: entry.data["gates"] for entry in audit.history(case) if "gates" in entry.data}
    assert gates == {
        "submit": {"fee_reference_is_given": {"fee": "no fee is due"}},
        "accept_intake": {"fee_is_confirmed": {"fee": "no fee is due"}},
    }


def test_a_refused_submission_takes_no_number(charged, firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="draft")
    with pytest.raises(MoveRefused):
        path.step(case, "submit", by=people.applicant, at=at)
    # Whatever goes wrong after the number was taken gives it back.
    case = path.fill_in(case, people=people, at=at)
    with suppress(LookupError), transaction.atomic():
        path.step(case, "submit", by=people.applicant, at=at)
        raise LookupError
    assert path.step(case, "submit", by=people.applicant, at=at).fee_invoice.number == "PVARA/INV/2026/00001"


def test_numbers_begin_anew_with_the_year_in_pakistan(charged, firm, people, later):
    numbers = []
    for moment in (day(2026, 12, 31, 23, 59), day(2027, 1, 1, 0, 0)):
        case = path.noc_case(firm, people=people, at=moment, until="draft")
        numbers.append(fees.raise_invoice(case, "noc_application", activities=[], by=None, at=moment).number)
    assert numbers == ["PVARA/INV/2026/00001", "PVARA/INV/2027/00001"]


def test_a_row_is_charged_once_as_long_as_it_is_open(submitted, at):
    with pytest.raises(IntegrityError), transaction.atomic():
        fees.raise_invoice(submitted, "noc_application", activities=[], by=None, at=at)
    assert Invoice.objects.count() == 1


# ── Paying ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_two_halves_make_a_whole(invoice, pay, at, mailoutbox):
    pay(invoice, "38000", "BANK-1")
    half = fresh(invoice)
    assert (half.state, half.paid_pkr, half.outstanding_pkr) == ("part_paid", Decimal(38000), Decimal(38000))
    pay(invoice, "38000", "BANK-2")
    whole = fresh(invoice)
    assert (whole.state, whole.paid_pkr, whole.outstanding_pkr) == ("paid", FEE, Decimal(0))
    entries = [(entry.event, entry.data.get("bank_reference")) for entry in audit.history(invoice)]
    assert entries == [("issued", None), ("record_part", "BANK-1"), ("settle", "BANK-2")]
    outbox.drain()
    assert [mail.subject for mail in mailoutbox if "is paid" in mail.subject] == ["PVARA/INV/2026/00001 is paid"]


@pytest.mark.parametrize(
    ("amount", "reference", "on", "field", "said"),
    [
        (
            "76000.01",
            "B",
            date(2026, 3, 4),
            "amount",
            "PKR 76,000.00 is outstanding. Record that, and return the rest to the payer.",
        ),
        ("0", "B", date(2026, 3, 4), "amount", "Give an amount above zero. To take a payment back, reverse it."),
        ("-1", "B", date(2026, 3, 4), "amount", "Give an amount above zero. To take a payment back, reverse it."),
        ("1", "B", date(2026, 3, 5), "paid_on", "This day has not come yet."),
        ("1", "  ", date(2026, 3, 4), "bank_reference", "Give the bank's reference of the payment."),
    ],
)
def test_a_payment_that_cannot_be_recorded(invoice, pay, amount, reference, on, field, said):
    with pytest.raises(ValidationError) as refusal:
        pay(invoice, amount, reference, on=on)
    assert refusal.value.message_dict == {field: [said]}
    assert (Payment.objects.count(), fresh(invoice).state) == (0, "issued")


def test_one_payment_is_recorded_once_and_two_alike_by_their_references(invoice, pay):
    pay(invoice, "1000", "BANK-1")
    with pytest.raises(ValidationError) as refusal:
        pay(invoice, "1000", "BANK-1")
    assert refusal.value.messages == ["This payment is recorded already, for PVARA/INV/2026/00001."]
    pay(invoice, "1000", "BANK-2")
    assert fresh(invoice).paid_pkr == Decimal(2000)


def test_the_last_paisa_settles(invoice, pay):
    pay(invoice, "75999.99", "BANK-1")
    assert fresh(invoice).state == "part_paid"
    pay(invoice, "0.01", "BANK-2")
    assert fresh(invoice).state == "paid"
    with pytest.raises(ValidationError, match="nothing is to be paid"):
        pay(invoice, "0.01", "BANK-3")


def test_a_settlement_without_money_is_refused(invoice, farah, at):
    for move in ("settle", "record_part"):
        with pytest.raises(MoveRefused) as refusal:
            perform(invoice, move, by=farah, at=at, expected_version=0)
        assert [each.details for each in refusal.value.unmet] == [("PKR 0.00 of PKR 76,000.00 is paid.",)]


def test_a_payment_taken_back_opens_the_invoice_again(invoice, pay, farah, at):
    first, second = pay(invoice, "70000", "BANK-1"), pay(invoice, "6000", "BANK-2")
    fees.reverse_payment(second, reasons="The cheque bounced.", by=farah, at=at)
    assert (fresh(invoice).state, fresh(invoice).paid_pkr) == ("part_paid", Decimal(70000))
    fees.reverse_payment(first, reasons="For another firm.", by=farah, at=at)
    assert (fresh(invoice).state, fresh(invoice).paid_pkr) == ("issued", Decimal(0))
    amounts = [(each.amount_pkr, each.reverses_id) for each in Payment.objects.all()]
    assert amounts == [(70000, None), (6000, None), (-6000, second.pk), (-70000, first.pk)]
    # What was taken back because it went to the wrong invoice may be recorded anew.
    pay(invoice, "70000", "BANK-1")


def test_what_cannot_be_taken_back(invoice, pay, farah, at):
    payment = pay(invoice, "1000")
    with pytest.raises(MoveRefused):
        fees.reverse_payment(payment, reasons=" ", by=farah, at=at)
    counter = fees.reverse_payment(payment, reasons="Bounced.", by=farah, at=at)
    for wrong, said in ((payment, "was taken back already"), (counter, "a counter-entry itself")):
        with pytest.raises(ValidationError, match=said):
            fees.reverse_payment(wrong, reasons="Again.", by=farah, at=at)


def test_payments_of_a_waived_invoice_stand(invoice, pay, farah, dania, at):
    payment = pay(invoice, "1000")
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=farah, at=at)
    path.step(invoice, "waive", by=dania, at=at, note="Granted.")
    with pytest.raises(ValidationError, match="is waived: its payments stand"):
        fees.reverse_payment(payment, reasons="Bounced.", by=farah, at=at)


# ── What the database refuses by itself ──────────────────────────────────────────────────────────────────────────────
def test_the_database_keeps_payments_within_the_invoice(invoice, farah, omar, at):
    def insert(amount, reference="B", **more):
        row = {"invoice": invoice, "paid_on": date(2026, 3, 4), "recorded_by": farah, "recorded_at": at, **more}
        with transaction.atomic():
            return Payment.objects.create(amount_pkr=Decimal(amount), bank_reference=reference, **row)

    with pytest.raises(IntegrityError, match="do not fit"):
        insert("76000.01")
    first = insert("1000")
    with pytest.raises(IntegrityError, match="recorded already"):
        insert("1000")
    with pytest.raises(IntegrityError, match="does not take payment"):
        insert("-999", reverses=first)
    with pytest.raises(IntegrityError, match="positive_and_its_reversal"):
        insert("-10", reference="C")
    insert("-1000", reverses=first)
    with pytest.raises(IntegrityError):
        insert("-1000", reverses=first)
    for change in (
        lambda: Payment.objects.update(amount_pkr=1),
        lambda: Payment.objects.filter(amount_pkr=-1000).delete(),
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        InvoiceLine.objects.update(amount_pkr=1)


def test_an_invoice_is_not_settled_past_the_machine(invoice):
    with pytest.raises(IntegrityError, match="no audit entry"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(state="paid")


# ── Four eyes ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_officer_of_a_case_keeps_away_from_its_money(submitted, invoice, pay, omar, farah, people, at):
    """omar takes on finance as a second role: his own case's money is still not his."""
    roles.grant(omar, "finance_officer", by=None, at=at)
    pay(invoice, "76000", by=farah)
    case = path.step(submitted, "accept_intake", by=omar, at=at)
    fees.reverse_payment(Payment.objects.get(), reasons="Bounced.", by=farah, at=at)
    with pytest.raises(MoveRefused) as refusal:
        pay(invoice, "76000", "BANK-2", by=omar)
    assert [each.code for each in refusal.value.unmet if each.code.startswith("recorder")] == [
        "recorder_is_not_the_case_officer"
    ]
    row = {"paid_on": date(2026, 3, 4), "recorded_by": omar, "recorded_at": at, "bank_reference": "X"}
    with pytest.raises(IntegrityError, match="keeps away"), transaction.atomic():
        Payment.objects.create(invoice=invoice, amount_pkr=1, **row)
    assert (case.case_officer, Payment.objects.filter(recorded_by=omar).count()) == (omar, 0)


def test_who_recorded_a_payment_does_not_take_the_case_up(submitted, invoice, pay, omar, people, at):
    roles.grant(omar, "finance_officer", by=None, at=at)
    pay(invoice, "76000", by=omar)
    assert shut(submitted, "accept_intake", by=omar, at=at) == {"officer_did_not_record_the_payment": ()}
    with pytest.raises(IntegrityError, match="does not take the case up"), transaction.atomic():
        NocApplication.objects.filter(pk=submitted.pk).update(case_officer=omar)


# ── Waiving and cancelling ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_waiver_is_asked_for_by_one_and_given_by_another(invoice, amina, dania, at):
    assert shut(invoice, "waive", by=dania, at=at) == {"waiver_was_asked_for": ()}
    fees.ask_for_waiver(invoice, reasons="A pilot of the state's own.", by=amina, at=at)
    waived = path.step(invoice, "waive", by=dania, at=at, note="Agreed.")
    assert (waived.state, waived.waived_by, waived.outstanding_pkr) == ("waived", dania, Decimal(0))
    facts = audit.history(invoice).last().data["gates"]["waiver_was_asked_for"]
    assert facts == {"asked_by": "Amina", "reasons": "A pilot of the state's own."}


def test_nobody_waives_what_they_asked_for(invoice, dania, danish, at):
    roles.grant(dania, "finance_officer", by=None, at=at)
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=dania, at=at)
    assert shut(invoice, "waive", by=dania, at=at) == {"waiver_is_not_by_who_asked": ()}
    with pytest.raises(ValidationError, match="does not decide on it"):
        fees.decline_waiver(invoice, reasons="No.", by=dania, at=at)
    with pytest.raises(IntegrityError, match="not_by_who_asked"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(waived_by=dania)
    assert shut(invoice, "waive", by=danish, at=at) == {}


def test_a_waiver_that_is_declined_may_be_asked_for_again(invoice, amina, dania, at, mailoutbox):
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=amina, at=at)
    with pytest.raises(ValidationError, match="asked for already"):
        fees.ask_for_waiver(invoice, reasons="Again.", by=amina, at=at)
    fees.decline_waiver(invoice, reasons="No hardship is shown.", by=dania, at=at)
    assert shut(invoice, "waive", by=dania, at=at) == {"waiver_was_asked_for": ()}
    outbox.drain()
    assert "PVARA/INV/2026/00001: the fee is not waived" in [mail.subject for mail in mailoutbox]
    fees.ask_for_waiver(invoice, reasons="With accounts.", by=amina, at=at)


def test_who_may_ask_for_a_waiver(invoice, stranger, asif, omar, at):
    for person in (stranger, asif):
        with pytest.raises(PermissionDenied):
            fees.ask_for_waiver(invoice, reasons="Please.", by=person, at=at)
    with pytest.raises(ValidationError, match="Give the reasons"):
        fees.ask_for_waiver(invoice, reasons=" ", by=omar, at=at)


def test_a_cancelled_invoice_is_no_payment_and_is_raised_again(submitted, invoice, pay, farah, at):
    part = pay(invoice, "1000")
    fees.reverse_payment(part, reasons="Bounced.", by=farah, at=at)
    cancelled = path.step(invoice, "cancel", by=farah, at=at, note="Wrong lines.")
    said = ("PKR 76,000.00 is due, and no invoice stands.",)
    assert shut(submitted, "accept_intake", at=at) == {"fee_is_confirmed": said}
    again = fees.raise_again(cancelled, by=farah, at=at)
    assert (again.number, again.raised_by) == ("PVARA/INV/2026/00002", farah)
    with pytest.raises(ValidationError, match="stands already"):
        fees.raise_again(cancelled, by=farah, at=at)


def test_what_is_paid_in_part_is_not_cancelled(invoice, pay, farah, at):
    pay(invoice, "1000")
    assert list(shut(invoice, "cancel", by=farah, at=at)) == ["wrong_state"]


# ── The gates of applications ────────────────────────────────────────────────────────────────────────────────────────
def test_a_fee_reference_is_asked_for_only_where_a_fee_is_due(charged, firm, people, at):
    case = path.fill_in(path.noc_case(firm, people=people, at=at, until="draft"), people=people, at=at)
    case = applications.give_fee_reference(case, " ", by=people.applicant, at=at)
    said = ("A fee of PKR 76,000.00 is due; say under which reference you pay it.",)
    assert shut(case, "submit", at=at) == {"fee_reference_is_given": said}
    assert shut(case, "submit", at=day(2025, 12, 31)) == {}


def test_intake_waits_for_the_fee(submitted, invoice, pay, at):
    def said(outstanding):
        return {"fee_is_confirmed": (f"PVARA/INV/2026/00001: PKR {outstanding} of PKR 76,000.00 is not paid.",)}

    assert shut(submitted, "accept_intake", at=at) == said("76,000.00")
    pay(invoice, "75999.99", "BANK-1")
    assert shut(submitted, "accept_intake", at=at) == said("0.01")
    pay(invoice, "0.01", "BANK-2")
    assert shut(submitted, "accept_intake", at=at) == {}


def test_a_waived_fee_opens_intake(submitted, invoice, amina, dania, at):
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=amina, at=at)
    path.step(invoice, "waive", by=dania, at=at, note="Agreed.")
    assert shut(submitted, "accept_intake", at=at) == {}


def test_the_fee_is_that_of_the_day_of_submission(regime, firm, people, at, later):
    """A tariff that rises the day after charges nobody who was there before."""
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    path.change_setting("fee.noc_application", str(FEE), effective_from=date(2026, 3, 5), people=people, at=at)
    assert shut(case, "accept_intake", at=later(3)) == {}


def test_the_whole_way_with_every_fee(charged, firm, people, at):
    licence = path.licensed(firm, people=people, at=at)
    assert [(each.kind, each.state, each.total_pkr) for each in Invoice.objects.order_by("pk")] == [
        ("noc_application", "paid", FEE),
        ("licence_application", "paid", Decimal("150000.50")),
        ("annual", "paid", Decimal("1250000.25")),
    ]
    granted = audit.history(licence.application).filter(event="grant_licence").get()
    assert granted.data["gates"]["annual_fee_is_paid"] == {
        "invoice": "PVARA/INV/2026/00003",
        "state": "paid",
        "total_pkr": "1250000.25",
    }


def test_the_licence_waits_for_the_annual_fee(charged, firm, people, farah, pay, at):
    noc = path.noc_case(firm, people=people, at=at)
    case = path.full_case(path.confirmed_setup(noc, people=people, at=at), people=people, at=at, until="in_principle")
    path.vote(case, "grant_licence", people=people, at=at)
    said = ("PVARA/INV/2026/00003: PKR 1,250,000.25 of PKR 1,250,000.25 is not paid.",)
    assert shut(case, "grant_licence", by=people.board, at=at) == {"annual_fee_is_paid": said}
    pay(case.annual_fee_invoice, "1250000.25")
    assert shut(case, "grant_licence", by=people.board, at=at) == {}


def test_overdue_is_the_day_after_the_last(invoice):
    assert [invoice.is_overdue(date(2026, 4, 3) + timedelta(days=more)) for more in (0, 1)] == [False, True]


# ── At once ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def at_once(*calls):
    """Run calls in threads that start together, and return what each came to."""
    came, barrier = [None] * len(calls), Barrier(len(calls))

    def run(place, call):
        try:
            barrier.wait()
            came[place] = call()
        except (IntegrityError, ValidationError, MoveRefused) as refusal:
            came[place] = refusal
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


@pytest.mark.django_db(transaction=True)
def test_numbers_at_the_turn_of_the_year_have_no_gaps_and_no_doubles(charged, people, at):
    """Eight at once on either side of midnight, and every third of them fails after it took its number."""
    cases = []
    for number in range(16):
        firm = path_firm(f"Exchange {number}", people, at)
        cases.append(path.noc_case(firm, people=people, at=at, until="draft"))

    def charge(number, case):
        moment = day(2026, 12, 31, 23, 59, 59) if number % 2 else day(2027, 1, 1)
        with transaction.atomic():
            invoice = fees.raise_invoice(case, "noc_application", activities=[], by=None, at=moment)
            if number % 3 == 0:
                raise ValidationError("Something else went wrong.")
            return invoice.number

    came = at_once(*((lambda n=n, c=c: charge(n, c)) for n, c in enumerate(cases)))
    kept = [each for each in came if isinstance(each, str)]
    assert sorted(kept) == [f"PVARA/INV/{year}/{n:05d}" for year in (2026, 2027) for n in range(1, 6)]
    assert sorted(Invoice.objects.values_list("number", flat=True)) == sorted(kept)


@pytest.mark.django_db(transaction=True)
def test_two_who_record_at_once_never_record_too_much(charged, people, at, farah):
    firm = path_firm("Exchange", people, at)
    invoice = path.noc_case(firm, people=people, at=at, until="submitted").fee_invoice

    def record(reference):
        return fees.record_payment(
            Invoice.objects.get(pk=invoice.pk),
            amount=FEE,
            paid_on=date(2026, 3, 4),
            bank_reference=reference,
            by=farah,
            at=at,
        )

    came = at_once(lambda: record("BANK-1"), lambda: record("BANK-2"))
    assert sorted(type(each).__name__ for each in came) == ["Payment", "ValidationError"]
    assert (Payment.objects.count(), fresh(invoice).state) == (1, "paid")


def path_firm(name, people, at):
    from licensing.actions.firms import register_firm

    return register_firm(name, by=people.applicant, at=at, country="Pakistan", invented=True)
