"""The path of one exchange through the pages: what people see, click and write, by roles, labels and headings.

`Person` is somebody at a browser; `PageWalk` has the steps of `tests.api.walk.Walk`, each by the person whose step it
is. Whoever calls checks nothing that the pages do not say.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from licensing.models import Agency, Criterion, Firm
from licensing.questions import FORM_A1, FULL_FORM, MILESTONE_PARTICULARS, Question, Section
from pvara.demo import answers, path
from pvara.kernel.models import User
from tests.journeys.eyes import Eyes

Named = str | re.Pattern[str]
PHASES = {"NOC": "NOC applications", "SETUP": "Set-ups", "FULL": "Licence applications"}


class Person:
    """Somebody at a browser of their own. Each page that they come to is looked at, and must be what was expected."""

    def __init__(self, page: Page, eyes: Eyes) -> None:
        self.page, self.eyes = page, eyes
        eyes.watch(page)

    # ── Going ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _arrive(self, step: Callable[[], Any], status: int = 200) -> None:
        with self.page.expect_navigation() as arrival:
            step()
        answer = arrival.value
        assert answer.status == status, f"{answer.url}: {self.main.inner_text()}"
        self.eyes.look(self.page, status)

    def open(self, address: str) -> None:
        self._arrive(lambda: self.page.goto(address))

    def again(self) -> None:
        self._arrive(self.page.reload)

    def follow(self, name: Named, *, within: Locator | None = None) -> None:
        self._arrive((within or self.page).get_by_role("link", name=name, exact=isinstance(name, str)).click)

    def press(self, name: str, *, within: Locator | None = None, status: int = 200) -> None:
        self._arrive((within or self.page).get_by_role("button", name=name, exact=True).click, status)

    def turn_to(self, name: str) -> None:
        """By a line of the navigation."""
        self.follow(name, within=self.page.get_by_role("navigation", name="Main"))

    def sign_in(self, email: str, password: str) -> None:
        self.follow("Sign in")
        self.write("Email", email)
        self.write("Password", password)
        self.press("Sign in")

    # ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def write(self, label: str, words: Any, *, within: Locator | None = None) -> None:
        (within or self.page).get_by_label(label, exact=True).fill(str(words))

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def tick(self, legend: str, names: Iterable[str], *, within: Locator | None = None) -> None:
        group = (within or self.page).get_by_role("group", name=legend, exact=True)
        for each in names:
            group.get_by_label(each, exact=True).check()

    def answer(self, question: Question, said: Any) -> None:
        match question.kind:
            case "choices":
                self.tick(question.label, [dict(question.choices)[each] for each in said])
            case "yes_no":
                self.tick(question.label, [said.capitalize()])
            case _:
                self.write(question.label + ("" if question.required else " (optional)"), said)

    def move(self, title: str, note: str = "", *, within: Locator | None = None) -> None:
        """Make a move that the page offers, and read that it was made."""
        if note:
            label = re.compile(f"“{re.escape(title)}”")
            (within or self.page).get_by_label(label).fill(note)
        self.press(title, within=within)
        self.hear(f"{title}: done.")

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def part(self, title: Named) -> Locator:
        return self.page.get_by_role("region", name=title)

    def hear(self, words: str) -> None:
        expect(self.page.get_by_role("status")).to_contain_text(words)

    def read(self, *words: str) -> None:
        for each in words:
            expect(self.main).to_contain_text(each)

    def rows(self, caption: str, *columns: int) -> list[list[str]]:
        """What the first line of each cell of a table says, for the columns that are asked for."""
        table = self.page.get_by_role("table", name=caption, exact=True)
        said = table.locator("tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim().split('\\n')[0]))"
        )
        return [[row[column] for column in columns] for row in said]

    def save(self, link: str) -> bytes:
        """The file behind a link."""
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=link).click()
        return download.value.path().read_bytes()


@dataclass
class PageWalk:
    """One exchange and the browsers of everybody whom it meets."""

    people: path.People
    browser_of: Callable[[User | None], Person]
    firm: str
    persons: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, who: str) -> Person:
        if who.startswith("_") or not hasattr(self.people, who):
            raise AttributeError(who)
        if who not in self.persons:
            self.persons[who] = self.browser_of(getattr(self.people, who))
        return self.persons[who]

    def case(self, person: Person, phase: str) -> Person:
        """The firm's case in somebody's queue, opened."""
        person.turn_to("Cases")
        person.follow(re.compile(f"^{phase} "), within=person.page.get_by_role("navigation", name="Phases"))
        person.follow(re.compile(r"^[A-Z]{3}-\d{4}-\d{5}$"), within=person.page.get_by_role("row", name=self.firm))
        return person

    def own(self, stage: str) -> Person:
        """The applicant, on the page of a stage of the firm's way."""
        self.applicant.turn_to("My applications")
        self.applicant.follow(re.compile(f"^(Continue|Open) {stage}, "))
        return self.applicant

    # ── Licensing ────────────────────────────────────────────────────────────────────────────────────────────────────
    def to_noc(self) -> None:
        """Open the firm's file and take it to its NOC."""
        amina = self.applicant
        amina.follow("Open the file of a firm")
        amina.write("Legal name", self.firm)
        amina.write("Country of incorporation", "Pakistan")
        amina.press("Open the file")
        amina.press("Start a NOC application")
        self.fill_in(FORM_A1, "NOC")
        self.to_assessment("NOC")
        path.disclose(Firm.objects.get(legal_name=self.firm), people=self.people, at=timezone.now())
        self.assess("NOC")
        self.case(self.supervisor, PHASES["NOC"]).move("Recommend", "All criteria are met.")
        self.decide("NOC", "Grant the NOC", self.member, self.member2)

    def decide(self, phase: str, title: str, first: Person, second: Person) -> None:
        """Both members of a body vote for a decision, found in their own list; the first of them makes it."""
        for member in (first, second):
            member.turn_to("Committee")
            row = member.page.get_by_role("row", name=self.firm)
            member.follow(re.compile(r"^[A-Z]{3}-\d{4}-\d{5}$"), within=row)
            votes = member.part("Votes")
            votes.get_by_label("Decision", exact=True).select_option(label=title)
            member.tick("Your vote", ["For"], within=votes)
            member.press("Cast my vote", within=votes)
            member.hear("Your vote is recorded: for.")
        self.case(first, PHASES[phase]).move(title)

    def fill_in(self, form: tuple[Section, ...], phase: Literal["NOC", "FULL"]) -> None:
        """Answer every section in turn, upload the documents, pay, sign and submit."""
        amina = self.applicant
        amina.follow(form[0].title)
        for section in form:
            for question in section.questions:
                amina.answer(question, answers.SAID[question.key])
            amina.press("Save and go back to the list" if section is form[-1] else "Save and go on")
        amina.read(f"{len(form)} of {len(form)} sections are complete.")
        draft = amina.page.url
        amina.follow("Documents as evidence")
        self.upload(phase)
        amina.open(draft)
        amina.follow("Check your answers, sign and submit")
        amina.write("Reference of the fee payment", "FEE-0001")
        amina.press("Save the fee reference")
        amina.page.get_by_label("I declare, for the applicant, that the answers are true and complete.").check()
        amina.press("Sign the declaration")
        amina.move("Submit")

    def upload(self, phase: str) -> None:
        """A document for each domain's criteria of a phase, by the form of the page that is open."""
        for code, criteria in criteria_of(phase).items():
            title = f"File on {code} for {phase}"
            self.applicant.write("Title", title)
            self.applicant.page.get_by_label("File", exact=True).set_input_files(
                {"name": "file.txt", "mimeType": "text/plain", "buffer": f"{title}.\n".encode()}
            )
            self.applicant.tick("What it is evidence for", map(str, criteria))
            self.applicant.press("Upload")
            self.applicant.hear(f"“{title}” is uploaded.")

    def to_assessment(self, phase: str) -> None:
        omar = self.case(self.officer, PHASES[phase])
        omar.move("Accept intake")
        case = omar.page.url
        omar.follow("Open the checklist")
        for group in omar.part("Tick off").get_by_role("group").all():
            group.get_by_label("In order", exact=True).check()
        omar.press("Record what you found")
        omar.hear("items recorded.")
        omar.open(case)
        omar.move("Declare complete")
        self.consult(omar)

    def inspect(self) -> None:
        """A technical verification of two things, on the same day, that finds nothing."""
        omar = self.case(self.officer, PHASES["FULL"])
        omar.follow("Schedule an inspection")
        omar.tick("Kind", ["Technical verification"])
        omar.write("Date", timezone.localdate())
        tested = ["Custody and segregation", "Proof of control of the wallets"]
        omar.tick("What is tested", tested)
        omar.tick("Who inspects", [str(self.people.officer)])
        omar.press("Schedule an inspection")
        omar.follow(re.compile("^INS-"), within=omar.part("Inspections and findings"))
        for each in tested:
            omar.tick(each, ["Passed"])
        omar.write("In short", "Everything works as it was described.")
        omar.press("Report the inspection")
        omar.hear("is reported.")

    def consult(self, omar: Person) -> None:
        """Every agency is asked on one page, and its reply recorded on its own."""
        case = omar.page.url
        omar.follow("Ask the agencies")
        omar.press("Ask the agencies")
        omar.hear("5 agencies are asked; the letters follow.")
        for name in (each.name for each in Agency.objects.all()):
            omar.open(case)
            omar.follow(name, within=omar.part("Consultation of other agencies"))
            omar.tick("The agency says", ["No objection"])
            omar.press("Save the reply")
            omar.hear("No objection: recorded.")

    def assess(self, phase: str) -> None:
        """The case officer accepts each document; each criterion is rated by one and moderated by another."""
        omar = self.case(self.officer, PHASES[phase])
        case = omar.page.url
        for code in criteria_of(phase):
            omar.open(case)
            omar.follow(f"File on {code} for {phase}")
            omar.move("Accept")
        for person in (self.assessor, self.moderator):
            self.case(person, PHASES[phase]).follow("Open the rating sheet")
        for criteria in criteria_of(phase).values():
            for criterion in criteria:
                self.rate(criterion)

    def rate(self, criterion: Criterion) -> None:
        asif, saira = self.assessor, self.moderator
        asif.follow(str(criterion))
        asif.tick("Rating", ["4 – Fully met"], within=asif.part("Rate"))
        asif.write("Rationale", "Read and tested.")
        asif.press("Save the rating")
        asif.hear(f"{criterion.code} is rated")
        saira.follow(str(criterion))
        saira.tick("Your decision", ["Confirm the rating as it is"], within=saira.part("Moderate"))
        saira.write("Note (optional)", "Confirmed.")
        saira.press("Save the moderation")
        saira.hear(f"{criterion.code} is moderated.")

    def to_setup(self) -> None:
        """Describe and verify the nine milestones, and have the set-up confirmed."""
        amina = self.own("Set-up")
        for code, asked in MILESTONE_PARTICULARS.items():
            amina.follow(re.compile(f"^{code} "))
            for question in asked:
                amina.answer(question, answers.MILESTONES[code][question.key])
            amina.press("Save")
            amina.write("Title", f"Proof of {code}")
            amina.page.get_by_label("File", exact=True).set_input_files(
                {"name": "proof.txt", "mimeType": "text/plain", "buffer": f"What proves {code}.\n".encode()}
            )
            amina.press("Attach")
            amina.hear("The document is attached.")
            amina.move("Submit")
        amina.turn_to("My applications")
        amina.follow("Documents")
        self.upload("SETUP")
        omar = self.case(self.officer, PHASES["SETUP"])
        for code in MILESTONE_PARTICULARS:
            omar.move("Verify", within=omar.part(re.compile(f"^{code} ")))
        self.assess("SETUP")
        self.case(self.supervisor, PHASES["SETUP"]).move("Confirm the set-up")

    def to_licence(self) -> None:
        self.own("Set-up").press("Apply for the full licence")
        self.fill_in(FULL_FORM, "FULL")
        self.to_assessment("FULL")
        self.inspect()
        self.assess("FULL")
        self.case(self.supervisor, PHASES["FULL"]).move("Recommend", "All criteria are met.")
        self.decide("FULL", "Approve in principle", self.member, self.member2)
        self.decide("FULL", "Grant the licence", self.board, self.board2)

    def suspend(self, why: str) -> None:
        nadia = self.case(self.enforcement, "Licences")
        nadia.follow("Propose: Urgent suspension")
        today = date.today()
        nadia.tick("Grounds", ["Imminent harm to clients"])
        nadia.write("The facts on which it rests", why)
        nadia.write("First day", today)
        nadia.write("Last day", today + timedelta(days=30))
        nadia.press("Keep the proposal")
        self.case(self.board, "Licences").move("Confirm the urgent suspension", why)

    # ── Registry ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def asset(self, person: Person, code: str) -> Person:
        person.turn_to("Tokenised assets")
        person.follow(code)
        return person

    def to_issue(self, code: str, *, units: int) -> None:
        """A treasury bill, proposed, approved and issued."""
        daud, today = self.debt_officer, date.today()
        daud.turn_to("Tokenised assets")
        daud.page.get_by_text("Record a rate", exact=True).click()
        daud.write("Date", today)
        daud.write("Units of the currency for one US dollar", "280")
        daud.write("Source", "SBP")
        daud.press("Record the rate")
        daud.follow("Propose a bill, bond or sukuk")
        daud.write("Internal code", code)
        daud.write("Name", "Three-month treasury bill")
        daud.choose("Kind", "Treasury bill")
        daud.write("Issuer", "Government of Pakistan")
        daud.choose("Legal nature", "Representation of a security in a depository")
        daud.write("Risks in plain words", "The government may pay late or not at all.")
        daud.write("Authorised units", units)
        daud.write("Nominal of one unit, in whole units of the currency", 5_000)
        daud.write("Issue date", today - timedelta(days=1))
        daud.write("Maturity date", today + timedelta(days=91))
        daud.choose("Coupon", "Zero coupon, at a discount")
        daud.write("Yield or coupon, basis points", 1100)
        daud.write("Account at the depository", "SGLA-0001")
        daud.press("Propose")
        daud.move("Submit for review")
        dua = self.asset(self.debt_approver, code)
        for authority, short in (
            ("Ministry of Finance, Debt Management Office", "MOF"),
            ("State Bank of Pakistan", "SBP"),
            ("PVARA", "PVARA"),
        ):
            dua.choose("Authority", authority)
            dua.write("Reference of the authority's letter", f"{short}/1")
            dua.press("Record the approval")
            dua.hear("The approval is recorded.")
        dua.move("Approve the asset")
        self.asset(daud, code).move("Issue the units")

    def authorise(self, code: str, *, limit: int) -> None:
        dua = self.asset(self.debt_approver, code)
        dua.choose("Venue", answers.MILESTONES["M1"]["subsidiary_name"])
        dua.write("Limit, in units", limit)
        dua.press("Authorise the venue")
        dua.hear("The venue is authorised.")

    def allocate(self, code: str, *, units: int) -> None:
        daud = self.asset(self.debt_officer, code)
        daud.follow(re.compile("^DA-"), within=daud.page.get_by_role("table", name="Authorisations"))
        form = daud.page.locator("form").filter(has=daud.page.get_by_role("button", name="Allocate", exact=True))
        daud.write("Units", units, within=form)
        daud.press("Allocate", within=form)
        daud.hear("Posted as entry")

    def shelf(self) -> Person:
        amina = self.own("Licence")
        amina.follow("Your shelf of tokenised assets")
        return amina

    def place(self, code: str, *, units: int, status: int = 200) -> None:
        amina = self.shelf()
        amina.follow(f"Record a placement of {code}")
        amina.write("Units", units)
        amina.press("Record the placement", status=status)


def criteria_of(phase: str) -> dict[str, list[Criterion]]:
    """The criteria that a phase adds, by the codes of their domains, in the framework's order."""
    found: dict[str, list[Criterion]] = {}
    rows = Criterion.objects.filter(domain__framework__status="published", applies_from=phase)
    for each in rows.select_related("domain").order_by("domain__order", "order"):
        found.setdefault(each.domain.code, []).append(each)
    return found
