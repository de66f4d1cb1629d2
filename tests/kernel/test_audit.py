"""The audit log: what an entry holds, how it is sealed, and that every way of tampering with it shows."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from io import StringIO
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, NotSupportedError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pvara.kernel import audit, sealing, verification
from pvara.kernel.merkle import leaf_hash
from pvara.kernel.models import AuditEntry, SealedHead, SealedLeaf, User


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.SIGNING_FOLDER = tmp_path / "signing"
    settings.SEAL_FOLDER = tmp_path / "seals"


@pytest.fixture
def omar(db):
    """Without his role here: being given one is an entry of his own."""
    return User.objects.create_user("omar@example.org", name="Omar")


@pytest.fixture
def dania(db):
    return User.objects.create_user("dania@example.org", name="Dania")


@pytest.fixture
def log(transactional_db, omar, dania, at):
    """Two subjects, omar with five entries and dania with three, all sealed in one head."""
    write(omar, 5, at=at)
    write(dania, 3, at=at)
    audit.seal(at=at)


def write(subject, count, *, at, by=None):
    for number in range(count):
        audit.record(subject, event=f"event_{number}", by=by, at=at, note="گواہ", data={"number": number})


def breaks() -> list[str]:
    return [str(each) for each in audit.verify()]


def tamper(*statements: str) -> None:
    """What a superuser of the database can do: switch all triggers off and write anything."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


def rechain(subject) -> None:
    """The careful forger: gives every entry of a subject the hashes that fit what it now says."""
    last = b""
    for entry in audit.history(subject):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT layout, subject_type, subject_id, seq, event, actor_id, actor_name,"
                " to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
                " to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
                " from_state, to_state, note, data::text, xact_id FROM kernel_auditentry WHERE id = %s",
                [entry.pk],
            )
            text = json.dumps([*cursor.fetchone(), last.hex()], ensure_ascii=False)
            hashed = verification.sha256(text.encode()).digest()
        tamper(
            f"UPDATE kernel_auditentry SET prev_hash = '\\x{last.hex()}', hash = '\\x{hashed.hex()}'"
            f" WHERE id = {entry.pk}"
        )
        last = hashed


def entry_of(subject, seq) -> AuditEntry:
    return audit.history(subject).get(seq=seq)


# ── Entries ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_entry_reads_back_whole_from_one_statement(omar, dania, at, django_assert_num_queries):
    with django_assert_num_queries(1):
        entry = audit.record(
            omar,
            event="grant_noc",
            by=dania,
            at=at,
            from_state="recommended",
            to_state="granted",
            note="As discussed.",
            data={"score": "81.50"},
        )
    stored = AuditEntry.objects.get()
    for name in ["seq", "recorded_at", "xact_id", "layout", "prev_hash", "hash"]:
        assert getattr(entry, name) == getattr(stored, name)
    assert (stored.subject_type, stored.subject_id, stored.seq) == ("kernel.user", omar.pk, 1)
    assert (stored.event, stored.from_state, stored.to_state) == ("grant_noc", "recommended", "granted")
    assert (stored.actor, stored.actor_name, stored.at) == (dania, "Dania", at)
    assert (stored.note, stored.data, stored.prev_hash) == ("As discussed.", {"score": "81.50"}, b"")
    assert str(stored) == f"kernel.user {omar.pk}, entry 1 (grant_noc)"


def test_entries_of_a_subject_are_chained_and_those_of_another_are_not(omar, dania, at):
    first = audit.record(omar, event="one", by=None, at=at)
    other = audit.record(dania, event="one", by=None, at=at)
    second = audit.record(omar, event="two", by=None, at=at)
    assert [first.seq, other.seq, second.seq] == [1, 1, 2]
    assert [first.prev_hash, other.prev_hash, second.prev_hash] == [b"", b"", first.hash]
    assert list(audit.history(omar)) == [first, second]


def test_what_the_database_fills_cannot_be_chosen(omar, at):
    entry = AuditEntry.objects.create(
        subject_type="kernel.user", subject_id=omar.pk, event="x", at=at, seq=9, layout=7, hash=b"h", xact_id=1
    )
    stored = AuditEntry.objects.get(pk=entry.pk)
    assert (stored.seq, stored.layout, len(stored.hash)) == (1, 1, 32)
    assert stored.xact_id != 1


def test_many_entries_in_one_statement_are_chained_too(omar, at):
    AuditEntry.objects.bulk_create(
        [AuditEntry(subject_type="kernel.user", subject_id=omar.pk, event=name, at=at) for name in "abc"]
    )
    assert list(audit.history(omar).values_list("seq", "event")) == [(1, "a"), (2, "b"), (3, "c")]
    assert breaks() == []


def test_the_name_of_the_day_stays_when_the_person_changes_it(omar, dania, at):
    audit.record(omar, event="x", by=dania, at=at)
    User.objects.filter(pk=dania.pk).update(name="Dania Khan")
    assert audit.history(omar).get().actor_name == "Dania"


def test_who_has_acted_is_not_deleted(omar, dania, at):
    audit.record(omar, event="x", by=dania, at=at)
    with pytest.raises(IntegrityError, match="protected foreign keys"):
        dania.delete()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kernel_auditentry SET note = 'another'",
        "DELETE FROM kernel_auditentry",
        "TRUNCATE kernel_auditentry CASCADE",
        "DELETE FROM kernel_sealedleaf",
        "UPDATE kernel_sealedhead SET root = ''",
        "TRUNCATE kernel_sealedhead",
    ],
)
def test_the_record_only_grows(log, statement):
    with pytest.raises(IntegrityError, match="its rows are added and never changed or removed"):
        connection.cursor().execute(statement)
    assert breaks() == []


def test_a_frozen_snapshot_may_not_write(transactional_db, omar, at):
    with transaction.atomic():
        connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(NotSupportedError, match="READ COMMITTED"), transaction.atomic():
            audit.record(omar, event="x", by=None, at=at)


def test_writers_on_one_subject_wait_for_each_other(transactional_db, omar, dania, at):
    writers, each = 6, 15
    together = Barrier(writers)

    def work(number: int) -> None:
        together.wait()
        try:
            for turn in range(each):
                with transaction.atomic():
                    audit.record(omar, event=f"writer_{number}", by=dania, at=at)
                    if turn % 5 == 4:
                        # A number taken by a transaction that is undone is given to the next one.
                        transaction.set_rollback(True)
        finally:
            connection.close()

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(work, range(writers)))
    kept = writers * each * 4 // 5
    assert list(audit.history(omar).values_list("seq", flat=True)) == list(range(1, kept + 1))
    assert breaks() == []


@given(
    note=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    data=st.dictionaries(
        st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    ),
    when=st.datetimes(timezones=st.just(UTC)),
)
@hypothesis_settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_content_is_read_as_it_was_written(omar, note, data, when):
    audit.record(omar, event="x", by=omar, at=when, note=note, data=data)
    assert breaks() == []


# ── Sealing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
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


# ── Tampering ────────────────────────────────────────────────────────────────────────────────────────────────────────
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


# ── Commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def run(command: str) -> str:
    out = StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


def test_the_commands_seal_and_verify(transactional_db, omar, at):
    write(omar, 2, at=at)
    assert run("seal_audit") == "Sealed 2 entries; 2 in all.\n"
    assert run("seal_audit") == "Nothing to seal, or another sealer is at work.\n"
    write(omar, 1, at=at)
    assert run("verify_audit") == (
        "3 entries of 1 subjects; 2 sealed under 1 heads and 1 files; 1 not yet sealed.\nThe audit log is whole.\n"
    )


def test_the_command_names_the_first_broken_link(log, omar):
    tamper(f"UPDATE kernel_auditentry SET note = 'x' WHERE subject_id = {omar.pk} AND seq = 5")
    named = f"kernel.user {omar.pk}, entry 5 (event_4): its content does not match its hash."
    with pytest.raises(CommandError) as refused:
        run("verify_audit")
    assert str(refused.value) == f"The audit log is broken in 1 places; the first is {named}"


def test_the_command_refuses_to_seal_without_a_key(transactional_db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="Put the sealing key at"):
        run("seal_audit")
