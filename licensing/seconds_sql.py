"""What the database itself keeps of second ratings: nothing is moderated alone, and nothing sealed is altered."""

from licensing import four_eyes_sql

SECONDS = """
CREATE FUNCTION licensing_rating_has_its_second() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (
        SELECT FROM licensing_criterion c
        JOIN licensing_domain d ON d.id = c.domain_id
        JOIN licensing_framework f ON f.id = d.framework_id
        WHERE c.id = NEW.criterion_id AND f.rated_twice
    ) THEN
        RAISE EXCEPTION 'Rating % has no second one, and its framework asks for two.', NEW.id
            USING ERRCODE = 'restrict_violation', HINT = 'Have another assessor rate the criterion, blindly.';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER rating_has_its_second BEFORE INSERT OR UPDATE OF moderated_at ON licensing_rating FOR EACH ROW
    WHEN (NEW.moderated_at IS NOT NULL AND NEW.second_assessor_id IS NULL)
    EXECUTE FUNCTION licensing_rating_has_its_second();

CREATE FUNCTION licensing_sealed_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    written text[] := ARRAY['waits', 'opened_as_id'];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - written = to_jsonb(OLD) - written AND OLD.waits AND NOT NEW.waits THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Sealed rating % stays as it was given.', OLD.id
        USING ERRCODE = 'restrict_violation', HINT = 'Give another rating.';
END
$body$;
CREATE TRIGGER sealed_stays BEFORE UPDATE OR DELETE ON licensing_sealedrating
    FOR EACH ROW EXECUTE FUNCTION licensing_sealed_stays();

CREATE FUNCTION licensing_second_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'The second rating beside rating % stays as it was given.', OLD.id
        USING ERRCODE = 'restrict_violation', HINT = 'Have the criterion rated anew.';
END
$body$;
CREATE TRIGGER second_stays BEFORE UPDATE ON licensing_rating FOR EACH ROW
    WHEN ((OLD.second_assessor_id, OLD.second_rating, OLD.second_not_applicable, OLD.second_rationale, OLD.second_at)
        IS DISTINCT FROM
        (NEW.second_assessor_id, NEW.second_rating, NEW.second_not_applicable, NEW.second_rationale, NEW.second_at))
    EXECUTE FUNCTION licensing_second_stays();
"""

SECONDS_REMOVED = """
DROP TRIGGER second_stays ON licensing_rating;
DROP FUNCTION licensing_second_stays();
DROP TRIGGER sealed_stays ON licensing_sealedrating;
DROP FUNCTION licensing_sealed_stays();
DROP TRIGGER rating_has_its_second ON licensing_rating;
DROP FUNCTION licensing_rating_has_its_second();
"""


def _guard(sql: str, name: str, people: str) -> str:
    """One of the guards of who decides, with the columns of whoever assessed."""
    begins = sql.index(f"CREATE FUNCTION {name}")
    ends = sql.index("$body$;", begins) + len("$body$;")
    said = sql[begins:ends].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    return said.replace("(assessor_id, moderator_id)", people)


# Whoever gave the second rating assessed the firm as well, and so decides nothing of it.
FIRST_ALONE, BOTH = "(assessor_id, moderator_id)", "(assessor_id, moderator_id, second_assessor_id)"
HANDS = _guard(four_eyes_sql.HANDS, "licensing_decider_had_no_hand", BOTH)
HANDS_REMOVED = _guard(four_eyes_sql.HANDS, "licensing_decider_had_no_hand", FIRST_ALONE)
CONTROL = _guard(four_eyes_sql.CONTROL, "licensing_control_decider_had_no_hand", BOTH)
CONTROL_REMOVED = _guard(four_eyes_sql.CONTROL, "licensing_control_decider_had_no_hand", FIRST_ALONE)
