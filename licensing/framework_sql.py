"""What the database itself keeps of the scoring framework, as SQL: a case stays with the version it was begun under."""

CASES = ("licensing_nocapplication", "licensing_setup", "licensing_licenceapplication")

KEPT = """
CREATE FUNCTION licensing_framework_is_kept() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% % is assessed under the framework with which its assessment began, to the end.',
        TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'restrict_violation', HINT = 'A new version reaches the cases whose assessment has not begun.';
END
$body$;
""" + "".join(
    f"""
CREATE TRIGGER framework_is_kept BEFORE UPDATE OF framework_id ON {table} FOR EACH ROW
    WHEN (OLD.framework_id IS NOT NULL AND NEW.framework_id IS DISTINCT FROM OLD.framework_id)
    EXECUTE FUNCTION licensing_framework_is_kept();
"""
    for table in CASES
)

KEPT_REMOVED = (
    "".join(f"DROP TRIGGER framework_is_kept ON {table};\n" for table in CASES)
    + "DROP FUNCTION licensing_framework_is_kept();\n"
)

# Cases that were under way before they kept a version: the one of the day on which their assessment began.
_OF_THE_DAY = """(
    SELECT f.id FROM licensing_framework f
    WHERE f.status <> 'draft' AND f.effective_from <= (begun.at AT TIME ZONE 'Asia/Karachi')::date
    ORDER BY f.effective_from DESC LIMIT 1
)"""

CASES_UNDER_WAY = (
    "".join(
        f"""
UPDATE {table} c SET framework_id = {_OF_THE_DAY}
    FROM (SELECT subject_id, min(at) AS at FROM kernel_auditentry
          WHERE subject_type = '{subject}' AND event = '{event}' GROUP BY subject_id) begun
    WHERE begun.subject_id = c.id;
"""
        for table, subject, event in (
            ("licensing_nocapplication", "licensing.nocapplication", "declare_complete"),
            ("licensing_licenceapplication", "licensing.licenceapplication", "declare_complete"),
            ("licensing_setup", "licensing.setup", "opened"),
        )
    )
    + """
-- Nothing is left to check when the tables change next.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
)

# A draft changes, and nothing else does: from its proposal on, a version is what its readers read.
DRAFTS = """
CREATE FUNCTION licensing_framework_part() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    version licensing_framework%ROWTYPE;
BEGIN
    -- Where a row was and where it goes: moving a criterion into a draft would take it out of a published version.
    CASE TG_TABLE_NAME
        WHEN 'licensing_domain', 'licensing_gatebar' THEN
            SELECT f.* INTO version FROM licensing_framework f
                WHERE f.state <> 'draft' AND f.id IN (OLD.framework_id, NEW.framework_id) LIMIT 1;
        WHEN 'licensing_criterion' THEN
            SELECT f.* INTO version FROM licensing_framework f JOIN licensing_domain d ON d.framework_id = f.id
                WHERE f.state <> 'draft' AND d.id IN (OLD.domain_id, NEW.domain_id) LIMIT 1;
        WHEN 'licensing_gatefloor' THEN
            SELECT f.* INTO version FROM licensing_framework f JOIN licensing_gatebar g ON g.framework_id = f.id
                WHERE f.state <> 'draft' AND g.id IN (OLD.gate_id, NEW.gate_id) LIMIT 1;
    END CASE;
    IF version.id IS NOT NULL THEN
        RAISE EXCEPTION 'Framework % is %: it never changes.', version.edition, version.state
            USING ERRCODE = 'restrict_violation', HINT = 'Draft a new version and publish that.';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$body$;

CREATE FUNCTION licensing_framework_version() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    -- What a move writes; that the state itself is changed by a move is another trigger's to see.
    written text[] := ARRAY['state', 'version'];
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF OLD.state = 'proposed' THEN
        written := written || ARRAY['published_by_id'];
    END IF;
    IF OLD.published_at IS NULL THEN
        written := written || ARRAY['published_at'];
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - written = to_jsonb(OLD) - written THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Framework % is %: it never changes.', OLD.edition, OLD.state
        USING ERRCODE = 'restrict_violation', HINT = 'Draft a new version and publish that.';
END
$body$;

CREATE TRIGGER framework_version BEFORE UPDATE OR DELETE ON licensing_framework
    FOR EACH ROW EXECUTE FUNCTION licensing_framework_version();
""" + "".join(
    f"""
CREATE TRIGGER framework_part BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION licensing_framework_part();
"""
    for table in ("licensing_domain", "licensing_criterion", "licensing_gatebar", "licensing_gatefloor")
)

# An array has no foreign key: that each kind is one of those there are is asked here.
KINDS = """
CREATE FUNCTION licensing_kinds_are_known() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    unknown text;
BEGIN
    SELECT given INTO unknown FROM unnest(NEW.kinds) given
        WHERE NOT EXISTS (SELECT FROM licensing_evidencekind k WHERE k.code = given) LIMIT 1;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'Criterion % accepts “%”, which is no kind of evidence.', NEW.code, unknown
            USING ERRCODE = 'foreign_key_violation', HINT = 'Add the kind first, or choose one that is there.';
    END IF;
    RETURN NEW;
END
$body$;

CREATE TRIGGER kinds_are_known BEFORE INSERT OR UPDATE OF kinds ON licensing_criterion
    FOR EACH ROW EXECUTE FUNCTION licensing_kinds_are_known();
"""

KINDS_REMOVED = """
DROP TRIGGER kinds_are_known ON licensing_criterion;
DROP FUNCTION licensing_kinds_are_known();
"""
