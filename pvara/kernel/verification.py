"""Whether the audit log is what was written: every entry, every chain, every sealed leaf, every signed head and file.

Written apart from the database's own code on purpose: a mistake in one does not hide in the other. It only reads. The
tree is grown again from the first leaf, so each head is checked against everything before it, and with that against
every other head.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.conf import settings
from django.db import connection, transaction

from pvara.kernel.merkle import Frontier, leaf_hash

ROWS_AT_A_TIME = 5000
# How PostgreSQL's json_build_array() writes text: nothing escaped that JSON does not ask for.
canonical = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Break:
    """One place where the record is not what it was: where, and what is wrong there."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Findings:
    """What was read, and every break, in the order in which they were met."""

    entries: int = 0
    subjects: int = 0
    leaves: int = 0
    heads: int = 0
    files: int = 0
    unsealed: int = 0
    breaks: list[Break] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        self.breaks.append(Break(where, what))


def verify() -> Iterator[Break]:
    """Every break in the audit log; nothing when it is whole."""
    return iter(examine().breaks)


def examine() -> Findings:
    """Read the whole log and say what was found. The order matters: what is read later has only more in it."""
    findings = Findings()
    with transaction.atomic(), connection.cursor() as cursor:
        # The whole log may take longer to read than a page may take to answer.
        cursor.execute("SET LOCAL statement_timeout = 0")
        _check_chains(findings)
        keys = _public_keys()
        seals = _read_files(findings, keys)
        seals += _read_heads(findings, keys)
        _check_tree(findings, seals)
        cursor.execute(
            "SELECT count(*) FROM kernel_auditentry AS entry"
            " WHERE NOT EXISTS (SELECT FROM kernel_sealedleaf WHERE entry_id = entry.id)"
        )
        findings.unsealed = cursor.fetchone()[0]
    return findings


def _rows(sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(ROWS_AT_A_TIME):
            yield from rows


# ── Entries and their chains ─────────────────────────────────────────────────────────────────────────────────────────
_UTC = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
_ENTRIES = f"""
SELECT entry.hash, prev_hash, leaf.hash,
       layout, subject_type, subject_id, seq, event, actor_id, actor_name, {_UTC.format("at")},
       {_UTC.format("recorded_at")}, from_state, to_state, note, data::text, xact_id
FROM kernel_auditentry AS entry LEFT JOIN kernel_sealedleaf AS leaf ON leaf.entry_id = entry.id
ORDER BY subject_type, subject_id, seq
"""


def _check_chains(findings: Findings) -> None:
    """Every entry has the hash of its content and of the entry before it, and no number is left out."""
    stream: tuple[str, int] | None = None
    last_seq, last_hash = 0, b""
    for entry_hash, prev_hash, sealed_hash, *content in _rows(_ENTRIES):
        layout, subject_type, subject_id, seq, event = content[:5]
        if (subject_type, subject_id) != stream:
            stream, last_seq, last_hash = (subject_type, subject_id), 0, b""
            findings.subjects += 1
        findings.entries += 1
        where = f"{subject_type} {subject_id}, entry {seq} ({event})"
        if seq != last_seq + 1:
            missing = f"entry {last_seq + 1}" if seq == last_seq + 2 else f"entries {last_seq + 1} to {seq - 1}"
            findings.add(f"{subject_type} {subject_id}, {missing}", "missing.")
        elif prev_hash != last_hash:
            findings.add(where, "it does not continue the entry before it.")
        if layout != 1:
            findings.add(where, f"its layout {layout} is unknown.")
        elif sha256(canonical([*content, prev_hash.hex()]).encode()).digest() != entry_hash:
            findings.add(where, "its content does not match its hash.")
        if sealed_hash is not None and sealed_hash != entry_hash:
            findings.add(where, "it is not the entry that was sealed.")
        last_seq, last_hash = seq, entry_hash


# ── Heads and files ──────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Seal:
    """A claim about the tree at one size, by a row of the database or by a file."""

    where: str
    tree_size: int
    previous_size: int
    root: bytes
    is_file: bool


def _public_keys() -> dict[str, Ed25519PublicKey]:
    """The keys whose signatures count, by their id: all the public halves, and that of the present key."""
    folder = Path(settings.SIGNING_FOLDER)
    keys = [load_pem_public_key(path.read_bytes()) for path in sorted(folder.glob("seal-public*.pem"))]
    private = folder / "seal-key.pem"
    if private.exists():
        keys.append(load_pem_private_key(private.read_bytes(), password=None).public_key())
    return {sha256(key.public_bytes_raw()).hexdigest()[:16]: key for key in keys if isinstance(key, Ed25519PublicKey)}


def _is_signed(
    keys: dict[str, Ed25519PublicKey], key_id: str, signature: bytes, *, size: int, previous: int, root: bytes, at: str
) -> bool:
    text = f"pvara audit head 1\n{size}\n{previous}\n{root.hex()}\n{at}\n"
    try:
        keys[key_id].verify(signature, text.encode())
    except (KeyError, InvalidSignature):
        return False
    return True


def _read_files(findings: Findings, keys: dict[str, Ed25519PublicKey]) -> list[Seal]:
    seals = []
    for path in sorted(Path(settings.SEAL_FOLDER).glob("head-*.json")):
        findings.files += 1
        try:
            said = json.loads(path.read_bytes())
            seal = Seal(
                path.name, int(said["tree_size"]), int(said["previous_size"]), bytes.fromhex(said["root"]), True
            )
            signature = bytes.fromhex(said["signature"])
            key_id, at = str(said["key_id"]), said["sealed_at"]
        except (ValueError, KeyError, TypeError):
            findings.add(path.name, "it cannot be read as a head.")
            continue
        signed = {"size": seal.tree_size, "previous": seal.previous_size, "root": seal.root, "at": at}
        if _is_signed(keys, key_id, signature, **signed) and path.name == f"head-{seal.tree_size:012}.json":
            seals.append(seal)
        else:
            findings.add(path.name, "its signature is not one of our keys' over what it says.")
    return seals


def _read_heads(findings: Findings, keys: dict[str, Ed25519PublicKey]) -> list[Seal]:
    seals: list[Seal] = []
    at = "to_char(sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"
    columns = f"tree_size, previous_size, root, {at}, key_id, signature"
    for size, previous, root, when, key_id, signature in _rows(
        f"SELECT {columns} FROM kernel_sealedhead ORDER BY tree_size"
    ):
        findings.heads += 1
        where = f"the head at {size}"
        if not _is_signed(keys, key_id, signature, size=size, previous=previous, root=root, at=when):
            findings.add(where, "its signature is not one of our keys' over what it says.")
        before = seals[-1].tree_size if seals else 0
        if previous != before:
            findings.add(where, f"it follows a head at {previous}, and the one before it is at {before}.")
        seals.append(Seal(where, size, previous, root, False))
    return seals


# ── The tree ─────────────────────────────────────────────────────────────────────────────────────────────────────────
_LEAVES = """
SELECT leaf.index, leaf.hash, leaf.entry_id, entry.id IS NULL
FROM kernel_sealedleaf AS leaf LEFT JOIN kernel_auditentry AS entry ON entry.id = leaf.entry_id
WHERE leaf.index < %s ORDER BY leaf.index
"""
# In one statement, so that a seal made meanwhile is seen with its leaves or not at all.
_LEAVES_WITHOUT_A_HEAD = """
SELECT count(*) FROM kernel_sealedleaf
WHERE index >= (SELECT coalesce(max(tree_size), 0) FROM kernel_sealedhead)
"""


def _check_tree(findings: Findings, seals: list[Seal]) -> None:
    """The leaves give every root that was ever signed, and each is an entry that is still there."""
    heads = {seal.tree_size for seal in seals if not seal.is_file}
    files = {seal.tree_size for seal in seals if seal.is_file}
    newest = max(heads, default=0)
    # The newest head's file is written a moment after the head, and by the next sealing at the latest.
    for size in sorted(heads - files - {newest}):
        findings.add(f"the head at {size}", "its file is missing.")
    expected: dict[int, list[Seal]] = {}
    for seal in seals:
        if seal.tree_size > newest:
            findings.add(
                seal.where,
                f"it seals {seal.tree_size} entries, the database only {newest}: entries were cut off, or this is an "
                "older copy of the database.",
            )
        elif seal.tree_size not in heads:
            findings.add(seal.where, f"the database has lost its head at {seal.tree_size}.")
            expected.setdefault(seal.tree_size, []).append(seal)
        else:
            expected.setdefault(seal.tree_size, []).append(seal)

    frontier = Frontier()
    for index, sealed_hash, entry_id, entry_is_gone in _rows(_LEAVES, newest):
        if index != frontier.size:
            # Every root from here on would be wrong, and would say nothing new.
            findings.add(f"sealed leaf {frontier.size}", "missing.")
            return
        if entry_is_gone:
            findings.add(f"sealed leaf {index}", f"its entry, number {entry_id} of the log, is missing.")
        frontier.append(leaf_hash(sealed_hash))
        findings.leaves += 1
        for seal in expected.pop(frontier.size, ()):
            if seal.root != frontier.root():
                findings.add(
                    seal.where, f"sealed entries among the first {seal.tree_size} are no longer what they were."
                )
    if frontier.size < newest:
        findings.add(f"sealed leaf {frontier.size}", "missing.")
    with connection.cursor() as cursor:
        cursor.execute(_LEAVES_WITHOUT_A_HEAD)
        if loose := cursor.fetchone()[0]:
            findings.add(f"the leaves after {newest}", f"{loose} belong to no head.")
