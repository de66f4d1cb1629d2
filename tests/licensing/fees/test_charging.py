# ruff: noqa: E501  the table is as wide as the regime
"""What the tariff asks for, and what is charged when."""

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from licensing.actions import fees
from licensing.models import Invoice, InvoiceCounter, TariffRow
from licensing.models.fees import rows_due, tariff_in_force
from licensing.states import FeeKind
from pvara.demo import path
from pvara.kernel import audit, outbox
from pvara.kernel.machine import MoveRefused
from pvara.kernel.regime import as_text
from tests.licensing.fees import FEE
from tests.licensing.rules import day

INVOICE = """
move           | source            | target    | who              | gates                                                                                                 | letter | clock
record_part    | issued, part_paid | part_paid | Finance officer  | payments_cover_a_part, recorder_is_not_the_case_officer                                               |        |
settle         | issued, part_paid | paid      | Finance officer  | payments_cover_the_total, recorder_is_not_the_case_officer                                            |        |
reopen         | part_paid, paid   | issued    | Finance officer  | nothing_is_paid, recorder_is_not_the_case_officer                                                     |        |
reopen_in_part | part_paid, paid   | part_paid | Finance officer  | payments_cover_a_part, recorder_is_not_the_case_officer                                               |        |
waive          | issued, part_paid | waived    | Committee member | waiver_was_asked_for, waiver_is_not_by_who_asked, decider_is_not_case_officer, decider_did_not_assess |        |
cancel         | issued            | cancelled | Finance officer  | nothing_is_paid                                                                                       |        |
"""


def test_the_machine_reads_as_the_regime():
    assert as_text(Invoice) == INVOICE.strip()


# ── The tariff ────────────────────────────────────────────────────────────────────────────────────────────────────────
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


# ── Charging ──────────────────────────────────────────────────────────────────────────────────────────────────────────
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
