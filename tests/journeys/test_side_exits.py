"""What most applications meet on their way, by the pages: returned, asked, and refused after being heard."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from licensing.actions.firms import register_firm
from licensing.models import Firm, NocApplication
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.models import User
from tests.journeys.eyes import Eyes
from tests.journeys.pages import PHASES, PageWalk, criteria_of
from tests.journeys.person import Person

MISSING = ["The policy is not signed.", "The chart of the owners ends too early."]
QUESTIONS = ["Who owns the holding company?", "Since when?"]


@pytest.fixture
def firm(walk: PageWalk, regime: None) -> Firm:
    return register_firm(walk.firm, by=walk.people.applicant, at=timezone.now(), country="Singapore", invented=True)


@pytest.fixture
def recorder(tahir: User, browser_of: Callable[[User | None], Person]) -> Person:
    """Tahir, who keeps the tribunal's record."""
    EmailAddress.objects.create(user=tahir, email=tahir.email, primary=True, verified=True)
    return browser_of(tahir)


def moves_of(case: NocApplication) -> list[str]:
    return [each.event for each in audit.history(case) if each.from_state]


def own_page(walk: PageWalk, case: NocApplication) -> Person:
    walk.applicant.open(reverse("portal:application", args=["noc", case.pk]))
    return walk.applicant


# ── Returned ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_application_is_returned_and_submitted_again(walk: PageWalk, firm: Firm, eyes: Eyes) -> None:
    case = path.noc_case(firm, people=walk.people, at=timezone.now(), until="completeness_check")
    for code, criteria in criteria_of("NOC").items():
        path.give_evidence(firm, criteria, title=f"File on {code}", people=walk.people, at=timezone.now())
    return_it(walk)
    amina = own_page(walk, case)
    amina.read("Returned as incomplete", "Your application came back to you", "Answer every item")
    amina.read("Decision: day 0 of 60, paused now, 0 days so far.")
    walk.receives("Your application is not complete")
    make_good(walk, case)

    omar = walk.case(walk.officer, PHASES["NOC"])
    page = omar.page.url
    omar.follow("Open the list of what is missing")
    omar.read(*(f"Made good: {each}" for each in MISSING))
    omar.open(page)
    walk.declare_complete(omar)
    own_page(walk, case).read("Under assessment", "We are assessing your compliance framework.")
    walk.receives("Your application is complete")
    assert moves_of(case) == ["submit", "accept_intake", "return_incomplete", "resubmit", "declare_complete"]
    assert eyes.wrong == []


def return_it(walk: PageWalk) -> None:
    """One drafts the list, another returns the application with it."""
    omar = walk.case(walk.officer, PHASES["NOC"])
    omar.follow("Open the list of what is missing")
    for each in MISSING:
        omar.write("What is missing", each)
        omar.press("Draft it")
        omar.hear("Drafted. Somebody else returns the application with the whole list.")
    asked = "What the firm reads above the list of what is missing"
    walk.case(walk.supervisor, PHASES["NOC"]).move("Return as incomplete", "Please complete it.", asked=asked)


def make_good(walk: PageWalk, case: NocApplication) -> None:
    """Every item is answered, one of them with a document; then the form is signed anew."""
    for each in MISSING:
        amina = own_page(walk, case)
        amina.read("Resubmit – not possible yet")
        amina.follow(each)
        amina.write("Your answer", f"Made good: {each}")
        if each == MISSING[0]:
            amina.write("Title of the document (optional)", "The policy, signed")
            amina.attach("File (optional)", "The policy, signed by the board.")
        amina.press("Save the answer")
        amina.hear("Your answer is saved.")
    own_page(walk, case).follow("Check your answers, sign and submit")
    walk.sign()
    own_page(walk, case).move("Resubmit")
    amina.read("Completeness check", "We are checking whether everything is there.")


# ── Asked ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_request_stops_the_clock_and_is_given_more_time(walk: PageWalk, firm: Firm, eyes: Eyes) -> None:
    at = timezone.now() - timedelta(days=6)
    case = path.noc_case(firm, people=walk.people, at=at, until="under_assessment")
    omar = walk.case(walk.officer, PHASES["NOC"])
    page = omar.page.url
    omar.follow("Draft questions")
    for question in QUESTIONS:
        omar.write("Question", question)
        omar.press("Draft the question")
        omar.hear("Drafted.")
    omar.open(page)
    omar.move("Request information")
    clock_reads(walk, case, "day 6 of 60, paused now, 0 days so far.", [["ran", "Submit"], ["Paused", "Request RFI-"]])
    walk.receives("Request for information")
    more_time(walk, case, page)
    answer_it(walk, case)

    omar.open(page)
    omar.follow(re.compile(r"^RFI-"))
    omar.read("A trust in Malta, since 2021.")
    omar.move("Close the request")
    omar.read("Closed")
    ran_on = [["ran", "Submit"], ["Paused", "Request RFI-"], ["ran", "Request answered"]]
    clock_reads(walk, case, f"day 6 of 60, due {timezone.localdate(at) + timedelta(days=60):%-d %B %Y}.", ran_on)
    assert moves_of(case)[-2:] == ["raise_rfi", "answer_rfi"]
    assert eyes.wrong == []


def clock_reads(walk: PageWalk, case: NocApplication, sentence: str, stretches: list[list[str]]) -> None:
    """What the firm reads of the decision's clock: on the case's page in a sentence, and why, stretch by stretch."""
    amina = own_page(walk, case)
    amina.read(f"Decision: {sentence}")
    amina.follow("How this is counted")
    read = [[clock, re.sub(r"(?<=RFI-)[\d-]+", "", why)] for clock, why in amina.rows("Stretches: Decision", 2, 3)]
    assert read == stretches


def more_time(walk: PageWalk, case: NocApplication, page: str) -> None:
    """The firm asks for more time, and the case officer, who reads why, grants it."""
    amina, omar = own_page(walk, case), walk.officer
    amina.read("Information requested", "We have asked you for information.")
    amina.follow(re.compile(r"^RFI-"))
    before = answers_are_due(amina)
    amina.move("Ask for more time", "The registry is slow.", asked="Why you need more time")
    amina.read("We have not decided yet.")
    omar.open(page)
    omar.read("More time is asked for.")
    omar.follow(re.compile(r"^RFI-"))
    omar.read("The registry is slow.")
    omar.move("Grant more time")
    amina.again()
    amina.read("We gave you 10 working days more.")
    assert answers_are_due(amina) >= before + timedelta(weeks=2)


def answers_are_due(amina: Person) -> date:
    said = amina.main.get_by_text("Answer every question by").inner_text()
    day = re.search(r"by (\d+ \w+ \d{4})\.", said)
    assert day, said
    return datetime.strptime(day[1], "%d %B %Y").date()


def answer_it(walk: PageWalk, case: NocApplication) -> None:
    for number, question in enumerate(QUESTIONS, start=1):
        amina = own_page(walk, case)
        amina.read("Answer the request – not possible yet")
        amina.follow(re.compile(r"^RFI-"))
        amina.follow(f"{number}. {question}")
        amina.write("Your answer", "A trust in Malta, since 2021.")
        amina.press("Save the answer")
        amina.hear("Your answer is saved.")
    own_page(walk, case).move("Answer the request")
    amina.read("Under assessment")


# ── Refused ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_refusal_hears_the_firm_and_is_set_aside_on_appeal(
    walk: PageWalk, firm: Firm, recorder: Person, behram: User, eyes: Eyes
) -> None:
    case = path.noc_case(firm, people=walk.people, at=timezone.now(), until="recommended", rating=2)
    draft_a_ground(walk, case)
    decide(walk, "Give notice of refusal", "Summary for the firm; the grounds follow it")
    own_page(walk, case).read("Minded to refuse", "Nothing is decided yet.", "The policy is not approved by the board.")
    walk.receives("Notice that we are minded to refuse your application")
    be_heard(walk, case)
    decide(walk, "Refuse the NOC", "Reasons, and what the representations changed")
    own_page(walk, case).read("Refused", "The letter gives the reasons and says how to appeal.")
    walk.receives("Refusal of your application")
    walk.in_the_register().read("Nothing by that name is on the register.")

    appeal(walk, case)
    record_it(recorder, walk)
    walk.applicant.again()
    walk.applicant.read("Filed", "A panel that took no part in the decision decides on it.")
    walk.receives("Your appeal")
    set_it_aside(recorder, ["Basma", "Behram", "Bilal"])
    own_page(walk, case).read("Recommended", "The committee decides.", "Decision set aside")
    walk.receives("Your appeal")
    assert moves_of(case)[-3:] == ["notify_refusal", "refuse_noc", "remit"]
    assert eyes.wrong == []


def draft_a_ground(walk: PageWalk, case: NocApplication) -> None:
    """The supervisor, for whom the case waits no longer, finds it on the firm's page."""
    sana = walk.supervisor
    sana.turn_to("Firms")
    sana.follow(walk.firm)
    sana.follow(case.reference)
    sana.follow("Draft a ground")
    sana.page.get_by_label("Criterion or section of the form", exact=True).select_option(index=1)
    sana.write("What is wrong there", "The policy is not approved by the board.")
    sana.press("Draft the ground")


def decide(walk: PageWalk, title: str, asked: str) -> None:
    """The committee's two members decide on what has to give its reasons."""
    walk.decide("NOC", title, walk.member, walk.member2, note="The score is below the bar.", asked=asked)


def be_heard(walk: PageWalk, case: NocApplication) -> None:
    """The firm answers the grounds, and a member of the committee considers what it says."""
    amina, dania = own_page(walk, case), walk.member
    amina.follow("Make representations")
    amina.write("Your answer to the grounds", "The board approves it next month.")
    amina.press("Make the representations")
    amina.hear("Your representations are with us.")
    dania.open(case.get_absolute_url())
    dania.read("Refuse the NOC – not possible yet")
    dania.follow(re.compile("^Representations of "))
    dania.read("The board approves it next month.")
    dania.write("What was considered, and what came of it", "An intention is no approval.")
    dania.press("Record it")


def appeal(walk: PageWalk, case: NocApplication) -> None:
    amina = own_page(walk, case)
    amina.follow("Appeal a decision")
    amina.page.get_by_label("Which decision", exact=True).select_option(index=1)
    amina.write("Why the decision is wrong", "The policy was approved yesterday.")
    amina.press("Give notice")
    amina.hear("Your notice is registered under APP-")
    amina.read("Notice given", "The policy was approved yesterday.")


def record_it(tahir: Person, walk: PageWalk) -> None:
    """The recorder finds the notice among the appeals that wait for him."""
    walk.case(tahir, "Appeals").read("The policy was approved yesterday.")
    tahir.move("Record the appeal")


def set_it_aside(tahir: Person, panel: list[str]) -> None:
    """A panel of those who took no part is named, and what it decided is recorded."""
    outcome = "Record: decision set aside"
    tahir.read(f"{outcome} – not possible yet")
    # Nobody of the committee: both its members voted for the refusal.
    assert tahir.page.get_by_role("group", name="Members of the panel").get_by_role("checkbox").count() == len(panel)
    tahir.tick("Members of the panel", panel)
    tahir.press("Name the panel")
    tahir.hear("The panel is named.")
    tahir.move(outcome, "The policy was approved in time.")
    tahir.read("Decision set aside")
