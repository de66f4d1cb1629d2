"""The path of one exchange through the pages: the steps of `tests.api.walk.Walk`, each by the person whose step it is.

Whoever calls checks nothing that the pages do not say.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from dateutil.relativedelta import relativedelta
from django.utils import timezone

from licensing.models import Agency, Criterion, EvidenceKind, Firm
from licensing.questions import FORM_A1, FULL_FORM, MILESTONE_PARTICULARS, Section
from pvara.demo import answers, path
from pvara.kernel import outbox
from pvara.kernel.models import Job, User
from tests.journeys.person import Person

# The authorities that approve a bill, and what their letters are numbered with here.
AUTHORITIES = {
    "Ministry of Finance, Debt Management Office": "MOF",
    "State Bank of Pakistan": "SBP",
    "PVARA": "PVARA",
}
PHASES = {"NOC": "NOC applications", "SETUP": "Set-ups", "FULL": "Licence applications"}


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

    @property
    def visitor(self) -> Person:
        """Somebody without an account."""
        if "nobody" not in self.persons:
            self.persons["nobody"] = self.browser_of(None)
        return self.persons["nobody"]

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

    def receives(self, title: str) -> None:
        """The letter that was asked for last is written; it heads the firm's list, and is a file to keep."""
        outbox.execute(Job.objects.filter(kind="letter").latest("pk").pk, "in process")
        amina = self.applicant
        amina.turn_to("My applications")
        amina.follow("All letters")
        reference, newest = amina.rows("Letters", 0, 1)[0]
        assert newest == title
        assert amina.save(f"{reference} as PDF").startswith(b"%PDF-")

    def in_the_register(self) -> Person:
        """The visitor, who looks for the firm in the public register."""
        visitor = self.visitor
        visitor.turn_to("Public register")
        visitor.write("Name or web address", self.firm)
        visitor.press("Search")
        return visitor

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

    def decide(self, phase: str, title: str, first: Person, second: Person, *, note: str = "", asked: str = "") -> None:
        """Both members of a body vote for a decision, found in their own list; the first of them makes it."""
        self.vote(title, first, second)
        self.case(first, PHASES[phase]).move(title, note, asked=asked)

    def vote(self, title: str, *members: Person) -> None:
        """Members of a body vote for a decision on what waits for them of this firm; each ends on its page."""
        for member in members:
            member.turn_to("Committee")
            row = member.page.get_by_role("row", name=self.firm)
            member.follow(re.compile(r"^[A-Z]{3}-\d{4}-\d{5}$"), within=row)
            votes = member.part("Votes")
            votes.get_by_label("Decision", exact=True).select_option(label=title)
            member.tick("Your vote", ["For"], within=votes)
            member.press("Cast my vote", within=votes)
            member.hear("Your vote is recorded: for.")

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
        self.sign()
        amina.move("Submit")

    def sign(self) -> None:
        amina = self.applicant
        amina.page.get_by_label("I declare, for the applicant, that the answers are true and complete.").check()
        amina.press("Sign the declaration")

    def upload(self, phase: str) -> None:
        """A document of each kind that a phase's criteria accept, by the form of the page that is open."""
        titles = dict(EvidenceKind.objects.values_list("code", "title"))
        for kind, criteria in kinds_of(phase).items():
            title = f"{kind} for {phase}"
            self.applicant.write("Title", title)
            self.applicant.attach("File", f"{title}.")
            self.applicant.choose("What kind of document it is", str(kind))
            shown = [f"{each} ({', '.join(titles[code] for code in each.kinds)})" for each in criteria]
            self.applicant.tick("What it is evidence for", shown)
            self.applicant.press("Upload")
            self.applicant.hear(f"“{title}” is uploaded.")

    def to_assessment(self, phase: str) -> None:
        omar = self.case(self.officer, PHASES[phase])
        omar.move("Accept intake")
        self.declare_complete(omar)
        self.consult(omar)

    def declare_complete(self, omar: Person) -> None:
        """On the page of the case: every item of the checklist is found in order."""
        case = omar.page.url
        omar.follow("Open the checklist")
        for group in omar.part("Tick off").get_by_role("group").all():
            group.get_by_label("In order", exact=True).check()
        omar.press("Record what you found")
        omar.hear("items recorded.")
        omar.open(case)
        omar.move("Declare complete")

    def inspect(self) -> None:
        """A technical verification of three things, on the same day, that finds nothing."""
        omar = self.case(self.officer, PHASES["FULL"])
        omar.follow("Schedule an inspection")
        omar.tick("Kind", ["Technical verification"])
        omar.write("Date", timezone.localdate())
        tested = ["Custody and segregation", "Matching engine", "Proof of control of the wallets"]
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
        omar.open(case)
        agencies = [each.name for each in Agency.objects.all()]
        for address in omar.addresses(agencies, within=omar.part("Consultation of other agencies")):
            omar.open(address)
            omar.tick("The agency says", ["No objection"])
            omar.press("Save the reply")
            omar.hear("No objection: recorded.")

    def assess(self, phase: str) -> None:
        """The case officer accepts each document; each criterion is rated by one and moderated by another."""
        omar = self.case(self.officer, PHASES[phase])
        for address in omar.addresses(f"{kind} for {phase}" for kind in kinds_of(phase)):
            omar.open(address)
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
            amina.attach("File", f"What proves {code}.", name="proof.txt")
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
        self.propose_bill(code, units=units)
        self.hand_in_documents(code)
        self.debt_officer.move("Submit for review")
        self.record_approvals(code)
        self.debt_approver.move("Approve the asset")
        self.asset(self.debt_officer, code).move("Issue the units")

    def propose_bill(self, code: str, *, units: int) -> None:
        """A treasury bill of three months in draft, on the page of whoever proposed it."""
        daud, today = self.debt_officer, date.today()
        daud.turn_to("Tokenised assets")
        daud.page.get_by_text("Record a rate", exact=True).click()
        daud.write("Date", today)
        daud.write("Units of the currency for one US dollar", "280")
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
        daud.write("Maturity date", today - timedelta(days=1) + relativedelta(months=3))
        daud.choose("Coupon", "Zero coupon, at a discount")
        daud.write("Yield or coupon, basis points", 1100)
        daud.write("Account at the depository", "SGLA-0001")
        daud.press("Propose")

    def hand_in_documents(self, code: str) -> None:
        """From the asset's page and back to it: what it rests on."""
        for kind in ("Prospectus or offering document", "Legal opinion"):
            daud = self.debt_officer
            daud.follow("Hand in a document")
            daud.choose("What it is", kind)
            daud.write("Title", f"{kind} of {code}")
            daud.attach("File", f"The words of the {kind.lower()}.")
            daud.press("Hand it in")
            daud.hear(f"“{kind} of {code}, edition 1” is handed in. Another person of the debt office publishes it.")
            self.asset(daud, code)

    def record_approvals(self, code: str, authorities: Iterable[str] = AUTHORITIES) -> None:
        """The approver records the letters of these authorities, and ends on the asset's page."""
        dua = self.asset(self.debt_approver, code)
        for authority in authorities:
            dua.choose("Authority", authority)
            dua.write("Reference of the authority's letter", f"{AUTHORITIES[authority]}/1")
            dua.press("Record the approval")
            dua.hear("The approval is recorded.")

    def authorise(self, code: str, *, limit: int) -> None:
        dua = self.asset(self.debt_approver, code)
        dua.choose("Venue", answers.MILESTONES["M1"]["subsidiary_name"])
        dua.write("Limit, in units", limit)
        dua.press("Authorise the venue")
        dua.hear("The venue is authorised.")

    def allocate(self, code: str, *, units: int) -> None:
        daud = self.authorisation(self.debt_officer, code)
        daud.write("Units", units, within=daud.form("Allocate"))
        daud.press("Allocate")
        daud.hear("Posted as entry")

    def authorisation(self, person: Person, code: str) -> Person:
        """Somebody of the debt office, on the page of the first venue's authorisation for an asset."""
        self.asset(person, code)
        person.follow(re.compile("^DA-"), within=person.page.get_by_role("table", name="Authorisations"))
        return person

    def shelf(self) -> Person:
        amina = self.own("Licence")
        amina.follow("Your shelf of tokenised assets")
        return amina

    def place(self, code: str, *, units: int, status: int = 200) -> None:
        amina = self.shelf()
        amina.follow(f"Record a placement of {code}")
        amina.write("Units", units)
        amina.press("Record the placement", status=status)


def kinds_of(phase: str) -> dict[EvidenceKind, list[Criterion]]:
    """The kinds of document that serve what a phase adds, each with the criteria that it serves."""
    return path.by_kind(each for members in criteria_of(phase).values() for each in members)


def criteria_of(phase: str) -> dict[str, list[Criterion]]:
    """The criteria that a phase adds, by the codes of their domains, in the framework's order."""
    found: dict[str, list[Criterion]] = {}
    rows = Criterion.objects.filter(domain__framework__state="published", applies_from=phase)
    for each in rows.select_related("domain").order_by("domain__order", "order"):
        found.setdefault(each.domain.code, []).append(each)
    return found
