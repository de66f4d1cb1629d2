"""Key individuals and ownership over the API: what a firm says, what the regulator finds, and who is shown which."""

from datetime import timedelta

import pytest
from django.utils import timezone

from licensing.models import ChangeOfControl, KeyIndividual
from pvara.demo import path
from tests.api.program import shut

NAMED = {
    "roles": ["director"],
    "full_name": "Zara Example",
    "nationality": "Pakistan",
    "born_on": "1980-01-02",
    "document_kind": "passport",
    "document_number": "AB1234567",
    "residence": "Pakistan",
    "in_house": True,
    "appointed_on": "2026-01-02",
}


@pytest.fixture
def named(program, firm, amina):
    return program(amina).post("key-individuals/", {"firm": firm.pk, **NAMED}).json()


def holdings(firm, *rows):
    keys = ("holder", "kind", "held", "right", "percent")
    return [dict(zip(keys, each, strict=False)) | {"country": "Pakistan"} for each in rows]


def two_owners(firm, first=60):
    top = f"{firm.legal_name} Holding"
    return holdings(
        firm,
        (top, "company", firm.legal_name, "shares", "100"),
        ("First Owner", "person", top, "shares", f"{first}.0000"),
        ("Second Owner", "person", top, "shares", f"{100 - first}"),
    )


# ── Key individuals ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_from_nomination_to_departure(program, named, amina, omar, sana):
    address = f"key-individuals/{named['id']}/"
    officer, firm = program(omar), program(amina)
    assert (named["state"], named["checks"]) == ("nominated", [])
    taken = officer.move(address, "take_up", named["version"]).json()
    for kind in ("police", "insolvency", "regulatory", "references", "qualification"):
        check = {"kind": kind, "result": "clear", "made_on": str(timezone.localdate())}
        assert officer.post(f"{address}checks/", check).status_code == 201
    approved = program(sana).move(address, "approve", taken["version"]).json()
    assert (approved["state"], len(approved["checks"]), approved["decided_by"]) == ("approved", 5, "Sana")
    body = {"expected_version": approved["version"], "departed_on": str(timezone.localdate()), "reason": "Retired."}
    left = firm.post(f"{address}departure/", body).json()
    assert (left["state"], left["departed_on"]) == ("departed", str(timezone.localdate()))


def test_what_was_found_and_the_number_are_for_those_entitled(program, named, amina, omar, sana):
    address = f"key-individuals/{named['id']}/"
    officer = program(omar)
    officer.move(address, "take_up", 0)
    check = {"kind": "police", "result": "adverse", "made_on": str(timezone.localdate()), "note": "A conviction."}
    officer.post(f"{address}checks/", check)
    seen = {user: program(user).get(address).json() for user in (amina, omar, sana)}
    assert [seen[user]["document_number"] for user in (amina, omar, sana)] == ["••••••567", "AB1234567", "••••••567"]
    assert [[each["note"] for each in seen[user]["checks"]] for user in (amina, omar, sana)] == [
        [],
        ["A conviction."],
        ["A conviction."],
    ]
    assert [seen[user]["vetted_by"] for user in (amina, sana)] == [None, "Omar"]


def test_who_checked_does_not_decide(program, named, omar, at):
    from pvara.kernel import roles

    roles.grant(omar, "committee_member", by=None, at=at)
    address = f"key-individuals/{named['id']}/"
    caller = program(omar)
    caller.move(address, "take_up", 0)
    check = {"kind": "police", "result": "concern", "made_on": str(timezone.localdate()), "note": "Old."}
    caller.post(f"{address}checks/", check)
    refused = caller.move(address, "object_to", 1, "Unfit.")
    assert (refused.status_code, shut(refused)) == (422, ["decider_made_no_check"])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles.0"),
        ({"born_on": "2020-01-01"}, "born_on"),
        ({"roles": ["mlro"], "in_house": False, "employer": "A bureau"}, "in_house"),
        ({"in_house": False}, "employer"),
        ({"in_house": "yes"}, "in_house"),
        ({"vetted_by": 1}, "vetted_by"),
    ],
)
def test_a_nomination_that_cannot_be_right_says_which_field(program, firm, amina, changed, field):
    answer = program(amina).post("key-individuals/", {"firm": firm.pk, **NAMED, **changed})
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, [field])
    assert KeyIndividual.objects.count() == 0


def test_another_firms_people_are_not_there(program, named, firm, stranger):
    caller = program(stranger)
    assert caller.get("key-individuals/").json()["results"] == []
    for address in ("", "moves/"):
        assert caller.get(f"key-individuals/{named['id']}/{address}").status_code == 404
    body = {"expected_version": 0, "departed_on": "2026-01-02", "reason": "x"}
    assert caller.post(f"key-individuals/{named['id']}/departure/", body).status_code == 404
    assert shut(caller.post("key-individuals/", {"firm": firm.pk, **NAMED})) == ["does_not_exist"]


def test_a_departure_from_an_old_version_is_a_conflict(program, named, amina):
    body = {"expected_version": 7, "departed_on": str(timezone.localdate()), "reason": "Retired."}
    assert program(amina).post(f"key-individuals/{named['id']}/departure/", body).status_code == 409


# ── Ownership ────────────────────────────────────────────────────────────────────────────────────────────────────────
def state(caller, firm, rows, **more):
    body = {"firm": firm.pk, "as_at": str(timezone.localdate()), "holdings": rows, **more}
    return caller.post("ownership-statements/", body)


def test_who_is_behind_a_firm_is_worked_out_through_every_company(program, firm, amina):
    answer = state(program(amina), firm, two_owners(firm))
    assert answer.status_code == 201
    (company,) = program(amina).get(f"ownership-statements/{answer.json()['id']}/").json()["behind"]
    assert (company["company"], company["controllers"]) == (firm.legal_name, ["First Owner"])
    assert [(each["name"], each["share"], each["votes"], each["controls"]) for each in company["owners"]] == [
        ("First Owner", "60.0000", "100.0000", True),
        ("Second Owner", "40.0000", "0.0000", False),
    ]
    assert [(each["depth"], each["name"]) for each in company["chain"]] == [
        (1, f"{firm.legal_name} Holding"),
        (2, "First Owner"),
        (2, "Second Owner"),
    ]


def test_a_state_and_a_share_with_four_places(program, firm, amina):
    rows = holdings(
        firm,
        ("Ministry of Finance", "state", firm.legal_name, "shares", "33.3333"),
        ("One Person", "person", firm.legal_name, "shares", "66.6667"),
    )
    stated = state(program(amina), firm, rows).json()
    assert [(each["name"], each["kind"]) for each in stated["parties"]][1:] == [
        ("Ministry of Finance", "state"),
        ("One Person", "person"),
    ]
    assert [each["percent"] for each in stated["holdings"]] == ["33.3333", "66.6667"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("A", "person", "{firm}", "shares", "60")], "name who holds the other 40%"),
        ([("A", "person", "{firm}", "shares", "101")], "A percentage is above 0 and at most 100."),
        ([("A", "company", "{firm}", "shares", "100")], "Nobody is named who holds A"),
    ],
)
def test_a_statement_that_does_not_end_says_why(program, firm, amina, rows, said):
    made = [(holder, kind, held.format(firm=firm.legal_name), *rest) for holder, kind, held, *rest in rows]
    answer = state(program(amina), firm, holdings(firm, *made))
    assert answer.status_code == 400
    assert said in " ".join(each["detail"] for each in answer.json()["errors"])


def test_others_neither_read_nor_state_it(program, firm, amina, stranger, omar):
    kept = state(program(amina), firm, two_owners(firm)).json()
    caller = program(stranger)
    assert caller.get("ownership-statements/").json()["results"] == []
    assert caller.get(f"ownership-statements/{kept['id']}/").status_code == 404
    assert shut(state(caller, firm, two_owners(firm))) == ["does_not_exist"]
    assert state(program(omar), firm, two_owners(firm)).status_code == 403


# ── Changes of control ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def notified(program, firm, people, at, amina):
    path.noc_case(firm, people=people, at=at)
    body = {
        "firm": firm.pk,
        "as_at": str(timezone.localdate() + timedelta(days=30)),
        "holdings": two_owners(firm, 45),
        "reason": "A sale of shares.",
    }
    return program(amina).post("changes-of-control/", body).json()


def test_a_change_is_notified_assessed_and_decided(program, people, notified, firm, amina, omar, dania):
    address = f"changes-of-control/{notified['id']}/"
    # Nothing else may be stated meanwhile.
    assert state(program(amina), firm, two_owners(firm, 45)).status_code == 400
    assert [(each["holder"], each["before"], each["after"]) for each in notified["differences"]] == [
        ("First Owner", "60%", "45%"),
        ("Second Owner", "40%", "55%"),
    ]
    assert notified["behind_after"][0]["controllers"] == ["Second Owner"]
    assessed = program(omar).move(address, "assess", notified["version"], "The money is explained.").json()
    assert (assessed["state"], assessed["finding"]) == ("assessed", "The money is explained.")
    assert program(amina).get(address).json()["finding"] == ""
    alone = program(dania).move(address, "raise_no_objection", assessed["version"])
    assert (alone.status_code, shut(alone)) == (422, ["votes_carry_the_decision"])
    path.vote(ChangeOfControl.objects.get(), "raise_no_objection", people=people, at=timezone.now())
    decided = program(dania).move(address, "raise_no_objection", assessed["version"]).json()
    assert (decided["state"], decided["decided_by"]) == ("no_objection", "Dania")
    assert ChangeOfControl.objects.get().statement.pk == notified["statement"]


def test_another_firms_change_is_not_there(program, notified, stranger):
    caller = program(stranger)
    assert caller.get("changes-of-control/").json()["results"] == []
    assert caller.get(f"changes-of-control/{notified['id']}/").status_code == 404
    assert caller.move(f"changes-of-control/{notified['id']}/", "withdraw", 0, "x").status_code == 404
