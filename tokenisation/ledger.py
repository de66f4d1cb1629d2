"""The door to the ledger: one call, one posting, one round trip; and the sentences of its refusals.

Only the actions call `post`. The work is done by the database's function (`ledger_sql.py`).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, models, transaction

from pvara.kernel.machine import MoveRefused, Unmet
from tokenisation.ledger_sql import REFUSED
from tokenisation.models import Account, Asset
from tokenisation.states import AccountKind, EntryKind

REASONS = {
    "venue_not_in_good_standing": "The venue is not in good standing.",
    "not_authorised": "The venue is not authorised to distribute this asset.",
    "authorisation_not_active": "The venue's authorisation for this asset is not active.",
    "asset_not_issued": "The asset is not open for this entry.",
    "over_cap": "More units than were authorised.",
    "over_supply": "More units than the treasury holds.",
    "over_limit": "More units than the venue's limit allows.",
    "over_allocation": "More units than the venue has on its shelf.",
    "key_reused": "This idempotency key belongs to another entry.",
    "maker_is_checker": "Whoever approved this cannot carry it out.",
    "malformed": "An entry has a key, a whole positive number of units and the venue that its kind needs.",
    "wrong_isolation": "The ledger posts under READ COMMITTED only.",
}

# A deadlock and a failed serialisation are nobody's fault: the same posting with the same key may be sent again.
RETRIED = {"40P01", "40001"}
ATTEMPTS = 3


class PostingRefused(MoveRefused):
    """The posting was not made and nothing was changed; `code` says why to machines, `unmet` to people."""

    def __init__(self, subject: models.Model, name: str, code: str, facts: dict[str, Any]) -> None:
        self.code, self.facts = code, facts
        super().__init__(subject, name, [Unmet(code, REASONS.get(code, code), tuple(_details(facts)))])


def _details(facts: dict[str, Any]) -> Iterator[str]:
    yield from facts.get("reasons", [])
    if "left" in facts:
        yield f"{facts['asked']:,} asked for, {facts['left']:,} left."
    if facts.get("state"):
        yield f"It is {facts['state'].replace('_', ' ')}."


@dataclass(frozen=True)
class Posted:
    """The answer to a posting; the same for every delivery of one key but for `replayed`."""

    entry_id: int
    seq: int
    hash: bytes
    replayed: bool


def post(
    kind: EntryKind,
    asset: Asset,
    *,
    units: int,
    key: str,
    maker_id: int,
    at: datetime,
    venue_id: int | None = None,
    case_ref: str = "",
) -> Posted:
    """Post one entry. Raises PostingRefused; the same key and act give the same answer for ever."""
    parameters = [key, str(kind), asset.pk, venue_id, units, maker_id, case_ref, at]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _call(parameters)
        except DatabaseError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state == REFUSED:
                said = error.__cause__.diag  # type: ignore[union-attr]  # psycopg's error, as its sqlstate shows
                facts = json.loads(said.message_detail or "{}")
                raise PostingRefused(asset, str(kind), said.message_primary, facts) from error
            if state not in RETRIED or connection.in_atomic_block or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _call(parameters: list[Any]) -> Posted:
    # Alone, the call is its own transaction; within another it gets a savepoint, so that a refusal spoils nothing.
    if connection.in_atomic_block:
        with transaction.atomic():
            return _execute(parameters)
    return _execute(parameters)


def _execute(parameters: list[Any]) -> Posted:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id, entry_seq, entry_hash, replayed"
            " FROM ledger_post(%s, %s, %s, %s, %s, %s, %s, %s::timestamptz)",
            parameters,
        )
        entry_id, seq, digest, replayed = cursor.fetchone()
    return Posted(entry_id, seq, bytes(digest), replayed)


@contextmanager
def refusals_explained(subject: models.Model, name: str) -> Iterator[None]:
    """Turn a refusal by one of the ledger's triggers into PostingRefused; to be used around an atomic block."""
    try:
        yield
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) != REFUSED:
            raise
        said = error.__cause__.diag  # type: ignore[union-attr]  # psycopg's error, as its sqlstate shows
        raise PostingRefused(subject, name, said.message_primary, json.loads(said.message_detail or "{}")) from error


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def outstanding(asset: Asset) -> int:
    """Units in being: what the contra account owes."""
    return -(asset.accounts.get(kind=AccountKind.SUPPLY).units)


def holdings(asset: Asset) -> "models.QuerySet[Account]":
    """Where the units are: every account of an asset but the contra one, treasury first."""
    return (
        Account.objects.filter(asset=asset)
        .exclude(kind=AccountKind.SUPPLY)
        .select_related("asset", "venue__licence", "venue__firm")
        .order_by(models.F("venue_id").asc(nulls_first=True), "pk")
    )
