"""Entries: whole, chained, and never changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from threading import Barrier

import pytest
from django.db import IntegrityError, NotSupportedError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pvara.kernel import audit
from pvara.kernel.models import AuditEntry, User
from tests.kernel.audit import breaks


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
