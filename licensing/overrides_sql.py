"""What the database itself keeps of overrides of ratings, as SQL: a body's decision alone overrides one."""

OVERRIDES = """
CREATE FUNCTION licensing_override_says_its_mark() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    its_mark text;
BEGIN
    SELECT c.mark INTO its_mark FROM licensing_rating r JOIN licensing_criterion c ON c.id = r.criterion_id
        WHERE r.id = NEW.rating_id;
    IF NEW.mark IS DISTINCT FROM its_mark THEN
        RAISE EXCEPTION 'The criterion of rating % is marked “%”, not “%”.', NEW.rating_id, its_mark, NEW.mark
            USING ERRCODE = 'check_violation', HINT = 'A knock-out is never overridden.';
    END IF;
    RETURN NEW;
END
$body$;

CREATE TRIGGER override_says_its_mark BEFORE INSERT OR UPDATE OF mark, rating_id ON licensing_ratingoverride
    FOR EACH ROW EXECUTE FUNCTION licensing_override_says_its_mark();

CREATE FUNCTION licensing_rating_is_overridden_by_vote() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT EXISTS (
        SELECT FROM licensing_ratingoverride o
        WHERE o.rating_id = NEW.id AND o.state = 'made' AND o.to_rating = NEW.overridden_rating
    ) THEN
        RAISE EXCEPTION 'No decision of a body overrides rating % to %.', NEW.id, NEW.overridden_rating
            USING ERRCODE = 'restrict_violation', HINT = 'Propose the override; the committee or the board decides.';
    END IF;
    RETURN NEW;
END
$body$;

CREATE TRIGGER rating_is_overridden_by_vote BEFORE UPDATE OF overridden_rating ON licensing_rating FOR EACH ROW
    WHEN (NEW.overridden_rating IS DISTINCT FROM OLD.overridden_rating)
    EXECUTE FUNCTION licensing_rating_is_overridden_by_vote();
"""

OVERRIDES_REMOVED = """
DROP TRIGGER rating_is_overridden_by_vote ON licensing_rating;
DROP FUNCTION licensing_rating_is_overridden_by_vote();
DROP TRIGGER override_says_its_mark ON licensing_ratingoverride;
DROP FUNCTION licensing_override_says_its_mark();
"""
