"""Seals: a signed tree that grows, by one sealer at a time."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from pvara.kernel import audit, sealing, verification
from pvara.kernel.merkle import leaf_hash
from pvara.kernel.models import AuditEntry, SealedHead, SealedLeaf
from tests.kernel.audit import breaks, tamper, write


def test_a_seal_signs_the_tree_and_leaves_a_file(log, omar, at, settings):
    head = SealedHead.objects.get()
    hashes = AuditEntry.objects.order_by("xact_id", "id").values_list("hash", flat=True)
    assert (head.tree_size, head.previous_size, head.sealed_at) == (8, 0, at)
    assert head.root == sealing.Frontier.from_bytes(8, head.frontier).root()
    tree = sealing.Frontier()
    for each in hashes:
        tree.append(leaf_hash(each))
    assert head.root == tree.root()
    file = settings.SEAL_FOLDER / "head-000000000008.json"
    said = json.loads(file.read_text())
    assert (said["tree_size"], said["root"], said["key_id"]) == (8, head.root.hex(), head.key_id)
    assert file.stat().st_mode & 0o222 == 0
    assert (settings.SIGNING_FOLDER / "seal-key.pem").stat().st_mode & 0o777 == 0o600


def test_the_tree_grows_over_many_seals(log, omar, at, settings):
    for turn in range(1, 6):
        write(omar, turn, at=at)
        assert audit.seal(at=at + timedelta(minutes=turn)).tree_size == 8 + turn * (turn + 1) // 2
    assert audit.seal(at=at) is None
    found = verification.examine()
    assert (found.entries, found.subjects, found.leaves, found.heads, found.files) == (23, 2, 23, 6, 6)
    assert (found.unsealed, found.breaks) == (0, [])
    assert sorted(path.name for path in settings.SEAL_FOLDER.iterdir())[-1] == "head-000000000023.json"


def test_nothing_to_seal_leaves_nothing(transactional_db, at, settings):
    assert audit.seal(at=at) is None
    assert not settings.SEAL_FOLDER.exists()


def test_an_entry_committed_after_a_later_one_was_sealed_is_not_left_out(log, omar, dania, at):
    slow = connection.copy()
    try:
        slow.ensure_connection()
        slow.set_autocommit(False)
        slow.cursor().execute(
            "INSERT INTO kernel_auditentry (subject_type, subject_id, event, actor_name, at, from_state, to_state,"
            " note, data) VALUES ('kernel.user', %s, 'slow', '', %s, '', '', '', '{}')",
            [omar.pk, at],
        )
        write(dania, 1, at=at)
        assert audit.seal(at=at).tree_size == 9
        slow.commit()
        assert verification.examine().unsealed == 1
        assert audit.seal(at=at).tree_size == 10
    finally:
        slow.close()
    assert SealedLeaf.objects.last().entry.event == "slow"
    assert breaks() == []


def test_a_log_restored_on_another_server_goes_on_being_sealed(log, omar, at):
    # There the transaction numbers were far beyond those that this server gives to new entries.
    tamper("UPDATE kernel_sealedhead SET server = 'another', sealed_below = 4000000000000000000")
    write(omar, 2, at=at)
    assert audit.seal(at=at).tree_size == 10
    write(omar, 1, at=at)
    assert audit.seal(at=at).tree_size == 11
    assert breaks() == []


def test_one_sealer_works_at_a_time(log, omar, at):
    write(omar, 1, at=at)
    other = connection.copy()
    try:
        other.cursor().execute("SELECT pg_advisory_lock(%s)", [sealing.SEALER_LOCK])
        assert audit.seal(at=at) is None
        # Closing the connection would release it too, but only when the server comes to notice.
        other.cursor().execute("SELECT pg_advisory_unlock(%s)", [sealing.SEALER_LOCK])
        assert audit.seal(at=at).tree_size == 9
    finally:
        other.close()


def test_in_production_no_key_means_no_seal(transactional_db, omar, at, settings):
    settings.PRODUCTION = True
    write(omar, 1, at=at)
    with pytest.raises(sealing.SealRefused, match="Put the sealing key at"):
        audit.seal(at=at)
    assert SealedHead.objects.count() == 0


def test_a_file_that_was_not_written_is_written_by_the_next_seal(log, at, settings):
    file = settings.SEAL_FOLDER / "head-000000000008.json"
    text = file.read_text()
    file.unlink()
    assert breaks() == []
    assert audit.seal(at=at) is None
    assert file.read_text() == text


def test_the_sealer_does_not_sign_beside_another_history(log, omar, at):
    tamper("DELETE FROM kernel_sealedhead", "DELETE FROM kernel_sealedleaf")
    with pytest.raises(sealing.SealRefused, match="an older copy of the database"):
        audit.seal(at=at)
