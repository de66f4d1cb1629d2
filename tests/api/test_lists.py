"""Every list of the contract asks the database as many questions for a page of thirty rows as for a page of one."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing.actions.firms import register_firm
from licensing.models import Letter, Milestone, VenueStanding
from pvara.demo import path
from tests.api.program import Program
from tests.api.test_sweep import CALLERS, TABLE, operations
from tests.api.walk import bill
from tests.tokenisation.conftest import licensed_venue
from tokenisation.models import DistributionAuthorisation, FxRate, Programme

ROWS = 30
# Lists of one object's own; they have no pages.
WHOLE = ("moves_list", "form_list")
# Each is a walk of its own to make; two rows tell one question a row as well as thirty do.
FEWER = {"noc_holders_list": 2}


@pytest.fixture
def crowd(world, people, at):
    """Thirty of everything beside the one of `world`."""
    another = register_firm("A second holder", by=people.applicant, at=at, country="Pakistan")
    path.noc_case(another, people=people, at=at)
    for number in range(ROWS):
        venue = licensed_venue(f"Exchange {number}", at=at)
        Milestone.objects.create(setup=venue.licence.application.setup, code="M1")
        Letter.objects.create(
            key=f"letter:{number}",
            code="L40",
            reference=f"PVARA/FULL/2026/1{number:03}",
            title="Licence",
            firm=venue.firm,
            subject_type="licensing.licence",
            subject_id=venue.licence_id,
            addressee="Exchange",
            content={},
            content_sha256="0" * 64,
            sha256=f"{number:064x}",
            token=f"token-{number}",
            issued_at=timezone.now(),
        )
        FxRate.objects.create(currency="EUR", date=date(2026, 1, 1) + timedelta(number), per_usd="0.9", source="SBP")
        Programme.objects.create(name=f"Programme {number}", cap_usd_cents=1)
    debt = Program(people.debt_officer)
    for number in range(ROWS):
        debt.post("assets/", bill(world["programmes"], code=f"MTB-{number}"))
    for venue in VenueStanding.objects.exclude(pk=world["venues"]):
        DistributionAuthorisation.objects.create(
            asset_id=world["assets"],
            venue=venue,
            limit_units=1,
            authorised_by=people.debt_approver,
            authorised_at=at,
        )
    stock = f"authorisations/{world['authorisations']}/allocations/"
    for number in range(ROWS):
        debt.post(stock, {"units": 1}, idempotency_key=f"key-{number}")


def asked(caller, address, limit):
    with CaptureQueriesContext(connection) as questions:
        answer = caller.get(address, limit=limit)
    return len(answer.json()["results"]), len(questions)


def test_every_list_asks_as_many_questions_for_thirty_as_for_one(crowd, cast):
    callers = {letter: Program(user) for letter, user in zip(CALLERS, cast, strict=True)}
    found = {}
    for name, (method, address) in operations().items():
        if method == "get" and name.endswith("_list") and not name.endswith(WHOLE):
            # An applicant sees a handful; whoever sees everything is asked.
            caller = callers[TABLE[name][-1]]
            caller.get(address, limit=1)
            found[name] = (asked(caller, address, 1), asked(caller, address, ROWS))
    rows = {name: (one[0], thirty[0]) for name, (one, thirty) in found.items()}
    assert rows == {name: (1, FEWER.get(name, ROWS)) for name in found}
    assert {name: counts for name, counts in found.items() if counts[0][1] != counts[1][1]} == {}
