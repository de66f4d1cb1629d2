"""The history of scores: an entry when something changed, with why; and on any day what scoring from scratch finds."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing import scoring
from licensing.actions.scores import score_night
from licensing.history.entries import hash_of
from licensing.models import Criterion, EvidenceLink, Framework, Rating, ScoreEntry
from licensing.models.framework import as_rules
from licensing.models.histories import history_of
from licensing.models.scores import score_of
from licensing.scoring import Cause, Held, causes
from licensing.scoring.changing import BECAME
from pvara.demo import path
from pvara.kernel import looks
from tests.licensing import judging
from tests.licensing.framework import DEFAULT
from tests.tokenisation.conftest import licensed_venue


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 0, 15))


@pytest.fixture
def case(firm, people, at):
    """A NOC application under assessment, of which nothing is rated yet."""
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


@pytest.fixture
def second_framework(regime, people, at):
    """The same criteria from June on, as another version."""
    return path.published_framework("2.0", date(2026, 6, 1), people=people, at=at)


def said(firm, phase="NOC"):
    """The sentences of every entry, the oldest first."""
    return [[cause.sentence for cause in entry.why] for entry in history_of(firm, phase).order_by("number")]


# ── Written with the change ──────────────────────────────────────────────────────────────────────────────────────────
def test_each_change_writes_what_it_was_and_what_it_brought(case, firm, people, at, later, criterion, rated):
    path.give_evidence(firm, [criterion("1.1")], title="Policy", people=people, at=at)
    given = rated("1.1", 2)
    judging.moderate(given, by=people.moderator, at=at, rating=3)
    rated("1.2", None, not_applicable=True)
    assert said(firm) == [
        ["Scored for the first time."],
        ["1.1 Board-approved AML/CFT policy aligned with AMLA 2010 rated 2: +1.00 in D1 AML/CFT/CPF."],
        ["1.1 Board-approved AML/CFT policy aligned with AMLA 2010 rated 3 (was 2): +0.50 in D1 AML/CFT/CPF."],
        [
            "1.2 Enterprise-wide ML/TF/PF risk assessment, including Pakistan found not applicable: "
            "no change in D1 AML/CFT/CPF."
        ],
    ]
    last = history_of(firm, "NOC").first()
    score = score_of(firm, "NOC", at)
    assert (last.total, last.by_domain["D1"], last.gained, last.possible) == (
        score.total,
        score.domains["D1"],
        Decimal("1.5"),
        Decimal(34),
    )
    assert last.domains["D1"] == ["1.5", "10"]


def test_a_change_that_changes_nothing_writes_nothing(case, firm, people, at, rated):
    given = rated("1.1", 3)
    before = ScoreEntry.objects.count()
    judging.moderate(given, by=people.moderator, at=at)
    # Counted as 1 without evidence, but rated otherwise: that is written, and says that it brought nothing.
    rated("1.1", 4)
    assert ScoreEntry.objects.count() == before


def test_a_firm_of_which_nothing_is_open_has_no_history(firm, rated):
    rated("1.1", 3)
    assert ScoreEntry.objects.count() == 0


def test_what_is_rolled_back_was_never_written(case, firm, rated):
    before = ScoreEntry.objects.count()
    with transaction.atomic():
        rated("1.1", 4)
        transaction.set_rollback(True)
    assert ScoreEntry.objects.count() == before


# ── What time does ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_night_writes_what_time_changed_and_nothing_else(case, firm, people, at, criterion, rated):
    path.give_evidence(firm, [criterion("4.2")], title="Letter", people=people, at=at)
    judging.moderate(rated("4.2", 4), by=people.moderator, at=at)
    score_night(at=at)
    last_day = EvidenceLink.objects.get(criterion__code="4.2", evidence__title="Letter").expires_on
    over = last_day + timedelta(days=31)
    day = timedelta(days=1)
    nights = (last_day, last_day + day, last_day + 2 * day, over - day, over)
    changed = [score_night(at=midnight(each)) for each in nights]
    assert changed == [0, 1, 0, 0, 1]
    assert said(firm)[-2:] == [
        ["4.2 Letter of good standing: evidence expired, in its grace: no change in D4 Home-regulator standing."],
        ["4.2 Letter of good standing: evidence expired, its grace is over: −1.00 in D4 Home-regulator standing."],
    ]
    assert history_of(firm, "NOC").first().day == over


def test_a_quiet_night_over_many_firms_takes_the_queries_of_one(case, at, later):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert score_night(at=later(1)) == 0
        return len(asked)

    score_night(at=at)
    alone = queries()
    for number in range(5):
        licensed_venue(f"Venue {number}", at=at)
    # Each has a licence and, as it came without its walk, a set-up that is open.
    assert score_night(at=at) == 10
    assert queries() == alone


def test_a_new_framework_is_a_cause_for_a_licence_and_not_for_a_case(case, people, at, criterion, second_framework):
    firm = licensed_venue("Venue", at=at).firm
    given = judging.rate(
        firm, criterion("1.1"), by=people.assessor, at=at, rating=1, rationale="Read, and nothing shown for it."
    )
    judging.moderate(given, by=people.moderator, at=at)
    score_night(at=at)
    # Of the licensee as a licensee, and of its set-up, which keeps no version; the case keeps the one that it began by.
    assert score_night(at=midnight(date(2026, 6, 1))) == 2
    assert said(firm, "FULL")[-1] == ["Framework 2.0 in force (was 1.0)."]
    last = history_of(firm, "FULL").first()
    assert (last.framework.edition, last.total) == ("2.0", score_of(firm, "FULL", midnight(date(2026, 6, 1))).total)
    assert history_of(case.firm, "NOC").first().framework.edition == "1.0"


def test_the_command_says_how_many_have_changed(case, capsys):
    for expected in (1, 0):
        call_command("score_night", on=date(2026, 5, 1))
        assert capsys.readouterr().out == f"{expected} scores have changed by 2026-05-01.\n"


def test_a_night_that_is_over_is_not_written_again(case, later):
    score_night(at=later(60))
    # Given behind the history's back.
    row = Criterion.objects.get(code="1.1")
    Rating.objects.create(firm=case.firm, criterion=row, rating=3, assessor=case.case_officer, rated_at=later(60))
    with pytest.raises(CommandError, match=r"it is not written backwards\. Name that day or a later one"):
        call_command("score_night", on=date(2026, 3, 10))


def test_a_clock_that_runs_behind_keeps_nobody_from_rating(case, firm, at, later, rated):
    score_night(at=later(60))
    rated("1.1", 3, at=at)
    last = history_of(firm, "NOC").first()
    assert (last.number, last.day, last.at) == (2, timezone.localdate(later(60)), at)


# ── Two years, day by day ────────────────────────────────────────────────────────────────────────────────────────────
def test_over_two_years_the_history_is_what_scoring_from_scratch_finds_on_each_day(
    case, firm, people, at, criterion, second_framework
):
    """Ratings and evidence of all ages, drawn by chance; each day is looked at in the evening."""
    chance = random.Random(730)
    codes = [each.code for each in as_rules(Framework.objects.get(edition="1.0")).applicable("NOC")]
    first = timezone.localdate(at)
    for number in range(731):
        day = first + timedelta(days=number)
        score_night(at=midnight(day))
        evening = midnight(day) + timedelta(hours=18)
        if chance.random() < 0.12:
            code = chance.choice(codes)
            judging.rate(
                firm, criterion(code), by=people.assessor, at=evening, rating=chance.randrange(5), rationale="Read."
            )
        if chance.random() < 0.12:
            some = [criterion(code) for code in chance.sample(codes, 3)]
            path.give_evidence(firm, some, title="Evidence", people=people, at=evening)
        with looks.one_look():
            score = case.score(evening)
        last = history_of(firm, "NOC").first()
        assert (last.framework.edition, last.total, last.by_domain) == (
            score.framework.version,
            score.total,
            {code: value for code, value in score.domains.items() if value is not None},
        ), day
        assert last.held == {
            line.criterion.code: Held(
                line.criterion.code, line.rating, line.evidence, line.effective, line.criterion.points
            )
            for line in score.lines
        }, day
    entries = list(history_of(firm, "NOC").order_by("number"))
    assert 40 < len(entries) < 731
    for before, entry in zip([None, *entries], entries, strict=False):
        assert (entry.hash, entry.former) == (hash_of(entry, entry.framework.edition), before.hash if before else "")
        if before is not None and before.framework_id == entry.framework_id:
            assert sum(cause.points for cause in entry.why) == entry.gained - before.gained


# ── It only grows ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "change",
    [
        lambda: ScoreEntry.objects.update(gained=0),
        lambda: ScoreEntry.objects.all().delete(),
    ],
)
def test_an_entry_neither_changes_nor_goes(case, rated, change):
    rated("1.1", 3)
    with pytest.raises(DatabaseError, match="its rows are added and never changed or removed"), transaction.atomic():
        change()


@pytest.mark.parametrize("wrong", [{"number": 9}, {"day": date(2020, 1, 1)}, {"former": "0" * 64}])
def test_an_entry_follows_the_one_before_it(case, firm, rated, wrong):
    rated("1.1", 3)
    last = history_of(firm, "NOC").first()
    row = {each.attname: getattr(last, each.attname) for each in ScoreEntry._meta.concrete_fields if each.name != "id"}
    row |= {"number": last.number + 1, "former": last.hash}
    ScoreEntry.objects.create(**row)
    with pytest.raises(DatabaseError, match="does not follow the one before it"), transaction.atomic():
        ScoreEntry.objects.create(**{**row, "number": last.number + 2, **wrong})


# ── Causes, pure ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_change_of_evidence_has_its_words():
    pairs = {(one, other) for one in scoring.EvidenceStanding for other in scoring.EvidenceStanding if one != other}
    assert set(BECAME) == pairs


def test_a_rating_and_its_evidence_are_two_causes():
    def held(rating, evidence):
        return {"6.4": Held("6.4", rating, scoring.EvidenceStanding(evidence), 0, Decimal(3))}

    found = causes(held(1, "none"), held(4, "valid"), framework=DEFAULT, was="1.0")
    test, domain = "6.4 Independent penetration test, criticals closed", "D6 Technology and cyber security"
    assert found == [
        Cause("6.4", f"{test} rated 4 (was 1): no change in {domain}.", Decimal(0)),
        Cause("6.4", f"{test}: evidence accepted: +2.25 in {domain}.", Decimal("2.25")),
    ]
