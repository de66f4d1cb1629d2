"""The score in SQL is the score of the engine: ten thousand sheets of three frameworks, to the last digit and bar."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from licensing import scoring
from licensing.actions.framework.loading import rows_of
from licensing.history.scored import Scored, Sheet, domains, scored, totals, verdicts
from licensing.history.scored import sheets as read
from licensing.models import (
    Criterion,
    Domain,
    Evidence,
    EvidenceKind,
    EvidenceLink,
    Firm,
    Framework,
    GateBar,
    GateFloor,
    Licence,
    Rating,
)
from licensing.models.framework import as_rules
from licensing.models.scores import expiries_of, ratings_that_count
from licensing.scoring import PHASES
from pvara.demo import path
from pvara.kernel import figures
from pvara.kernel.models import User
from tests.conftest import person

SHEETS = 10_000
DAY = date(2026, 3, 4)
DOMAINS = {"D1": (1, 2, 10), "D2": (1, 2, 3), "D10": (1, 2)}
GATES = {"NOC": ("G1",), "SETUP": ("G2", "G2a"), "FULL": ("G3", "G5")}


def framework_of(chance: random.Random, version: str, *, domain: str = "") -> dict[str, object]:
    """A framework of eight criteria whose points, marks, phases and bars are drawn; `domain` is one that it drops."""
    kept = {code: places for code, places in DOMAINS.items() if code != domain}
    cuts = sorted(chance.sample(range(1, 10_000), sum(map(len, kept.values())) - 1))
    points = [Decimal(after - before) / 100 for before, after in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    bar = lambda: str(Decimal(chance.randrange(500, 6000)) / 100)  # noqa: E731  a figure like another
    return {
        "edition": version,
        "effective_from": f"20{version}-01-01",
        "green": "80",
        "amber": "65",
        "domains": [
            {
                "code": code,
                "title": f"Domain {code}",
                "criteria": [
                    {
                        "code": f"{code[1:]}.{place}",
                        "title": "A criterion",
                        "points": str(points.pop()),
                        "applies_from": chance.choice(PHASES),
                        "mark": chance.choice([*[""] * 6, "mandatory", "knock_out"]),
                        "evidence_wanted": "A document",
                        "kinds": ["document"],
                        "validity_months": 12,
                    }
                    for place in places
                ],
            }
            for code, places in kept.items()
        ],
        "gates": [
            {
                "code": code,
                "title": "A gate",
                "phase": phase,
                "total": bar(),
                "other_floor": chance.choice([None, bar()]),
                "conditions_below": chance.choice([None, bar()]),
                "floors": {each: bar() for each in kept if chance.random() < 0.5},
            }
            for phase in PHASES
            for code in GATES[phase]
        ],
    }


def made(given: dict[str, Any]) -> Framework:
    """The rows of a version; nobody publishes it, and SQL scores by it all the same."""
    EvidenceKind.objects.get_or_create(code="document", defaults={"title": "Document"})
    return rows_of(given)


@pytest.fixture
def frameworks(db: None, at: datetime) -> list[Framework]:
    """Three versions; the second has other points, the third lacks a domain of which ratings are there."""
    figures.load([row for row in figures.shipped() if row["key"] == "evidence.grace_days"])
    chance = random.Random(20260304)
    given = [("20", ""), ("21", ""), ("22", "D2")]
    return [made(framework_of(chance, edition, domain=gone)) for edition, gone in given]


RATED = """
INSERT INTO licensing_rating (firm_id, criterion_id, current, rating, not_applicable, rationale, assessor_id, rated_at,
    moderated_rating, moderator_id, moderated_at, moderation_note, overridden_rating, waived)
SELECT drawn.firm_id, drawn.criterion_id, drawn.current, CASE WHEN NOT drawn.absent THEN drawn.rating END, drawn.absent,
    '', %(assessor)s, %(at)s, CASE WHEN drawn.moderated AND NOT drawn.absent THEN drawn.other END,
    CASE WHEN drawn.moderated THEN %(moderator)s END::bigint, CASE WHEN drawn.moderated THEN %(at)s::timestamptz END,
    '', CASE WHEN drawn.moderated AND drawn.overridden AND NOT drawn.absent AND NOT drawn.waived THEN drawn.voted END,
    drawn.moderated AND NOT drawn.absent AND drawn.waived
FROM (
    SELECT f.id AS firm_id, c.id AS criterion_id, generation.current,
        -- To some firms nothing applies, and some are very good.
        f.id %% 50 = 0 OR random() < 0.1 AS absent,
        CASE WHEN f.id %% 3 = 0 THEN 4 ELSE floor(random() * 5) END AS rating,
        CASE WHEN f.id %% 3 = 0 THEN 3 + round(random()) ELSE floor(random() * 5) END AS other,
        random() < 0.6 AS moderated,
        random() < 0.2 AS overridden,
        random() < 0.1 AS waived,
        floor(random() * 5) AS voted
    FROM licensing_firm f
    CROSS JOIN licensing_criterion c
    JOIN licensing_domain d ON d.id = c.domain_id
    -- One that was replaced and the one in its place, of this version or of another.
    CROSS JOIN (VALUES (false), (true)) AS generation(current)
    WHERE f.id %% 50 = 0 OR random() < CASE WHEN f.id %% 3 = 0 THEN 0.9 WHEN generation.current THEN 0.4 ELSE 0.2 END
) drawn
ON CONFLICT DO NOTHING
"""
PROVED = """
WITH piece AS (
    INSERT INTO licensing_evidence (firm_id, title, file, file_name, content_type, size, sha256, scan, uploaded_by_id,
        uploaded_at, state, version, edition)
    SELECT f.id, '', '', '', '', 1, '', 'clean', %(assessor)s, %(at)s, 'uploaded', 0, 1
    FROM licensing_firm f CROSS JOIN generate_series(1, 4)
    RETURNING id, firm_id
)
INSERT INTO licensing_evidencelink (evidence_id, criterion_id, expires_on)
SELECT piece.id, c.id, CASE WHEN random() < 0.8 THEN %(day)s::date + floor(random() * 100 - 60)::int END
FROM piece CROSS JOIN licensing_criterion c WHERE random() < CASE WHEN piece.firm_id %% 3 = 0 THEN 0.5 ELSE 0.1 END
"""


@pytest.fixture(params=[SHEETS])
def sheets(request: pytest.FixtureRequest, frameworks: list[Framework], asif: User, saira: User) -> list[Scored]:
    """Firms with whatever may be said of them, each at a phase and by a version that are drawn."""
    at = request.getfixturevalue("at")
    firms = Firm.objects.bulk_create(
        Firm(legal_name=f"Firm {number}", country="Pakistan", created_at=at) for number in range(request.param)
    )
    given = {"assessor": asif.pk, "moderator": saira.pk, "at": at, "day": DAY}
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(RATED, given)
        cursor.execute(PROVED, given)
        # Most are accepted. The state is a machine's; here it only has to be there, so its guard stands aside.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE licensing_evidence DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE licensing_evidence SET state = (ARRAY['uploaded', 'accepted', 'accepted', 'expired', 'rejected'])"
            "[1 + floor(random() * 5)::int]"
        )
        cursor.execute("ALTER TABLE licensing_evidence ENABLE TRIGGER USER")
        # Every table that is read: what the planner last heard of one may be that a test had left it empty.
        for model in (Rating, EvidenceLink, Evidence, Firm, Framework, Domain, Criterion, GateBar, GateFloor):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
    chance = random.Random(4)
    return [Scored(firm.pk, chance.choice(PHASES), chance.choice(frameworks).pk) for firm in firms]


def rated_by_firm() -> dict[int, dict[str, scoring.Rating]]:
    """The last word that a moderator has seen, else the last; read row by row."""
    found: dict[int, dict[str, scoring.Rating]] = defaultdict(dict)
    seen: set[tuple[int, str]] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.firm_id, c.code, r.rating, r.not_applicable, r.moderated_rating, r.moderated_at,"
            " r.overridden_rating, r.waived"
            " FROM licensing_rating r JOIN licensing_criterion c ON c.id = r.criterion_id"
            " WHERE r.current OR r.moderated_at IS NOT NULL ORDER BY r.id"
        )
        for firm_id, code, rating, absent, moderated_rating, moderated_at, overridden_rating, waived in cursor:
            if moderated_at is None and (firm_id, code) in seen:
                continue
            if moderated_at is not None:
                seen.add((firm_id, code))
            words = (overridden_rating, moderated_rating, rating)
            counts = next((each for each in words if each is not None), None)
            found[firm_id][code] = scoring.WAIVED if waived else scoring.NOT_APPLICABLE if absent else counts
    return found


def expiries_by_firm() -> dict[int, dict[str, tuple[date | None, ...]]]:
    found: dict[int, dict[str, tuple[date | None, ...]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.firm_id, c.code, l.expires_on FROM licensing_evidencelink l"
            " JOIN licensing_evidence e ON e.id = l.evidence_id JOIN licensing_criterion c ON c.id = l.criterion_id"
            " WHERE e.state IN ('accepted', 'expiring', 'expired')"
        )
        for firm_id, code, expires_on in cursor:
            found[firm_id][code] = (*found[firm_id].get(code, ()), expires_on)
    return found


def test_ten_thousand_sheets_come_to_what_the_engine_makes_of_them(sheets: list[Scored]) -> None:
    rules = {row.pk: as_rules(row) for row in Framework.objects.all()}
    rated, proved = rated_by_firm(), expiries_by_firm()
    all_totals, all_domains = totals(sheets, on=DAY), domains(sheets, on=DAY)
    all_lines, all_verdicts = read(sheets, on=DAY), verdicts(sheets, on=DAY)
    seen = {"passed": 0, "missed": 0, "nothing counts": 0, "knocked out": 0, "compulsory": 0}
    for number, each in enumerate(sheets):
        score = scoring.score(
            rules[each.framework_id],
            each.phase,
            ratings=rated[each.firm_id],
            expiries=proved[each.firm_id],
            on=DAY,
            grace_days=30,
        )
        if number % 500 == 0:
            # What is read row by row above is what the pages read.
            firm = Firm(pk=each.firm_id)
            assert (rated[each.firm_id], set(proved[each.firm_id])) == (
                ratings_that_count(firm),
                set(expiries_of(firm)),
            )
        if not score.lines:
            assert each.key not in all_totals
            continue
        gained = sum((line.gained for line in score.lines), Decimal(0))
        possible = sum((line.possible for line in score.lines), Decimal(0))
        assert (all_totals[each.key].gained, all_totals[each.key].possible) == (gained, possible)
        assert (all_totals[each.key].percent, all_totals[each.key].digest) == (score.total, all_lines[each.key].digest)
        assert {code: 100 * mine / of for code, (mine, of) in all_domains[each.key].items() if of} == {
            code: value for code, value in score.domains.items() if value is not None
        }
        assert {
            (line.code, line.rating, line.evidence, line.effective) for line in all_lines[each.key].held.values()
        } == {(line.criterion.code, line.rating, line.evidence, line.effective) for line in score.lines}
        for gate, missed in all_verdicts[each.key].items():
            verdict = score.verdict(gate)
            assert missed.bars == tuple(bar.code for bar in verdict.failed)
            assert missed.conditions_compulsory == verdict.conditions_compulsory
            seen["passed" if verdict.passed else "missed"] += 1
            seen["knocked out"] += missed.knocked_out
            seen["compulsory"] += missed.conditions_compulsory
        seen["nothing counts"] += not possible
    # The sheets have a bit of everything, or they would prove little.
    assert {what: number > 20 for what, number in seen.items()} == dict.fromkeys(seen, True), seen


@pytest.mark.parametrize("sheets", [500], indirect=True)
def test_a_sheet_has_another_digest_when_anything_in_it_is_another(sheets: list[Scored]) -> None:
    day_after = DAY + timedelta(days=1)
    # A draw alone puts few on the edge, and some draws nobody: what every seventh firm showed ends with the day.
    EvidenceLink.objects.annotate(part=F("evidence__firm_id") % 7).filter(part=0).update(expires_on=DAY)
    now, then = totals(sheets, on=DAY), totals(sheets, on=day_after)
    before, after = read(sheets, on=DAY), read(sheets, on=day_after)

    def said(found: Sheet) -> set[tuple[object, ...]]:
        return {(each.code, each.rating, each.evidence) for each in found.held.values()}

    turned = {key for key in now if said(before[key]) != said(after[key])}
    assert {key for key in now if now[key].digest != then[key].digest} == turned
    assert 0 < len(turned) < len(now)
    assert totals(list(reversed(sheets)), on=DAY) == now


def test_nobody_is_scored_where_there_is_nobody(frameworks: list[Framework]) -> None:
    assert (scored(DAY), totals([], on=DAY), verdicts([], on=DAY)) == ([], {}, {})


@pytest.mark.parametrize(("floor", "missed"), [("33.33", ()), ("33.34", ("total", "D1"))])
def test_a_third_has_no_end_and_is_compared_all_the_same(
    floor: str, missed: tuple[str, ...], firm: Firm, asif: User, at: datetime
) -> None:
    """One of three equal parts is met: above 33.33 per cent and below 33.34, whatever the digits of a quotient."""
    given = {
        "edition": "thirds",
        "effective_from": "2027-01-01",
        "green": "80",
        "amber": "65",
        "domains": [
            {"code": "D1", "title": "One", "criteria": [weighing("1.1", "20"), weighing("1.2", "40")]},
            {"code": "D2", "title": "Two", "criteria": [weighing("2.1", "40")]},
        ],
        "gates": [
            {
                "code": "G1",
                "title": "A gate",
                "phase": "NOC",
                "total": floor,
                "other_floor": None,
                "conditions_below": None,
                "floors": {"D1": floor},
            }
        ],
    }
    framework = made(given)
    by_code = {each.code: each for each in Criterion.objects.filter(domain__framework=framework)}
    for code, rating, absent in (("1.1", 4, False), ("1.2", 0, False), ("2.1", None, True)):
        Rating.objects.create(
            firm=firm, criterion=by_code[code], rating=rating, not_applicable=absent, assessor=asif, rated_at=at
        )
    for piece in [Evidence.objects.create(firm=firm, size=1, uploaded_by=asif, uploaded_at=at)]:
        EvidenceLink.objects.create(evidence=piece, criterion=by_code["1.1"])
        path.step(piece, "accept", by=person("Olga", "case_officer"), at=at)
    found = verdicts([Scored(firm.pk, "NOC", framework.pk)], on=DAY)
    assert found[firm.pk, "NOC"]["G1"].bars == missed


def weighing(code: str, points: str) -> dict[str, object]:
    return {
        "code": code,
        "title": "A criterion",
        "points": points,
        "applies_from": "NOC",
        "mark": "",
        "evidence_wanted": "A document",
        "kinds": ["document"],
        "validity_months": None,
    }


# ── Who is scored ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_firm_is_scored_where_something_of_it_is_open(
    licence: Licence, firm: Firm, people: path.People, at: datetime
) -> None:
    in_force = Framework.objects.get(edition="1.0").pk
    # The licence came without its walk: its NOC and its set-up are drafts and open ones.
    holder = licence.firm_id
    of_the_holder = [Scored(holder, "FULL", in_force), Scored(holder, "SETUP", in_force)]
    assert scored(DAY) == of_the_holder
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    assert scored(DAY) == sorted([*of_the_holder, Scored(firm.pk, "NOC", in_force)], key=lambda each: each.key)
    assert scored(DAY, firms=[firm.pk]) == [Scored(firm.pk, "NOC", in_force)]
