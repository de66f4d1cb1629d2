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

# A waiver is an override without a rating: its criterion is one that the framework lets the committee waive, and a
# rating is marked as waived by no other way.
WAIVERS = """
CREATE FUNCTION licensing_waiver_is_of_the_framework() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT EXISTS (
        SELECT FROM licensing_rating r JOIN licensing_criterion c ON c.id = r.criterion_id
        WHERE r.id = NEW.rating_id AND c.waivable_by_committee
    ) THEN
        RAISE EXCEPTION 'The framework does not let the committee waive the criterion of rating %.', NEW.rating_id
            USING ERRCODE = 'restrict_violation', HINT = 'Propose another rating instead.';
    END IF;
    RETURN NEW;
END
$body$;

CREATE TRIGGER waiver_is_of_the_framework BEFORE INSERT OR UPDATE OF to_rating, rating_id ON licensing_ratingoverride
    FOR EACH ROW WHEN (NEW.to_rating IS NULL) EXECUTE FUNCTION licensing_waiver_is_of_the_framework();

CREATE FUNCTION licensing_rating_is_waived_by_vote() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT EXISTS (
        SELECT FROM licensing_ratingoverride o
        WHERE o.rating_id = NEW.id AND o.state = 'made'
            AND o.to_rating IS NOT DISTINCT FROM NEW.overridden_rating AND (o.to_rating IS NULL) = NEW.waived
    ) THEN
        RAISE EXCEPTION 'No decision of a body overrides rating % to %.', NEW.id,
            CASE WHEN NEW.waived THEN 'a waiver' ELSE coalesce(NEW.overridden_rating::text, 'nothing') END
            USING ERRCODE = 'restrict_violation', HINT = 'Propose the override; the committee or the board decides.';
    END IF;
    RETURN NEW;
END
$body$;

DROP TRIGGER rating_is_overridden_by_vote ON licensing_rating;
DROP FUNCTION licensing_rating_is_overridden_by_vote();
CREATE TRIGGER rating_is_overridden_by_vote BEFORE UPDATE OF overridden_rating, waived ON licensing_rating FOR EACH ROW
    WHEN ((NEW.overridden_rating, NEW.waived) IS DISTINCT FROM (OLD.overridden_rating, OLD.waived))
    EXECUTE FUNCTION licensing_rating_is_waived_by_vote();
"""

# The second half of OVERRIDES: what a rating was held to before there were waivers.
WAIVERS_REMOVED = """
DROP TRIGGER rating_is_overridden_by_vote ON licensing_rating;
DROP FUNCTION licensing_rating_is_waived_by_vote();
DROP TRIGGER waiver_is_of_the_framework ON licensing_ratingoverride;
DROP FUNCTION licensing_waiver_is_of_the_framework();
""" + OVERRIDES[OVERRIDES.index("CREATE FUNCTION licensing_rating_is_overridden_by_vote") :]
