"""What the database keeps of a letter, as SQL: the words that were read are the words that go out.

A migration runs `STANDS`. It takes the place of `LETTERS_CHECKED` in `guards_sql.py`, by which a letter could change
until it was issued.
"""

STANDS = """
CREATE FUNCTION licensing_letter_stands() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    -- What may change now. The decision that a letter reports, its kind and its firm never do.
    may_change text[] := ARRAY['state', 'version'];
    -- What its issue adds to its words.
    added text[] := ARRAY['reference', 'verify_at'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state = 'draft' AND NEW.state = 'draft' THEN
            may_change := ARRAY['version', 'title', 'addressee', 'content'];
        ELSIF OLD.state = 'draft' THEN
            may_change := may_change || ARRAY['approved_by_id'];
        ELSIF OLD.state = 'approved' AND NEW.content - added = OLD.content - added THEN
            may_change := may_change || ARRAY['reference', 'token', 'issued_at', 'content', 'content_sha256', 'sha256'];
        END IF;
        IF to_jsonb(NEW) - may_change = to_jsonb(OLD) - may_change THEN
            RETURN NEW;
        ELSIF OLD.state = 'draft' THEN
            RAISE EXCEPTION 'Letter % is a draft: its words are written anew, and nothing else of it.', OLD.key
                USING ERRCODE = 'restrict_violation', HINT = 'Approve it as it is, or write it anew first.';
        ELSIF OLD.state = 'approved' THEN
            RAISE EXCEPTION 'Letter % is approved: it goes out as it was read.', OLD.key
                USING ERRCODE = 'restrict_violation', HINT = 'Its issue adds its number, its address and its hashes.';
        END IF;
    END IF;
    RAISE EXCEPTION 'Letter % is issued: it never changes.', coalesce(OLD.reference, OLD.key)
        USING ERRCODE = 'restrict_violation', HINT = 'Supersede or revoke it, and issue another one.';
END
$body$;

CREATE TRIGGER letter_stands BEFORE UPDATE OR DELETE ON licensing_letter
    FOR EACH ROW EXECUTE FUNCTION licensing_letter_stands();
"""

STANDS_REMOVED = """
DROP TRIGGER letter_stands ON licensing_letter;
DROP FUNCTION licensing_letter_stands();
"""
