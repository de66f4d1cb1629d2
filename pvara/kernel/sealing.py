"""The seal on the audit log: one Merkle tree over all entries, its heads signed and kept outside the database too.

A chain per subject shows a changed entry, not a missing tail or a missing subject; the tree shows these. Here are the
sealing key, the signed text of a head, its file, and `seal()`, which grows the tree. Checking is `verification.py`'s.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction

from pvara.kernel.merkle import Frontier, leaf_hash
from pvara.kernel.models import SealedHead

# Any number, as long as nothing else in the house locks with the same one.
SEALER_LOCK = 9162
KEY = "seal-key.pem"
# The public half of every key that ever signed; they outlive a change of the key.
PUBLIC_KEYS = "seal-public*.pem"


class SealRefused(Exception):
    """Nothing was sealed: the key is missing, or the database and the files tell different histories."""


# ── The key ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _create(path: Path, content: bytes, mode: int) -> None:
    """Write a file at once and whole, and only when there is none of that name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link, unlike a rename, never replaces what is there.
        os.link(draft, path)
    finally:
        draft.unlink()


def sealing_key() -> Ed25519PrivateKey:
    """The key that signs heads: made on first use, except in production, where somebody must have put it there."""
    path = settings.SIGNING_FOLDER / KEY
    if not path.exists() and not settings.PRODUCTION:
        made = Ed25519PrivateKey.generate()
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # When another process makes one at the same moment, the first to be there is the key.
        with suppress(FileExistsError):
            _create(path, pem, 0o600)
            _publish(made.public_key())
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SealRefused(f"Put the sealing key at {path}: without it the audit log is not sealed.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SealRefused(f"The sealing key at {path} is not an Ed25519 key.")
    return key


def key_id(key: Ed25519PublicKey) -> str:
    return sha256(key.public_bytes_raw()).hexdigest()[:16]


def _publish(key: Ed25519PublicKey) -> None:
    """Keep the public half beside the key, for whoever checks the seals and must not be able to make them."""
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with suppress(FileExistsError):
        _create(settings.SIGNING_FOLDER / PUBLIC_KEYS.replace("*", f"-{key_id(key)}"), pem, 0o444)


# ── A head, its signed text and its file ─────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Head:
    """What is signed: the tree's root at a size, when it was taken, and the size before it."""

    tree_size: int
    previous_size: int
    root: bytes
    sealed_at: datetime

    @property
    def signed_text(self) -> bytes:
        # The first line keeps a signature of this key from being read as one over anything else.
        when = self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
        lines = ["pvara audit head 1", self.tree_size, self.previous_size, self.root.hex(), when]
        return "".join(f"{line}\n" for line in lines).encode()


def head_file(tree_size: int) -> Path:
    return Path(settings.SEAL_FOLDER) / f"head-{tree_size:012}.json"


def _keep_outside(head: SealedHead) -> None:
    """Write the head's file; one that is there already is left as it is and must say the same."""
    path = head_file(head.tree_size)
    content = {
        "format": 1,
        "tree_size": head.tree_size,
        "previous_size": head.previous_size,
        "root": head.root.hex(),
        "sealed_at": head.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "key_id": head.key_id,
        "signature": head.signature.hex(),
    }
    text = (json.dumps(content, indent=2) + "\n").encode()
    try:
        _create(path, text, 0o444)
    except FileExistsError:
        if path.read_bytes() != text:
            raise SealRefused(
                f"{path.name} was sealed with another history than the database's: run verify_audit."
            ) from None


def _refuse_if_behind(last: SealedHead | None) -> None:
    """Growing another tree beside one that is already sealed would put two signed histories into the world."""
    size = last.tree_size if last else 0
    newest = max((path.name for path in Path(settings.SEAL_FOLDER).glob("head-*.json")), default="")
    if newest > head_file(size).name:
        raise SealRefused(
            f"{newest} is ahead of the database, which is sealed up to {size} entries: this looks like an older copy "
            "of the database. Run verify_audit, and bring back the newer one."
        )


# ── Sealing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
# Whatever is committed and has no leaf yet gets one. A transaction that is still running can only add entries with
# its own number or a later one, so what lies below the oldest that ran at the last sealing need not be read again.
_ADD_LEAVES = """
INSERT INTO kernel_sealedleaf (index, entry_id, hash)
SELECT %(size)s + row_number() OVER (ORDER BY xact_id, id) - 1, id, hash
FROM kernel_auditentry AS entry
WHERE xact_id >= %(from)s AND NOT EXISTS (SELECT FROM kernel_sealedleaf WHERE entry_id = entry.id)
"""


def seal(*, at: datetime) -> SealedHead | None:
    """Add every entry that has no leaf yet to the tree, and sign its new head. None when there was nothing to add.

    One sealer works at a time: a second one does nothing and returns None. Raises SealRefused.
    """
    key = sealing_key()
    # What is signed must be committed before anybody outside can see it, so nothing may hold this transaction open.
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        # Statistics lag behind a table that has just grown: the planner would read all leaves once for each entry.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return None
        last = SealedHead.objects.last()
        _refuse_if_behind(last)
        if last is not None:
            # The process that sealed it may have died between its commit and its file.
            _keep_outside(last)
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, system_identifier::text"
            " FROM pg_control_system()"
        )
        below, server = cursor.fetchone()
        size = last.tree_size if last else 0
        start = last.sealed_below if last and last.server == server else 0
        cursor.execute(_ADD_LEAVES, {"size": size, "from": start, "below": below})
        if not cursor.rowcount:
            return None
        frontier = Frontier.from_bytes(size, bytes(last.frontier) if last else b"")
        with connection.chunked_cursor() as leaves:
            leaves.execute("SELECT hash FROM kernel_sealedleaf WHERE index >= %s ORDER BY index", [size])
            while rows := leaves.fetchmany(5000):
                for (entry_hash,) in rows:
                    frontier.append(leaf_hash(entry_hash))
        head = Head(frontier.size, size, frontier.root(), at)
        sealed = SealedHead.objects.create(
            tree_size=head.tree_size,
            previous_size=head.previous_size,
            root=head.root,
            frontier=bytes(frontier),
            sealed_at=head.sealed_at,
            key_id=key_id(key.public_key()),
            signature=key.sign(head.signed_text),
            sealed_below=below,
            server=server,
        )
    _keep_outside(sealed)
    return sealed
