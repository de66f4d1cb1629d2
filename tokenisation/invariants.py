"""What must always be true of the registry: one query each, returning the rows that break it.

Run after every test of faults, every night, and by `manage.py check_invariants`. The journal's hash chain is verified
twice: in SQL for its order, and in Python (`verify_journal`) by code that shares nothing with the function that wrote
it. None of these can be repaired by code: a broken one is a matter for people.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from tokenisation.models import Asset, JournalEntry

INVARIANTS: list[tuple[str, str]] = [
    (
        "The postings of every entry sum to zero and move its units.",
        """
        SELECT e.id FROM tokenisation_journalentry e LEFT JOIN tokenisation_posting p ON p.entry_id = e.id
        GROUP BY e.id HAVING coalesce(sum(p.units), 0) <> 0
            OR coalesce(sum(p.units) FILTER (WHERE p.units > 0), 0) <> e.units OR count(p.id) <> 2
        """,
    ),
    (
        "Every posting is where its entry's kind, asset and venue say.",
        """
        SELECT p.id FROM tokenisation_posting p
            JOIN tokenisation_journalentry e ON e.id = p.entry_id JOIN tokenisation_account a ON a.id = p.account_id
        WHERE a.asset_id <> e.asset_id OR a.venue_id <> e.venue_id OR (e.kind, a.kind, sign(p.units)) NOT IN (
            ('issue', 'supply', -1), ('issue', 'treasury', 1), ('allocate', 'treasury', -1),
            ('allocate', 'inventory', 1), ('distribute', 'inventory', -1), ('distribute', 'clients', 1),
            ('return', 'inventory', -1), ('return', 'treasury', 1))
        """,
    ),
    (
        "Every balance is the sum of its postings, and none but the contra account is below zero.",
        """
        SELECT a.id FROM tokenisation_account a LEFT JOIN tokenisation_posting p ON p.account_id = a.id
        GROUP BY a.id HAVING a.units <> coalesce(sum(p.units), 0) OR (a.kind <> 'supply' AND a.units < 0)
        """,
    ),
    (
        "Every asset's counters are its accounts' balances, and minted is within authorised.",
        """
        SELECT s.id FROM tokenisation_asset s LEFT JOIN tokenisation_account a ON a.asset_id = s.id
        GROUP BY s.id HAVING
            s.minted_units <> -coalesce(sum(a.units) FILTER (WHERE a.kind = 'supply'), 0)
            OR s.allocated_units <> coalesce(sum(a.units) FILTER (WHERE a.venue_id IS NOT NULL), 0)
            OR s.distributed_units <> coalesce(sum(a.units) FILTER (WHERE a.kind = 'clients'), 0)
            OR s.minted_units > s.authorised_units
        """,
    ),
    (
        "Every authorisation's counters are its venue's balances, within its limit.",
        """
        SELECT d.id FROM tokenisation_distributionauthorisation d
            LEFT JOIN tokenisation_account a ON a.asset_id = d.asset_id AND a.venue_id = d.venue_id
        GROUP BY d.id HAVING d.allocated_units <> coalesce(sum(a.units), 0)
            OR d.distributed_units <> coalesce(sum(a.units) FILTER (WHERE a.kind = 'clients'), 0)
            OR d.distributed_units > d.allocated_units OR d.allocated_units > d.limit_units
        """,
    ),
    (
        "The programme's commitment is what its approved assets reserved, within its cap.",
        """
        SELECT p.id FROM tokenisation_programme p LEFT JOIN tokenisation_asset s ON s.programme_id = p.id
            AND s.state IN ('approved', 'issued', 'paused', 'matured')
        GROUP BY p.id HAVING p.committed_usd_cents <> coalesce(sum(s.reserved_usd_cents), 0)
            OR p.committed_usd_cents > p.cap_usd_cents
            OR coalesce(bool_or(s.reserved_usd_cents <> s.authorised_units * s.unit_usd_cents), false)
        """,
    ),
    (
        "No entry relied on a standing that had changed before it was recorded, or on a lost one.",
        """
        SELECT e.id FROM tokenisation_journalentry e JOIN licensing_venuestanding v ON v.id = e.venue_id
            JOIN LATERAL (
                SELECT (c.data->>'standing_version')::bigint AS version, (c.data->>'may_distribute')::boolean AS holds
                FROM kernel_auditentry c WHERE c.subject_type = 'licensing.licence' AND c.subject_id = v.licence_id
                    AND c.event = 'standing_changed' AND c.recorded_at < e.recorded_at ORDER BY c.seq DESC LIMIT 1
            ) last ON true
        WHERE e.kind IN ('allocate', 'distribute') AND (NOT last.holds OR last.version <> e.standing_version)
        """,
    ),
    (
        "No authorisation is active at a venue that may not distribute.",
        """
        SELECT d.id FROM tokenisation_distributionauthorisation d JOIN licensing_venuestanding v ON v.id = d.venue_id
        WHERE d.state = 'active' AND NOT v.may_distribute
        """,
    ),
    (
        "Every asset's journal is numbered without gaps to its last number, each entry chained to the one before.",
        """
        SELECT s.id FROM tokenisation_asset s LEFT JOIN (
            SELECT asset_id, seq, prev_hash, hash,
                lag(hash, 1, ''::bytea) OVER journal AS previous, row_number() OVER journal AS number
            FROM tokenisation_journalentry WINDOW journal AS (PARTITION BY asset_id ORDER BY seq)
        ) e ON e.asset_id = s.id
        GROUP BY s.id HAVING count(e.seq) <> s.entry_seq
            OR coalesce(bool_or(e.seq <> e.number OR e.prev_hash <> e.previous), false)
        """,
    ),
    (
        "Every entry has one audit row, and the row says the same.",
        """
        SELECT e.id FROM tokenisation_journalentry e LEFT JOIN kernel_auditentry c
            ON c.event IN ('units_issued', 'units_allocated', 'units_distributed', 'units_returned')
            AND (c.data->>'entry')::bigint = e.id
        GROUP BY e.id HAVING count(c.id) <> 1 OR bool_or((c.data->>'units')::bigint <> e.units
            OR c.actor_id <> e.maker_id)
        """,
    ),
    (
        "Whoever made an entry, an approval or an issue did not check it.",
        """
        SELECT id FROM tokenisation_journalentry WHERE maker_id = checker_id
        UNION ALL SELECT id FROM tokenisation_asset WHERE approved_by_id IN (proposed_by_id, issued_by_id)
        UNION ALL SELECT id FROM tokenisation_approval WHERE recorded_by_id = proposed_by_id
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


def verify_journal() -> Iterator[int]:
    """The ids of entries whose hash is not that of their content after the entry before them."""
    previous: dict[int, bytes] = dict.fromkeys(Asset.objects.values_list("pk", flat=True), b"")
    for entry in JournalEntry.objects.order_by("asset_id", "seq").iterator(chunk_size=2000):
        said = [
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
            f"{entry.effective_at:%Y-%m-%dT%H:%M:%S.%f}",
            f"{entry.recorded_at:%Y-%m-%dT%H:%M:%S.%f}",
        ]
        text = json.dumps(said, ensure_ascii=False).encode()
        digest = hashlib.sha256(previous[entry.asset_id] + text).digest()
        if digest != bytes(entry.hash):
            yield entry.pk
        previous[entry.asset_id] = bytes(entry.hash)
