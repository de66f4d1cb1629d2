"""How ready a firm is, for its programs: what is asked and what is there, and not one figure of the score."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from licensing.models import Criterion, Evidence
from pvara.demo import path
from tests.api.program import Program


@pytest.fixture
def half_way(firm, people, at):
    path.rate_everything(firm, "NOC", people=people, at=at, rating=3, but={"1.2": 1})
    return firm


def keys_of(said):
    if isinstance(said, dict):
        return set(said) | {key for each in said.values() for key in keys_of(each)}
    return {key for each in said for key in keys_of(each)} if isinstance(said, list) else set()


def asked(user, firm, phase="NOC"):
    return Program(user).get(f"firms/{firm.pk}/readiness/", phase=phase)


def test_a_program_reads_what_would_show_a_criterion_and_what_is_there(amina, half_way):
    said = asked(amina, half_way).json()
    domain = said["domains"][0]
    assert (domain["code"], domain["documents"], domain["assessment"]) == ("D1", "green", "amber")
    assert len(domain["met"]) == 5
    unmet = domain["unmet"][0]
    row = Criterion.objects.get(code="1.2")
    assert (unmet["code"], unmet["documents"], unmet["assessment"]) == ("1.2", "accepted", "not_met")
    assert (unmet["kinds"], unmet["validity"]) == (row.kinds, "Good for 12 months from its acceptance.")
    assert unmet["next"] == "What is there does not show enough: upload something that shows more."
    piece = Evidence.objects.get(pk=unmet["pieces"][0]["id"])
    assert (piece.firm, unmet["pieces"][0]["state"]) == (half_way, "accepted")


def test_no_figure_is_among_it(amina, half_way):
    said = asked(amina, half_way).json()
    assert said["total"] is None
    assert keys_of(said) == {
        *("phase", "on", "framework", "total", "domains", "code", "title", "documents", "assessment", "unmet", "met"),
        *("mark", "evidence_wanted", "kinds", "validity", "next", "pieces", "id", "state", "expires_on"),
        *("edition", "replaced_by"),
    }
    # The total and the per cent of its domains, as anybody would write them.
    assert not [figure for figure in ("70.83", "66.67", "70.8", "66.7", "75.00") if figure in json.dumps(said)]


def test_another_rating_of_the_same_colour_reads_the_same(amina, half_way, people, at):
    before = asked(amina, half_way).content
    path.rate_anew(half_way, "1.2", people=people, at=at, rating=2)
    assert asked(amina, half_way).content == before


def test_the_total_where_the_setting_says_so_and_something_is_assessed(amina, people, firm, at):
    from_today = {"effective_from": timezone.localdate(), "people": people, "at": timezone.now() - timedelta(days=2)}
    path.change_setting("score.total_shown", "on", **from_today)
    assert asked(amina, firm).json()["total"] is None
    path.rate_everything(firm, "NOC", people=people, at=at, rating=3)
    assert asked(amina, firm).json()["total"] == "75.00"


def test_a_phase_that_there_is_not_and_a_firm_that_is_not_theirs(amina, stranger, firm):
    assert asked(amina, firm, phase="LATER").status_code == 400
    assert asked(stranger, firm).status_code == 404
