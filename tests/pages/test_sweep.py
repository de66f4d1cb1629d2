"""Every page of the house, opened by everybody, against the access table."""

from django.db import transaction

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


def test_every_page_by_everybody(world, everybody, browse):
    found = {}
    for name in PAGES:
        found[name] = set()
        address = world.address(name)
        for who, user in everybody.items():
            client = browse(user)
            # What one person's form does is undone before the next one comes.
            with transaction.atomic():
                answer = client.post(address) if name in BY_POST else client.get(address)
                transaction.set_rollback(True)
            assert answer.status_code < 500, (name, who)
            if is_open(answer):
                found[name].add(who)
    # A move that somebody may not make is a 403, though they see the row: only the committee may.
    assert found.pop("move") == {"member"}
    assert found == {name: set(who) for name, who in PAGES.items() if name != "move"}


def test_nobody_sees_another_firm(world, stranger, browse):
    """A stranger with a firm of their own opens nothing of this one's."""
    client = browse(stranger)
    for name in PAGES:
        if not name.startswith("portal:") or name in {
            "portal:home",
            "portal:firm_new",
            "portal:letters",
            "portal:invoices",
        }:
            continue
        address = world.address(name)
        answer = client.post(address) if name in BY_POST else client.get(address)
        assert (name, answer.status_code) == (name, 404)
