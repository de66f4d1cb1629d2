"""The path of one exchange, walked by programs alone: from its first form to units on its shelf.

Each step is one request by the person whose step it is; whoever calls checks nothing that the house does not.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.questions import FORM_A1, FULL_FORM
from pvara.demo import answers, path
from tests.api.program import Program

PHASES = ("NOC", "SETUP", "FULL")


def done(response: Any) -> Any:
    """What an answer says, if it is a good one; else the refusal, in full, as the test's failure."""
    assert response.status_code < 300, (response.status_code, response.json())
    return response.json()


def bill(programme: int, *, code: str = "MTB-3M", units: int = 1000) -> dict[str, Any]:
    """A treasury bill, as its proposal is sent."""
    today = date.today()
    return {
        "programme": programme,
        "code": code,
        "name": "Three-month treasury bill",
        "kind": "tbill",
        "issuer": "Government of Pakistan",
        "legal_nature": "representation",
        "risk_text": "The government may pay late or not at all.",
        "unit_nominal": 500_000,
        "authorised_units": units,
        "debt_terms": {
            "issue_date": str(today - timedelta(days=1)),
            "maturity_date": str(today + timedelta(days=91)),
            "coupon": "zero",
            "rate_bp": 1100,
            "custody_account": "SGLA-0001",
        },
    }


@dataclass
class Walk:
    """One exchange and the programs of everybody whom it meets."""

    people: path.People
    programs: dict[str, Program] = field(default_factory=dict)

    def __getattr__(self, who: str) -> Program:
        if who.startswith("_") or not hasattr(self.people, who):
            raise AttributeError(who)
        return self.programs.setdefault(who, Program(getattr(self.people, who)))

    def move(self, program: Program, address: str, name: str, note: str = "") -> dict[str, Any]:
        now = done(program.get(address))
        return done(program.move(address, name, now["version"], note))

    # ── Licensing ────────────────────────────────────────────────────────────────────────────────────────────────────
    def fill_in(self, address: str, form: Any) -> None:
        for section, said in answers.to(form).items():
            done(self.applicant.put(f"{address}answers/{section}/", said))
        done(self.applicant.put(f"{address}fee-reference/", {"fee_reference": "FEE-0001"}))
        done(self.applicant.post(f"{address}declaration/"))

    def to_assessment(self, address: str) -> None:
        self.move(self.applicant, address, "submit")
        self.move(self.officer, address, "accept_intake")
        self.move(self.officer, address, "declare_complete")

    def assess(self, firm: int, phase: str) -> None:
        """Evidence, a rating and its moderation for every criterion that this phase adds."""
        for domain in done(self.assessor.get("framework/"))["domains"]:
            codes = [each["code"] for each in domain["criteria"] if each["applies_from"] == phase]
            if not codes:
                continue
            file = SimpleUploadedFile("file.txt", f"{domain['title']} for {phase}.".encode(), "text/plain")
            uploaded = self.applicant.client.post(
                "/api/evidence/",
                {"firm": firm, "title": f"{domain['title']}, {phase}", "criteria": codes, "file": file},
                headers=self.applicant.headers,
            )
            self.move(self.officer, f"evidence/{done(uploaded)['id']}/", "accept")
            for code in codes:
                said = {"firm": firm, "criterion": code, "rating": 4, "rationale": "Read and tested."}
                given = done(self.assessor.post("ratings/", said))
                done(self.moderator.post(f"ratings/{given['id']}/moderation/", {"note": "Confirmed."}))

    def to_noc(self, name: str) -> int:
        """Register a firm and take it to its NOC; returns the number of the firm."""
        firm = done(self.applicant.post("firms/", {"legal_name": name, "country": "Pakistan"}))["id"]
        address = f"noc-applications/{done(self.applicant.post('noc-applications/', {'firm': firm}))['id']}/"
        self.fill_in(address, FORM_A1)
        self.to_assessment(address)
        self.assess(firm, "NOC")
        self.move(self.supervisor, address, "recommend", "All criteria are met.")
        self.move(self.member, address, "grant_noc")
        return int(firm)

    def to_setup(self, firm: int) -> int:
        """Describe and verify the nine milestones; returns the number of the set-up."""
        number = done(self.applicant.get("setups/", firm=firm))["results"][0]["id"]
        for milestone in done(self.applicant.get(f"setups/{number}/"))["milestones"]:
            address = f"milestones/{milestone['id']}/"
            done(self.applicant.put(f"{address}particulars/", answers.MILESTONES[milestone["code"]]))
            self.move(self.applicant, address, "submit")
            self.move(self.officer, address, "verify")
        self.assess(firm, "SETUP")
        self.move(self.supervisor, f"setups/{number}/", "confirm_setup")
        return int(number)

    def to_licence(self, firm: int, setup: int) -> dict[str, Any]:
        """The full licence, as the public register shows it."""
        case = done(self.applicant.post("licence-applications/", {"setup": setup}))
        address = f"licence-applications/{case['id']}/"
        self.fill_in(address, FULL_FORM)
        self.to_assessment(address)
        self.assess(firm, "FULL")
        self.move(self.supervisor, address, "recommend", "All criteria are met.")
        self.move(self.member, address, "approve_in_principle")
        self.move(self.board, address, "grant_licence")
        licence: dict[str, Any] = done(self.officer.get("licences/", firm=firm))["results"][0]
        return licence

    # ── Registry ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def to_programme(self) -> int:
        said = {"name": "Sovereign assets", "cap_usd_cents": 200_000_000_000}
        return int(done(self.debt_approver.post("programmes/", said))["id"])

    def to_issue(
        self, *, units: int, programme: int | None = None, code: str = "MTB-3M", rate_on: date | None = None
    ) -> int:
        """A treasury bill, proposed, approved and issued, in a new programme if none is given; returns its number."""
        rate = {"currency": "PKR", "date": str(rate_on or date.today()), "per_usd": "280.0000", "source": "SBP"}
        done(self.debt_officer.post("rates/", rate))
        said = bill(programme or self.to_programme(), code=code, units=units)
        asset = done(self.debt_officer.post("assets/", said))
        address = f"assets/{asset['id']}/"
        self.move(self.debt_officer, address, "submit_for_review")
        for authority in ("mof", "sbp", "pvara"):
            said = {"authority": authority, "reference": f"{authority.upper()}/1"}
            done(self.debt_approver.post(f"{address}approvals/", said))
        self.move(self.debt_approver, address, "approve")
        self.move(self.debt_officer, address, "issue")
        return int(asset["id"])

    def authorise(self, asset: int, venue: int, *, limit: int) -> str:
        """The address of the authorisation."""
        said = {"asset": asset, "venue": venue, "limit_units": limit}
        return f"authorisations/{done(self.debt_approver.post('authorisations/', said))['id']}/"
