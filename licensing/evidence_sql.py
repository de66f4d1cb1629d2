"""What the database itself keeps of the versions of a document, as SQL: each follows one of its own firm, for good.

A version has the number after that of the one that it replaces, and neither is ever changed: so no chain of versions
comes back to where it began.
"""

VERSIONS = """
CREATE FUNCTION licensing_evidence_follows_its_predecessor() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    earlier record;
BEGIN
    SELECT firm_id, edition INTO earlier FROM licensing_evidence WHERE id = NEW.replaces_id;
    IF earlier.firm_id IS DISTINCT FROM NEW.firm_id OR earlier.edition + 1 IS DISTINCT FROM NEW.edition THEN
        RAISE EXCEPTION 'Version % of a document of firm % does not follow evidence %.',
            NEW.edition, NEW.firm_id, NEW.replaces_id
            USING ERRCODE = 'restrict_violation', HINT = 'It replaces the latest version, of the same firm.';
    END IF;
    RETURN NEW;
END
$body$;

CREATE TRIGGER evidence_follows_its_predecessor BEFORE INSERT ON licensing_evidence FOR EACH ROW
    WHEN (NEW.replaces_id IS NOT NULL) EXECUTE FUNCTION licensing_evidence_follows_its_predecessor();

CREATE FUNCTION licensing_evidence_keeps_its_place() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'Evidence % keeps its firm, its number and what it replaces.', NEW.id
        USING ERRCODE = 'restrict_violation', HINT = 'Upload a newer version instead.';
END
$body$;

CREATE TRIGGER evidence_keeps_its_place BEFORE UPDATE OF firm_id, replaces_id, edition ON licensing_evidence
    FOR EACH ROW
    WHEN ((NEW.firm_id, NEW.replaces_id, NEW.edition) IS DISTINCT FROM (OLD.firm_id, OLD.replaces_id, OLD.edition))
    EXECUTE FUNCTION licensing_evidence_keeps_its_place();
"""

VERSIONS_REMOVED = """
DROP TRIGGER evidence_keeps_its_place ON licensing_evidence;
DROP FUNCTION licensing_evidence_keeps_its_place();
DROP TRIGGER evidence_follows_its_predecessor ON licensing_evidence;
DROP FUNCTION licensing_evidence_follows_its_predecessor();
"""
