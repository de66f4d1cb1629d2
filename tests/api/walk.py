"""The path of one exchange, walked by programs alone: from its first form to units on its shelf.

Each step is one request by the person whose step it is; whoever calls checks nothing that the house does not.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from licensing.models import Firm
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
            "maturity_date": str(today - timedelta(days=1) + relativedelta(months=3)),
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
    # Documents that nobody has accepted yet, by their numbers.
    supplied: list[int] = field(default_factory=list)

    def __getattr__(self, who: str) -> Program:
        if who.startswith("_") or not hasattr(self.people, who):
            raise AttributeError(who)
        return self.programs.setdefault(who, Program(getattr(self.people, who)))

    def move(self, program: Program, address: str, name: str, note: str = "") -> dict[str, Any]:
        now = done(program.get(address))
        return done(program.move(address, name, now["version"], note))

    def decide(self, kind: str, number: int, name: str, note: str = "") -> None:
        """Both members of the body that decides on a move vote for it; the first of them makes it."""
        address = f"{kind}/{number}/"
        board = name == "grant_licence"
        first, second = (self.board, self.board2) if board else (self.member, self.member2)
        for member in (first, second):
            version = done(member.get(address))["version"]
            said = {"case_kind": kind, "case": number, "move": name, "choice": "for", "expected_version": version}
            done(member.post("votes/", said))
        self.move(first, address, name, note)

    # ── Licensing ────────────────────────────────────────────────────────────────────────────────────────────────────
    def fill_in(self, address: str, form: Any) -> None:
        for section, said in answers.to(form).items():
            done(self.applicant.put(f"{address}answers/{section}/", said))
        noted = done(self.applicant.put(f"{address}fee-reference/", {"fee_reference": "FEE-0001"}))
        done(self.applicant.post(f"{address}declaration/", {"seen": noted["seen"]}))

    def to_assessment(self, address: str) -> None:
        self.move(self.applicant, address, "submit")
        self.move(self.officer, address, "accept_intake")
        items = done(self.officer.get(f"{address}checklist/"))["items"]
        found = [{"item": each["item"], "verdict": "in_order", "note": "Described in the form."} for each in items]
        done(self.officer.put(f"{address}checklist/", {"items": found}))
        self.move(self.officer, address, "declare_complete")
        self.consult(address)

    def inspect(self, case: int) -> None:
        """A technical verification that finds nothing."""
        scope = ["custody", "matching_engine", "wallet_control"]
        said = {
            "subject": "licence-applications",
            "case": case,
            "kind": "technical",
            "scheduled_for": str(timezone.localdate()),
            "scope": scope,
            "team": [self.people.officer.pk],
        }
        made = done(self.officer.post("inspections/", said))
        report = {"results": [{"kind": each, "result": "passed"} for each in scope], "summary": "All works."}
        done(self.officer.post(f"inspections/{made['id']}/report/", report))

    def consult(self, address: str) -> None:
        """Ask every agency of a case, and take down that none of them objects."""
        kind, number = address.strip("/").split("/")
        codes = [each["code"] for each in done(self.officer.get("agencies/"))["results"]]
        said = {"kind": kind, "case": int(number), "agencies": codes}
        for each in done(self.officer.post("consultations/", said)):
            reply = {"verdict": "no_objection", "received_on": str(timezone.localdate())}
            done(self.officer.upload(f"consultations/{each['id']}/replies/", reply))

    def criteria(self, phase: str) -> dict[str, list[str]]:
        """The codes of the criteria that a phase adds, by the first kind of evidence that each accepts."""
        found: dict[str, list[str]] = {}
        for domain in done(self.applicant.get("framework/"))["domains"]:
            for each in domain["criteria"]:
                if each["applies_from"] == phase:
                    found.setdefault(each["kinds"][0], []).append(each["code"])
        return found

    def supply(self, firm: int, phase: str) -> None:
        """A document of each kind for the criteria that a phase adds."""
        for kind, codes in self.criteria(phase).items():
            file = SimpleUploadedFile("file.txt", f"{kind} for {phase}.".encode(), "text/plain")
            uploaded = self.applicant.client.post(
                "/api/evidence/",
                {"firm": firm, "title": f"{kind}, {phase}", "kind": kind, "criteria": codes, "file": file},
                headers=self.applicant.headers,
            )
            self.supplied.append(done(uploaded)["id"])

    def assess(self, firm: int, phase: str) -> None:
        """What the firm supplied is accepted; a rating and its moderation for every criterion that a phase adds."""
        while self.supplied:
            self.move(self.officer, f"evidence/{self.supplied.pop(0)}/", "accept")
        for codes in self.criteria(phase).values():
            for code in codes:
                said = {"firm": firm, "criterion": code, "rating": 4, "rationale": "Read and tested."}
                given = done(self.assessor.post("ratings/", said))
                said = {"note": "Confirmed.", "seen": given["seen"]}
                done(self.moderator.post(f"ratings/{given['id']}/moderation/", said))

    def to_noc(self, name: str) -> int:
        """Register a firm and take it to its NOC; returns the number of the firm."""
        firm = done(self.applicant.post("firms/", {"legal_name": name, "country": "Pakistan"}))["id"]
        case = done(self.applicant.post("noc-applications/", {"firm": firm}))["id"]
        address = f"noc-applications/{case}/"
        self.fill_in(address, FORM_A1)
        self.supply(firm, "NOC")
        self.to_assessment(address)
        path.disclose(Firm.objects.get(pk=firm), people=self.people, at=timezone.now())
        self.assess(firm, "NOC")
        self.move(self.supervisor, address, "recommend", "All criteria are met.")
        self.decide("noc-applications", case, "grant_noc")
        return int(firm)

    def to_setup(self, firm: int) -> int:
        """Describe and verify the nine milestones; returns the number of the set-up."""
        number = done(self.applicant.get("setups/", firm=firm))["results"][0]["id"]
        for milestone in done(self.applicant.get(f"setups/{number}/"))["milestones"]:
            address, code = f"milestones/{milestone['id']}/", milestone["code"]
            done(self.applicant.put(f"{address}particulars/", answers.milestone(code, firm=firm)))
            file = SimpleUploadedFile("proof.txt", f"What proves {code}.\n".encode(), "text/plain")
            done(self.applicant.upload(f"{address}documents/", {"title": f"Proof of {code}", "file": file}))
            self.move(self.applicant, address, "submit")
            self.move(self.officer, address, "verify")
        self.supply(firm, "SETUP")
        self.assess(firm, "SETUP")
        self.move(self.supervisor, f"setups/{number}/", "confirm_setup")
        return int(number)

    def to_licence(self, firm: int, setup: int) -> dict[str, Any]:
        """The full licence, as the public register shows it."""
        case = done(self.applicant.post("licence-applications/", {"setup": setup}))
        address = f"licence-applications/{case['id']}/"
        self.fill_in(address, FULL_FORM)
        self.supply(firm, "FULL")
        self.to_assessment(address)
        self.inspect(case["id"])
        self.assess(firm, "FULL")
        self.move(self.supervisor, address, "recommend", "All criteria are met.")
        self.decide("licence-applications", case["id"], "approve_in_principle")
        self.decide("licence-applications", case["id"], "grant_licence")
        licence: dict[str, Any] = done(self.officer.get("licences/", firm=firm))["results"][0]
        return licence

    def suspend(self, licence: int, why: str) -> None:
        """Suspended at once: the enforcement officer proposes, the board confirms."""
        today = date.today()
        said = {
            "licence": licence,
            "kind": "urgent_suspension",
            "grounds": ["client_harm"],
            "particulars": why,
            "starts_on": str(today),
            "ends_on": str(today + timedelta(days=30)),
        }
        done(self.enforcement.post("measures/", said))
        self.move(self.board, f"licences/{licence}/", "urgent_suspend", why)

    # ── Registry ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def to_programme(self) -> int:
        said = {"name": "Sovereign assets", "cap_usd_cents": 200_000_000_000}
        return int(done(self.debt_approver.post("programmes/", said))["id"])

    def to_issue(
        self, *, units: int, programme: int | None = None, code: str = "MTB-3M", rate_on: date | None = None
    ) -> int:
        """A treasury bill, proposed, approved and issued, in a new programme if none is given; returns its number."""
        rate = {"currency": "PKR", "date": str(rate_on or date.today()), "per_usd": "280.0000"}
        done(self.debt_officer.post("rates/", rate))
        said = bill(programme or self.to_programme(), code=code, units=units)
        asset = done(self.debt_officer.post("assets/", said))
        address = f"assets/{asset['id']}/"
        self.hand_in_documents(asset["id"])
        self.move(self.debt_officer, address, "submit_for_review")
        for authority in ("mof", "sbp", "pvara"):
            said = {"authority": authority, "reference": f"{authority.upper()}/1"}
            done(self.debt_approver.post(f"{address}approvals/", said))
        self.move(self.debt_approver, address, "approve")
        self.move(self.debt_officer, address, "issue")
        return int(asset["id"])

    def hand_in_documents(self, asset: int) -> None:
        """What a bill rests on."""
        for kind in ("offering", "legal_opinion"):
            file = SimpleUploadedFile(f"{kind}.txt", f"The {kind} on {asset}.".encode())
            said = {"asset": asset, "kind": kind, "title": kind, "file": file}
            done(self.debt_officer.upload("asset-documents/", said))

    def publish_documents(self, asset: int) -> None:
        for each in done(self.debt_approver.get("asset-documents/", asset=asset))["results"]:
            self.move(self.debt_approver, f"asset-documents/{each['id']}/", "publish")

    def authorise(self, asset: int, venue: int, *, limit: int) -> str:
        """The address of the authorisation."""
        said = {"asset": asset, "venue": venue, "limit_units": limit}
        return f"authorisations/{done(self.debt_approver.post('authorisations/', said))['id']}/"
