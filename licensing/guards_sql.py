"""What the database itself refuses in licensing: a published framework that changes, a letter that is rewritten."""

FRAMEWORK = """
CREATE FUNCTION licensing_framework_part() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    version licensing_framework%ROWTYPE;
BEGIN
    -- Where a row was and where it goes: moving a criterion into a draft would take it out of a published version.
    CASE TG_TABLE_NAME
        WHEN 'licensing_domain', 'licensing_gatebar' THEN
            SELECT f.* INTO version FROM licensing_framework f
                WHERE f.status <> 'draft' AND f.id IN (OLD.framework_id, NEW.framework_id) LIMIT 1;
        WHEN 'licensing_criterion' THEN
            SELECT f.* INTO version FROM licensing_framework f JOIN licensing_domain d ON d.framework_id = f.id
                WHERE f.status <> 'draft' AND d.id IN (OLD.domain_id, NEW.domain_id) LIMIT 1;
        WHEN 'licensing_gatefloor' THEN
            SELECT f.* INTO version FROM licensing_framework f JOIN licensing_gatebar g ON g.framework_id = f.id
                WHERE f.status <> 'draft' AND g.id IN (OLD.gate_id, NEW.gate_id) LIMIT 1;
    END CASE;
    IF version.id IS NOT NULL THEN
        RAISE EXCEPTION 'Framework % is %: it never changes.', version.version, version.status
            USING ERRCODE = 'restrict_violation', HINT = 'Draft a new version and publish that.';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$body$;

CREATE FUNCTION licensing_framework_version() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF OLD.status = 'draft' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status = 'published' AND NEW.status = 'superseded'
        AND to_jsonb(NEW) - 'status' = to_jsonb(OLD) - 'status' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Framework % is %: it never changes.', OLD.version, OLD.status
        USING ERRCODE = 'restrict_violation', HINT = 'Draft a new version and publish that.';
END
$body$;

CREATE TRIGGER framework_version BEFORE UPDATE OR DELETE ON licensing_framework
    FOR EACH ROW EXECUTE FUNCTION licensing_framework_version();
CREATE TRIGGER framework_part BEFORE INSERT OR UPDATE OR DELETE ON licensing_domain
    FOR EACH ROW EXECUTE FUNCTION licensing_framework_part();
CREATE TRIGGER framework_part BEFORE INSERT OR UPDATE OR DELETE ON licensing_criterion
    FOR EACH ROW EXECUTE FUNCTION licensing_framework_part();
CREATE TRIGGER framework_part BEFORE INSERT OR UPDATE OR DELETE ON licensing_gatebar
    FOR EACH ROW EXECUTE FUNCTION licensing_framework_part();
CREATE TRIGGER framework_part BEFORE INSERT OR UPDATE OR DELETE ON licensing_gatefloor
    FOR EACH ROW EXECUTE FUNCTION licensing_framework_part();
"""

FRAMEWORK_REMOVED = """
DROP TRIGGER framework_part ON licensing_gatefloor;
DROP TRIGGER framework_part ON licensing_gatebar;
DROP TRIGGER framework_part ON licensing_criterion;
DROP TRIGGER framework_part ON licensing_domain;
DROP TRIGGER framework_version ON licensing_framework;
DROP FUNCTION licensing_framework_version();
DROP FUNCTION licensing_framework_part();
"""

LETTERS = """
CREATE FUNCTION licensing_letter_stands() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'status' = to_jsonb(OLD) - 'status' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Letter % is issued: it never changes.', OLD.reference
        USING ERRCODE = 'restrict_violation', HINT = 'Supersede or revoke it, and issue another one.';
END
$body$;

CREATE TRIGGER letter_stands BEFORE UPDATE OR DELETE ON licensing_letter
    FOR EACH ROW EXECUTE FUNCTION licensing_letter_stands();
"""

LETTERS_REMOVED = """
DROP TRIGGER letter_stands ON licensing_letter;
DROP FUNCTION licensing_letter_stands();
"""
