"""The numbers of the statistics as programs get them and as the CSV has them, in a world small enough to count."""

import csv
import io
from datetime import datetime

import pytest
from django.urls import reverse

from licensing.actions.firms import register_firm
from pvara.demo import life, path
from pvara.kernel.clock import KARACHI
from pvara.kernel.models import Holiday

YEAR = 2026
DAYS = ("median_days", "p90_days", "median_working_days", "p90_working_days")


@pytest.fixture
def at() -> datetime:
    """A Monday of a year of which the months that matter are over."""
    return datetime(YEAR, 3, 2, 10, tzinfo=KARACHI)


@pytest.fixture
def counted(firm, people, later, laila):
    """Four applications, one licence and what became of it; no holidays, so that fingers are enough."""
    Holiday.objects.all().delete()
    firms = [
        register_firm(f"Counted {number}", by=people.applicant, at=later(0), country="Pakistan") for number in range(3)
    ]
    path.noc_case(firms[0], people=people, at=later(0), until="refused")
    withdrawn = path.noc_case(firms[1], people=people, at=later(1), until="under_assessment")
    path.step(withdrawn, "withdraw", by=people.applicant, at=later(40), note="Not yet.")
    path.noc_case(firms[2], people=people, at=later(50), until="submitted")
    licence = path.licensed(firm, people=people, at=later(0))
    licence = life.suspend(licence, people=people, at=later(10))
    licence = life.reinstate(licence, people=people, at=later(20))
    asked = life.variation_asked(licence, people=people, at=later(30))
    path.decide(asked, "refuse_variation", people=people, at=later(37), note="Too early.")
    appeal = life.appealed(licence.firm, people=people, at=later(38))
    path.step(appeal, "record_appeal", by=laila, at=later(39))
    life.notify(licence, people=people, at=later(45))
    return licence


# Received, in progress, outcomes; decisions that are timed, and their days. Those on applications were made on the day
# itself; the set-up opened on Monday and was confirmed on Tuesday; the variation waited from Wednesday to Wednesday.
WHOLE_YEAR = {
    "P1": (4, 1, {"granted": 1, "refused": 1, "withdrawn": 1}, 2, ["0.0", "0.0", "0.0", "0.0"]),
    "P2": (1, 0, {"granted": 1}, 1, ["1.0", "1.0", "1.0", "1.0"]),
    "P2-AML": (0, 0, {}, 0, [None] * 4),
    "P3": (1, 0, {"granted": 1}, 1, ["0.0", "0.0", "0.0", "0.0"]),
    "P4-renewal": (0, 0, {}, 0, [None] * 4),
    "P4-variation": (1, 0, {"refused": 1}, 1, ["7.0", "7.0", "5.0", "5.0"]),
}
DEEDS = {
    "suspended_urgently": {"2026-03": 1},
    "reinstated": {"2026-03": 1},
    "appeal_filed": {"2026-04": 1},
    "show_cause_issued": {"2026-04": 1},
}
UNPUBLISHED = "show_cause_issued"


def told(rows):
    """The rows of the whole year, by phase."""
    return {
        row["phase"]: (
            row["received"],
            row["in_progress"],
            {name: count for name, count in row["outcomes"].items() if count},
            row["timed_decisions"],
            [row[each] for each in DAYS],
        )
        for row in rows
        if row["month"] is None
    }


def done(rows):
    """The deeds that were done, by code and month."""
    return {
        row["deed"]: {f"{YEAR}-{number:02}": count for number, count in enumerate(row["months"], start=1) if count}
        for row in rows
        if row["total"]
    }


def lines(client, address):
    page = client.get(reverse(address), {"year": YEAR}).content.decode()
    return list(csv.DictReader(io.StringIO(page, newline="")))


def test_a_program_gets_what_one_counts_by_hand(program, counted, people):
    rows = program(people.officer).get("statistics/", year=YEAR).json()
    assert told(rows) == WHOLE_YEAR
    months = {row["month"]: (row["received"], row["in_progress"]) for row in rows if row["phase"] == "P1"}
    assert [months[f"2026-{month:02}-01"] for month in (2, 3, 4, 5)] == [(0, 0), (3, 1), (1, 1), (0, 1)]
    assert done(program(people.officer).get("statistics/deeds/", year=YEAR).json()) == DEEDS


def test_everybody_gets_the_counts_without_the_days_of_few(program, counted):
    rows = program(None).get("public-statistics/", year=YEAR).json()
    few = {phase: row for phase, row in WHOLE_YEAR.items() if row[3]}
    assert told(rows) == WHOLE_YEAR | {phase: (*row[:3], 0, [None] * 4) for phase, row in few.items()}
    withheld = {row["phase"] for row in rows if row["month"] is None and row["withheld"]}
    assert withheld == set(few)
    public = {code: months for code, months in DEEDS.items() if code != UNPUBLISHED}
    assert done(program(None).get("public-statistics/deeds/", year=YEAR).json()) == public


def test_the_csv_has_the_same_numbers(counted, people, client):
    client.force_login(people.officer)
    found = {}
    for row in lines(client, "staff:statistics_csv"):
        if row["month"] == str(YEAR):
            outcomes = {
                name: int(row[name])
                for name in ("granted", "granted_with_conditions", "refused", "withdrawn", "lapsed", "remitted")
                if row[name] != "0"
            }
            took = [row[each] or None for each in DAYS]
            counts = (int(row["received"]), int(row["in_progress_at_end"]))
            found[row["phase"]] = (*counts, outcomes, int(row["timed_decisions"]), took)
    assert found == WHOLE_YEAR
    deeds = {}
    for row in lines(client, "staff:deeds_csv"):
        if row["count"] != "0" and row["month"] != str(YEAR):
            deeds.setdefault(row["deed"], {})[row["month"]] = int(row["count"])
    assert deeds == DEEDS


def test_the_public_csv_tells_no_days_of_few_and_no_deed_that_is_not_public(counted, client):
    whole = {row["phase"]: row for row in lines(client, "public:statistics_csv") if row["month"] == str(YEAR)}
    assert {whole[phase][each] for phase in WHOLE_YEAR for each in ("timed_decisions", *DAYS)} == {"", "0"}
    assert (whole["P1"]["received"], whole["P1"]["refused"]) == ("4", "1")
    assert [row for row in lines(client, "public:deeds_csv") if row["deed"] == UNPUBLISHED] == []
