"""Every page of the house, opened by everybody, against the access table."""

from typing import Any

from django.db import transaction
from django.test import Client

from tests.access import PAGES

# Addresses that take a form and show no page of their own.
BY_POST = {
    "move",
    "holiday_withdrawn",
    "role_revoked",
    "job_again",
    "staff:invoice_again",
    "staff:measure_withdraw",
    "staff:domain_removed",
    "staff:criterion_removed",
    "staff:rate_new",
    "staff:team_leave",
    "staff:approval_new",
    "staff:attestation_new",
    "staff:last_day",
    "staff:authorise",
    "staff:allocate",
    "staff:take_back",
    "staff:freeze",
    "staff:register_new",
    "staff:partial_new",
    "staff:event_new",
    "staff:fixing_new",
    "staff:payment_evidence_new",
    "staff:redeem",
    "staff:treasury_redeem",
    "staff:deficiency_drop",
    "staff:question_drop",
    "staff:condition_taken_back",
    "staff:ground_taken_back",
    "portal:noc_start",
    "portal:fee",
    "portal:declare",
    "portal:full_start",
    "portal:milestone_proof",
    "portal:finding_proof",
    "portal:wind_down_document",
    "portal:filing_document",
}


def is_open(answer) -> bool:
    if answer.streaming:
        answer.getvalue()  # read to its end, which closes the file
    to_the_door = answer.status_code == 302 and answer.url.startswith("/accounts/login/")
    return not to_the_door and answer.status_code not in (401, 403, 404)


def opened(client: Client, name: str, address: str) -> Any:
    """The answer to one visit, after which everything is as it was: what a form did is undone, who signed out is in."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = client.post(address) if name in BY_POST else client.get(address)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def test_every_page_by_everybody(world, everybody, browse):
    clients = {who: browse(user) for who, user in everybody.items()}
    found = {}
    for name, address in world.addresses(PAGES).items():
        found[name] = set()
        for who, client in clients.items():
            answer = opened(client, name, address)
            assert answer.status_code < 500, (name, who)
            if is_open(answer):
                found[name].add(who)
    # A move that somebody may not make is a 403, though they see the row: only the committee may.
    assert found.pop("move") == {"member"}
    assert found == {name: set(who) for name, who in PAGES.items() if name != "move"}


def test_nobody_sees_another_firm(world, stranger, browse):
    """A stranger with a firm of their own opens nothing of this one's."""
    client = browse(stranger)
    their_own = {"portal:home", "portal:firm_new", "portal:letters", "portal:invoices"}
    for name, address in world.addresses(each for each in PAGES if each.startswith("portal:")).items():
        if name not in their_own:
            assert (name, opened(client, name, address).status_code) == (name, 404)
