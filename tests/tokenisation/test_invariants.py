"""Every invariant can be seen to fail: a hand in the database, with the triggers off, and the invariant that tells."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tokenisation import invariants
from tokenisation.actions.ledger import place
from tokenisation.actions.night import run_night

LEGS = "The postings of every entry sum to zero, move its units and go the way of its kind."
OUTSTANDING = "What is outstanding of an asset is what was issued less what was redeemed, and lies in its accounts."
BELOW_ZERO = "No balance but the contra account's is below zero."
ISSUED = "No more units are redeemed than were issued, and no more issued than were authorised."
ALLOCATED = "What is allocated is outstanding, and each venue holds what its authorisation counts, within its limit."
CAP = "The programme's commitment is what its approved assets took and did not give back, within its cap."
STANDING = "No entry relied on a standing that had changed or was lost, and no authorisation is active without one."
BACKED = "No more units of a commodity are in being than its latest attestation covers after the haircut."
NOT_LIVE = "While an asset was not live, nothing was posted but freezes, orders, redemptions and corrections."
CHAIN = "Every asset's journal is numbered without gaps to its last number, each entry chained to the one before."
ONCE = "Every key has one entry, every entry one row of the audit log, and the row says the same."
FOUR_EYES = "Whoever made an entry, an approval, an issue or an order did not check it."
RECORDS = "Wherever another record differs from the ledger, a break says so, and two people closed it."
THERE = "Every entry and every posting names an asset, a venue, people and accounts that are there."
BALANCES = "Every balance is the sum of its postings."
HASHES = "Every entry's hash is the hash of what it says."
HOLDERS = "Every record of holders is what the postings up to its number add up to, account by account."
EVIDENCE = "A payment was confirmed by whoever did not record its evidence, and a default stopped its asset."
ROOTS = "The root of every record of holders is that of the balances at its number."

BY_HAND = [
    ("UPDATE tokenisation_posting SET units = units + 1 WHERE units = 300", LEGS),
    (
        """UPDATE tokenisation_posting SET account_id = (SELECT id FROM tokenisation_account WHERE kind = 'treasury')
           WHERE units = 300""",
        LEGS,
    ),
    ("UPDATE tokenisation_account SET units = units + 1 WHERE kind = 'clients'", BALANCES),
    ("UPDATE tokenisation_account SET units = units + 1 WHERE kind = 'clients'", OUTSTANDING),
    ("ALTER TABLE tokenisation_account DROP CONSTRAINT balance_is_not_negative", BELOW_ZERO),
    ("ALTER TABLE tokenisation_asset DROP CONSTRAINT minted_within_authorised", ISSUED),
    ("UPDATE tokenisation_asset SET allocated_units = allocated_units - 1", ALLOCATED),
    ("UPDATE tokenisation_distributionauthorisation SET allocated_units = allocated_units - 1", ALLOCATED),
    ("UPDATE tokenisation_posting SET account_id = 0 WHERE units = 300", THERE),
    ("UPDATE tokenisation_journalentry SET maker_id = 0 WHERE kind = 'distribute'", THERE),
    ("UPDATE tokenisation_journalentry SET checker_id = 0 WHERE kind = 'issue'", THERE),
    ("UPDATE tokenisation_journalentry SET venue_id = 0 WHERE kind = 'distribute'", THERE),
    ("UPDATE tokenisation_journalentry SET to_venue_id = 0 WHERE kind = 'distribute'", THERE),
    ("UPDATE tokenisation_journalentry SET asset_id = 0", THERE),
    ("UPDATE tokenisation_programme SET committed_usd_cents = committed_usd_cents - 1", CAP),
    ("UPDATE tokenisation_asset SET released_units = 1", CAP),
    ("UPDATE tokenisation_journalentry SET standing_version = 0 WHERE kind = 'distribute'", STANDING),
    ("UPDATE licensing_venuestanding SET may_distribute = false", STANDING),
    (
        """INSERT INTO tokenisation_commodityterms (asset_id, commodity, grade, unit_of_measure, quantity_per_unit,
               site, custodian, receipt_no, price_usd_cents, price_source, price_as_of, haircut_bp)
           SELECT id, '', '', '', 1, '', '', '', 1, '', now(), 0 FROM tokenisation_asset""",
        BACKED,
    ),
    (
        """UPDATE kernel_auditentry SET to_state = 'paused'
           WHERE subject_type = 'tokenisation.asset' AND event = 'issue'""",
        NOT_LIVE,
    ),
    ("DELETE FROM tokenisation_journalentry WHERE kind = 'distribute'", CHAIN),
    ("UPDATE tokenisation_journalentry SET prev_hash = '' WHERE kind = 'distribute'", CHAIN),
    ("DELETE FROM kernel_auditentry WHERE event = 'units_distributed'", ONCE),
    ("ALTER TABLE tokenisation_reconciliation DROP CONSTRAINT difference_has_a_break", RECORDS),
    ("ALTER TABLE tokenisation_approval DROP CONSTRAINT approval_recorder_is_not_proposer", FOUR_EYES),
    ("UPDATE tokenisation_journalentry SET case_ref = 'batch 8' WHERE kind = 'distribute'", HASHES),
]

# What to do once a constraint is out of the way.
AFTER = {
    RECORDS: """INSERT INTO tokenisation_reconciliation (asset_id, against, as_of, ledger_units, found_units, made_at)
                SELECT id, 'register', now(), 1, 2, now() FROM tokenisation_asset""",
    BELOW_ZERO: "UPDATE tokenisation_account SET units = -1 WHERE kind = 'clients'",
    ISSUED: "UPDATE tokenisation_asset SET minted_units = authorised_units + 1",
    FOUR_EYES: "UPDATE tokenisation_approval SET recorded_by_id = proposed_by_id",
}


def by_hand(*statements: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the tables could not be altered
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in filter(None, statements):
            cursor.execute(statement)
            assert cursor.rowcount != 0
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def placed(stocked, amina, at):
    place(stocked, units=300, key="1", by=amina, at=at, case_ref="batch 7")
    return stocked


@pytest.mark.parametrize(("statement", "told"), BY_HAND)
def test_a_hand_in_the_database_is_seen(placed, statement, told):
    assert list(invariants.check()) == []
    with transaction.atomic():
        by_hand(statement, AFTER.get(told))
        broken = [each.name for each in invariants.check()]
        transaction.set_rollback(True)  # or the deferred constraints would see it as well
    assert told in broken


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE tokenisation_snapshotbalance SET units = units + 1 WHERE units = 300", [HOLDERS]),
        ("DELETE FROM tokenisation_snapshotbalance WHERE units = 300", [HOLDERS]),
        ("UPDATE tokenisation_snapshot SET at_seq = at_seq - 1", [HOLDERS, ROOTS]),
        ("UPDATE tokenisation_snapshot SET record_date = record_date - 1", [HOLDERS]),
        ("UPDATE tokenisation_snapshot SET root_sha256 = sha256('')", [ROOTS]),
        (
            """UPDATE tokenisation_corporateaction SET state = 'paid', per_unit = 1, confirmed_by_id = proposer.id,
                   evidenced_by_id = approver.id
               FROM (SELECT proposed_by_id AS id FROM tokenisation_asset) proposer,
                   (SELECT approved_by_id AS id FROM tokenisation_asset) approver""",
            [EVIDENCE],
        ),
        (
            """INSERT INTO tokenisation_corporateaction (asset_id, kind, state, version, number, occurred_on, case_ref,
                   reasons, proposed_by_id, proposed_at)
               SELECT id, 'default', 'established', 1, 0, now(), 'x', 'x', proposed_by_id, now()
               FROM tokenisation_asset""",
            [EVIDENCE],
        ),
    ],
)
def test_a_hand_in_the_records_of_holders_is_seen(placed, statement, told, at):
    # The night after the record date of the bill's redemption.
    assert run_night(at=at + timedelta(days=3650)).check.broken == []
    with transaction.atomic():
        by_hand(statement)
        broken = [each.name for each in invariants.check()]
        transaction.set_rollback(True)
    assert broken == told


def test_the_command_says_that_all_hold(placed, capsys):
    call_command("check_ledger")
    assert capsys.readouterr().out == "All 20 invariants hold.\n"


def test_the_command_fails_and_the_night_logs(placed, at, capsys, caplog):
    by_hand("UPDATE tokenisation_programme SET committed_usd_cents = committed_usd_cents - 1")
    with pytest.raises(CommandError) as failed:
        call_command("check_ledger")
    assert str(failed.value) == "1 of 20 invariants are broken."
    assert [each["name"] for each in run_night(at=at).check.broken] == [CAP]
    assert len(caplog.records) == 2  # one check each
