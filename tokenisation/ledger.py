"""The door to the ledger: one call, one posting or one file of postings, one round trip.

Only the actions call `post` and `post_batch`. The work is done by the database's functions (`postings_sql.py`,
`batches_sql.py`, `gathering_sql.py`); what each refusal says is the table in `postings.py`.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import psycopg
from django.db import DatabaseError, IntegrityError, OperationalError, connection, models, transaction

from pvara.kernel.machine import MoveRefused, Unmet
from tokenisation import postings
from tokenisation.gathering import Gathering
from tokenisation.ledger_sql import REFUSED
from tokenisation.models import Account, Asset, DistributionAuthorisation
from tokenisation.postings import REFUSALS
from tokenisation.states import AccountKind, EntryKind

# A deadlock, a failed serialisation and a twin that came first are nobody's fault: the same posting with the same key
# may be sent again, and then finds its twin.
RETRIED = {"40P01", "40001", "23505"}
ATTEMPTS = 3


class PostingRefused(MoveRefused):
    """The posting was not made and nothing was changed; `code` says why to machines, `unmet` to people."""

    def __init__(self, subject: models.Model, name: str, code: str, facts: dict[str, Any]) -> None:
        self.code, self.facts = code, facts
        super().__init__(subject, name, [Unmet(code, REFUSALS[code], tuple(_details(facts)))])


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
    source: AccountKind | None = None,
    venue_id: int | None = None,
    to_venue_id: int | None = None,
    checker_id: int | None = None,
    reverses_id: int | None = None,
    case_ref: str = "",
    settlement: str = "",
) -> Posted:
    """Post one entry. Raises PostingRefused; the same key and act give the same answer for ever.

    `source` may be left out where the kind knows only one account that the units can come from. `settlement` is the
    code of what a placement was settled in; the default of the day counts where it is empty.
    """
    known = postings.rule(kind, source)
    parameters = [
        key,
        str(kind),
        str((known.source if known else source) or ""),
        asset.pk,
        venue_id,
        to_venue_id,
        units,
        maker_id,
        checker_id,
        reverses_id,
        case_ref,
        at,
    ]
    if kind != EntryKind.DISTRIBUTE:
        return _post(POST, parameters, asset, kind)
    alone = partial(_post, PLACE, [settlement, *parameters], asset, kind)
    if venue_id is None or connection.in_atomic_block:
        return alone()
    return GATHERING.ask(Placement(key, asset.pk, venue_id, units, maker_id, case_ref, settlement, at), alone)


def _post(query: str, parameters: list[Any], asset: Asset, kind: EntryKind) -> Posted:
    [(entry_id, seq, digest, replayed, *_)] = _call(query, parameters, subject=asset, name=str(kind))
    return Posted(entry_id, seq, bytes(digest), replayed)


POST = (
    "SELECT entry_id, entry_seq, entry_hash, replayed"
    " FROM ledger_post(%s::text, %s::text, %s::text, %s::bigint, %s::bigint, %s::bigint, %s::bigint, %s::bigint,"
    " %s::bigint, %s::bigint, %s::text, %s::timestamptz)"
)
# One statement, so that a placement is never there without its settlement, nor takes a second round trip.
PLACE = f"SELECT *, ledger_settle(entry_id, %s::text, replayed) FROM ({POST}) posted"
TOGETHER = (
    "SELECT line, entry_id, entry_seq, entry_hash FROM ledger_place_gathered(%s::text[], %s::bigint[], %s::bigint[],"
    " %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[])"
)
BATCH = (
    "SELECT line, refusal, left_units, entry_seq, replayed, entry_id"
    " FROM ledger_post_batch(%s::text, %s::bigint, %s::bigint, %s::bigint, %s::timestamptz, %s::text[], %s::bigint[],"
    " %s::text[], %s::boolean)"
)


class Placement(NamedTuple):
    """What a placement says, in the order of the columns of the function that posts many (`gathering_sql.py`)."""

    key: str
    asset_id: int
    venue_id: int
    units: int
    maker_id: int
    case_ref: str
    settlement: str
    at: datetime


def _place_together(placements: Sequence[Placement]) -> dict[int, Posted]:
    """Those of the placements that certainly pass, posted in one transaction; each by its place in the list."""
    rows = _execute(TOGETHER, [list(column) for column in zip(*placements, strict=True)])
    return {line - 1: Posted(entry_id, seq, bytes(digest), False) for line, entry_id, seq, digest in rows}


# Placements come in crowds, from every venue at once; whoever waits for the ledger is taken along by the next.
GATHERING = Gathering(_place_together, failures=(OperationalError, IntegrityError))


@dataclass(frozen=True)
class Line:
    """One line of a file: its key, its units, the sender's own reference and, of a placement, its settlement."""

    key: str
    units: int
    case_ref: str = ""
    settlement: str = ""


@dataclass(frozen=True)
class Answer:
    """What became of a line, or would: its entry's number once it is posted, or why it is refused."""

    line: Line
    seq: int | None
    replayed: bool
    refusal: str = ""
    left: int | None = None

    @property
    def reason(self) -> str:
        """The refusal in words; empty when there is none."""
        if not self.refusal:
            return ""
        left = f" {self.line.units:,} asked for, {self.left:,} left for the file." if self.left is not None else ""
        return REFUSALS[self.refusal] + left


def post_batch(
    kind: EntryKind,
    asset: Asset,
    lines: Sequence[Line],
    *,
    venue_id: int,
    maker_id: int,
    at: datetime,
    trial: bool = False,
) -> list[Answer]:
    """Post every line of a file, or none: then at least one answer is a refusal. With `trial` nothing is posted.

    Raises PostingRefused for what stands in the way of the file as a whole, such as a lost standing.
    """
    columns = zip(*((each.key, each.units, each.case_ref) for each in lines), strict=True)
    parameters = [str(kind), asset.pk, venue_id, maker_id, at, *map(list, columns), not trial]
    query = BATCH
    if kind == EntryKind.DISTRIBUTE:
        query = f"SELECT *, ledger_settle(entry_id, (%s::text[])[line], replayed) FROM ({BATCH}) posted"
        parameters = [[each.settlement for each in lines], *parameters]
    rows = _call(query, parameters, subject=asset, name=str(kind))
    return [
        Answer(lines[line - 1], seq, replayed, refusal or "", left) for line, refusal, left, seq, replayed, *_ in rows
    ]


def _call(query: str, parameters: list[Any], *, subject: models.Model, name: str) -> list[Any]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _execute(query, parameters)
        except DatabaseError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state == REFUSED:
                raise _refusal(subject, name, error) from error
            if state not in RETRIED or attempt == ATTEMPTS or (connection.in_atomic_block and state != "23505"):
                raise
    raise AssertionError("unreachable")


def _execute(query: str, parameters: Sequence[Any]) -> list[Any]:
    # Alone, the call is its own transaction; within another it gets a savepoint, so that a refusal spoils nothing.
    with transaction.atomic() if connection.in_atomic_block else nullcontext():
        connection.ensure_connection()
        # psycopg's own cursor, because Django's writes the values into the text: this one is prepared by the server, so
        # that neither it nor the client reads a posting's statement anew.
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            return cursor.execute(query, parameters, prepare=True).fetchall()


def _refusal(subject: models.Model, name: str, error: DatabaseError) -> PostingRefused:
    said = error.__cause__.diag  # type: ignore[union-attr]  # psycopg's error, as its sqlstate shows
    return PostingRefused(subject, name, said.message_primary, json.loads(said.message_detail or "{}"))


@contextmanager
def refusals_explained(subject: models.Model, name: str) -> Iterator[None]:
    """Turn a refusal by one of the ledger's triggers into PostingRefused; to be used around an atomic block."""
    try:
        yield
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) != REFUSED:
            raise
        raise _refusal(subject, name, error) from error


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def outstanding(asset: Asset) -> int:
    """Units in being: what the contra account owes."""
    return -(asset.accounts.get(kind=AccountKind.SUPPLY).units)


def balances(authorisation: DistributionAuthorisation) -> list[Account]:
    """What a venue has of the asset, account by account."""
    rows = Account.objects.filter(asset_id=authorisation.asset_id, venue_id=authorisation.venue_id)
    return list(rows.order_by("pk"))


def holdings(asset: Asset) -> "models.QuerySet[Account]":
    """Where the units are: every account of an asset but the contra one, treasury first."""
    return (
        Account.objects.filter(asset=asset)
        .exclude(kind=AccountKind.SUPPLY)
        .select_related("asset", "venue__licence", "venue__firm")
        .order_by(models.F("venue_id").asc(nulls_first=True), "pk")
    )
