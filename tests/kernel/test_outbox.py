"""Jobs: written with the change, sent after it, done once. What real workers do when they die is in tests/faults."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from threading import Barrier, Thread

import pytest
from celery import current_app
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from pvara.kernel import audit, outbox
from pvara.kernel.models import Figure, Job, User

AT = timezone.now()


def write_effect(job: Job) -> None:
    Figure.objects.create(
        key=f"effect.{job.pk}.{job.attempts}", value=1, unit="count", effective_from=AT.date(), mark="I", source="Test"
    )


@pytest.fixture
def registered() -> Iterator[Callable[[str, outbox.Handler], None]]:
    """Registers handlers of made-up kinds for the length of a test."""
    before = dict(outbox._handlers)
    yield lambda kind, function: outbox.handler(kind)(function) and None
    outbox._handlers.clear()
    outbox._handlers.update(before)


@pytest.fixture
def effects(registered) -> None:
    registered("effect", write_effect)


def written(key: str = "one", kind: str = "effect", **more) -> Job:
    with transaction.atomic():
        return outbox.enqueue(kind, key=key, payload={"n": 1}, at=AT, **more)


def make_due(job: Job) -> None:
    """Let the delay of a job pass, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_job SET run_at = clock_timestamp() WHERE id = %s", [job.pk])


def expire_lease(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_job SET lease_until = clock_timestamp() - interval '1 second', "
            "sent_at = clock_timestamp() - interval '1 hour' WHERE id = %s",
            [job.pk],
        )


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """The ids handed to the broker, which is a network: the one thing that tests may put a stand-in for."""
    ids: list[int] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **more: ids.append(args[0]))
    return ids


# ── Writing and sending ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_key_is_one_job(effects):
    first, second = written("one"), written("one")
    assert first.pk == second.pk
    assert Job.objects.get().payload == {"n": 1}


@pytest.mark.django_db
def test_a_job_remembers_its_subject_and_moment(effects):
    figure = Figure.objects.create(key="a", value=1, unit="count", effective_from=AT.date(), mark="I", source="Test")
    job = written(subject=figure)
    assert (job.subject_type, job.subject_id, job.at, job.state) == ("kernel.figure", figure.pk, AT, "queued")


@pytest.mark.django_db(transaction=True)
def test_a_job_needs_the_transaction_of_its_change():
    with pytest.raises(transaction.TransactionManagementError, match="in the transaction of the change it follows"):
        outbox.enqueue("effect", key="one", payload={}, at=AT)


@pytest.mark.django_db
def test_a_job_is_sent_after_commit_and_once(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = written("one")
        written("one")
        assert sent == []
    assert sent == [job.pk]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_leaves_no_job(sent):
    with transaction.atomic():
        outbox.enqueue("effect", key="one", payload={}, at=AT)
        transaction.set_rollback(True)
    assert (sent, Job.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_is_logged_and_fails_nothing(monkeypatch, caplog):
    def refuse(*args, **more):
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(current_app, "send_task", refuse)
    with caplog.at_level(logging.ERROR, logger="django.db.backends.base"):
        job = written("one")
    assert Job.objects.get().pk == job.pk
    assert [record.exc_info[0] for record in caplog.records] == [ConnectionRefusedError]


@pytest.mark.django_db
def test_a_job_for_later_is_not_sent_and_not_done_yet(effects, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = written(not_before=timezone.now() + timedelta(hours=1))
    assert (sent, outbox.sweep(), outbox.drain(), outbox.execute(job.pk, "a")) == ([], [], [], None)
    make_due(job)
    assert outbox.sweep() == [job.pk]


@pytest.mark.django_db
def test_the_moment_of_the_change_does_not_delay_its_job(effects):
    """The application's clock may be a day ahead; the job is due by the database's."""
    with transaction.atomic():
        outbox.enqueue("effect", key="one", payload={}, at=AT + timedelta(days=1))
    assert len(outbox.drain()) == 1


# ── Running ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_job_is_done_once(effects):
    job = written()
    done = outbox.execute(job.pk, "a")
    assert (done.state, done.attempts, done.worker, done.lease_until) == ("done", 1, "a", None)
    assert done.finished_at is not None
    assert outbox.execute(job.pk, "b") is None
    assert Figure.objects.filter(key__startswith="effect.").count() == 1


@pytest.mark.django_db
def test_a_leased_job_is_left_alone_until_its_lease_expires(effects):
    job = written()
    outbox.claim(job.pk, "a")
    assert outbox.execute(job.pk, "b") is None
    expire_lease(job)
    assert outbox.execute(job.pk, "b").worker == "b"


@pytest.mark.django_db
def test_a_worker_that_was_overtaken_leaves_no_trace(registered):
    job = written(kind="slow")

    def slow(job: Job) -> None:
        write_effect(job)
        if job.worker == "a":
            expire_lease(job)
            outbox.claim(job.pk, "b")

    registered("slow", slow)
    with pytest.raises(outbox.LeaseLost, match="attempt 1 of a was overtaken"):
        outbox.execute(job.pk, "a")
    # What “a” did was rolled back, the claim of “b” in this one transaction of the test too: “a” still has its lease.
    assert Figure.objects.filter(key__startswith="effect.").count() == 0


@pytest.mark.django_db
def test_an_error_undoes_the_effect_and_puts_the_job_off_longer_each_time(registered):
    job = written(kind="broken")

    def broken(job: Job) -> None:
        write_effect(job)
        raise RuntimeError("The printer is on fire.")

    registered("broken", broken)
    delays = []
    for _ in range(3):
        with pytest.raises(RuntimeError, match="printer"):
            outbox.execute(job.pk, "a")
        assert outbox.execute(job.pk, "a") is None, "not due yet"
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM run_at - clock_timestamp()) FROM kernel_job")
            delays.append(round(cursor.fetchone()[0]))
        make_due(job)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == ("queued", 3, "RuntimeError: The printer is on fire.")
    assert delays == [5, 10, 20]
    assert Figure.objects.count() == 0


@pytest.mark.django_db
def test_a_job_is_given_up_after_its_last_attempt(registered):
    job = written(kind="broken")
    registered("broken", lambda job: 1 // 0)
    for _ in range(outbox.ATTEMPTS):
        make_due(job)
        with pytest.raises(ZeroDivisionError):
            outbox.execute(job.pk, "a")
    make_due(job)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", outbox.ATTEMPTS)
    assert (outbox.sweep(), outbox.drain()) == ([], [])


@pytest.mark.django_db
def test_staff_give_a_job_that_was_given_up_one_more_attempt(registered):
    amina = User.objects.create_user("amina@example.org", name="Amina")
    job = written(kind="broken")
    registered("broken", lambda job: 1 // 0)
    with pytest.raises(LookupError, match="Only a job that was given up"):
        outbox.try_again(job, by=amina, at=AT)
    Job.objects.update(attempts=outbox.ATTEMPTS - 1)
    for again in (False, True):
        if again:
            outbox.try_again(job, by=amina, at=AT)
        with pytest.raises(ZeroDivisionError):
            outbox.drain()
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("failed", outbox.ATTEMPTS + again)
    assert [(entry.event, entry.actor) for entry in audit.history(job)] == [("tried_again", amina)]


@pytest.mark.django_db
def test_a_kind_that_nobody_registered_is_put_off(effects):
    job = written(kind="unheard of")
    with pytest.raises(outbox.NoHandler, match="“unheard of”"):
        outbox.execute(job.pk, "a")
    job.refresh_from_db()
    assert job.last_error == "NoHandler: No app registered what a job of kind “unheard of” does."


def test_a_kind_has_one_handler(registered):
    registered("effect", write_effect)
    registered("effect", write_effect)
    with pytest.raises(ValueError, match="Jobs of kind effect have a handler already"):
        registered("effect", lambda job: None)


@pytest.mark.django_db
def test_draining_does_what_a_job_brings_about(registered):
    def parent(job: Job) -> None:
        outbox.enqueue("child", key=f"child of {job.key}", payload={}, at=job.at)

    registered("parent", parent)
    registered("child", write_effect)
    written("one", kind="parent")
    assert [job.key for job in outbox.drain()] == ["one", "child of one"]
    assert outbox.drain() == []


@pytest.mark.django_db(transaction=True)
def test_sixteen_workers_at_once_do_a_job_once(effects, sent):
    job = written()
    together = Barrier(16)
    done = []

    def work(number: int) -> None:
        try:
            together.wait(timeout=10)
            done.append(outbox.execute(job.pk, f"worker {number}"))
        finally:
            connection.close()

    threads = [Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 16
    assert sum(each is not None for each in done) == 1
    assert Figure.objects.filter(key__startswith="effect.").count() == 1


# ── Sweeping ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_what_was_just_sent_is_not_swept(effects):
    job = written()
    assert outbox.sweep() == []
    Job.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    assert outbox.sweep() == [job.pk]
    assert outbox.sweep() == []


@pytest.mark.django_db
def test_an_expired_lease_is_swept_and_sent(effects, sent, django_capture_on_commit_callbacks):
    job = written()
    outbox.claim(job.pk, "a")
    assert outbox.sweep() == []
    expire_lease(job)
    with django_capture_on_commit_callbacks(execute=True):
        assert outbox.sweep() == [job.pk]
    assert sent == [job.pk]


@pytest.mark.django_db
def test_a_job_that_always_kills_its_worker_is_given_up(effects):
    job = written()
    Job.objects.update(attempts=outbox.ATTEMPTS - 1)
    outbox.claim(job.pk, "a")
    expire_lease(job)
    assert (outbox.claim(job.pk, "b"), outbox.sweep()) == (None, [])
    job.refresh_from_db()
    assert (job.state, job.last_error) == ("failed", "The worker died or hung in every attempt.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"state": "lost"}, "job_finished_at"),
        ({"state": "leased"}, "job_leased_until"),
        ({"state": "done"}, "job_finished_at"),
        ({"finished_at": AT}, "job_finished_at"),
    ],
)
def test_the_database_refuses_a_job_in_two_minds(effects, change, broken):
    written()
    with pytest.raises(IntegrityError, match=broken), transaction.atomic():
        Job.objects.update(**change)


@pytest.mark.django_db
def test_a_machine_without_a_worker_runs_its_jobs_by_command(effects):
    written("one")
    written("two")
    out = StringIO()
    call_command("run_jobs", stdout=out)
    call_command("run_jobs", stdout=out)
    assert out.getvalue() == "2 jobs done.\n0 jobs done.\n"
