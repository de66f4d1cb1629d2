"""What is placed stands in no column (`tokenisation/models/placed.py`): each list that shows it asks for all rows at
once, and each list of returns for the days before them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pvara.demo.programme import approve, issue
from tests.api.program import Program
from tests.tokenisation.conftest import licensed_venue
from tokenisation.actions.assets import propose_asset
from tokenisation.models import Account, Asset, DebtTerms, DistributionAuthorisation, HoldingsReturn
from tokenisation.states import AT_VENUE

FEW, MANY = 1, 4
HELD = {"units_held": 0, "holders": 0, "retail_units": 0, "institutional_units": 0, "non_resident_units": 0}


class Registry:
    """More assets at the venue of the world, and more venues that distribute its bill."""

    def __init__(self, world, people) -> None:
        self.bill, self.venue, self.people = world.registry.bill, world.registry.authorisation.venue, people
        self.number, self.at = 0, timezone.now()

    def add(self, many: int) -> None:
        for _ in range(many):
            self.number += 1
            asset = self.issued(f"placed-{self.number}")
            self.authorise(asset, self.venue)
            self.authorise(self.bill, licensed_venue(f"Placed Exchange {self.number}", at=self.at))

    def issued(self, code: str) -> Asset:
        told = ("name", "kind", "issuer", "legal_nature", "risk_text", "unit_nominal")
        terms = DebtTerms.objects.get(asset=self.bill)
        terms.pk = None
        asset = propose_asset(
            self.bill.programme,
            terms=terms,
            code=code,
            authorised_units=10,
            **{name: getattr(self.bill, name) for name in told},
            by=self.people.debt_officer,
            at=self.at,
        )
        return issue(approve(asset, people=self.people, at=self.at), people=self.people, at=self.at)

    def authorise(self, asset: Asset, venue) -> None:
        row = DistributionAuthorisation.objects.create(
            asset=asset, venue=venue, limit_units=1, authorised_by=self.people.debt_approver, authorised_at=self.at
        )
        Account.objects.bulk_create(Account(asset=asset, kind=kind, venue=venue) for kind in AT_VENUE)
        today = timezone.localdate(self.at)
        HoldingsReturn.objects.bulk_create(
            HoldingsReturn(
                authorisation=row,
                as_of=today - timedelta(days=n),
                **HELD,
                filed_by=self.people.applicant,
                filed_at=self.at,
            )
            for n in range(2)
        )


def asked(get) -> int:
    with CaptureQueriesContext(connection) as questions:
        answer = get()
    assert answer.status_code == 200
    return len(questions)


@pytest.fixture
def counted(world, people, browse):
    """`counted()`: how many questions each page and each answer that shows placed units or returns asks now."""
    anyone, officer, applicant = browse(None), browse(people.debt_officer), browse(people.applicant)
    program, venues_own = Program(people.debt_officer), Program(people.applicant)
    bill, venue = world.registry.bill, world.registry.authorisation.venue_id
    programme = bill.programme_id
    pages = {
        "programme": lambda: officer.get(reverse("staff:programme")),
        "asset": lambda: officer.get(reverse("staff:asset", args=[bill.pk])),
        "exposure": lambda: officer.get(reverse("staff:exposure", args=[programme])),
        "shelf": lambda: applicant.get(reverse("portal:venue", args=[venue])),
        "a venue's exposure": lambda: applicant.get(reverse("portal:venue_exposure", args=[venue])),
        "returns": lambda: applicant.get(reverse("portal:holdings", args=[venue])),
        "public programme": lambda: anyone.get(reverse("public:programme")),
        "public asset": lambda: anyone.get(reverse("public:asset", args=[bill.code])),
    }
    answers = {
        "assets/": program,
        "authorisations/": program,
        f"programmes/{programme}/exposure/": program,
        f"venues/{venue}/exposure/": venues_own,
        "authorisations/?own": venues_own,
        "holdings-returns/": venues_own,
        "public-assets/": Program(None),
        "public-programmes/": Program(None),
    }

    def count() -> dict[str, int]:
        found = {name: asked(get) for name, get in pages.items()}
        return found | {name: asked(lambda n=name, p=by: p.get(n.split("?")[0])) for name, by in answers.items()}

    return count


def test_lists_of_placed_units_ask_as_much_for_many_rows_as_for_few(world, people, counted):
    registry = Registry(world, people)
    registry.add(FEW)
    counted()  # what is remembered for the process is remembered now
    few = counted()
    registry.add(MANY)
    assert counted() == few
