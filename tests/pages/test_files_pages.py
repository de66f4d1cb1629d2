"""The files of an asset as they are handed out: by a page's links and by programs, with sensible names."""

import json

from django.urls import reverse

from tests.api.program import Program


def got(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.getvalue().decode()


def test_the_page_of_an_asset_leads_to_its_files(world, people, browse):
    client, bill = browse(people.debt_officer), world.registry.bill
    page = client.get(bill.get_absolute_url()).content.decode()
    for name, file in (
        ("cap_table", f"{bill.code}-cap-table-6"),
        ("ledger_file", f"{bill.code}-ledger-6"),
        ("bond_terms", f"{bill.code}-bond-terms"),
    ):
        for form, kind in (("csv", "text/csv"), ("json", "application/json")):
            address = reverse(f"staff:{name}", args=[bill.pk, form])
            assert f'href="{address}"' in page
            answer = client.get(address)
            assert answer["Content-Disposition"] == f'attachment; filename="{file}.{form}"'
            assert answer["Content-Type"].startswith(kind)
            assert got(answer)


def test_the_cap_table_of_an_earlier_entry(world, people, browse):
    client, bill = browse(people.debt_officer), world.registry.bill
    answer = client.get(reverse("staff:cap_table", args=[bill.pk, "json"]), {"entry": "2"})
    assert answer["Content-Disposition"] == f'attachment; filename="{bill.code}-cap-table-2.json"'
    held = {each["account"]: each["units"] for each in json.loads(got(answer))}
    assert held == {"treasury": 19_990_000, "inventory": 10_000, "clients": 0, "frozen_shelf": 0, "frozen_clients": 0}
    for nonsense in ("0", "7", "x", "-1", "9" * 30):
        answer = client.get(reverse("staff:cap_table", args=[bill.pk, "csv"]), {"entry": nonsense})
        assert f"cap-table-{bill.last_entry}" in answer["Content-Disposition"]
        got(answer)


def test_a_commodity_has_no_bond_terms_and_there_are_two_kinds_of_files(world, people, browse):
    client = browse(people.debt_officer)
    gold = world.registry.programme.assets.get(kind="gold")
    assert client.get(reverse("staff:bond_terms", args=[gold.pk, "csv"])).status_code == 404
    assert client.get(reverse("staff:cap_table", args=[gold.pk, "xls"])).status_code == 404
    assert "bond-terms" not in client.get(gold.get_absolute_url()).content.decode()


def test_programs_get_the_same(world, people):
    bill = world.registry.bill
    officer, applicant = Program(people.debt_officer), Program(people.applicant)
    rows = json.loads(got(officer.get(f"assets/{bill.pk}/ledger/")))
    assert [each["seq"] for each in rows] == [1, 2, 3, 4, 5, 6]
    table = got(officer.get(f"assets/{bill.pk}/cap-table/?as=csv&entry=1"))
    assert table.splitlines()[0] == "asset,as_of_entry,hash,place,licence,account,units,usd_cents"
    (terms,) = json.loads(got(applicant.get(f"assets/{bill.pk}/bond-terms/")))
    assert (terms["internalCode"], terms["discountRate"]) == (bill.code, "11.27")
    # Who has how much is the state's to know.
    assert applicant.get(f"assets/{bill.pk}/cap-table/").status_code == 403
    assert applicant.get(f"assets/{bill.pk}/ledger/").status_code == 403
    for wrong in ("as=xls", "entry=0", "entry=7", "entry=x", "form=csv"):
        assert officer.get(f"assets/{bill.pk}/cap-table/?{wrong}").status_code == 400
