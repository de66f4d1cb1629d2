"""Every invariant can be seen to fail: a hand in the database, with the triggers off, and the invariant that tells."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tokenisation import invariants
from tokenisation.actions.ledger import place
from tokenisation.actions.night import run_night

BY_HAND = [
    (
        "UPDATE tokenisation_posting SET units = units + 1 WHERE units = 300",
        "The postings of every entry sum to zero and move its units.",
    ),
    (
        """UPDATE tokenisation_posting SET account_id = (SELECT id FROM tokenisation_account WHERE kind = 'treasury')
           WHERE units = 300""",
        "Every posting is where its entry's kind, asset and venue say.",
    ),
    (
        "UPDATE tokenisation_account SET units = units + 1 WHERE kind = 'clients'",
        "Every balance is the sum of its postings, and none but the contra account is below zero.",
    ),
    (
        "UPDATE tokenisation_asset SET distributed_units = distributed_units - 1",
        "Every asset's counters are its accounts' balances, and minted is within authorised.",
    ),
    (
        "UPDATE tokenisation_distributionauthorisation SET distributed_units = distributed_units - 1",
        "Every authorisation's counters are its venue's balances, within its limit.",
    ),
    (
        "UPDATE tokenisation_programme SET committed_usd_cents = committed_usd_cents - 1",
        "The programme's commitment is what its approved assets reserved, within its cap.",
    ),
    (
        "UPDATE tokenisation_journalentry SET standing_version = 0 WHERE kind = 'distribute'",
        "No entry relied on a standing that had changed before it was recorded, or on a lost one.",
    ),
    (
        "UPDATE licensing_venuestanding SET may_distribute = false",
        "No authorisation is active at a venue that may not distribute.",
    ),
    (
        "DELETE FROM tokenisation_journalentry WHERE kind = 'distribute'",
        "Every asset's journal is numbered without gaps to its last number, each entry chained to the one before.",
    ),
    (
        "UPDATE tokenisation_journalentry SET prev_hash = '' WHERE kind = 'distribute'",
        "Every asset's journal is numbered without gaps to its last number, each entry chained to the one before.",
    ),
    (
        "DELETE FROM kernel_auditentry WHERE event = 'units_distributed'",
        "Every entry has one audit row, and the row says the same.",
    ),
    (
        "UPDATE tokenisation_journalentry SET case_ref = 'batch 8' WHERE kind = 'distribute'",
        "Every entry's hash is the hash of what it says.",
    ),
]


def by_hand(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def placed(stocked, amina, at):
    place(stocked, units=300, key="1", by=amina, at=at, case_ref="batch 7")
    return stocked


@pytest.mark.parametrize(("statement", "told"), BY_HAND)
def test_a_hand_in_the_database_is_seen(placed, statement, told):
    assert list(invariants.check()) == []
    with transaction.atomic():
        by_hand(statement)
        broken = [each.name for each in invariants.check()]
        transaction.set_rollback(True)  # or the deferred constraints would see it as well
    assert told in broken


def test_the_command_says_that_all_hold(placed, capsys):
    call_command("check_invariants")
    assert capsys.readouterr().out == "All 12 invariants hold.\n"


def test_the_command_fails_and_the_night_logs(placed, at, capsys, caplog):
    by_hand("UPDATE tokenisation_programme SET committed_usd_cents = committed_usd_cents - 1")
    with pytest.raises(CommandError) as failed:
        call_command("check_invariants")
    assert str(failed.value) == "1 of 12 invariants are broken."
    assert [each.name for each in run_night(at=at).broken] == [BY_HAND[5][1]]
    assert len(caplog.records) == 1
