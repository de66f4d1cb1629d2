"""The triggers with which the database itself keeps the record: the SQL of the audit chain, and migration operations.

`audit_chain()` is run once, by the kernel's own migration. Every app's migrations then use `guard_state` for each
machine's table and `append_only` for each table that may only grow. All triggers are immediate BEFORE triggers, so a
wrong statement fails where it is written. Nothing here can be switched off by a setting or a session variable of the
product's own; what a database superuser may still do is for `kernel/verification.py` to find.
"""

import re

from django.db.migrations.operations import RunSQL

CHAIN_SQL = """
CREATE OR REPLACE FUNCTION kernel_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    v_lock text;
    v_seq integer;
    v_hash bytea;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'An audit entry is written in a READ COMMITTED transaction only.'
            USING ERRCODE = 'feature_not_supported',
                  HINT = 'Leave the isolation level alone: a frozen snapshot cannot see the entry to chain to.';
    END IF;
    -- One writer at a time on one subject, until its transaction ends: so numbers have no gaps. The next statement
    -- takes a new snapshot and sees what the writer before has committed. The lock is assigned and not performed: an
    -- expression alone is evaluated without a plan.
    v_lock := pg_advisory_xact_lock(hashtextextended(NEW.subject_type || ' ' || NEW.subject_id, 9162));
    SELECT seq, hash INTO v_seq, v_hash FROM kernel_auditentry
        WHERE subject_type = NEW.subject_type AND subject_id = NEW.subject_id ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(v_seq, 0) + 1;
    NEW.prev_hash := coalesce(v_hash, ''::bytea);
    NEW.recorded_at := clock_timestamp();
    NEW.xact_id := pg_current_xact_id()::text::bigint;
    NEW.layout := 1;
    NEW.hash := sha256(convert_to(json_build_array(
        NEW.layout, NEW.subject_type, NEW.subject_id, NEW.seq, NEW.event, NEW.actor_id, NEW.actor_name,
        to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        to_char(NEW.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        NEW.from_state, NEW.to_state, NEW.note, NEW.data::text, NEW.xact_id, encode(NEW.prev_hash, 'hex')
    )::text, 'UTF8'));
    RETURN NEW;
END
$body$;
CREATE OR REPLACE TRIGGER audit_chain BEFORE INSERT ON kernel_auditentry
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_chain();
"""

# Who has acted stays. It is asked when somebody would go, which never happens, and not by a foreign key with every
# entry, which also locked the person's row against everybody else who writes on their behalf at that moment.
ACTORS_SQL = """
CREATE OR REPLACE FUNCTION kernel_actor_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (SELECT FROM kernel_auditentry WHERE actor_id = OLD.id) THEN
        RAISE EXCEPTION 'Person % has acted and stays in the record.', OLD.id
            USING ERRCODE = 'foreign_key_violation', HINT = 'Deactivate the account instead.';
    END IF;
    RETURN OLD;
END
$body$;
CREATE OR REPLACE TRIGGER actor_stays BEFORE DELETE ON kernel_user
    FOR EACH ROW EXECUTE FUNCTION kernel_actor_stays();
"""
DROP_ACTORS_SQL = """
DROP TRIGGER IF EXISTS actor_stays ON kernel_user;
DROP FUNCTION IF EXISTS kernel_actor_stays();
"""

APPEND_ONLY_SQL = """
CREATE FUNCTION kernel_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are added and never changed or removed.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
              HINT = 'Correct the record by adding a row that says what was wrong.';
END
$body$;
"""

GUARD_SQL = """
CREATE FUNCTION kernel_guard_state() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    subject_label text := TG_ARGV[0];
    initial text := TG_ARGV[1];
    announced record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state IS DISTINCT FROM initial THEN
            RAISE EXCEPTION 'A new % begins as "%", not as "%".', subject_label, initial, NEW.state
                USING ERRCODE = 'restrict_violation',
                      HINT = 'Add it in its first state and make its moves with machine.perform().';
        END IF;
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.state IS DISTINCT FROM initial THEN
            RAISE EXCEPTION '% % is "%" and can no longer be deleted.', subject_label, OLD.id, OLD.state
                USING ERRCODE = 'restrict_violation',
                      HINT = 'Only what never left its first state may go; close the others with a move.';
        END IF;
        RETURN OLD;
    ELSIF NEW.id IS DISTINCT FROM OLD.id THEN
        RAISE EXCEPTION '% % cannot become number %.', subject_label, OLD.id, NEW.id
            USING ERRCODE = 'restrict_violation', HINT = 'Its history is kept under its number.';
    END IF;
    -- The subject's last announced move must be exactly this one, and be announced by this very transaction. That it
    -- is the last keeps an old entry from vouching for a new change, should transaction numbers ever begin again.
    SELECT from_state, to_state, xact_id INTO announced FROM kernel_auditentry
        WHERE subject_type = subject_label AND subject_id = NEW.id AND to_state <> '' ORDER BY seq DESC LIMIT 1;
    IF NOT FOUND OR (announced.from_state, announced.to_state, announced.xact_id)
        IS DISTINCT FROM (OLD.state::text, NEW.state::text, pg_current_xact_id()::text::bigint)
    THEN
        RAISE EXCEPTION '% % cannot go from "%" to "%": no audit entry of this transaction says so.',
            subject_label, NEW.id, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation',
                  HINT = 'Only machine.perform() changes a state: it writes the audit entry first.';
    END IF;
    RETURN NEW;
END
$body$;
"""

DROP_SQL = """
DROP TRIGGER IF EXISTS audit_chain ON kernel_auditentry;
DROP FUNCTION IF EXISTS kernel_audit_chain();
DROP FUNCTION IF EXISTS kernel_append_only();
DROP FUNCTION IF EXISTS kernel_guard_state();
"""


def audit_chain() -> RunSQL:
    """The functions of the log and of the two guards below, and the chain on the log's own table."""
    return RunSQL(CHAIN_SQL + APPEND_ONLY_SQL + GUARD_SQL, DROP_SQL)


def append_only(table: str) -> RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE on a table."""
    _must_be_a_name(table)
    return RunSQL(
        f"""
        CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION kernel_append_only();
        CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION kernel_append_only();
        """,
        f"""
        DROP TRIGGER append_only_rows ON {table};
        DROP TRIGGER append_only_table ON {table};
        """,
    )


def guard_state(table: str, label: str, *, initial: str) -> RunSQL:
    """Refuse a row that is not new in its first state, and a change of state without its audit entry.

    `label` is the model's, in lower case ("licensing.nocapplication"), as audit entries carry it. A row that has left
    its first state can be neither deleted nor renumbered.
    """
    _must_be_a_name(table, initial, *label.split("."))
    arguments = f"'{label}', '{initial}'"
    return RunSQL(
        f"""
        CREATE TRIGGER guard_state_of_new BEFORE INSERT OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION kernel_guard_state({arguments});
        CREATE TRIGGER guard_state BEFORE UPDATE ON {table} FOR EACH ROW
            WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.id IS DISTINCT FROM NEW.id)
            EXECUTE FUNCTION kernel_guard_state({arguments});
        """,
        f"""
        DROP TRIGGER guard_state_of_new ON {table};
        DROP TRIGGER guard_state ON {table};
        """,
    )


def _must_be_a_name(*names: str) -> None:
    # These become SQL without quotes around them; a migration that passes anything else is a mistake.
    for name in names:
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
            raise ValueError(f"{name!r} is not a plain lower-case SQL name.")
