"""Framework, evidence, ratings and scores over the API: figures for staff, colours for the firm."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing.models import Criterion, Evidence, Rating
from pvara.demo import path
from pvara.kernel import roles
from tests.api.program import shut


def test_the_framework_in_force_names_its_criteria_and_bars(program, stranger, regime):
    said = program(stranger).get("framework/").json()
    codes = [each["code"] for domain in said["domains"] for each in domain["criteria"]]
    assert (len(said["domains"]), len(codes), codes[0]) == (12, Criterion.objects.count(), "1.1")
    gates = {each["code"]: (each["phase"], each["total"]) for each in said["gates"]}
    assert (gates["G1"], gates["G3"], gates["G6"]) == (("NOC", "60.00"), ("FULL", "75.00"), ("FULL", "80.00"))


@pytest.fixture
def half_way(firm, people, at):
    """Rated for the NOC: everything largely met, but the MLRO is outsourced."""
    path.rate_everything(firm, "NOC", people=people, at=at, rating=3, but={"1.5": 1})
    return firm


def test_staff_read_every_figure_and_why_a_gate_is_shut(program, sana, half_way):
    said = program(sana).get(f"firms/{half_way.pk}/score/", phase="NOC").json()
    assert (said["total"], said["colour"]) == ("72.22", "amber")
    first = said["domains"][0]
    assert (first["code"], first["percent"], first["colour"]) == ("D1", "66.67", "amber")
    gate = next(each for each in said["gates"] if each["gate"] == "G1")
    assert (gate["passed"], [each["code"] for each in gate["unmet"]]) == (False, ["1.5"])
    outsourced = next(each for each in said["criteria"] if each["code"] == "1.5")
    assert (outsourced["rating"], outsourced["effective"], outsourced["mark"], outsourced["met"]) == (
        "1",
        1,
        "knock_out",
        False,
    )


def test_the_firm_reads_colours_and_what_is_not_met(program, amina, half_way):
    said = program(amina).get(f"firms/{half_way.pk}/score/", phase="NOC").json()
    assert (said["total"], said["colour"], said["gates"]) == (None, None, [])
    assert {each["percent"] for each in said["domains"]} == {None}
    assert [(each["code"], each["colour"]) for each in said["domains"][:2]] == [("D1", "amber"), ("D2", "amber")]
    assert [(each["code"], each["rating"], each["effective"]) for each in said["criteria"]] == [("1.5", None, None)]


def test_the_firm_reads_the_total_where_the_setting_says_so_and_no_other_number(program, people, amina, half_way):
    from_today = {"effective_from": timezone.localdate(), "people": people, "at": timezone.now() - timedelta(days=2)}
    path.change_setting("score.total_shown", "on", **from_today)
    said = program(amina).get(f"firms/{half_way.pk}/score/", phase="NOC").json()
    assert (said["total"], said["colour"], said["gates"]) == ("72.22", "amber", [])
    assert {each["percent"] for each in said["domains"]} == {None}


def test_a_phase_that_there_is_not(program, sana, firm):
    assert program(sana).get(f"firms/{firm.pk}/score/", phase="LATER").status_code == 400


def test_rating_and_moderating(program, asif, saira, firm):
    assessor, moderator = program(asif), program(saira)
    given = assessor.post("ratings/", {"firm": firm.pk, "criterion": "1.2", "rating": 2, "rationale": "Partly."})
    assert (given.status_code, given.json()["label"], given.json()["assessor"]) == (201, "2 Partial", "Asif")
    address = f"ratings/{given.json()['id']}/moderation/"
    seen = given.json()["seen"]
    assert moderator.post(address, {"rating": 4, "seen": seen}).json()["errors"][0]["field"] == "note"
    moderated = moderator.post(address, {"rating": 3, "seen": seen}).json()
    assert (moderated["rating"], moderated["moderated_rating"], moderated["moderator"]) == (2, 3, "Saira")
    said = {"firm": firm.pk, "criterion": "1.2", "rating": 4, "rationale": "Fully now.", "seen": seen}
    told = assessor.post("ratings/", said)
    # The assessor has not read the moderation.
    assert (told.status_code, told.json()["code"]) == (409, "changed_meanwhile")
    assert told.json()["now"]["moderation"] == "3 Largely met."
    assert told.json()["seen"] == moderated["seen"]
    again = assessor.post("ratings/", {**said, "seen": moderated["seen"]})
    current = assessor.get("ratings/", firm=firm.pk, current="true").json()["results"]
    assert [each["id"] for each in current] == [again.json()["id"]]
    assert len(assessor.get("ratings/", firm=firm.pk).json()["results"]) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rating": 5}, "rating"),
        ({"rating": -1}, "rating"),
        ({"rating": None}, "rating"),
        ({"rating": "3"}, "rating"),
        ({"rating": 3.0}, "rating"),
        ({"criterion": "99.9"}, "criterion"),
        ({"rationale": "  "}, "rationale"),
        ({"rating": None, "not_applicable": True}, "not_applicable"),
        ({"assessor": 1}, "assessor"),
    ],
)
def test_a_rating_off_the_scale_or_without_reasons(program, asif, firm, body, field):
    good = {"firm": firm.pk, "criterion": "1.1", "rating": 3, "rationale": "Read."}
    answer = program(asif).post("ratings/", {**good, **body})
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, [field])
    assert Rating.objects.count() == 0


def test_nobody_moderates_their_own_rating(program, asif, firm):
    roles.grant(asif, "moderator", by=None, at=firm.created_at)
    caller = program(asif)
    given = caller.post("ratings/", {"firm": firm.pk, "criterion": "1.1", "rating": 3, "rationale": "Read."}).json()
    assert caller.post(f"ratings/{given['id']}/moderation/", {"seen": given["seen"]}).status_code == 403


def test_evidence_goes_from_upload_to_acceptance(program, amina, omar, firm, people, at):
    criteria = list(Criterion.objects.filter(code__in=["1.1", "1.8"]))
    piece = path.give_evidence(firm, criteria, title="AML policy", people=people, at=at)
    caller = program(omar)
    said = caller.get(f"evidence/{piece.pk}/").json()
    assert (said["state"], said["scan"], said["accepted_by"]) == ("accepted", "unscanned", "Omar")
    day = at.astimezone().date()
    assert [each["criterion"] for each in said["criteria"]] == ["1.1", "1.8"]
    assert said["criteria"][0]["expires_on"] > str(day + timedelta(days=360))
    file = caller.get(f"evidence/{piece.pk}/file/")
    assert file.getvalue() == f"AML policy of {firm.legal_name}.\n".encode()
    assert file.headers["Content-Disposition"] == 'attachment; filename="evidence.txt"'
    assert (file.headers["Content-Type"], file.headers["X-Content-Type-Options"]) == (
        "application/octet-stream",
        "nosniff",
    )
    refused = program(amina).move(f"evidence/{piece.pk}/", "reject", said["version"], "Mine.")
    assert refused.status_code == 403
    assert shut(caller.move(f"evidence/{piece.pk}/", "reject", said["version"])) == ["note_is_given"]


def test_an_infected_file_is_handed_out_to_no_program(program, omar, firm, people, at):
    criteria = list(Criterion.objects.filter(code="1.1"))
    piece = path.give_evidence(firm, criteria, title="AML policy", people=people, at=at)
    Evidence.objects.filter(pk=piece.pk).update(scan="infected")
    assert program(omar).get(f"evidence/{piece.pk}/file/").status_code == 403


@pytest.mark.parametrize("address", ["evidence/", "ratings/"])
def test_a_list_asks_as_many_questions_for_thirty_as_for_one(program, omar, firm, people, at, address):
    caller, counts = program(omar), []
    caller.get(address)
    for count in (1, 29):
        for number, criterion in enumerate(Criterion.objects.all()[sum_of(address) : sum_of(address) + count]):
            path.give_evidence(firm, [criterion], title=f"File {number}", people=people, at=at)
            Rating.objects.create(
                firm=firm, criterion=criterion, rating=3, rationale="Read.", assessor=people.assessor, rated_at=at
            )
        with CaptureQueriesContext(connection) as asked:
            caller.get(address)
        counts.append(len(asked))
    assert (Evidence.objects.count(), Rating.objects.count()) == (30, 30)
    assert counts[0] == counts[1]


def sum_of(address: str) -> int:
    return {"evidence/": Evidence, "ratings/": Rating}[address].objects.count()
