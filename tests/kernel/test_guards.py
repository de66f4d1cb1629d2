"""The triggers that apps put on their tables, tried on tables made for the occasion."""

import pytest
from django.db import IntegrityError, connection, transaction

from pvara.kernel import guards
from pvara.kernel.models import AuditEntry

LABEL = "zoo.animal"


def sql(statement: str, *values: object) -> list[tuple]:
    """Run one statement in a transaction of its own, as a test inside another can."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def animals(db):
    """A machine's table: a state that begins as draft, and a name."""
    sql("CREATE TABLE zoo_animal (id bigint PRIMARY KEY, state varchar(20), name text)")
    sql(guards.guard_state("zoo_animal", LABEL, initial="draft").sql)
    sql("INSERT INTO zoo_animal VALUES (1, 'draft', 'Leo'), (2, 'draft', 'Lea')")


@pytest.fixture
def committed_animals(transactional_db):
    sql("CREATE TABLE zoo_animal (id bigint PRIMARY KEY, state varchar(20), name text)")
    sql(guards.guard_state("zoo_animal", LABEL, initial="draft").sql)
    sql("INSERT INTO zoo_animal VALUES (1, 'draft', 'Leo'), (2, 'draft', 'Lea')")
    yield
    sql("DROP TABLE zoo_animal")


def announce(at, was: str, becomes: str, *, subject: int = 1, label: str = LABEL) -> None:
    AuditEntry.objects.create(
        subject_type=label, subject_id=subject, event="move", at=at, from_state=was, to_state=becomes
    )


def state_of(animal: int) -> str:
    return sql("SELECT state FROM zoo_animal WHERE id = %s", animal)[0][0]


UNANNOUNCED = 'zoo.animal 1 cannot go from "draft" to "granted": no audit entry of this transaction says so.'


def refusal_of(statement: str) -> tuple[str, str]:
    """What the database says, and what it advises."""
    with pytest.raises(IntegrityError) as refused:
        sql(statement)
    said = refused.value.__cause__.diag
    return said.message_primary, said.message_hint


# ── States ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_state_does_not_change_unannounced(animals):
    assert refusal_of("UPDATE zoo_animal SET state = 'granted' WHERE id = 1") == (
        UNANNOUNCED,
        "Only machine.perform() changes a state: it writes the audit entry first.",
    )
    assert state_of(1) == "draft"


def test_an_announced_change_passes_and_everything_else_about_a_row_is_free(animals, at):
    announce(at, "draft", "granted")
    sql("UPDATE zoo_animal SET state = 'granted' WHERE id = 1")
    sql("UPDATE zoo_animal SET name = 'Leopold', state = state")
    assert sql("SELECT state, name FROM zoo_animal ORDER BY id") == [("granted", "Leopold"), ("draft", "Leopold")]


def test_what_is_recorded_between_the_announcement_and_the_change_does_not_hide_it(animals, at):
    announce(at, "draft", "granted")
    announce(at, "", "")
    sql("UPDATE zoo_animal SET state = 'granted' WHERE id = 1")
    assert state_of(1) == "granted"


@pytest.mark.parametrize(
    "entry",
    [
        {"was": "draft", "becomes": "refused"},
        {"was": "submitted", "becomes": "granted"},
        {"was": "draft", "becomes": "granted", "subject": 2},
        {"was": "draft", "becomes": "granted", "label": "zoo.plant"},
    ],
)
def test_an_entry_about_something_else_does_not_do(animals, at, entry):
    announce(at, **entry)
    assert refusal_of("UPDATE zoo_animal SET state = 'granted' WHERE id = 1")[0] == UNANNOUNCED


def test_one_announcement_is_not_enough_for_two_rows(animals, at):
    announce(at, "draft", "granted")
    message, _ = refusal_of("UPDATE zoo_animal SET state = 'granted'")
    assert message == UNANNOUNCED.replace("animal 1", "animal 2")
    assert [state_of(1), state_of(2)] == ["draft", "draft"]


def test_a_used_announcement_does_not_let_the_row_go_back(animals, at):
    announce(at, "draft", "granted")
    sql("UPDATE zoo_animal SET state = 'granted' WHERE id = 1")
    message, _ = refusal_of("UPDATE zoo_animal SET state = 'draft' WHERE id = 1")
    assert message == 'zoo.animal 1 cannot go from "granted" to "draft": no audit entry of this transaction says so.'


def test_yesterdays_announcement_does_not_do(committed_animals, at):
    announce(at, "draft", "granted")
    assert refusal_of("UPDATE zoo_animal SET state = 'granted' WHERE id = 1")[0] == UNANNOUNCED
    with transaction.atomic():
        announce(at, "draft", "granted")
        # A savepoint is part of the same transaction.
        with transaction.atomic():
            sql("UPDATE zoo_animal SET state = 'granted' WHERE id = 1")
    assert state_of(1) == "granted"


def test_a_new_row_begins_at_the_beginning(animals):
    assert refusal_of("INSERT INTO zoo_animal VALUES (3, 'granted', 'Lou')") == (
        'A new zoo.animal begins as "draft", not as "granted".',
        "Add it in its first state and make its moves with machine.perform().",
    )


def test_a_state_is_never_empty(animals, at):
    assert refusal_of("INSERT INTO zoo_animal (id) VALUES (3)")[0].startswith('A new zoo.animal begins as "draft"')
    assert refusal_of("UPDATE zoo_animal SET state = NULL WHERE id = 1")[0].startswith("zoo.animal 1 cannot go")


def test_a_row_keeps_its_number(animals):
    assert refusal_of("UPDATE zoo_animal SET id = 7 WHERE id = 1") == (
        "zoo.animal 1 cannot become number 7.",
        "Its history is kept under its number.",
    )


def test_only_a_row_that_never_moved_is_deleted(animals, at):
    announce(at, "draft", "granted")
    sql("UPDATE zoo_animal SET state = 'granted' WHERE id = 1")
    assert refusal_of("DELETE FROM zoo_animal WHERE id = 1") == (
        'zoo.animal 1 is "granted" and can no longer be deleted.',
        "Only what never left its first state may go; close the others with a move.",
    )
    sql("DELETE FROM zoo_animal WHERE id = 2")
    assert sql("SELECT id FROM zoo_animal") == [(1,)]


# ── Tables that only grow ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("verb", "statement"),
    [
        ("UPDATE", "UPDATE zoo_visit SET name = 'x'"),
        ("UPDATE", "INSERT INTO zoo_visit VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = 'x'"),
        ("DELETE", "DELETE FROM zoo_visit"),
        ("TRUNCATE", "TRUNCATE zoo_visit"),
    ],
)
def test_a_table_only_grows(db, verb, statement):
    sql("CREATE TABLE zoo_visit (id bigint PRIMARY KEY, name text)")
    sql(guards.append_only("zoo_visit").sql)
    sql("INSERT INTO zoo_visit VALUES (1, 'Amina')")
    assert refusal_of(statement) == (
        f"{verb} on zoo_visit is refused: its rows are added and never changed or removed.",
        "Correct the record by adding a row that says what was wrong.",
    )
    assert sql("SELECT * FROM zoo_visit") == [(1, "Amina")]


# ── The operations ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_whoever_has_acted_stays(omar, at):
    sql("DELETE FROM kernel_roleassignment WHERE user_id = %s", omar.pk)
    announce(at, "", "")
    AuditEntry.objects.create(subject_type=LABEL, subject_id=2, event="fed", at=at, actor=omar, actor_name="Omar")
    with pytest.raises(IntegrityError, match="has acted and stays"):
        sql("DELETE FROM kernel_user WHERE id = %s", omar.pk)
    assert sql("SELECT name FROM kernel_user WHERE id = %s", omar.pk) == [("Omar",)]


def test_whoever_never_did_may_go(stranger):
    sql("DELETE FROM kernel_user WHERE id = %s", stranger.pk)
    assert sql("SELECT count(*) FROM kernel_user WHERE id = %s", stranger.pk) == [(0,)]


def test_the_guards_can_be_taken_back(animals):
    sql(guards.append_only("zoo_animal").sql)
    sql(guards.append_only("zoo_animal").reverse_sql)
    sql(guards.guard_state("zoo_animal", LABEL, initial="draft").reverse_sql)
    assert sql("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'zoo_animal'::regclass") == [(0,)]


@pytest.mark.parametrize("name", ["Zoo", "zoo;", "zoo'", ""])
def test_only_plain_names_become_sql(name):
    with pytest.raises(ValueError, match="not a plain lower-case SQL name"):
        guards.append_only(name)
    with pytest.raises(ValueError, match="not a plain lower-case SQL name"):
        guards.guard_state("zoo_animal", LABEL, initial=name)
