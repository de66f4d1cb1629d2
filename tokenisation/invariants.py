"""What must always be true of the registry: one query each, returning the rows that break it.

Run after every test of faults, every night, and by `manage.py check_ledger`. The journal's hash chain is verified
twice: in SQL for its order, and in Python (`verify_journal`) by code that shares nothing with the functions that wrote
it. The roots of the records of holders are made again from the postings (`verify_snapshots`). None of these can be
repaired by code: a broken one is a matter for people.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection

from tokenisation.chain import mirror
from tokenisation.models import Asset, JournalEntry, Snapshot, balances_at, root_of
from tokenisation.postings import RULES
from tokenisation.states import AT_VENUE, BY_TWO, CONDITIONS
from tokenisation.tables_sql import quoted


def _listed(words: Any) -> str:
    return ", ".join(quoted(str(word)) for word in words)


# What one leg of an entry may be: its kind, the account's kind, and in or out.
LEGS = ", ".join(
    sorted(
        {
            leg
            for rule in RULES
            if rule.source
            for leg in (
                f"('{rule.kind}', '{rule.source}', -1)",
                *(f"('{rule.kind}', '{end}', 1)" for end in (rule.target, rule.elsewhere) if end),
            )
        }
    )
)
LIVE_ONLY = sorted({rule.kind for rule in RULES if rule.states == ("issued",)})

EVENTS = _listed(sorted({rule.event for rule in RULES}))

INVARIANTS: list[tuple[str, str]] = [
    (
        "The postings of every entry sum to zero, move its units and go the way of its kind.",
        f"""
        SELECT e.id FROM tokenisation_journalentry e LEFT JOIN tokenisation_posting p ON p.entry_id = e.id
            LEFT JOIN tokenisation_account a ON a.id = p.account_id
        GROUP BY e.id HAVING coalesce(sum(p.units), 0) <> 0 OR count(p.id) <> 2 OR count(a.id) <> 2
            OR NOT coalesce(bool_or(a.venue_id = e.venue_id), e.venue_id IS NULL)
            OR NOT coalesce(bool_or(a.venue_id = e.to_venue_id), e.to_venue_id IS NULL)
            OR coalesce(sum(p.units) FILTER (WHERE p.units > 0), 0) <> e.units
            OR bool_or(a.asset_id <> e.asset_id OR a.venue_id NOT IN (e.venue_id, e.to_venue_id))
            OR bool_or(e.kind <> 'correct' AND (e.kind, a.kind, sign(p.units)) NOT IN ({LEGS}))
        UNION ALL
        SELECT p.id FROM tokenisation_posting p LEFT JOIN tokenisation_journalentry e ON e.id = p.entry_id
        WHERE e.id IS NULL
        UNION ALL
        SELECT p.id FROM tokenisation_posting p JOIN tokenisation_journalentry e ON e.id = p.entry_id
            LEFT JOIN tokenisation_posting o
                ON o.entry_id = e.reverses_id AND o.account_id = p.account_id AND o.units = -p.units
        WHERE e.kind = 'correct' AND o.id IS NULL
        """,
    ),
    (
        "What is outstanding of an asset is what was issued less what was redeemed, and lies in its accounts.",
        """
        SELECT s.id FROM tokenisation_asset s LEFT JOIN tokenisation_account a ON a.asset_id = s.id
        GROUP BY s.id HAVING
            s.minted_units - s.redeemed_units <> coalesce(sum(a.units) FILTER (WHERE a.kind <> 'supply'), 0)
            OR s.minted_units - s.redeemed_units <> -coalesce(sum(a.units) FILTER (WHERE a.kind = 'supply'), 0)
        """,
    ),
    (
        "No balance but the contra account's is below zero.",
        "SELECT id FROM tokenisation_account WHERE kind <> 'supply' AND units < 0",
    ),
    (
        "No more units are redeemed than were issued, and no more issued than were authorised.",
        """
        SELECT id FROM tokenisation_asset WHERE redeemed_units > minted_units OR minted_units > authorised_units
        """,
    ),
    (
        "What is allocated is outstanding, and each venue holds what its authorisation counts, within its limit.",
        f"""
        SELECT s.id FROM tokenisation_asset s LEFT JOIN tokenisation_account a ON a.asset_id = s.id
        GROUP BY s.id HAVING s.allocated_units > s.minted_units - s.redeemed_units
            OR s.allocated_units <> coalesce(sum(a.units) FILTER (WHERE a.kind IN ({_listed(AT_VENUE)})), 0)
        UNION ALL
        SELECT d.id FROM tokenisation_distributionauthorisation d
            LEFT JOIN tokenisation_account a ON a.asset_id = d.asset_id AND a.venue_id = d.venue_id
        GROUP BY d.id HAVING d.allocated_units <> coalesce(sum(a.units), 0) OR d.allocated_units > d.limit_units
        """,
    ),
    (
        # What was given back is counted in units, so that a cap that was cumulative for a time stays accounted for.
        "The programme's commitment is what its approved assets took and did not give back, within its cap.",
        """
        SELECT p.id FROM tokenisation_programme p LEFT JOIN tokenisation_asset s ON s.programme_id = p.id
        GROUP BY p.id HAVING p.committed_usd_cents <> coalesce(sum(s.reserved_usd_cents), 0)
            OR p.committed_usd_cents > p.cap_usd_cents
            OR coalesce(bool_or(s.reserved_usd_cents <> CASE
                WHEN s.unit_usd_cents IS NULL THEN 0
                ELSE (s.authorised_units - s.released_units) * s.unit_usd_cents END), false)
            OR coalesce(bool_or(s.state NOT IN ('cancelled', 'lapsed') AND s.released_units > s.redeemed_units), false)
        """,
    ),
    (
        "No entry relied on a standing that had changed or was lost, and no authorisation is active without one.",
        """
        SELECT e.id FROM tokenisation_journalentry e
            JOIN licensing_venuestanding v ON v.id = CASE e.kind WHEN 'forced' THEN e.to_venue_id ELSE e.venue_id END
            JOIN LATERAL (
                SELECT (c.data->>'standing_version')::bigint AS version, (c.data->>'may_distribute')::boolean AS holds
                FROM kernel_auditentry c WHERE c.subject_type = 'licensing.licence' AND c.subject_id = v.licence_id
                    AND c.event = 'standing_changed' AND c.recorded_at < e.recorded_at ORDER BY c.seq DESC LIMIT 1
            ) last ON true
        WHERE (e.kind IN ('allocate', 'distribute') OR (e.kind = 'forced' AND e.to_venue_id IS NOT NULL))
            AND (NOT last.holds OR last.version IS DISTINCT FROM e.standing_version)
        UNION ALL
        SELECT d.id FROM tokenisation_distributionauthorisation d JOIN licensing_venuestanding v ON v.id = d.venue_id
        WHERE d.state = 'active' AND NOT v.may_distribute
        """,
    ),
    (
        # The accepted one, or the latest that was: it may have run out since, and what was withdrawn covers nothing.
        "No more units of a commodity are in being than its latest attestation covers after the haircut.",
        """
        SELECT s.id FROM tokenisation_asset s JOIN tokenisation_commodityterms t ON t.asset_id = s.id
            LEFT JOIN LATERAL (
                SELECT CASE r.state WHEN 'withdrawn' THEN 0 ELSE r.quantity END AS quantity
                FROM tokenisation_reserveattestation r WHERE r.asset_id = s.id
                    AND r.decided_by_id IS NOT NULL AND r.state <> 'rejected'
                    AND r.unit_of_measure = t.unit_of_measure
                ORDER BY r.state = 'accepted' DESC, r.as_of DESC, r.id DESC LIMIT 1
            ) attested ON true
        WHERE (s.minted_units - s.redeemed_units) * t.quantity_per_unit * 10000
            > coalesce(attested.quantity, 0) * (10000 - t.haircut_bp)::numeric
        """,
    ),
    (
        "While an asset was not live, nothing was posted but freezes, orders, redemptions and corrections.",
        f"""
        SELECT e.id FROM tokenisation_journalentry e JOIN LATERAL (
            SELECT c.to_state FROM kernel_auditentry c WHERE c.subject_type = 'tokenisation.asset'
                AND c.subject_id = e.asset_id AND c.to_state <> '' AND c.recorded_at < e.recorded_at
            ORDER BY c.seq DESC LIMIT 1
        ) was ON true
        WHERE was.to_state NOT IN ('issued', 'paused', 'matured', 'defaulted')
            OR (was.to_state <> 'issued' AND e.kind IN ({_listed(LIVE_ONLY)}))
        """,
    ),
    (
        # The audit log has the number of every entry, and is sealed: so a cut tail shows.
        "Every asset's journal is numbered without gaps to its last number, each entry chained to the one before.",
        f"""
        SELECT e.id FROM (
            SELECT id, seq, prev_hash, hash,
                lag(hash, 1, ''::bytea) OVER journal AS previous, row_number() OVER journal AS number
            FROM tokenisation_journalentry WINDOW journal AS (PARTITION BY asset_id ORDER BY seq)
        ) e WHERE e.seq <> e.number OR e.prev_hash <> e.previous
        UNION ALL
        SELECT said.asset_id FROM (
            SELECT CASE c.subject_type WHEN 'tokenisation.asset' THEN c.subject_id ELSE d.asset_id END AS asset_id,
                max(coalesce(c.data->>'seq', c.data->>'last')::bigint) AS seq
            FROM kernel_auditentry c LEFT JOIN tokenisation_distributionauthorisation d
                ON c.subject_type = 'tokenisation.distributionauthorisation' AND d.id = c.subject_id
            WHERE c.subject_type IN ('tokenisation.asset', 'tokenisation.distributionauthorisation')
                AND c.event IN ({EVENTS})
            GROUP BY 1
        ) said WHERE said.seq > coalesce(
            (SELECT max(e.seq) FROM tokenisation_journalentry e WHERE e.asset_id = said.asset_id), 0)
        """,
    ),
    (
        # No foreign key says so: `journal_sql.py` has why.
        "Every entry and every posting names an asset, a venue, people and accounts that are there.",
        """
        SELECT e.id FROM tokenisation_journalentry e
            LEFT JOIN tokenisation_asset s ON s.id = e.asset_id
            LEFT JOIN licensing_venuestanding v ON v.id = e.venue_id
            LEFT JOIN licensing_venuestanding t ON t.id = e.to_venue_id
            LEFT JOIN kernel_user m ON m.id = e.maker_id LEFT JOIN kernel_user c ON c.id = e.checker_id
        WHERE s.id IS NULL OR m.id IS NULL
            OR (e.venue_id, e.to_venue_id, e.checker_id) IS DISTINCT FROM (v.id, t.id, c.id)
        UNION ALL
        SELECT p.id FROM tokenisation_posting p LEFT JOIN tokenisation_account a ON a.id = p.account_id
        WHERE a.id IS NULL
        """,
    ),
    (
        # A file of many lines has one row of the audit log for all of them.
        "Every key has one entry, every entry one row of the audit log, and the row says the same.",
        f"""
        SELECT min(id) FROM tokenisation_journalentry GROUP BY idempotency_key HAVING count(*) > 1
        UNION ALL
        SELECT e.id FROM tokenisation_journalentry e LEFT JOIN kernel_auditentry c
            ON c.event IN ({EVENTS})
            AND (c.data->>'entry')::bigint = e.id
        GROUP BY e.id HAVING count(c.id) + (
                SELECT count(*) FROM kernel_auditentry b
                    JOIN tokenisation_distributionauthorisation d ON d.id = b.subject_id
                WHERE b.subject_type = 'tokenisation.distributionauthorisation'
                    AND b.event IN ('units_allocated', 'units_distributed')
                    AND d.asset_id = e.asset_id AND d.venue_id = e.venue_id
                    AND e.seq BETWEEN (b.data->>'first')::bigint AND (b.data->>'last')::bigint
                    AND b.actor_id = e.maker_id
            ) <> 1
            OR bool_or((c.data->>'units')::bigint <> e.units OR c.actor_id <> e.maker_id)
        """,
    ),
    (
        "Whoever made an entry, an approval, an issue or an order did not check it.",
        f"""
        SELECT id FROM tokenisation_journalentry
            WHERE maker_id = checker_id OR (checker_id IS NULL AND kind IN ({_listed(BY_TWO)}))
        UNION ALL SELECT id FROM tokenisation_asset WHERE approved_by_id IN (proposed_by_id, issued_by_id)
        UNION ALL SELECT id FROM tokenisation_approval WHERE recorded_by_id = proposed_by_id
        UNION ALL SELECT o.id FROM tokenisation_order o LEFT JOIN tokenisation_journalentry e ON e.id = o.entry_id
            WHERE o.decided_by_id = o.proposed_by_id OR (o.state = 'carried_out' AND (e.id IS NULL
                OR e.maker_id <> o.proposed_by_id OR e.checker_id <> o.decided_by_id OR e.units <> o.units))
        """,
    ),
    (
        "Wherever another record differs from the ledger, a break says so, and two people closed it.",
        f"""
        SELECT r.id FROM tokenisation_reconciliation r LEFT JOIN tokenisation_break b ON b.id = r.difference_id
        WHERE (b.id IS NULL OR (b.asset_id, b.against) <> (r.asset_id, r.against))
            AND CASE WHEN r.against IN ({_listed(CONDITIONS)}) THEN r.found_units > r.ledger_units
                ELSE r.found_units <> r.ledger_units END
        UNION ALL
        SELECT id FROM tokenisation_break WHERE state = 'closed'
            AND (explained_by_id IS NULL OR closed_by_id IS NULL OR explained_by_id = closed_by_id)
        """,
    ),
    (
        "Every record of holders is what the postings up to its number add up to, account by account.",
        """
        SELECT s.id FROM tokenisation_snapshot s JOIN tokenisation_asset a ON a.id = s.asset_id
            JOIN tokenisation_corporateaction c ON c.id = s.action_id
        WHERE s.at_seq > coalesce((SELECT max(e.seq) FROM tokenisation_journalentry e WHERE e.asset_id = a.id), 0)
            OR (c.asset_id, c.record_date) <> (s.asset_id, s.record_date)
        UNION ALL
        SELECT coalesce(rebuilt.snapshot_id, b.snapshot_id) FROM (
            SELECT s.id AS snapshot_id, p.account_id, sum(p.units) AS units FROM tokenisation_snapshot s
                JOIN tokenisation_journalentry e ON e.asset_id = s.asset_id AND e.seq <= s.at_seq
                JOIN tokenisation_posting p ON p.entry_id = e.id
                JOIN tokenisation_account a ON a.id = p.account_id AND a.kind <> 'supply'
            GROUP BY s.id, p.account_id HAVING sum(p.units) <> 0
        ) rebuilt FULL JOIN tokenisation_snapshotbalance b
            ON b.snapshot_id = rebuilt.snapshot_id AND b.account_id = rebuilt.account_id
        WHERE rebuilt.units IS DISTINCT FROM b.units
        """,
    ),
    (
        "A payment was confirmed by whoever did not record its evidence, and a default stopped its asset.",
        """
        SELECT c.id FROM tokenisation_corporateaction c LEFT JOIN LATERAL (
            SELECT e.recorded_by_id FROM tokenisation_paymentevidence e WHERE e.action_id = c.id
            ORDER BY e.id DESC LIMIT 1
        ) last ON true
        WHERE c.state = 'paid' AND (last.recorded_by_id IS NULL OR last.recorded_by_id = c.confirmed_by_id)
        UNION ALL
        SELECT c.id FROM tokenisation_corporateaction c JOIN tokenisation_asset a ON a.id = c.asset_id
        WHERE c.kind = 'default' AND c.state = 'established' AND a.state NOT IN ('defaulted', 'redeemed')
        """,
    ),
    (
        "What a placement was settled in was permitted on its day.",
        """
        SELECT s.id FROM tokenisation_settlement s JOIN tokenisation_journalentry e ON e.id = s.entry_id
            JOIN tokenisation_settlementasset t ON t.id = s.settled_in_id
        WHERE NOT t.permitted OR e.kind <> 'distribute' OR t.id <> (
            SELECT n.id FROM tokenisation_settlementasset n WHERE n.code = t.code
                AND n.effective_from <= (e.effective_at AT TIME ZONE 'Asia/Karachi')::date
            ORDER BY n.effective_from DESC LIMIT 1)
        """,
    ),
    (
        "Every balance is the sum of its postings.",
        """
        SELECT a.id FROM tokenisation_account a LEFT JOIN tokenisation_posting p ON p.account_id = a.id
        GROUP BY a.id HAVING a.units <> coalesce(sum(p.units), 0)
        """,
    ),
]


@dataclass(frozen=True)
class Broken:
    """An invariant that does not hold, and the first rows that break it."""

    name: str
    rows: tuple[Any, ...]


def check() -> Iterator[Broken]:
    """Every invariant that is broken now; nothing when all hold."""
    with connection.cursor() as cursor:
        for name, query in INVARIANTS:
            cursor.execute(f"SELECT * FROM ({query}) AS broken LIMIT 10")
            if rows := cursor.fetchall():
                yield Broken(name, tuple(row[0] for row in rows))
    if forged := tuple(verify_journal()):
        yield Broken("Every entry's hash is the hash of what it says.", forged[:10])
    if forged := tuple(verify_snapshots()):
        yield Broken("The root of every record of holders is that of the balances at its number.", forged[:10])
    if unmatched := tuple(mirror.unmatched()):
        yield Broken(mirror.NAME, unmatched[:10])


def asked() -> int:
    """How many invariants `check` asks: the queries, two in Python, and the chain's where there is a chain."""
    return len(INVARIANTS) + 2 + mirror.is_asked()


def verify_snapshots() -> Iterator[int]:
    """The ids of records of holders whose root is not that of the balances rebuilt from the postings."""
    for each in Snapshot.objects.order_by("pk").iterator():
        if root_of(each.asset_id, each.at_seq, balances_at(each.asset_id, each.at_seq)) != bytes(each.root_sha256):
            yield each.pk


def _first_layout(entry: JournalEntry) -> list[Any]:
    return [
        entry.asset_id,
        entry.seq,
        entry.kind,
        entry.venue_id,
        entry.units,
        entry.idempotency_key,
        entry.maker_id,
        entry.checker_id,
        entry.case_ref,
        entry.standing_version,
    ]


def _second_layout(entry: JournalEntry) -> list[Any]:
    return [
        2,
        entry.asset_id,
        entry.seq,
        entry.kind,
        entry.source,
        entry.venue_id,
        entry.to_venue_id,
        entry.units,
        entry.idempotency_key,
        entry.maker_id,
        entry.checker_id,
        entry.case_ref,
        entry.standing_version,
        entry.reverses_id,
    ]


LAYOUTS = {1: _first_layout, 2: _second_layout}


def said_of(entry: JournalEntry) -> str:
    """The text over which an entry's hash is made, after the hash of the entry before it."""
    times = [f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}" for when in (entry.effective_at, entry.recorded_at)]
    return json.dumps([*LAYOUTS[entry.layout](entry), *times], ensure_ascii=False)


def verify_journal() -> Iterator[int]:
    """The ids of entries whose hash is not that of their content after the entry before them."""
    previous: dict[int, bytes] = dict.fromkeys(Asset.objects.values_list("pk", flat=True), b"")
    for entry in JournalEntry.objects.order_by("asset_id", "seq").iterator(chunk_size=2000):
        digest = hashlib.sha256(previous.get(entry.asset_id, b"") + said_of(entry).encode()).digest()
        if digest != bytes(entry.hash):
            yield entry.pk
        previous[entry.asset_id] = bytes(entry.hash)
