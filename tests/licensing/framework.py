"""The default framework and worked examples for the tests of the score: read from the fixtures, no database."""

import csv
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from licensing import scoring
from licensing.scoring import Criterion, Framework, Gate, Mark, Rating, Score

FIXTURES = Path(__file__).parents[2] / "fixtures"
TODAY = date(2026, 3, 4)
GRACE = 30

# Expiry days that put a criterion's evidence in each of its standings on TODAY.
EVIDENCE: dict[str, tuple[date | None, ...]] = {
    "none": (),
    "valid": (TODAY,),
    "in_grace": (TODAY - timedelta(days=GRACE),),
    "expired": (TODAY - timedelta(days=GRACE + 1),),
}


def percent(said: str | None) -> Decimal | None:
    return None if said is None else Decimal(said)


def default() -> Framework:
    """`fixtures/framework.json` as the engine takes it."""
    given = json.loads((FIXTURES / "framework.json").read_text())
    return Framework(
        version=given["edition"],
        domains={domain["code"]: domain["title"] for domain in given["domains"]},
        criteria=tuple(
            Criterion(
                code=each["code"],
                title=each["title"],
                domain=domain["code"],
                points=Decimal(each["points"]),
                applies_from=each["applies_from"],
                mark=Mark(each["mark"]),
                kinds=tuple(each["kinds"]),
                waivable=each.get("waivable_by_committee", False),
            )
            for domain in given["domains"]
            for each in domain["criteria"]
        ),
        gates={
            each["code"]: Gate(
                code=each["code"],
                title=each["title"],
                phase=each["phase"],
                total=Decimal(each["total"]),
                floors={code: Decimal(floor) for code, floor in each["floors"].items()},
                other_floor=percent(each["other_floor"]),
                conditions_below=percent(each["conditions_below"]),
            )
            for each in given["gates"]
        },
        green=Decimal(given["green"]),
        amber=Decimal(given["amber"]),
    )


DEFAULT = default()
CODES = [each.code for each in DEFAULT.criteria]


def sheet(
    phase: str,
    ratings: dict[str, Rating],
    *,
    evidence: dict[str, str] | None = None,
    framework: Framework = DEFAULT,
) -> Score:
    """A score on TODAY; `all` stands for every criterion that is not named. Evidence is valid unless said otherwise."""
    evidence = {"all": "valid", **(evidence or {})}
    codes = [each.code for each in framework.criteria]
    return scoring.score(
        framework,
        phase,
        ratings={code: ratings.get(code, ratings.get("all")) for code in codes},
        expiries={code: EVIDENCE[evidence.get(code, evidence["all"])] for code in codes},
        on=TODAY,
        grace_days=GRACE,
    )


def standing_at(gate: Gate, percents: dict[str, Decimal]) -> Score:
    """A score with these percentages by domain, to the last digit, and every domain of the same weight.

    Of the two criteria in each domain one is fully met and one not at all, and their points make the percentage.
    """
    framework = Framework(
        version="to measure",
        domains=DEFAULT.domains,
        criteria=tuple(
            Criterion(f"{code[1:]}.{place}", "A criterion", code, points, gate.phase)
            for code, percent in percents.items()
            for place, points in ((1, percent), (2, 100 - percent))
        ),
        gates={gate.code: gate},
    )
    return sheet(gate.phase, {"all": 0, **{f"{code[1:]}.1": 4 for code in percents}}, framework=framework)


def without(codes: Iterable[str]) -> Framework:
    gone = set(codes)
    return replace(DEFAULT, criteria=tuple(each for each in DEFAULT.criteria if each.code not in gone))


def worked_examples() -> list[dict[str, str]]:
    with (FIXTURES / "scores.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def pairs(said: str) -> dict[str, str]:
    """`1.1=3 all=4` as a dictionary."""
    return dict(each.split("=") for each in said.split())


def as_rating(said: str) -> Rating:
    return None if said == "-" else said if said == scoring.NOT_APPLICABLE else int(said)
