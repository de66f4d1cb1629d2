"""The pages of fees: the ledger, an invoice and its money, waivers, bank statements, and the exchange's side."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from licensing.actions import fees
from licensing.actions.firms import register_firm
from licensing.models import BankStatement, Invoice, Payment, StatementRow
from pvara.demo import path
from pvara.kernel import roles

HEAD = "Date,Amount,Currency,Bank reference,Details,Account\n"
ACCOUNT = "PK00SAMP0000000000000001"


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def invoice(world):
    """PKR 50,000 for a variation, of which 20,000 is paid."""
    return Invoice.objects.latest("pk")


@pytest.fixture
def finance(people, browse):
    return browse(people.finance)


def fresh(invoice):
    return Invoice.objects.get(pk=invoice.pk)


# ── The ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, True),
        ({"state": "part_paid"}, True),
        ({"state": "paid"}, False),
        ({"state": "overdue"}, False),
        ({"state": "waiver"}, False),
        ({"state": "nonsense"}, True),
        ({"kind": "variation"}, True),
        ({"kind": "annual"}, False),
        ({"q": "/00001"}, True),
        ({"q": "ravi"}, True),
        ({"q": "Chenab"}, False),
        ({"firm": "999999"}, False),
        ({"firm": "x"}, True),
    ],
)
def test_the_address_says_which_invoices(invoice, finance, asked, found):
    page = text(finance.get(reverse("staff:invoices"), asked))
    assert (f">{invoice.number}</a>" in page) == found
    assert ("No invoice here." in page) != found


def test_the_ledger_of_one_firm_says_whose_it_is(invoice, world, finance):
    page = text(finance.get(reverse("staff:invoices"), {"firm": invoice.firm_id}))
    assert "Only those of Ravi Exchange Limited." in page
    other = text(finance.get(reverse("staff:invoices"), {"firm": world.firm.pk}))
    assert ("Only those of Indus Exchange Limited." in other, "No invoice here." in other) == (True, True)


def test_overdue_and_a_waiver_that_is_asked_for_are_found(invoice, people, finance, monkeypatch):
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=people.finance, at=timezone.now())
    assert "Waiver asked for</span>" in text(finance.get(reverse("staff:invoices"), {"state": "waiver"}))
    assert invoice.is_overdue(invoice.due_on + timedelta(days=1))


# ── Payments ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def paid(amount="30000", reference="BANK-5", **changed):
    return {"amount": amount, "paid_on": str(timezone.localdate()), "bank_reference": reference, "note": "", **changed}


def test_a_payment_settles_the_invoice(invoice, finance, people):
    address = reverse("staff:payment_new", args=[invoice.pk])
    assert 'value="30000.00"' in text(finance.get(address))
    answer = finance.post(address, paid())
    assert (answer.status_code, answer.url) == (302, invoice.get_absolute_url())
    payment = Payment.objects.latest("pk")
    assert (payment.amount_pkr, payment.recorded_by, fresh(invoice).state) == (Decimal(30000), people.finance, "paid")
    page = text(finance.get(invoice.get_absolute_url()))
    assert "PKR 50,000.00 of PKR 50,000.00 is paid." in page
    assert "Record a payment" not in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": "30000.01"}, "PKR 30,000.00 is outstanding. Record that, and return the rest to the payer."),
        ({"amount": "a lot"}, "Enter a number."),
        ({"paid_on": "2999-01-01"}, "This day has not come yet."),
        ({"bank_reference": ""}, "This field is required."),
        ({"amount": "20000", "bank_reference": "BANK-0"}, "This payment is recorded already, for"),
    ],
)
def test_a_payment_that_is_not_taken_comes_back_as_it_was_typed(invoice, finance, changed, said):
    sent = paid(note="By hand.", **changed)
    answer = finance.post(reverse("staff:payment_new", args=[invoice.pk]), sent)
    assert answer.status_code == 422
    page = text(answer)
    assert said in page
    for value in (sent["amount"], sent["paid_on"], sent["bank_reference"]):
        assert not value or f'value="{value}"' in page
    assert "By hand.</textarea>" in page
    assert fresh(invoice).state == "part_paid"


def test_a_payment_is_taken_back_with_reasons(invoice, finance):
    payment = Payment.objects.latest("pk")
    address = reverse("staff:payment_back", args=[payment.pk])
    assert f'href="{address}"' in text(finance.get(invoice.get_absolute_url()))
    assert finance.post(address, {"reasons": ""}).status_code == 422
    assert finance.post(address, {"reasons": "The cheque bounced."}).status_code == 302
    assert (fresh(invoice).state, fresh(invoice).paid_pkr) == ("issued", Decimal(0))
    again = finance.post(address, {"reasons": "Again."})
    assert (again.status_code, "This payment was taken back already." in text(again)) == (422, True)
    assert f'href="{address}"' not in text(finance.get(invoice.get_absolute_url()))


def test_an_officer_sees_the_money_and_moves_none_of_it(invoice, people, browse):
    page = text(browse(people.officer).get(invoice.get_absolute_url()))
    assert ("Record a payment" in page, "Take back" in page, "BANK-0" in page) == (False, False, True)


def test_a_cancelled_invoice_is_charged_anew(invoice, finance):
    payment = Payment.objects.latest("pk")
    finance.post(reverse("staff:payment_back", args=[payment.pk]), {"reasons": "Bounced."})
    move = reverse("move", args=["licensing.invoice", invoice.pk, "cancel"])
    finance.post(move, {"version": fresh(invoice).version, "note": "Wrong lines."})
    assert fresh(invoice).state == "cancelled"
    address = reverse("staff:invoice_again", args=[invoice.pk])
    assert f'action="{address}"' in text(finance.get(invoice.get_absolute_url()))
    again = finance.post(address)
    raised = Invoice.objects.latest("pk")
    assert (again.url, raised.number) == (raised.get_absolute_url(), f"{invoice.number[:-1]}2")
    assert "stands already" in text(finance.post(address, follow=True))


# ── Waivers ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_one_asks_for_a_waiver_and_another_gives_it(invoice, finance, people, browse):
    address = reverse("staff:waiver_new", args=[invoice.pk])
    assert finance.post(address, {"reasons": " "}).status_code == 422
    assert finance.post(address, {"reasons": "A pilot of the state's own."}).status_code == 302
    page = text(browse(people.member).get(invoice.get_absolute_url()))
    assert "A pilot of the state&#x27;s own." in page
    move = reverse("move", args=["licensing.invoice", invoice.pk, "waive"])
    assert f'action="{move}"' in page
    answer = browse(people.member).post(move, {"version": fresh(invoice).version, "note": "Granted."})
    assert (answer.status_code, fresh(invoice).state) == (302, "waived")


def test_who_assessed_the_firm_is_not_asked_whether_to_waive_its_fee(invoice, people, browse):
    fees.ask_for_waiver(invoice, reasons="Hardship.", by=people.finance, at=timezone.now())
    roles.grant(people.assessor, "committee_member", by=None, at=timezone.now())
    address = reverse("staff:waiver_declined", args=[invoice.pk])
    offered = [
        f'href="{address}"' in text(browse(each).get(invoice.get_absolute_url()))
        for each in (people.assessor, people.member)
    ]
    assert offered == [False, True]
    assert browse(people.assessor).post(address, {"reasons": "No."}).status_code == 403


def test_the_committee_leaves_the_fee_as_it_is(invoice, people, browse):
    portal, member = browse(people.applicant), browse(people.member)
    assert portal.post(reverse("portal:waiver_new", args=[invoice.pk]), {"reasons": "Hardship."}).status_code == 302
    assert "A waiver is asked for" in text(portal.get(reverse("portal:invoice", args=[invoice.pk])))
    second = portal.post(reverse("portal:waiver_new", args=[invoice.pk]), {"reasons": "More hardship."})
    assert (second.status_code, "More hardship.</textarea>" in text(second)) == (422, True)
    address = reverse("staff:waiver_declined", args=[invoice.pk])
    assert f'href="{address}"' in text(member.get(invoice.get_absolute_url()))
    assert member.post(address, {"reasons": "No hardship is shown."}).status_code == 302
    page = text(portal.get(reverse("portal:invoice", args=[invoice.pk])))
    assert ("The fee is not waived" in page, "No hardship is shown." in page) == (True, True)
    assert member.post(address, {"reasons": "Again."}).status_code == 422


# ── Bank statements ──────────────────────────────────────────────────────────────────────────────────────────────────
def file(content, name="april.csv"):
    return {"file": SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())}


def row(invoice, amount="30000", reference="BANK-1"):
    return f"{timezone.localdate()},{amount},PKR,{reference},{invoice.number},{ACCOUNT}\n"


def test_a_statement_is_looked_through_and_then_imported(invoice, finance, people):
    content = HEAD + row(invoice) + f"{timezone.localdate()},99,PKR,BANK-2,Salary,{ACCOUNT}\n"
    answer = finance.post(reverse("staff:statements"), file(content))
    statement = BankStatement.objects.latest("pk")
    address = reverse("staff:statement", args=[statement.pk])
    assert (answer.status_code, answer.url) == (302, address)
    page = text(finance.get(address))
    assert "Nothing is recorded yet" in page
    assert "1 payment would be recorded, PKR 30,000.00 in all." in page
    assert f"PKR 30,000.00 for {invoice.number}, which settles it." in page
    assert "It names no invoice of ours." in page
    assert (StatementRow.objects.count(), fresh(invoice).state) == (0, "part_paid")
    shown = re.search(r'name="shown" value="(\w+)"', page)[1]
    assert finance.post(address, {"shown": shown}).status_code == 302
    page = text(finance.get(address))
    assert "1 payment recorded, PKR 30,000.00 in all." in page
    assert ("Import it as shown" in page, fresh(invoice).state) == (False, "paid")
    assert f'href="{address}"' in text(finance.get(invoice.get_absolute_url()))
    # The same file again is that statement.
    again = finance.post(reverse("staff:statements"), file(content, "april (1).csv"), follow=True)
    assert again.redirect_chain == [(address, 302)]
    assert "This very file was handed in before, as april.csv." in text(again)


def test_what_changed_since_it_was_shown_is_shown_anew(invoice, finance, people):
    statement = BankStatement.objects.latest("pk")
    address = reverse("staff:statement", args=[statement.pk])
    shown = re.search(r'name="shown" value="(\w+)"', text(finance.get(address)))[1]
    part = {"amount": Decimal(1), "paid_on": timezone.localdate(), "bank_reference": "BANK-9"}
    fees.record_payment(invoice, by=people.finance, at=timezone.now(), **part)
    answer = finance.post(address, {"shown": shown})
    assert answer.status_code == 409
    assert "Something changed since you looked: nothing was recorded." in text(answer)
    assert "PKR 29,999.00 is outstanding" in text(answer)
    assert StatementRow.objects.count() == 0


def test_a_file_that_is_no_statement_says_what_to_do(world, finance):
    for content, said in (
        (HEAD.replace(",", ";"), "The columns are separated by semicolons."),
        ("Date,Amount\n1,2\n", "There is no column “Currency”"),
        ((HEAD + "Ä").encode("latin-1"), "Line 2 holds a sign that is not UTF-8."),
    ):
        answer = finance.post(reverse("staff:statements"), file(content))
        assert (answer.status_code, said in text(answer)) == (422, True)


def test_an_auditor_looks_through_and_imports_nothing(invoice, aisha, browse):
    statement = BankStatement.objects.latest("pk")
    client, address = browse(aisha), reverse("staff:statement", args=[statement.pk])
    page = text(client.get(address))
    assert ("Nothing is recorded yet" in page, "Import it as shown" in page) == (True, False)
    assert client.post(address, {"shown": "0"}).status_code == 403
    assert client.post(reverse("staff:statements"), file(HEAD + row(invoice))).status_code == 403


# ── What an exchange sees ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_firm_sees_what_is_due_and_where_to_pay_it(invoice, people, browse):
    client = browse(people.applicant)
    assert f">{invoice.number}</a>" in text(client.get(reverse("portal:invoices")))
    page = text(client.get(reverse("portal:invoice", args=[invoice.pk])))
    assert "Pay PKR 30,000.00 by" in page
    for said in (ACCOUNT, "PVARA fees (sample)", "State Bank of Pakistan (sample)", "BANK-0"):
        assert said in page
    # Who of the regulator's people recorded it is not the firm's.
    assert str(people.finance) not in page


def test_another_firms_invoice_does_not_exist(invoice, stranger, browse, at):
    register_firm("Swat Exchange Limited", by=stranger, at=at, country="Malta", invented=True)
    client = browse(stranger)
    assert "Nothing has been charged to your firms." in text(client.get(reverse("portal:invoices")))
    for name in ("portal:invoice", "portal:invoice_paper", "portal:waiver_new"):
        assert client.get(reverse(name, args=[invoice.pk])).status_code == 404
    assert client.post(reverse("portal:waiver_new", args=[invoice.pk]), {"reasons": "x"}).status_code == 404


def test_the_paper_says_who_pays_what_to_whom(invoice, people, finance, browse):
    portal = text(browse(people.applicant).get(reverse("portal:invoice_paper", args=[invoice.pk])))
    staff = text(finance.get(reverse("staff:invoice_paper", args=[invoice.pk])))
    for page in (portal, staff):
        for said in (invoice.number, "Ravi Exchange Limited", "Variation of a licence", "50,000.00", ACCOUNT):
            assert said in page


def test_the_case_shows_its_fees_to_both_sides(invoice, world, people, finance, browse):
    case = world.granted
    assert f'href="{invoice.get_absolute_url()}"' in text(finance.get(case.get_absolute_url()))
    mine = text(browse(people.applicant).get(reverse("portal:application", args=["noc", case.pk])))
    assert f'href="{reverse("portal:invoice", args=[invoice.pk])}"' in mine


def test_a_draft_says_what_submitting_it_will_cost(world, people, browse):
    day = timezone.localdate() - timedelta(days=1)
    said = {"effective_from": day, "people": people, "at": timezone.now() - timedelta(days=9)}
    path.change_setting("fee.noc_application", 76000, **said)
    page = text(browse(people.applicant).get(reverse("portal:application", args=["noc", world.draft.pk])))
    assert "A fee of PKR 76,000.00 is charged when the application is submitted." in page


# ── The tariff ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_tariff_is_published_with_what_is_to_come(world, people, client, finance):
    coming = timezone.localdate() + timedelta(days=30)
    path.change_setting("fee.renewal", 123456, effective_from=coming, people=people, at=timezone.now())
    public, staff = text(client.get("/fees/")), text(finance.get(reverse("staff:tariff")))
    for page in (public, staff):
        assert ("123,456.00" in page, "50,000.00" in page) == (True, True)
    # What is only a sample is shown to nobody who might take it for the tariff.
    assert ("AED" in public, "AED" in staff, "SRO 1" in staff) == (False, True, True)
