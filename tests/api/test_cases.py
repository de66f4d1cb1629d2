"""Firms and cases over the API: forms, moves, refusals, and whose they are."""

from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.actions.firms import register_firm
from licensing.models import NocApplication
from pvara.demo import path
from pvara.kernel import audit, roles
from tests.api.program import shut


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="draft")


@pytest.fixture
def recommended(firm, people, at):
    """The committee has voted to give notice of its refusal; it is not made yet."""
    case = path.noc_case(firm, people=people, at=at, until="recommended", rating=2)
    path.prepare(case, "notify_refusal", people=people, at=at)
    path.vote(case, "grant_noc", people=people, at=at)
    case.refresh_from_db()
    return case


# ── Whose they are ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_another_firms_case_does_not_exist(program, case, stranger, at):
    register_firm("Another Exchange", by=stranger, at=at, country="Singapore")
    caller = program(stranger)
    assert [each["legal_name"] for each in caller.get("firms/").json()["results"]] == ["Another Exchange"]
    assert caller.get("noc-applications/").json()["results"] == []
    for address in ("", "moves/", "form/"):
        assert caller.get(f"noc-applications/{case.pk}/{address}").status_code == 404
    assert caller.move(f"noc-applications/{case.pk}/", "submit", 0).status_code == 404
    assert caller.put(f"noc-applications/{case.pk}/fee-reference/", {"fee_reference": "X"}).status_code == 404
    opened = caller.post("noc-applications/", {"firm": case.firm_id})
    assert (opened.status_code, opened.json()["errors"][0]["field"]) == (400, "firm")


def test_staff_do_not_open_firms(program, omar, regime):
    assert program(omar).post("firms/", {"legal_name": "X", "country": "Y"}).status_code == 403


def test_the_person_acting_is_the_tokens(program, amina, omar, case):
    """Nothing in the body can say who acts: there is no such field."""
    body = {"expected_version": 0, "by": omar.pk, "at": "2020-01-01T00:00:00Z"}
    answer = program(amina).post(f"noc-applications/{case.pk}/moves/submit/", body)
    assert (answer.status_code, shut(answer)) == (400, ["unknown_field", "unknown_field"])


def test_the_names_of_the_regulators_people_are_not_the_applicants(program, amina, omar, recommended):
    address = f"noc-applications/{recommended.pk}/"
    applicants, officers = program(amina).get(address).json(), program(omar).get(address).json()
    names = ("submitted_by", "case_officer", "recommended_by")
    assert [applicants[name] for name in names] == ["Amina", None, None]
    assert [officers[name] for name in names] == ["Amina", "Omar", "Sana"]


# ── Forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_form_says_what_it_asks_and_keeps_what_is_answered(program, amina, case):
    caller, address = program(amina), f"noc-applications/{case.pk}/"
    answered = caller.put(f"{address}answers/aml/", {"monitoring_tool": "One", "records_kept_years": 10})
    assert answered.json()["answers"] == {"aml": {"monitoring_tool": "One", "records_kept_years": 10}}
    section = next(each for each in caller.get(f"{address}form/").json() if each["key"] == "aml")
    assert {each["key"]: each["answered"] for each in section["questions"]} == {
        "policy_approved_on": False,
        "monitoring_tool": True,
        "screening_tool": False,
        "records_kept_years": True,
    }
    # A colleague who had read the section before this is told, and writes over it knowingly or not at all.
    more = {"monitoring_tool": "Another"}
    told = caller.put(f"{address}answers/aml/", more)
    assert (told.status_code, told.json()["code"]) == (409, "changed_meanwhile")
    assert told.json()["now"]["monitoring_tool"] == "One"
    assert told.json()["seen"] == section["seen"]
    seen = urlencode({"seen": section["seen"]})
    assert caller.put(f"{address}answers/aml/?{seen}", more).json()["answers"] == {"aml": more}


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("nonsense", {}),
        ("aml", {"nonsense": 1}),
        ("aml", {"records_kept_years": "many"}),
        ("aml", {"policy_approved_on": "31/12/2025"}),
        ("aml", {"monitoring_tool": ["a list"]}),
        ("activities", {"activities": ["mining"]}),
        ("aml", []),
        ("aml", 5),
    ],
)
def test_an_answer_that_the_form_does_not_take_is_refused(program, amina, case, section, said):
    answer = program(amina).put(f"noc-applications/{case.pk}/answers/{section}/", said)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_submitted_answers_are_not_changed(program, amina, firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    answer = program(amina).put(f"noc-applications/{case.pk}/answers/aml/", {})
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "This application has been submitted; its answers can no longer be changed.",
    )


# ── Moves ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_moves_say_what_stands_in_the_way(program, amina, case):
    offers = program(amina).get(f"noc-applications/{case.pk}/moves/").json()
    assert [(each["name"], each["permitted"], each["possible"]) for each in offers] == [
        ("submit", True, False),
        ("withdraw", True, True),
    ]
    assert [each["code"] for each in offers[0]["unmet"]] == [
        "sections_are_complete",
        "documents_are_present",
        "declaration_is_signed",
    ]


def test_a_refused_move_names_every_gate_and_changes_nothing(program, amina, case):
    caller, address = program(amina), f"noc-applications/{case.pk}/"
    before = audit.history(case).count()
    refused = caller.move(address, "submit", 0)
    assert (refused.status_code, refused.json()["code"]) == (422, "move_refused")
    assert shut(refused) == ["sections_are_complete", "documents_are_present", "declaration_is_signed"]
    assert refused.json()["errors"][2] == {
        "code": "declaration_is_signed",
        "detail": "The declaration is not signed.",
        "field": None,
        "details": [],
    }
    now = caller.get(address).json()
    assert (now["state"], now["version"], audit.history(case).count()) == ("draft", 0, before)


def test_a_move_from_another_state_is_refused_so(program, omar, case):
    assert shut(program(omar).move(f"noc-applications/{case.pk}/", "accept_intake", 0)) == ["wrong_state"]


def test_a_move_answers_with_the_object_as_it_now_is(program, amina, case, people, at):
    path.fill_in(case, people=people, at=at)
    moved = program(amina).move(f"noc-applications/{case.pk}/", "submit", 0)
    assert (moved.status_code, moved.json()["state"], moved.json()["version"]) == (200, "submitted", 1)
    clocks = {each["clock"]: (each["status"], each["length"], each["unit"]) for each in moved.json()["clocks"]}
    assert clocks == {"decision": ("running", 60, "days")}


def test_a_stale_version_is_told_the_present_one(program, dania, recommended):
    address = f"noc-applications/{recommended.pk}/"
    stale = program(dania).move(address, "notify_refusal", recommended.version - 1, "Below the bar.")
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (
        409,
        "stale_version",
        recommended.version,
    )


def test_two_decide_at_once_and_the_second_is_told(program, dania, danish, recommended):
    address = f"noc-applications/{recommended.pk}/"
    first = program(dania).move(address, "notify_refusal", recommended.version, "Below the bar.")
    second = program(danish).move(address, "notify_refusal", recommended.version, "Below the bar.")
    assert (first.status_code, second.status_code) == (200, 409)
    noticed = audit.history(NocApplication.objects.get(pk=recommended.pk)).filter(event="notify_refusal")
    assert [entry.actor for entry in noticed] == [dania]


def test_who_may_not_make_a_move_is_refused_before_any_gate(program, amina, adil, recommended):
    refused = program(amina).move(f"noc-applications/{recommended.pk}/", "grant_noc", recommended.version)
    assert (refused.status_code, refused.json()["code"], refused.json()["errors"]) == (403, "permission_denied", [])
    assert program(adil).move(f"noc-applications/{recommended.pk}/", "grant_noc", 0).status_code == 404


def test_the_score_stands_in_the_way_and_only_staff_read_why(program, amina, dania, recommended):
    address = f"noc-applications/{recommended.pk}/moves/"
    offers = {each["name"]: each for each in program(dania).get(address).json()}
    assert [each["code"] for each in offers["grant_noc"]["unmet"]] == ["score_clears_g1"]
    assert "The total is 50.00%; the bar is 60.00%." in offers["grant_noc"]["unmet"][0]["details"]
    assert [each["name"] for each in program(amina).get(address).json()] == ["withdraw"]


def test_whoever_recommended_does_not_decide(program, recommended, sana):
    roles.grant(sana, "committee_member", by=None, at=recommended.opened_at)
    refused = program(sana).move(f"noc-applications/{recommended.pk}/", "notify_refusal", recommended.version, "No.")
    assert shut(refused) == ["decider_is_not_recommender"]


def test_a_move_that_asks_for_reasons_gets_them(program, dania, recommended):
    refused = program(dania).move(f"noc-applications/{recommended.pk}/", "notify_refusal", recommended.version, "  ")
    assert shut(refused) == ["note_is_given"]


def test_particulars_of_a_move_are_kept_but_never_the_gates_own_facts(program, dania, recommended):
    caller, address = program(dania), f"noc-applications/{recommended.pk}/moves/notify_refusal/"
    body = {"expected_version": recommended.version, "note": "Below the bar.", "data": {"minute": "12/2026"}}
    forged = caller.post(address, {**body, "data": {"gates": {"score_clears_g1": {"total": "99"}}}})
    assert (forged.status_code, forged.json()["errors"][0]["code"]) == (400, "reserved")
    assert caller.post(address, body).status_code == 200
    kept = audit.history(recommended).last().data
    assert (kept["minute"], list(kept["gates"])) == ("12/2026", ["votes_carry_the_decision"])


@pytest.mark.parametrize("name", ["fly", "state", "submit ", "__init__"])
def test_an_unknown_move_is_nowhere(program, amina, case, name):
    assert program(amina).move(f"noc-applications/{case.pk}/", name, 0).status_code == 404


# ── Set-up ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_set_up_shows_its_milestones_and_takes_their_particulars(program, amina, omar, firm, people, at):
    granted = path.noc_case(firm, people=people, at=at)
    caller = program(amina)
    setup = caller.get(f"setups/{granted.setup.pk}/").json()
    assert [each["code"] for each in setup["milestones"]] == [f"M{n}" for n in range(1, 10)]
    second = setup["milestones"][1]["id"]
    assert shut(caller.move(f"milestones/{second}/", "submit", 0)) == ["particulars_are_given", "evidence_is_attached"]
    described = caller.put(f"milestones/{second}/particulars/", {"ntn": "1234567-8"})
    assert described.json()["particulars"] == {"ntn": "1234567-8"}
    proof = {"title": "NTN certificate", "file": SimpleUploadedFile("ntn.txt", b"The certificate.")}
    attached = caller.upload(f"milestones/{second}/documents/", proof)
    assert (attached.status_code, attached.json()["title"]) == (201, "NTN certificate")
    assert [each["id"] for each in caller.get("documents/", subject=second).json()["results"]] == [
        attached.json()["id"]
    ]
    # The version that was read before the particulars were written is no longer the present one.
    assert caller.move(f"milestones/{second}/", "submit", 0).status_code == 409
    assert caller.move(f"milestones/{second}/", "submit", 1).json()["state"] == "submitted"
    assert program(omar).move(f"milestones/{second}/", "verify", 2).json()["state"] == "verified"
    assert caller.put(f"milestones/{second}/particulars/", {"ntn": "0"}).status_code == 400
    assert [each["key"] for each in caller.get(f"milestones/{second}/form/").json()] == ["ntn"]


def test_the_full_application_waits_for_the_set_up(program, amina, firm, people, at):
    granted = path.noc_case(firm, people=people, at=at)
    refused = program(amina).post("licence-applications/", {"setup": granted.setup.pk})
    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        "The set-up is not confirmed yet; the full licence can be applied for after that.",
    )


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("address", ["firms/", "noc-applications/"])
def test_a_list_asks_as_many_questions_for_thirty_as_for_one(program, omar, at, address, regime):
    caller, counts = program(omar), []
    for already, count in ((0, 1), (1, 29)):
        open_cases_from(already, count, at)
        caller.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert len(caller.get(address).json()["results"]) == already + count
        counts.append(len(asked))
    assert counts[0] == counts[1]


def open_cases_from(first, count, at):
    for number in range(first, first + count):
        firm = register_firm(f"Exchange {number}", by=None, at=at, country="Pakistan")
        NocApplication.objects.create(firm=firm, opened_at=at)


def test_pages_join_without_a_gap_or_a_double(program, omar, at, regime):
    open_cases_from(0, 7, at)
    caller, seen, address = program(omar), [], "/api/noc-applications/?limit=3"
    while address:
        page = caller.client.get(address, headers=caller.headers).json()
        seen += [each["id"] for each in page["results"]]
        address = page["next"]
    assert seen == sorted((each.pk for each in NocApplication.objects.all()), reverse=True)


def test_lists_are_narrowed_by_what_the_contract_names(program, omar, at, regime):
    open_cases_from(0, 3, at)
    caller, one = program(omar), NocApplication.objects.first()
    assert [each["id"] for each in caller.get("noc-applications/", firm=one.firm_id).json()["results"]] == [one.pk]
    assert len(caller.get("noc-applications/", state="draft").json()["results"]) == 3
    assert caller.get("noc-applications/", state="granted").json()["results"] == []
    for wrong in ({"state": "nonsense"}, {"firm": "x"}, {"firm": "1e3"}, {"nonsense": "1"}, {"limit": "0"}):
        assert caller.get("noc-applications/", **wrong).status_code == 400
    for cursor in ("nonsense", ">", "", "cD1hYmM=", "cD0xJTAw", "bz0tMQ==", "cD3Csg=="):
        assert caller.get("noc-applications/", cursor=cursor).status_code == 404
