"""The versions of the framework over the API: read, compared, checked, tried out, and moved by those who may."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from licensing.actions import framework as actions
from licensing.models import Criterion, Framework
from pvara.demo import path
from pvara.kernel.seen import mark


@pytest.fixture
def draft(regime, people, at):
    day = timezone.localdate() + timedelta(days=60)

    def lower(made):
        first = Criterion.objects.get(domain__framework=made, code="1.1")
        said = {"points": Decimal("1.5"), "seen": mark(first.said)}
        actions.change_criterion(first, by=people.supervisor, at=at, **said)

    return path.drafted_framework("2.0", day, people=people, at=timezone.now(), but=lower)


def test_the_list_is_brief_and_a_version_says_everything(program, omar, draft):
    api = program(omar)
    rows = api.get("frameworks/").json()["results"]
    assert [(each["edition"], each["state"], "domains" in each) for each in rows] == [
        ("2.0", "draft", False),
        ("1.0", "published", False),
    ]
    whole = api.get(f"frameworks/{draft.pk}/").json()
    first = whole["domains"][0]["criteria"][0]
    assert (first["code"], first["points"], first["kinds"]) == ("1.1", "1.50", ["policy", "minute"])
    assert whole["based_on"] == Framework.objects.get(edition="1.0").pk


def test_faults_and_changes_name_the_part_and_the_field(program, omar, draft):
    api = program(omar)
    assert api.get(f"frameworks/{draft.pk}/faults/").json() == [
        {"part": "", "field": "points", "sentence": "The points of all criteria sum to 99.5; they must sum to 100."}
    ]
    changes = api.get(f"frameworks/{draft.pk}/changes/").json()
    assert changes[1:] == [{"part": "Criterion 1.1", "field": "Points", "was": "2", "becomes": "1.5"}]
    first = Framework.objects.get(edition="1.0").pk
    assert api.get(f"frameworks/{first}/faults/").json() == []
    assert api.get(f"frameworks/{first}/changes/").json() == []


def test_what_a_version_would_do_is_said_for_each_gate(program, omar, draft, firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    (row,) = program(omar).get(f"frameworks/{draft.pk}/impact/").json()
    assert (row["case"], row["judged_by"], row["keeps_its_version"], row["gate"], row["passes_then"]) == (
        *(case.reference, "1.0", True),
        *("G1", False),
    )


def test_the_moves_say_why_an_unsound_version_is_not_proposed(program, sana, draft):
    offers = {each["name"]: each for each in program(sana).get(f"frameworks/{draft.pk}/moves/").json()}
    assert set(offers) == {"propose", "drop"}
    assert offers["propose"]["unmet"][0]["code"] == "framework_is_sound"


def test_a_firm_reads_the_framework_in_force_and_no_drafts(program, amina, draft):
    assert program(amina).get("framework/").json()["edition"] == "1.0"
    assert program(amina).get("frameworks/").status_code == 403
