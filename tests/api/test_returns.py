"""What goes back to an applicant, by programs: the checklist, a return with its answers, a request with its rounds."""

from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.models import Deficiency, InformationRequest, RequestItem
from pvara.demo import path
from tests.api.program import shut
from tests.api.walk import done


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="completeness_check")


@pytest.fixture
def assessed(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


def seen_of(row):
    """What a program sends with what it writes over."""
    return {"seen": row["seen"]}


def version(program, address):
    return done(program.get(address))["version"]


def test_a_program_ticks_the_checklist_off(program, omar, amina, case):
    caller, address = program(omar), f"noc-applications/{case.pk}/checklist/"
    before = done(caller.get(address))
    assert (before["complete"], len(before["items"]), before["items"][0]["words"]) == (False, 14, "Not looked at")
    said = {"items": [{"item": "section:aml", "verdict": "wanting", "note": "The tool."}]}
    (found,) = [each for each in done(caller.put(address, said))["items"] if each["item"] == "section:aml"]
    assert (found["verdict"], found["note"], found["recorded_by"]) == ("wanting", "The tool.", "Omar")
    said["items"][0]["verdict"] = "in_order"
    told = caller.put(address, said)
    assert (told.status_code, told.json()["now"]["section:aml"]) == (409, ["wanting", "The tool."])
    said["items"][0]["seen"] = found["seen"]
    assert caller.put(address, said).status_code == 200
    said["items"][0] = {"item": "section:nowhere", "verdict": "in_order"}
    refused = caller.put(address, said)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "section:nowhere")
    assert program(amina).get(address).status_code == 403


def test_a_case_is_returned_answered_and_submitted_again(program, omar, sana, amina, case):
    address, officer, firm = f"noc-applications/{case.pk}/", program(omar), program(amina)
    said = {"kind": "noc-applications", "case": case.pk, "missing": "The minute.", "item": "section:aml"}
    drafted = done(officer.post("deficiencies/", said))
    one = f"deficiencies/{drafted['id']}/"
    assert firm.get(one).status_code == 404
    redraft = {"missing": "The board's minute.", "seen": drafted["seen"]}
    assert done(officer.put(one, redraft))["missing"] == "The board's minute."
    told = officer.put(one, redraft)
    assert (told.status_code, told.json()["code"]) == (409, "changed_meanwhile")
    assert told.json()["now"] == {"item": "", "missing": "The board's minute."}
    extra = done(officer.post("deficiencies/", {**said, "missing": "Nothing else."}))
    assert officer.send("delete", f"deficiencies/{extra['id']}/", {}).status_code == 409
    assert officer.send("delete", f"deficiencies/{extra['id']}/?{urlencode(seen_of(extra))}", {}).status_code == 204
    done(program(sana).move(address, "return_incomplete", version(firm, address), "Please complete it."))
    read = done(firm.get(one))
    assert (read["missing"], read["round"], read["drafted_by"], read["is_open"]) == (
        "The board's minute.",
        1,
        None,
        True,
    )
    done(firm.post(f"{address}declaration/", seen_of(done(firm.get(address)))))
    assert shut(firm.move(address, "resubmit", version(firm, address))) == ["deficiencies_are_answered"]
    assert done(firm.put(f"{one}answer/", {"answer": "Attached."}))["answered_by"] == "Amina"
    file = SimpleUploadedFile("minute.txt", b"A minute.\n")
    assert done(firm.upload(f"{one}documents/", {"title": "Minute", "file": file}))["title"] == "Minute"
    done(firm.move(address, "resubmit", version(firm, address)))
    late = firm.put(f"{one}answer/", {"answer": "Another.", **seen_of(done(firm.get(one)))})
    assert (late.status_code, late.json()["code"], Deficiency.objects.get().answer) == (400, "invalid", "Attached.")


def test_questions_are_put_answered_and_put_again(program, omar, asif, amina, assessed):
    address, officer, firm = f"noc-applications/{assessed.pk}/", program(omar), program(amina)
    said = {"kind": "noc-applications", "case": assessed.pk, "question": "Which tool?"}
    drafted = done(program(asif).post("request-items/", said))
    one, whole = f"request-items/{drafted['id']}/", f"information-requests/{drafted['request']}/"
    done(officer.put(one, {"question": "Which tool is in use?", **seen_of(drafted)}))
    assert officer.put(one, {"question": "Which?", **seen_of(drafted)}).status_code == 409
    assert (firm.get(one).status_code, firm.get(whole).status_code) == (404, 404)
    done(officer.move(address, "raise_rfi", version(officer, address)))
    assert [each["question"] for each in done(firm.get(whole))["items"]] == ["Which tool is in use?"]
    done(firm.post(f"{one}messages/", {"words": "For what?"}))
    done(officer.post(f"{one}messages/", {"words": "For monitoring."}))
    read = done(firm.get(one))["messages"]
    assert [(each["words"], each["said_by"]) for each in read] == [
        ("Which tool is in use?", None),
        ("For what?", "Amina"),
        ("For monitoring.", None),
    ]
    done(firm.put(f"{one}answer/", {"answer": "A tool."}))
    done(firm.upload(f"{one}documents/", {"title": "Contract", "file": SimpleUploadedFile("c.txt", b"A contract.\n")}))
    done(firm.move(address, "answer_rfi", version(firm, address)))
    assert done(officer.put(f"{one}follow-up/", {"words": "Since when?"}))["follow_up"] == "Since when?"
    assert done(firm.get(one))["follow_up"] == ""
    done(officer.move(address, "raise_rfi", version(officer, address)))
    assert (RequestItem.objects.get().round, done(firm.get(whole))["round"]) == (2, 2)


def test_more_time_is_asked_for_and_granted_by_moves(program, omar, amina, people, at, assessed):
    path.asked(assessed, "Which tool?", people=people, at=at)
    address = f"information-requests/{InformationRequest.objects.get().pk}/"
    firm, officer = program(amina), program(omar)
    due = done(firm.get(address))["due_on"]
    done(firm.move(address, "ask_for_more_time", version(firm, address), "Our auditor is away."))
    done(officer.move(address, "grant_more_time", version(officer, address)))
    now = done(firm.get(address))
    assert (now["extended_by_days"], now["extension_reasons"], now["due_on"] > due) == (
        10,
        "Our auditor is away.",
        True,
    )
    assert shut(firm.move(address, "ask_for_more_time", now["version"], "More.")) == ["more_time_was_not_asked_for"]


def test_nonsense_is_told_so(program, omar, case):
    officer = program(omar)
    for said in (
        {"kind": "licences", "case": case.pk, "missing": "The minute."},
        {"kind": "noc-applications", "case": 10**9, "missing": "The minute."},
        {"kind": "noc-applications", "case": case.pk, "missing": ""},
        {"kind": "noc-applications", "case": case.pk, "missing": "The minute.", "item": "section:nowhere"},
        {"kind": "noc-applications", "case": case.pk, "missing": "The minute.", "round": 1},
    ):
        assert officer.post("deficiencies/", said).status_code == 400
    assert Deficiency.objects.count() == 0
