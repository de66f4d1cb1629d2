"""The switch of distribution, as SQL: the lock that postings share and that a change of standing takes alone.

A posting takes the advisory lock of its venue shared (`LOCK_CLASS`, the id of the `VenueStanding` row) and then reads
the standing afresh. The trigger here takes the same lock exclusively before `may_distribute` or `holds_until` changes:
it waits for postings in flight, and whoever asks after it waits until the change is committed. An advisory lock queues
fairly, where a row lock lets new sharers overtake a waiting update; a trigger cannot be forgotten by a code path.

A migration runs `INSTALL`; the posting function lives in the app that keeps the ledger.
"""

# The letters PVST as a number: the first half of the two-integer advisory key; the second half is the venue's id.
LOCK_CLASS = 0x50565354


def standing_lock_key(venue_id: int) -> tuple[int, int]:
    """The advisory key of a venue, for `pg_advisory_xact_lock(int, int)` and its shared twin."""
    return LOCK_CLASS, venue_id


INSTALL = f"""
CREATE OR REPLACE FUNCTION venue_standing_switch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A standing is never deleted: postings refer to it.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.may_distribute IS DISTINCT FROM OLD.may_distribute
        OR NEW.holds_until IS DISTINCT FROM OLD.holds_until THEN
        PERFORM pg_advisory_xact_lock({LOCK_CLASS}, OLD.id::integer);
        -- Each change has a version of its own, whether or not the writer thought of it.
        NEW.standing_version := greatest(NEW.standing_version, OLD.standing_version + 1);
    END IF;
    RETURN NEW;
END
$body$;

CREATE OR REPLACE TRIGGER venue_standing_switch
    BEFORE UPDATE OR DELETE ON licensing_venuestanding
    FOR EACH ROW EXECUTE FUNCTION venue_standing_switch();

-- An UPDATE that so much as names a key column locks the row against the foreign keys of postings in flight, and those
-- hold the lock that the switch waits for: a deadlock. So the key columns are never written again, not even unchanged.
CREATE OR REPLACE FUNCTION venue_standing_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'A standing stays with its licence: write the other columns only.'
        USING ERRCODE = 'restrict_violation', HINT = 'save(update_fields=[...])';
END
$body$;

CREATE OR REPLACE TRIGGER venue_standing_stays
    BEFORE UPDATE OF id, licence_id, firm_id ON licensing_venuestanding
    FOR EACH STATEMENT EXECUTE FUNCTION venue_standing_stays();
"""

REMOVE = """
DROP TRIGGER IF EXISTS venue_standing_switch ON licensing_venuestanding;
DROP TRIGGER IF EXISTS venue_standing_stays ON licensing_venuestanding;
DROP FUNCTION IF EXISTS venue_standing_switch(), venue_standing_stays();
"""
