"""Every kind of tampering shows."""

import pytest

from pvara.kernel import audit
from pvara.kernel.models import SealedLeaf
from tests.kernel.audit import breaks, entry_of, rechain, tamper, write


@pytest.mark.parametrize(
    "change",
    [
        "note = 'b' || note",
        "at = at + interval '1 microsecond'",
        "recorded_at = recorded_at - interval '1 microsecond'",
        "actor_name = 'x'",
        "actor_id = 1",
        "data = '{\"number\": 4}'",
        "to_state = 'granted'",
        "xact_id = xact_id + 1",
        "layout = 2",
        "at = 'infinity'",
        "hash = sha256(hash)",
    ],
)
def test_one_changed_byte_shows(log, omar, change):
    tamper(f"UPDATE kernel_auditentry SET {change} WHERE subject_id = {omar.pk} AND seq = 3")
    found = breaks()
    expected = "its layout 2 is unknown." if change == "layout = 2" else "its content does not match its hash."
    assert found[0] == f"kernel.user {omar.pk}, entry 3 (event_2): {expected}"


def test_a_removed_entry_shows(log, omar):
    gone = entry_of(omar, 3)
    tamper(f"DELETE FROM kernel_auditentry WHERE id = {gone.pk}")
    leaf = SealedLeaf.objects.get(entry_id=gone.pk)
    assert breaks() == [
        f"kernel.user {omar.pk}, entry 3: missing.",
        f"sealed leaf {leaf.index}: its entry, number {gone.pk} of the log, is missing.",
    ]


def test_a_cut_tail_shows(log, omar):
    tamper(f"DELETE FROM kernel_auditentry WHERE subject_id = {omar.pk} AND seq > 3")
    assert [each.split(":")[0] for each in breaks()] == ["sealed leaf 3", "sealed leaf 4"]


def test_a_cut_tail_shows_when_its_leaves_are_cut_too(log, omar, dania):
    tamper(
        f"DELETE FROM kernel_auditentry WHERE subject_id = {dania.pk} AND seq > 1",
        "DELETE FROM kernel_sealedleaf WHERE index > 5",
    )
    assert breaks() == ["sealed leaf 6: missing."]


def test_a_removed_subject_shows(log, omar):
    tamper(f"DELETE FROM kernel_auditentry WHERE subject_id = {omar.pk}")
    assert [each.split(":")[0] for each in breaks()] == [f"sealed leaf {index}" for index in range(5)]


def test_a_rewritten_tail_with_new_hashes_shows(log, omar):
    tamper(f"UPDATE kernel_auditentry SET note = 'rewritten' WHERE subject_id = {omar.pk} AND seq = 4")
    rechain(omar)
    assert breaks() == [
        f"kernel.user {omar.pk}, entry 4 (event_3): it is not the entry that was sealed.",
        f"kernel.user {omar.pk}, entry 5 (event_4): it is not the entry that was sealed.",
    ]


def test_a_rewritten_tail_with_new_hashes_and_leaves_shows(log, omar):
    tamper(f"UPDATE kernel_auditentry SET note = 'rewritten' WHERE subject_id = {omar.pk} AND seq = 4")
    rechain(omar)
    tamper("UPDATE kernel_sealedleaf SET hash = entry.hash FROM kernel_auditentry AS entry WHERE entry.id = entry_id")
    said = "sealed entries among the first 8 are no longer what they were."
    assert breaks() == [f"head-000000000008.json: {said}", f"the head at 8: {said}"]


def test_a_changed_head_shows(log):
    tamper("UPDATE kernel_sealedhead SET root = sha256(root)")
    assert breaks() == [
        "the head at 8: its signature is not one of our keys' over what it says.",
        "the head at 8: sealed entries among the first 8 are no longer what they were.",
    ]


def test_a_head_signed_with_another_key_shows(log, omar, at, settings):
    tamper("DELETE FROM kernel_sealedhead", "DELETE FROM kernel_sealedleaf")
    own, forged = settings.SIGNING_FOLDER, settings.SIGNING_FOLDER.with_name("forged")
    own_seals = settings.SEAL_FOLDER
    settings.SIGNING_FOLDER, settings.SEAL_FOLDER = forged, forged
    tamper(f"UPDATE kernel_auditentry SET note = 'rewritten' WHERE subject_id = {omar.pk} AND seq = 5")
    rechain(omar)
    audit.seal(at=at)
    settings.SIGNING_FOLDER, settings.SEAL_FOLDER = own, own_seals
    assert breaks() == [
        "the head at 8: its signature is not one of our keys' over what it says.",
        "head-000000000008.json: sealed entries among the first 8 are no longer what they were.",
    ]


def test_an_old_backup_shows(log, omar, at):
    tables = ["auditentry", "sealedleaf", "sealedhead"]
    tamper(*(f"CREATE TABLE old_{table} AS TABLE kernel_{table}" for table in tables))
    try:
        write(omar, 2, at=at)
        audit.seal(at=at)
        tamper(
            *(f"DELETE FROM kernel_{table}" for table in tables),
            *(f"INSERT INTO kernel_{table} SELECT * FROM old_{table}" for table in tables),
        )
    finally:
        tamper(*(f"DROP TABLE old_{table}" for table in tables))
    assert breaks() == [
        "head-000000000010.json: it seals 10 entries, the database only 8: entries were cut off, or this is an older "
        "copy of the database."
    ]


def test_a_lost_head_or_file_shows(log, omar, at, settings):
    write(omar, 2, at=at)
    audit.seal(at=at)
    (settings.SEAL_FOLDER / "head-000000000008.json").unlink()
    assert breaks() == ["the head at 8: its file is missing."]
    tamper("DELETE FROM kernel_sealedhead WHERE tree_size = 8")
    assert breaks() == ["the head at 10: it follows a head at 8, and the one before it is at 0."]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "it cannot be read as a head."),
        ("[]", "it cannot be read as a head."),
        ("changed", "its signature is not one of our keys' over what it says."),
    ],
)
def test_a_changed_file_shows(log, settings, text, what):
    file = settings.SEAL_FOLDER / "head-000000000008.json"
    if text == "changed":
        text = file.read_text().replace('"previous_size": 0', '"previous_size": 1')
    file.chmod(0o644)
    file.write_text(text)
    assert breaks() == [f"{file.name}: {what}"]


def test_leaves_of_no_head_show(log, omar, at):
    entry = audit.record(omar, event="x", by=None, at=at)
    SealedLeaf.objects.create(index=8, entry=entry, hash=entry.hash)
    assert breaks() == ["the leaves after 8: 1 belong to no head."]
