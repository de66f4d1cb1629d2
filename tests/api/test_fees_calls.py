"""Fees over the API: paying by hand and by the bank's statement in two calls, waivers, and what a firm is shown."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from licensing.actions import fees
from licensing.models import Invoice, Payment
from pvara.demo import path
from tests.world import charge

HEAD = "Date,Amount,Currency,Reference,Details,Account\n"
ACCOUNT = "PK00SAMP0000000000000001"


@pytest.fixture
def invoice(firm, people, at):
    """PKR 50,000 of which 20,000 is paid; its statement with the other 30,000 is handed in."""
    case = path.noc_case(firm, people=people, at=at, until="draft")
    return charge(case, people=people, at=at)


def row(invoice, amount="30000", reference="BANK-1"):
    return f"{timezone.localdate()},{amount},PKR,{reference},{invoice.number},{ACCOUNT}\n"


def hand_in(caller, content, name="april.csv"):
    return caller.upload("bank-statements/", {"file": SimpleUploadedFile(name, content.encode())})


def test_an_invoice_says_what_is_left_and_where_to_pay(program, invoice, amina, farah):
    found = program(amina).get(f"invoices/{invoice.pk}/").json()
    assert (found["state"], found["total_pkr"], found["paid_pkr"], found["outstanding_pkr"]) == (
        "part_paid",
        "50000.00",
        "20000.00",
        "30000.00",
    )
    assert found["pay_into"]["number"] == ACCOUNT
    assert [line["title"] for line in found["lines"]] == ["Variation of a licence"]
    # Who of the regulator's people recorded it is the regulator's.
    names = [
        program(user).get(f"invoices/{invoice.pk}/").json()["payments"][0]["recorded_by"] for user in (amina, farah)
    ]
    assert names == [None, "Farah"]


def test_invoices_are_narrowed_and_another_firms_is_not_there(program, invoice, farah, stranger):
    caller = program(farah)
    assert [len(caller.get("invoices/", state=state).json()["results"]) for state in ("part_paid", "paid")] == [1, 0]
    assert len(caller.get("invoices/", number=invoice.number).json()["results"]) == 1
    assert program(stranger).get("invoices/").json()["results"] == []
    assert program(stranger).get(f"invoices/{invoice.pk}/").status_code == 404
    body = {"reasons": "Please."}
    assert program(stranger).post(f"invoices/{invoice.pk}/waiver-request/", body).status_code == 404


def test_a_payment_is_recorded_once_and_taken_back(program, invoice, farah):
    caller, address = program(farah), f"invoices/{invoice.pk}/payments/"
    body = {"amount_pkr": "30000.00", "paid_on": str(timezone.localdate()), "bank_reference": "BANK-5"}
    paid = caller.post(address, body)
    assert (paid.status_code, paid.json()["state"], len(paid.json()["payments"])) == (201, "paid", 2)
    assert caller.post(address, body).status_code == 400
    payment = Payment.objects.latest("pk")
    back = caller.post(f"payments/{payment.pk}/reversal/", {"reasons": "Bounced."})
    assert (back.status_code, back.json()["amount_pkr"], back.json()["reverses"]) == (201, "-30000.00", payment.pk)
    assert caller.get(f"invoices/{invoice.pk}/").json()["state"] == "part_paid"
    refused = caller.post(f"payments/{payment.pk}/reversal/", {"reasons": "Again."})
    assert (refused.status_code, refused.json()["detail"]) == (400, "This payment was taken back already.")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount_pkr": "30000.01"}, "amount"),
        ({"amount_pkr": 5}, "amount_pkr"),
        ({"amount_pkr": "1.001"}, "amount_pkr"),
        ({"paid_on": "2999-01-01"}, "paid_on"),
        ({"bank_reference": ""}, "bank_reference"),
        ({"by": 7}, "by"),
    ],
)
def test_a_payment_that_is_not_taken_says_which_field(program, invoice, farah, changed, field):
    body = {"amount_pkr": "1.00", "paid_on": str(timezone.localdate()), "bank_reference": "BANK-5", **changed}
    answer = program(farah).post(f"invoices/{invoice.pk}/payments/", body)
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, [field])
    assert Payment.objects.count() == 1


def test_a_waiver_is_asked_for_refused_asked_for_again_and_given(program, invoice, amina, dania):
    firm, committee, address = program(amina), program(dania), f"invoices/{invoice.pk}/"
    assert firm.post(f"{address}waiver-request/", {"reasons": "Hardship."}).json()["waiver_asked_for"] is True
    assert committee.post(f"{address}waiver-refusal/", {"reasons": "Not shown."}).json()["waiver_asked_for"] is False
    asked = firm.post(f"{address}waiver-request/", {"reasons": "With accounts."}).json()
    given = committee.move(address, "waive", asked["version"], "Granted.")
    assert (given.json()["state"], given.json()["waived_by"], given.json()["outstanding_pkr"]) == (
        "waived",
        "Dania",
        "0.00",
    )


def test_the_reasons_of_the_regulators_people_are_not_the_firms(program, invoice, amina, farah):
    address = f"invoices/{invoice.pk}/"
    program(farah).post(f"{address}waiver-request/", {"reasons": "They are in trouble."})
    seen = [program(user).get(address).json()["waiver_reasons"] for user in (amina, farah)]
    assert seen == ["", "They are in trouble."]


def test_a_statement_is_shown_and_then_imported_as_it_was_shown(program, invoice, farah):
    caller = program(farah)
    content = HEAD + row(invoice) + f"{timezone.localdate()},99,PKR,BANK-2,Salary,{ACCOUNT}\n"
    shown = hand_in(caller, content)
    assert shown.status_code == 201
    assert [(each["line"], each["verdict"], each["invoice"]) for each in shown.json()["rows"]] == [
        (2, "recorded", invoice.pk),
        (3, "foreign", None),
    ]
    assert Payment.objects.count() == 1
    again = hand_in(caller, content, "another.csv")
    assert (again.json()["id"], again.headers["Idempotent-Replayed"]) == (shown.json()["id"], "true")
    address = f"bank-statements/{shown.json()['id']}/import/"
    for _ in range(2):  # sent again, it changes nothing
        imported = caller.post(address, {"shown": shown.json()["shown"]})
        assert (imported.status_code, imported.json()["imported_by"]) == (200, "Farah")
        assert [each["verdict"] for each in imported.json()["rows"]] == ["recorded", "foreign"]
    assert (Payment.objects.count(), Invoice.objects.get().state) == (2, "paid")
    assert caller.post(address, {"shown": "0" * 64}).status_code == 400


def test_what_changed_since_it_was_shown_is_not_imported(program, invoice, farah):
    caller = program(farah)
    shown = hand_in(caller, HEAD + row(invoice)).json()
    part = {"amount": Decimal(1), "paid_on": timezone.localdate(), "bank_reference": "BANK-9"}
    fees.record_payment(invoice, by=farah, at=timezone.now(), **part)
    refused = caller.post(f"bank-statements/{shown['id']}/import/", {"shown": shown["shown"]})
    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        "Something changed since you looked: nothing was recorded. Look through it again.",
    )
    fresh = caller.get(f"bank-statements/{shown['id']}/").json()
    assert (fresh["rows"][0]["verdict"], fresh["shown"] != shown["shown"]) == ("wrong_amount", True)


def test_a_file_that_is_no_statement_is_refused_whole(program, regime, farah):
    answer = hand_in(program(farah), HEAD.replace(",", ";"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "file")
    assert answer.json()["detail"].startswith("The columns are separated by semicolons.")


def test_the_tariff_and_the_activities_are_everybodys(program, regime, people):
    coming = timezone.localdate() + timedelta(days=30)
    path.change_setting("fee.renewal", 5, effective_from=coming, people=people, at=timezone.now())
    tariff = program().get("tariff/").json()
    assert {each["amount_pkr"] for each in tariff["in_force"]} == {"0.00"}
    assert [(each["kind"], each["amount_pkr"]) for each in tariff["to_come"]] == [("renewal", "5.00")]
    assert {"exchange", "custody"} <= {each["code"] for each in program().get("activities/").json()}
