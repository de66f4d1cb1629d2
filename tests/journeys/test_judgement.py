"""How a criterion is judged, by the pages: rated, moderated with a reason, overridden by votes, kept by a decision."""

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing.actions.firms import register_firm
from licensing.models import Criterion, Firm, NocApplication, RatingOverride
from licensing.models.scores import score_of
from licensing.scoring import frozen
from pvara.demo import path
from pvara.kernel import audit
from tests.journeys.eyes import Eyes
from tests.journeys.pages import PHASES, PageWalk

# Two of the thirty-six points that apply at the NOC.
JUDGED = "1.2"


@pytest.fixture
def case(walk: PageWalk, regime: None) -> NocApplication:
    """Under assessment, with everything rated and moderated, and one criterion that is looked at again."""
    firm = register_firm(walk.firm, by=walk.people.applicant, at=timezone.now(), country="Singapore", invented=True)
    case = path.noc_case(firm, people=walk.people, at=timezone.now(), until="under_assessment")
    path.rate_everything(firm, "NOC", people=walk.people, at=timezone.now())
    return case


def sheet_of(firm: Firm) -> str:
    return reverse("staff:ratings", args=[firm.pk, "NOC"])


def test_a_criterion_is_rated_moderated_overridden_and_kept_by_the_decision(
    walk: PageWalk, case: NocApplication, eyes: Eyes
) -> None:
    criterion = Criterion.objects.get(code=JUDGED)
    rate_anew(walk, criterion)
    disagree(walk, case, criterion)
    override(walk, case)
    walk.case(walk.supervisor, PHASES["NOC"]).move("Recommend", "One criterion is met in part.")
    walk.decide("NOC", "Grant the NOC", walk.member, walk.member2)
    kept = audit.history(case).filter(event="grant_noc").get().data["gates"]["score_clears_g1"]
    # 35 of 36 points: the override counts, and not what was given or moderated.
    assert kept["criteria"][JUDGED]["rating"] == 2
    assert kept["total"].startswith("97.2")
    path.rate_anew(case.firm, JUDGED, people=walk.people, at=timezone.now(), rating=4)
    assert score_of(case.firm, "NOC", timezone.now()).total == 100
    # What the decision rested on is what it was, and still comes to its own hash.
    assert audit.history(case).filter(event="grant_noc").get().data["gates"]["score_clears_g1"] == kept
    assert frozen.differences(kept) == []
    assert eyes.wrong == []


def rate_anew(walk: PageWalk, criterion: Criterion) -> None:
    asif = walk.case(walk.assessor, PHASES["NOC"])
    asif.follow("Open the rating sheet")
    asif.follow(str(criterion))
    asif.tick("Rating", ["1 – Weak"], within=asif.part("Rate"))
    asif.write("Rationale", "It says nothing of Pakistan.")
    asif.press("Save the rating")
    asif.hear(f"{JUDGED} is rated; a moderator looks at it next.")


def disagree(walk: PageWalk, case: NocApplication, criterion: Criterion) -> None:
    """The moderator is two steps away, and has to say why."""
    walk.case(walk.supervisor, PHASES["NOC"]).read(
        "Recommend – not possible yet", f"{JUDGED} {criterion.title} is not moderated."
    )
    saira = walk.moderator
    saira.open(sheet_of(case.firm))
    saira.follow(str(criterion))
    saira.read("It says nothing of Pakistan.")
    saira.tick("Your decision", ["3 – Largely met"], within=saira.part("Moderate"))
    saira.press("Save the moderation", status=422)
    saira.read("A change of more than one step needs a note.")
    saira.tick("Your decision", ["3 – Largely met"], within=saira.part("Moderate"))
    saira.write("Note (optional)", "Chapter four is on Pakistan.")
    saira.press("Save the moderation")
    saira.hear(f"{JUDGED} is moderated.")


def override(walk: PageWalk, case: NocApplication) -> None:
    """The supervisor proposes that it counts less, and two members of the committee decide so."""
    sana, dania = walk.supervisor, walk.member
    sana.open(reverse("staff:criterion", args=[case.firm_id, "NOC", JUDGED]))
    sana.read("Chapter four is on Pakistan.")
    sana.follow("Propose an override")
    sana.tick("It is to count", ["2 – Partial"])
    sana.write("Reasons", "Chapter four is of last year.")
    sana.press("Propose the override")
    made = RatingOverride.objects.get()
    sana.hear(f"{made.reference} is proposed: the committee or the board votes on it.")
    for member in (dania, walk.member2):
        member.turn_to("Committee")
        member.follow(made.reference)
        member.read("Chapter four is of last year.")
        votes = member.part("Votes")
        votes.get_by_label("Decision", exact=True).select_option(label="Override the rating")
        member.tick("Your vote", ["For"], within=votes)
        member.press("Cast my vote", within=votes)
        member.hear("Your vote is recorded: for.")
    dania.again()
    dania.move("Override the rating", "The chapter is of last year.")
    sana.open(sheet_of(case.firm))
    sana.read("Overridden", "2 Partial")
