"""What evidence and time do to a score, and what a decision keeps of it."""

import json
from dataclasses import replace
from datetime import date, timedelta

from licensing import scoring
from licensing.scoring import EvidenceStanding, evidence_standing
from tests.licensing.framework import CODES, DEFAULT, GRACE, TODAY, sheet
from tests.licensing.scoring import HUNDREDTH


# ── Evidence and time ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_evidence_is_good_through_its_last_day_and_then_in_grace():
    last = date(2026, 3, 4)
    standing = {
        days: evidence_standing([last], on=last + timedelta(days=days), grace_days=30) for days in (0, 1, 30, 31)
    }
    assert standing == {
        0: EvidenceStanding.VALID,
        1: EvidenceStanding.IN_GRACE,
        30: EvidenceStanding.IN_GRACE,
        31: EvidenceStanding.EXPIRED,
    }


def test_the_longest_lived_piece_decides_and_one_without_end_outlives_all():
    on = date(2026, 3, 4)
    assert evidence_standing([date(2020, 1, 1), on], on=on, grace_days=0) == EvidenceStanding.VALID
    assert evidence_standing([date(2020, 1, 1), None], on=on, grace_days=0) == EvidenceStanding.VALID
    assert evidence_standing([], on=on, grace_days=0) == EvidenceStanding.NONE


def test_a_gate_holds_until_the_day_after_the_grace_of_what_it_needs():
    expiries = {code: (date(2027, 3, 4),) for code in CODES} | {"1.5": (None,), "4.2": (date(2026, 9, 4),)}
    score = scoring.score(
        DEFAULT, "NOC", ratings=dict.fromkeys(CODES, 4), expiries=expiries, on=TODAY, grace_days=GRACE
    )
    # The letter of good standing expires first and costs one point; a year on, the mandatory criteria fall.
    assert score.holds_until("G1") == date(2027, 4, 4)
    assert score.at(date(2027, 4, 3)).clears("G1")
    assert not score.at(date(2027, 4, 4)).clears("G1")


def test_a_gate_that_does_not_hold_held_until_today():
    assert sheet("NOC", {}).holds_until("G1") == TODAY


def test_a_gate_holds_for_ever_on_evidence_that_never_expires():
    score = scoring.score(
        DEFAULT,
        "NOC",
        ratings=dict.fromkeys(CODES, 4),
        expiries=dict.fromkeys(CODES, (None,)),
        on=TODAY,
        grace_days=GRACE,
    )
    assert score.holds_until("G1") is None


# ── What a decision keeps ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_facts_suffice_to_reckon_the_score_again():
    score = sheet("FULL", {"all": 3, "2.1": 4, "11.1": None, "12.1": "n/a"}, evidence={"6.2": "none", "4.2": "expired"})
    kept = json.loads(json.dumps(score.facts()))
    again = scoring.score(
        DEFAULT,
        kept["phase"],
        ratings={code: each["rating"] for code, each in kept["criteria"].items()},
        expiries={
            code: tuple(day and date.fromisoformat(day) for day in each["expires"])
            for code, each in kept["criteria"].items()
        },
        on=date.fromisoformat(kept["on"]),
        grace_days=kept["grace_days"],
    )
    assert again.facts() == kept


def test_the_hash_does_not_depend_on_how_a_number_is_written():
    written_out = replace(
        DEFAULT, criteria=tuple(replace(each, points=each.points.quantize(HUNDREDTH)) for each in DEFAULT.criteria)
    )
    score = sheet("FULL", {"all": 3})
    assert sheet("FULL", {"all": 3}, framework=written_out).facts() == score.facts()
    assert (score.facts()["total"], len(score.facts()["hash"])) == ("75", 64)


def test_the_hash_depends_on_every_input():
    same = {"all": 3}
    hashes = {
        sheet("FULL", same).facts()["hash"],
        sheet("FULL", {**same, "1.1": 4}).facts()["hash"],
        sheet("FULL", same, evidence={"1.1": "in_grace"}).facts()["hash"],
        sheet("FULL", same, framework=replace(DEFAULT, version="1.1")).facts()["hash"],
        sheet("FULL", same).at(TODAY - timedelta(days=1)).facts()["hash"],
    }
    assert len(hashes) == 5
