"""Gate G5: what a licensee's score proposes to enforcement each night, and that it does nothing by itself."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from licensing import scoring
from licensing.actions.scores import score_night
from licensing.models import EvidenceLink, Licence, Rating, ScoreEntry, SetUp, SupervisionProposal
from licensing.models.framework import framework_in_force
from licensing.scoring import level
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, perform, unmet
from tests.licensing.framework import DEFAULT, sheet, standing_at


# ── Levels, pure ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("total", "expected"),
    [
        ("75", ""),
        ("74.99", "watch"),
        ("65", "watch"),
        ("64.99", "restrict"),
        ("60", "restrict"),
        ("59.99", "show_cause"),
    ],
)
def test_each_level_begins_just_below_its_bar(total, expected):
    gates = {code: gate for code, gate in DEFAULT.gates.items() if code.startswith("G5")}
    percents = dict.fromkeys(DEFAULT.domains, Decimal(total))
    missed = {
        code: [bar.code for bar in standing_at(gate, percents).verdict(code).failed] for code, gate in gates.items()
    }
    assert level(missed, knocked_out=False) == expected


def test_a_knock_out_asks_for_a_notice_whatever_the_total():
    score = sheet("FULL", {"all": 4, "3.1": 2})
    missed = {code: [bar.code for bar in score.verdict(code).failed] for code in ("G5", "G5r", "G5s")}
    assert (level(missed, knocked_out=True), level(missed, knocked_out=False)) == ("show_cause", "")


def test_where_supervision_has_no_gate_nothing_is_proposed():
    assert level({"G1": ["total", "1.5"]}, knocked_out=True) == ""
    assert level({"G5": ["total"]}, knocked_out=False) == "watch"


# ── Night by night ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def licensee(licence, people, at, criterion):
    """A licensee that fully meets everything, with evidence that never expires."""
    firm = licence.firm
    for row in framework_in_force(at.date()).criteria:
        given = {"rationale": "Read.", "assessor": people.assessor, "rated_at": at, "rating": 4}
        Rating.objects.create(firm=firm, criterion=criterion(row.code), **given)
    codes = [criterion(row.code) for row in framework_in_force(at.date()).criteria]
    path.give_evidence(firm, codes, title="Everything", people=people, at=at)
    EvidenceLink.objects.update(expires_on=None)
    score_night(at=at)
    return licence


def rerate(licensee, rating, *codes):
    """Change ratings behind the history's back: the night finds it."""
    found = Rating.objects.filter(firm=licensee.firm_id, criterion__code__in=codes) if codes else Rating.objects
    found.filter(firm=licensee.firm_id).update(rating=rating)


def proposals(licensee):
    rows = SupervisionProposal.objects.filter(licence=licensee).order_by("pk")
    return [(each.level, each.state, each.over_at is None) for each in rows]


def test_a_good_score_proposes_nothing(licensee, later):
    score_night(at=later(1))
    assert proposals(licensee) == []


def test_a_score_that_falls_and_recovers(licensee, later):
    total = {}
    for day, rating in enumerate((3, 2, 4), start=1):
        # Three of four everywhere is 75; half is 50, and the knock-outs are missed.
        rerate(licensee, rating)
        score_night(at=later(day))
        total[rating] = proposals(licensee)
    assert total == {
        3: [],
        2: [("show_cause", "raised", True)],
        4: [("show_cause", "lapsed", False)],
    }
    raised = audit.history(SupervisionProposal.objects.get()).first()
    assert (raised.event, raised.actor, raised.data["level"]) == ("raised", None, "show_cause")


def test_a_graver_level_takes_the_place_of_a_lesser_one(licensee, later):
    marked = [each.code for each in DEFAULT.criteria if each.mark]
    others = [each.code for each in DEFAULT.criteria if not each.mark]
    rerate(licensee, 3, *marked)
    rerate(licensee, 2, *others)
    score_night(at=later(1))
    assert proposals(licensee) == [("restrict", "raised", True)]
    rerate(licensee, 1, *others)
    score_night(at=later(2))
    assert proposals(licensee) == [("restrict", "lapsed", False), ("show_cause", "raised", True)]


def test_the_same_is_proposed_once(licensee, later):
    rerate(licensee, 2)
    for day in range(1, 4):
        score_night(at=later(day))
    assert len(proposals(licensee)) == 1
    (one,) = SupervisionProposal.objects.all()
    with pytest.raises(IntegrityError, match="one_proposal_a_licence_and_level"), transaction.atomic():
        SupervisionProposal.objects.create(
            firm=one.firm, licence=one.licence, level=one.level, entry=one.entry, raised_at=one.raised_at
        )


@pytest.mark.parametrize(("move", "state"), [("take_up", "taken_up"), ("dismiss", "dismissed")])
def test_what_was_settled_is_not_proposed_again_until_the_score_has_recovered(licensee, people, later, move, state):
    rerate(licensee, 2)
    score_night(at=later(1))
    (one,) = SupervisionProposal.objects.all()
    perform(one, move, by=people.enforcement, at=later(1), expected_version=one.version, note="We know.")
    score_night(at=later(2))
    assert proposals(licensee) == [("show_cause", state, True)]
    rerate(licensee, 4)
    score_night(at=later(3))
    rerate(licensee, 2)
    score_night(at=later(4))
    assert proposals(licensee) == [("show_cause", state, False), ("show_cause", "raised", True)]


def test_a_proposal_does_nothing_to_the_licence(licensee, people, later):
    before = Licence.objects.values().get()
    rerate(licensee, 1)
    score_night(at=later(1))
    (one,) = SupervisionProposal.objects.all()
    perform(one, "take_up", by=people.enforcement, at=later(1), expected_version=one.version)
    assert (Licence.objects.values().get(), licensee.measures.count()) == (before, 0)


def test_a_dismissal_has_its_reasons_and_is_the_enforcement_officers(licensee, people, later):
    rerate(licensee, 2)
    score_night(at=later(1))
    (one,) = SupervisionProposal.objects.all()
    with pytest.raises(MoveRefused, match="Give the reasons"):
        perform(one, "dismiss", by=people.enforcement, at=later(1), expected_version=one.version)
    with pytest.raises(PermissionDenied):
        perform(one, "dismiss", by=people.supervisor, at=later(1), expected_version=one.version, note="No.")


def test_score_is_at_another_level_open_and_shut(licensee, later):
    rerate(licensee, 2)
    score_night(at=later(1))
    (one,) = SupervisionProposal.objects.all()
    assert [each.code for each in unmet(one, "lapse", by=None, at=later(1))] == ["score_is_at_another_level"]
    entry = ScoreEntry.objects.filter(firm=licensee.firm_id, phase="FULL").first()
    row = {each.attname: getattr(entry, each.attname) for each in ScoreEntry._meta.concrete_fields if each.name != "id"}
    ScoreEntry.objects.create(**{**row, "number": entry.number + 1, "former": entry.hash, "level": "watch"})
    assert unmet(one, "lapse", by=None, at=later(1)) == []


def test_time_alone_comes_to_a_proposal_with_its_causes(licensee, later):
    # The knock-out's evidence runs out, and with its grace the licensee's claim to it.
    EvidenceLink.objects.filter(criterion__code="3.1").update(expires_on=later(10).date())
    score_night(at=later(11))
    assert proposals(licensee) == []
    score_night(at=later(10) + timedelta(days=31))
    (one,) = SupervisionProposal.objects.all()
    assert (one.level, [each.sentence for each in one.why]) == (
        "show_cause",
        [
            "3.1 Beneficial owners disclosed down to natural persons: evidence expired, its grace is over: "
            "−4.00 in D3 Governance and fit and proper."
        ],
    )


def test_the_standing_that_the_engine_finds_is_what_the_entry_keeps(licensee, later):
    rerate(licensee, 2)
    score_night(at=later(1))
    entry = ScoreEntry.objects.filter(firm=licensee.firm_id, phase="FULL").first()
    score = licensee.score(later(1))
    assert entry.missed == {
        code: [bar.code for bar in score.verdict(code).failed]
        for code, gate in score.framework.gates.items()
        if gate.phase == "FULL"
    }
    assert SetUp.objects.count() == 1
    assert scoring.shown(entry.total) == "50.00"


def test_a_restriction_rests_on_an_open_finding_or_on_the_score(licensee, people, later):
    def has_a_cause(day):
        row = Licence.objects.get(pk=licensee.pk)
        shut = unmet(row, "impose_restriction", by=people.member, at=later(day))
        return "restriction_has_a_cause" not in {each.code for each in shut}

    seen = [has_a_cause(1)]
    for day, rating in ((1, 2), (2, 4)):
        rerate(licensee, rating)
        score_night(at=later(day))
        seen.append(has_a_cause(day))
    raised = path.finding(licensee, people=people, at=later(3))
    seen.append(has_a_cause(3))
    assert (seen, raised.state) == ([False, True, False, True], "open")
