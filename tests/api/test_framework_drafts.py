"""A draft of the framework, written by a program from its beginning to its publication."""

from datetime import timedelta

import pytest
from django.utils import timezone

from licensing.models import Criterion, Framework, GateFloor
from pvara.kernel import audit
from tests.api.program import Program

NEW = {
    "code": "1.9",
    "title": "A hotline for staff",
    "points": "1.00",
    "applies_from": "FULL",
    "mark": "",
    "evidence_wanted": "A policy",
    "kinds": ["policy"],
    "validity_months": 12,
}


@pytest.fixture
def day():
    return timezone.localdate() + timedelta(days=60)


@pytest.fixture
def api(people):
    return Program(people.supervisor)


@pytest.fixture
def begun(regime, api, day):
    source = Framework.objects.get(edition="1.0").pk
    answer = api.post("frameworks/", {"source": source, "edition": "2.0", "effective_from": str(day)})
    assert answer.status_code == 201
    return answer.json()


def part(whole, kind, code):
    if kind == "criteria":
        return next(each for domain in whole["domains"] for each in domain["criteria"] if each["code"] == code)
    return next(each for each in whole[kind] if each["code"] == code)


def faults_in(answer):
    return {each["field"]: each["detail"] for each in answer.json()["errors"]}


def test_a_draft_says_what_its_source_says(begun):
    first = Framework.objects.get(edition="1.0")
    assert (begun["edition"], begun["state"], begun["based_on"], begun["rated_twice"]) == (
        "2.0",
        "draft",
        first.pk,
        False,
    )
    assert len(begun["domains"]) == first.domains.count()
    assert {each["code"] for each in begun["gates"]} == set(first.gates.values_list("code", flat=True))


def test_from_its_beginning_to_its_publication(begun, api, people):
    at = f"frameworks/{begun['id']}/"
    seen = part(begun, "criteria", "1.1")["seen"]
    whole = api.put(at + "criteria/1.1/", {"points": "1.00", "seen": seen}).json()
    assert part(whole, "criteria", "1.1")["points"] == "1.00"
    assert api.get(at + "faults/").json()[0]["field"] == "points"
    offers = {each["name"]: each for each in api.get(at + "moves/").json()}
    assert offers["propose"]["unmet"][0]["code"] == "framework_is_sound"
    whole = api.post(at + "criteria/", {**NEW, "domain": "D1"}).json()
    assert [each["code"] for each in whole["domains"][0]["criteria"]][-1] == "1.9"
    assert api.get(at + "faults/").json() == []
    assert api.put(at + "version/", {"rated_twice": True, "seen": whole["seen"]}).json()["rated_twice"] is True
    assert {each["part"] for each in api.get(at + "changes/").json()} == {"Framework", "Criterion 1.1", "Criterion 1.9"}
    assert api.get(at + "impact/").json() == []
    version = api.get(at).json()["version"]
    said = api.post(at + "moves/propose/", {"expected_version": version, "note": "The committee asked for it."})
    assert said.status_code == 200
    published = Program(people.board).post(at + "moves/publish/", {"expected_version": version + 1})
    assert (published.status_code, api.get(at).json()["state"]) == (200, "published")


def test_a_domain_comes_is_renamed_and_goes(begun, api):
    at = f"frameworks/{begun['id']}/domains/"
    added = api.post(at, {"code": "D13", "title": "Climate"}).json()
    seen = part(added, "domains", "D13")["seen"]
    renamed = api.put(at + "D13/", {"code": "D14", "title": "Climate and energy", "seen": seen}).json()
    assert part(renamed, "domains", "D14")["title"] == "Climate and energy"
    gone = api.send("delete", at + "D14/", None).json()
    assert "D14" not in [each["code"] for each in gone["domains"]]
    log = [each.event for each in audit.history(Framework.objects.get(pk=begun["id"]))]
    assert log == ["drafted", "domain_added", "domain_changed", "domain_removed"]


def test_a_domain_with_criteria_stays(begun, api):
    answer = api.send("delete", f"frameworks/{begun['id']}/domains/D1/", None)
    assert answer.status_code == 400
    assert "Remove its criteria first" in answer.content.decode()


def test_a_criterion_goes(begun, api):
    whole = api.send("delete", f"frameworks/{begun['id']}/criteria/12.1/", None).json()
    assert part(whole, "domains", "D12")["criteria"] == []
    assert Criterion.objects.filter(code="12.1").count() == 1


def test_the_bars_of_a_gate(begun, api):
    gate = part(begun, "gates", "G1")
    said = {
        **{name: gate[name] for name in ("title", "total", "other_floor", "conditions_below")},
        "seen": gate["seen"],
    }
    whole = api.put(f"frameworks/{begun['id']}/gates/G1/", {**said, "total": "62.50", "floors": {"D2": "55.00"}}).json()
    changed = part(whole, "gates", "G1")
    assert (changed["total"], changed["floors"]) == ("62.50", [{"domain": "D2", "floor": "55.00"}])
    assert GateFloor.objects.filter(gate__code="G1", gate__framework__edition="1.0").count() == 2


@pytest.mark.parametrize(
    ("method", "address", "sent", "field"),
    [
        ("post", "criteria/", {**NEW, "domain": "D99"}, "domain"),
        ("post", "criteria/", {**NEW, "domain": "D1", "code": "1.1"}, "code"),
        ("post", "criteria/", {**NEW, "domain": "D1", "code": "one"}, "code"),
        ("post", "criteria/", {**NEW, "domain": "D1", "kinds": ["rumour"]}, "kinds"),
        ("post", "criteria/", {**NEW, "domain": "D1", "mark": "sacred"}, "mark"),
        ("post", "criteria/", {**NEW, "domain": "D1", "points": "0.00"}, "points"),
        ("post", "criteria/", {**NEW, "domain": "D1", "validity_months": 0}, "validity_months"),
        ("post", "criteria/", {**NEW, "domain": "D1", "weight": 1}, "weight"),
        ("post", "domains/", {"code": "D1", "title": "Again"}, "code"),
        ("put", "version/", {"green": "40.00"}, "amber"),
        ("put", "version/", {"effective_from": "2020-01-01"}, "effective_from"),
        ("put", "version/", {"edition": "1.0"}, "edition"),
        (
            *("put", "gates/G1/"),
            {"title": "N", "total": "101.00", "other_floor": None, "conditions_below": None, "floors": {}},
            "total",
        ),
        (
            *("put", "gates/G1/"),
            {"title": "N", "total": "60.00", "other_floor": None, "conditions_below": None, "floors": {"D77": "1.00"}},
            "floor_D77",
        ),
    ],
)
def test_what_is_wrong_is_said_by_field_and_nothing_is_written(begun, api, method, address, sent, field):
    at = f"frameworks/{begun['id']}/"
    now = api.get(at).json()
    seen = {"version/": now["seen"], "gates/G1/": part(now, "gates", "G1")["seen"]}.get(address)
    answer = api.send(method, at + address, {**sent, **({"seen": seen} if seen else {})})
    assert (answer.status_code, set(faults_in(answer))) == (400, {field})
    assert api.get(at).json() == now


def test_two_programs_do_not_write_over_each_other(begun, api, people):
    at = f"frameworks/{begun['id']}/criteria/1.1/"
    seen = part(begun, "criteria", "1.1")["seen"]
    assert Program(people.moderator).put(at, {"points": "1.00", "seen": seen}).status_code == 200
    told = api.put(at, {"points": "3.00", "seen": seen})
    assert (told.status_code, told.json()["code"], told.json()["now"]["points"]) == (409, "changed_meanwhile", "1.00")


def test_only_drafts_change_and_only_by_those_who_draft(begun, api, people):
    first = Framework.objects.get(edition="1.0").pk
    answer = api.post(f"frameworks/{first}/domains/", {"code": "D13", "title": "Climate"})
    assert answer.status_code == 400
    assert "only a draft changes" in answer.content.decode()
    answer = Program(people.officer).post(f"frameworks/{begun['id']}/domains/", {"code": "D13", "title": "Climate"})
    assert answer.status_code == 403


@pytest.mark.parametrize("address", ["domains/D77/", "criteria/99.1/", "gates/G9/"])
def test_a_part_that_there_is_not(begun, api, address):
    body = {"title": "N", "total": "60.00", "other_floor": None, "conditions_below": None, "floors": {}}
    said = {"domains/D77/": {"code": "D77", "title": "N"}, "criteria/99.1/": {"points": "1.00"}}.get(address, body)
    assert api.put(f"frameworks/{begun['id']}/{address}", said).status_code == 404
