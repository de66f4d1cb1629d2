"""SQL that keeps whoever had a case in hand, or assessed it, from deciding on it or on what came of it.

The gates `decider_is_not_case_officer` and `decider_did_not_assess` say it first and more kindly; here it is said of
every table that a decision is signed in, whatever wrote the signature.
"""

# Who has or had the application in hand that a row came of; the table says how to get there.
HANDS = """
CREATE FUNCTION licensing_application_of(relation text, row_id bigint, OUT subject_type text, OUT subject_id bigint)
LANGUAGE plpgsql STABLE AS $body$
BEGIN
    CASE relation
        WHEN 'licensing_nocapplication' THEN
            subject_type := 'licensing.nocapplication';
            subject_id := row_id;
        WHEN 'licensing_licenceapplication' THEN
            subject_type := 'licensing.licenceapplication';
            subject_id := row_id;
        WHEN 'licensing_setup' THEN
            SELECT noc_id INTO row_id FROM licensing_setup WHERE id = row_id;
            SELECT * INTO subject_type, subject_id FROM licensing_application_of('licensing_nocapplication', row_id);
        WHEN 'licensing_amlregistration' THEN
            SELECT setup_id INTO row_id FROM licensing_amlregistration WHERE id = row_id;
            SELECT * INTO subject_type, subject_id FROM licensing_application_of('licensing_setup', row_id);
        WHEN 'licensing_licence' THEN
            SELECT application_id INTO row_id FROM licensing_licence WHERE id = row_id;
            SELECT * INTO subject_type, subject_id
                FROM licensing_application_of('licensing_licenceapplication', row_id);
        WHEN 'licensing_renewal' THEN
            SELECT licence_id INTO row_id FROM licensing_renewal WHERE id = row_id;
            SELECT * INTO subject_type, subject_id FROM licensing_application_of('licensing_licence', row_id);
        WHEN 'licensing_variation' THEN
            SELECT licence_id INTO row_id FROM licensing_variation WHERE id = row_id;
            SELECT * INTO subject_type, subject_id FROM licensing_application_of('licensing_licence', row_id);
        WHEN 'licensing_condition' THEN
            SELECT CASE
                WHEN noc_id IS NOT NULL THEN 'licensing_nocapplication'
                WHEN application_id IS NOT NULL THEN 'licensing_licenceapplication'
                ELSE 'licensing_licence'
            END, coalesce(noc_id, application_id, licence_id) INTO relation, row_id
                FROM licensing_condition WHERE id = row_id;
            SELECT * INTO subject_type, subject_id FROM licensing_application_of(relation, row_id);
        ELSE
            RAISE EXCEPTION 'Nothing says which application % belongs to.', relation;
    END CASE;
END
$body$;

CREATE FUNCTION licensing_had_the_case(person bigint, of_type text, of_id bigint) RETURNS boolean
LANGUAGE sql STABLE AS $body$
    SELECT EXISTS (
            SELECT FROM licensing_handover
            WHERE subject_type = of_type AND subject_id = of_id AND handed_from_id = person
        )
        OR CASE of_type
            WHEN 'licensing.nocapplication' THEN
                (SELECT case_officer_id = person FROM licensing_nocapplication WHERE id = of_id)
            ELSE (SELECT case_officer_id = person FROM licensing_licenceapplication WHERE id = of_id)
        END IS TRUE
$body$;

CREATE FUNCTION licensing_decider_had_no_hand() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    signature text;
    person bigint;
    application record;
    was jsonb := to_jsonb(OLD);
    now_is jsonb := to_jsonb(NEW);
BEGIN
    FOREACH signature IN ARRAY TG_ARGV LOOP
        CONTINUE WHEN now_is -> signature = 'null'::jsonb OR now_is -> signature = was -> signature;
        person := (now_is ->> signature)::bigint;
        SELECT * INTO application FROM licensing_application_of(TG_TABLE_NAME::text, NEW.id);
        IF licensing_had_the_case(person, application.subject_type, application.subject_id) THEN
            RAISE EXCEPTION 'Person % has or had this case in hand, so is not its %.', person, signature
                USING ERRCODE = 'restrict_violation', HINT = 'Let somebody else do it.';
        END IF;
        IF EXISTS (
            SELECT FROM licensing_rating
            WHERE firm_id = NEW.firm_id AND current AND person IN (assessor_id, moderator_id)
        ) THEN
            RAISE EXCEPTION 'Person % assessed or moderated this firm, so is not its %.', person, signature
                USING ERRCODE = 'restrict_violation', HINT = 'Let somebody else do it.';
        END IF;
    END LOOP;
    RETURN NEW;
END
$body$;

CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_nocapplication FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand(
        'recommended_by_id', 'decided_by_id', 'rejected_by_id', 'suspended_by_id', 'revoked_by_id');
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_licenceapplication FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand(
        'recommended_by_id', 'decided_by_id', 'granted_by_id', 'rejected_by_id');
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_setup FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('confirmed_by_id');
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_amlregistration FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('decided_by_id', 'ended_by_id');
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_licence FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('suspended_by_id', 'revoked_by_id');
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_renewal FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('decided_by_id');
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_variation FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('decided_by_id');
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_condition FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('waived_by_id');

-- An officer is handed over with a row that says so; it is written first, and is the last there is.
CREATE FUNCTION licensing_officer_was_handed_over() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    last record;
BEGIN
    SELECT handed_from_id, handed_to_id INTO last FROM licensing_handover
        WHERE subject_type = TG_ARGV[0] AND subject_id = NEW.id ORDER BY id DESC LIMIT 1;
    IF (last.handed_from_id, last.handed_to_id) IS DISTINCT FROM (OLD.case_officer_id, NEW.case_officer_id) THEN
        RAISE EXCEPTION '% % does not change its officer without a hand-over.', TG_ARGV[0], NEW.id
            USING ERRCODE = 'restrict_violation', HINT = 'Hand the case over; the record then says from whom and why.';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER officer_was_handed_over BEFORE UPDATE OF case_officer_id ON licensing_nocapplication FOR EACH ROW
    WHEN (OLD.case_officer_id IS NOT NULL AND NEW.case_officer_id IS DISTINCT FROM OLD.case_officer_id)
    EXECUTE FUNCTION licensing_officer_was_handed_over('licensing.nocapplication');
CREATE TRIGGER officer_was_handed_over BEFORE UPDATE OF case_officer_id ON licensing_licenceapplication FOR EACH ROW
    WHEN (OLD.case_officer_id IS NOT NULL AND NEW.case_officer_id IS DISTINCT FROM OLD.case_officer_id)
    EXECUTE FUNCTION licensing_officer_was_handed_over('licensing.licenceapplication');
"""

HANDS_REMOVED = """
DROP TRIGGER officer_was_handed_over ON licensing_licenceapplication;
DROP TRIGGER officer_was_handed_over ON licensing_nocapplication;
DROP FUNCTION licensing_officer_was_handed_over();
DROP TRIGGER decider_had_no_hand ON licensing_condition;
DROP TRIGGER decider_had_no_hand ON licensing_variation;
DROP TRIGGER decider_had_no_hand ON licensing_renewal;
DROP TRIGGER decider_had_no_hand ON licensing_licence;
DROP TRIGGER decider_had_no_hand ON licensing_amlregistration;
DROP TRIGGER decider_had_no_hand ON licensing_setup;
DROP TRIGGER decider_had_no_hand ON licensing_licenceapplication;
DROP TRIGGER decider_had_no_hand ON licensing_nocapplication;
DROP FUNCTION licensing_decider_had_no_hand();
DROP FUNCTION licensing_had_the_case(bigint, text, bigint);
DROP FUNCTION licensing_application_of(text, bigint);
"""

# What is decided about a licence is signed in rows of its own, and so is a fee that is waived.
MORE_HANDS = """
ALTER FUNCTION licensing_application_of(text, bigint) RENAME TO licensing_application_of_a_case;

CREATE FUNCTION licensing_application_of(relation text, row_id bigint, OUT subject_type text, OUT subject_id bigint)
LANGUAGE plpgsql STABLE AS $body$
BEGIN
    CASE relation
        WHEN 'licensing_measure' THEN
            SELECT licence_id INTO row_id FROM licensing_measure WHERE id = row_id;
            relation := 'licensing_licence';
        WHEN 'licensing_surrender' THEN
            SELECT licence_id INTO row_id FROM licensing_surrender WHERE id = row_id;
            relation := 'licensing_licence';
        WHEN 'licensing_invoice' THEN
            SELECT replace(i.subject_type, '.', '_'), i.subject_id INTO relation, row_id
                FROM licensing_invoice i WHERE i.id = row_id;
        ELSE NULL;
    END CASE;
    SELECT * INTO subject_type, subject_id FROM licensing_application_of_a_case(relation, row_id);
END
$body$;

-- A show-cause notice decides nothing yet; whoever may issue it does.
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_measure FOR EACH ROW WHEN (NEW.kind <> 'show_cause')
    EXECUTE FUNCTION licensing_decider_had_no_hand('decided_by_id', 'ended_by_id');
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_surrender FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('decided_by_id');
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_invoice FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('waived_by_id');
"""

MORE_HANDS_REMOVED = """
DROP TRIGGER decider_had_no_hand ON licensing_invoice;
DROP TRIGGER decider_had_no_hand ON licensing_surrender;
DROP TRIGGER decider_had_no_hand ON licensing_measure;
DROP FUNCTION licensing_application_of(text, bigint);
ALTER FUNCTION licensing_application_of_a_case(text, bigint) RENAME TO licensing_application_of;
"""

# Who ratifies an urgent suspension signs for the board.
RATIFIERS = """
DROP TRIGGER decider_had_no_hand ON licensing_measure;
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_measure FOR EACH ROW WHEN (NEW.kind <> 'show_cause')
    EXECUTE FUNCTION licensing_decider_had_no_hand('decided_by_id', 'ended_by_id', 'ratified_by_id');
DROP TRIGGER decider_had_no_hand ON licensing_nocapplication;
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_nocapplication FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('recommended_by_id', 'decided_by_id', 'rejected_by_id',
        'suspended_by_id', 'revoked_by_id', 'ratified_by_id');
"""

RATIFIERS_REMOVED = """
DROP TRIGGER decider_had_no_hand ON licensing_nocapplication;
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_nocapplication FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('recommended_by_id', 'decided_by_id', 'rejected_by_id',
        'suspended_by_id', 'revoked_by_id');
DROP TRIGGER decider_had_no_hand ON licensing_measure;
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_measure FOR EACH ROW WHEN (NEW.kind <> 'show_cause')
    EXECUTE FUNCTION licensing_decider_had_no_hand('decided_by_id', 'ended_by_id');
"""

# A change of control is about a firm, and not about one of its applications.
CONTROL = """
CREATE FUNCTION licensing_control_decider_had_no_hand() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (
        SELECT FROM licensing_nocapplication c
        WHERE c.firm_id = NEW.firm_id AND licensing_had_the_case(NEW.decided_by_id, 'licensing.nocapplication', c.id)
    ) OR EXISTS (
        SELECT FROM licensing_licenceapplication c
        WHERE c.firm_id = NEW.firm_id
            AND licensing_had_the_case(NEW.decided_by_id, 'licensing.licenceapplication', c.id)
    ) THEN
        RAISE EXCEPTION 'Person % has or had a case of this firm in hand, so decides on no change of its control.',
            NEW.decided_by_id USING ERRCODE = 'restrict_violation', HINT = 'Let somebody else do it.';
    END IF;
    IF EXISTS (
        SELECT FROM licensing_rating
        WHERE firm_id = NEW.firm_id AND current AND NEW.decided_by_id IN (assessor_id, moderator_id)
    ) THEN
        RAISE EXCEPTION 'Person % assessed or moderated this firm, so decides on no change of its control.',
            NEW.decided_by_id USING ERRCODE = 'restrict_violation', HINT = 'Let somebody else do it.';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE OF decided_by_id ON licensing_changeofcontrol FOR EACH ROW
    WHEN (NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id AND NEW.decided_by_id IS NOT NULL)
    EXECUTE FUNCTION licensing_control_decider_had_no_hand();
"""

CONTROL_REMOVED = """
DROP TRIGGER decider_had_no_hand ON licensing_changeofcontrol;
DROP FUNCTION licensing_control_decider_had_no_hand();
"""

# A key individual is the firm's, whichever of its applications asks for them; a wind-down is a licence's.
INDIVIDUALS_AND_WIND_DOWNS = """
CREATE FUNCTION licensing_individual_decider_had_no_hand() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (
        SELECT FROM licensing_nocapplication c
        WHERE c.firm_id = NEW.firm_id AND licensing_had_the_case(NEW.decided_by_id, 'licensing.nocapplication', c.id)
    ) OR EXISTS (
        SELECT FROM licensing_licenceapplication c
        WHERE c.firm_id = NEW.firm_id
            AND licensing_had_the_case(NEW.decided_by_id, 'licensing.licenceapplication', c.id)
    ) THEN
        RAISE EXCEPTION 'Person % has or had a case of this firm in hand, so decides on none of its key individuals.',
            NEW.decided_by_id USING ERRCODE = 'restrict_violation', HINT = 'Let somebody else do it.';
    END IF;
    IF EXISTS (
        SELECT FROM licensing_rating
        WHERE firm_id = NEW.firm_id AND current
            AND NEW.decided_by_id IN (assessor_id, second_assessor_id, moderator_id)
    ) THEN
        RAISE EXCEPTION 'Person % assessed or moderated this firm, so decides on none of its key individuals.',
            NEW.decided_by_id USING ERRCODE = 'restrict_violation', HINT = 'Let somebody else do it.';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE OF decided_by_id ON licensing_keyindividual FOR EACH ROW
    WHEN (NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id AND NEW.decided_by_id IS NOT NULL)
    EXECUTE FUNCTION licensing_individual_decider_had_no_hand();

ALTER FUNCTION licensing_application_of(text, bigint) RENAME TO licensing_application_of_a_decision;

CREATE FUNCTION licensing_application_of(relation text, row_id bigint, OUT subject_type text, OUT subject_id bigint)
LANGUAGE plpgsql STABLE AS $body$
BEGIN
    IF relation = 'licensing_winddown' THEN
        SELECT licence_id INTO row_id FROM licensing_winddown WHERE id = row_id;
        relation := 'licensing_licence';
    END IF;
    SELECT * INTO subject_type, subject_id FROM licensing_application_of_a_decision(relation, row_id);
END
$body$;
CREATE TRIGGER decider_had_no_hand BEFORE UPDATE ON licensing_winddown FOR EACH ROW
    EXECUTE FUNCTION licensing_decider_had_no_hand('approved_by_id', 'closed_by_id');
"""

INDIVIDUALS_AND_WIND_DOWNS_REMOVED = """
DROP TRIGGER decider_had_no_hand ON licensing_winddown;
DROP FUNCTION licensing_application_of(text, bigint);
ALTER FUNCTION licensing_application_of_a_decision(text, bigint) RENAME TO licensing_application_of;
DROP TRIGGER decider_had_no_hand ON licensing_keyindividual;
DROP FUNCTION licensing_individual_decider_had_no_hand();
"""
