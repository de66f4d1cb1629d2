"""What the database itself refuses in licensing: a framework or letter that changes, money that does not fit, a person
who decides on what they checked.
"""

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

# A letter is written until it is issued; from then on only what became of it is added.
LETTERS_CHECKED = """
CREATE FUNCTION licensing_letter_stands() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state IN ('draft', 'approved') THEN
        RETURN NEW;
    ELSIF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'state' - 'version' = to_jsonb(OLD) - 'state' - 'version' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Letter % is issued: it never changes.', coalesce(OLD.reference, OLD.key)
        USING ERRCODE = 'restrict_violation', HINT = 'Supersede or revoke it, and issue another one.';
END
$body$;

CREATE TRIGGER letter_stands BEFORE UPDATE OR DELETE ON licensing_letter
    FOR EACH ROW EXECUTE FUNCTION licensing_letter_stands();
"""

FEES = """
-- Who is the officer of the case that an invoice is for. The case stays locked against a change of its officer.
CREATE FUNCTION licensing_officer_of(subject_type text, subject_id bigint) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    officer bigint;
BEGIN
    CASE subject_type
        WHEN 'licensing.nocapplication' THEN
            SELECT c.case_officer_id INTO officer FROM licensing_nocapplication c WHERE c.id = subject_id FOR SHARE;
        WHEN 'licensing.licenceapplication' THEN
            SELECT c.case_officer_id INTO officer FROM licensing_licenceapplication c WHERE c.id = subject_id FOR SHARE;
        WHEN 'licensing.licence' THEN
            SELECT c.case_officer_id INTO officer FROM licensing_licenceapplication c
                JOIN licensing_licence l ON l.application_id = c.id WHERE l.id = subject_id FOR SHARE OF c;
        ELSE
            officer := NULL;
    END CASE;
    RETURN officer;
END
$body$;

CREATE FUNCTION licensing_payment_fits() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    invoice licensing_invoice%ROWTYPE;
    original licensing_payment%ROWTYPE;
    paid numeric;
BEGIN
    -- One payment at a time on one invoice, so that two together never exceed its total.
    SELECT * INTO invoice FROM licensing_invoice i WHERE i.id = NEW.invoice_id FOR NO KEY UPDATE;
    IF NEW.reverses_id IS NULL THEN
        -- One at a time with one bank reference as well, whatever the invoice.
        PERFORM pg_advisory_xact_lock(hashtextextended(NEW.bank_reference || ' ' || NEW.amount_pkr, 9164));
        IF EXISTS (
            SELECT FROM licensing_payment p WHERE p.bank_reference = NEW.bank_reference
                AND p.amount_pkr = NEW.amount_pkr AND p.reverses_id IS NULL
                AND NOT EXISTS (SELECT FROM licensing_payment r WHERE r.reverses_id = p.id)
        ) THEN
            RAISE EXCEPTION 'The payment % is recorded already.', NEW.bank_reference
                USING ERRCODE = 'unique_violation';
        END IF;
    ELSE
        SELECT * INTO original FROM licensing_payment p WHERE p.id = NEW.reverses_id;
        IF original.reverses_id IS NOT NULL OR original.invoice_id <> NEW.invoice_id
            OR original.amount_pkr <> -NEW.amount_pkr THEN
            RAISE EXCEPTION 'Counter-entry % does not take payment % back.', NEW.bank_reference, NEW.reverses_id
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    SELECT coalesce(sum(p.amount_pkr), 0) + NEW.amount_pkr INTO paid
        FROM licensing_payment p WHERE p.invoice_id = NEW.invoice_id;
    IF paid < 0 OR paid > invoice.total_pkr THEN
        RAISE EXCEPTION 'Payments of % do not fit invoice % of %.', paid, invoice.number, invoice.total_pkr
            USING ERRCODE = 'check_violation';
    END IF;
    IF licensing_officer_of(invoice.subject_type, invoice.subject_id) = NEW.recorded_by_id THEN
        RAISE EXCEPTION 'The officer of a case keeps away from its money: invoice %.', invoice.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$body$;

CREATE TRIGGER payment_fits BEFORE INSERT ON licensing_payment
    FOR EACH ROW EXECUTE FUNCTION licensing_payment_fits();

CREATE FUNCTION licensing_officer_kept_no_accounts() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (
        SELECT FROM licensing_payment p JOIN licensing_invoice i ON i.id = p.invoice_id
            WHERE i.subject_type = TG_ARGV[0] AND i.subject_id = NEW.id AND p.recorded_by_id = NEW.case_officer_id
    ) THEN
        RAISE EXCEPTION 'Whoever recorded a payment of the fee does not take the case up: % %.', TG_ARGV[0], NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$body$;

CREATE TRIGGER officer_kept_no_accounts BEFORE UPDATE OF case_officer_id ON licensing_nocapplication FOR EACH ROW
    WHEN (NEW.case_officer_id IS DISTINCT FROM OLD.case_officer_id)
    EXECUTE FUNCTION licensing_officer_kept_no_accounts('licensing.nocapplication');
CREATE TRIGGER officer_kept_no_accounts BEFORE UPDATE OF case_officer_id ON licensing_licenceapplication FOR EACH ROW
    WHEN (NEW.case_officer_id IS DISTINCT FROM OLD.case_officer_id)
    EXECUTE FUNCTION licensing_officer_kept_no_accounts('licensing.licenceapplication');
"""

FEES_REMOVED = """
DROP TRIGGER officer_kept_no_accounts ON licensing_licenceapplication;
DROP TRIGGER officer_kept_no_accounts ON licensing_nocapplication;
DROP FUNCTION licensing_officer_kept_no_accounts();
DROP TRIGGER payment_fits ON licensing_payment;
DROP FUNCTION licensing_payment_fits();
DROP FUNCTION licensing_officer_of(text, bigint);
"""

# Recommender and decider are nobody who assessed or moderated. Ratings have a table of their own, so no CHECK says it.
# It asks for the current ratings; the gate asks for those too that count until the current ones are moderated.
FOUR_EYES = """
CREATE FUNCTION licensing_assessed_and_decided() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    signature text;
    was jsonb := to_jsonb(OLD);
    now_is jsonb := to_jsonb(NEW);
BEGIN
    FOREACH signature IN ARRAY TG_ARGV LOOP
        CONTINUE WHEN now_is -> signature = 'null'::jsonb OR now_is -> signature = was -> signature;
        IF EXISTS (
            SELECT 1 FROM licensing_rating
            WHERE firm_id = NEW.firm_id AND current
                AND (now_is ->> signature)::bigint IN (assessor_id, moderator_id)
        ) THEN
            RAISE EXCEPTION 'Person % assessed or moderated this firm, so is not its %.',
                now_is ->> signature, signature
                USING ERRCODE = 'restrict_violation', HINT = 'Let somebody else do it.';
        END IF;
    END LOOP;
    RETURN NEW;
END
$body$;
CREATE TRIGGER assessed_and_decided BEFORE UPDATE ON licensing_nocapplication
    FOR EACH ROW EXECUTE FUNCTION licensing_assessed_and_decided('recommended_by_id', 'decided_by_id');
CREATE TRIGGER assessed_and_decided BEFORE UPDATE ON licensing_licenceapplication
    FOR EACH ROW EXECUTE FUNCTION
    licensing_assessed_and_decided('recommended_by_id', 'decided_by_id', 'granted_by_id');
"""
FOUR_EYES_REMOVED = """
DROP TRIGGER assessed_and_decided ON licensing_licenceapplication;
DROP TRIGGER assessed_and_decided ON licensing_nocapplication;
DROP FUNCTION licensing_assessed_and_decided();
"""

# A CHECK sees one row; whoever made a check stands in another table than whoever decided.
CHECKERS = """
CREATE FUNCTION licensing_checker_does_not_decide() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_TABLE_NAME = 'licensing_keyindividual' THEN
        IF NOT EXISTS (SELECT FROM licensing_fitandpropercheck c
                       WHERE c.individual_id = NEW.id AND c.recorded_by_id = NEW.decided_by_id) THEN
            RETURN NEW;
        END IF;
    ELSIF NOT EXISTS (SELECT FROM licensing_keyindividual k
                      WHERE k.id = NEW.individual_id AND k.decided_by_id = NEW.recorded_by_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Whoever checks a key individual does not decide on the person.'
        USING ERRCODE = 'restrict_violation', HINT = 'Let a colleague decide.';
END
$body$;

CREATE TRIGGER checker_does_not_decide BEFORE UPDATE ON licensing_keyindividual FOR EACH ROW
    WHEN (NEW.decided_by_id IS NOT NULL AND NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id)
    EXECUTE FUNCTION licensing_checker_does_not_decide();
CREATE TRIGGER checker_does_not_decide BEFORE INSERT ON licensing_fitandpropercheck
    FOR EACH ROW EXECUTE FUNCTION licensing_checker_does_not_decide();
"""

CHECKERS_REMOVED = """
DROP TRIGGER checker_does_not_decide ON licensing_fitandpropercheck;
DROP TRIGGER checker_does_not_decide ON licensing_keyindividual;
DROP FUNCTION licensing_checker_does_not_decide();
"""

STATEMENTS = """
CREATE FUNCTION licensing_statement_stands() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    -- One change only: that it is imported. The file itself is never another one.
    IF TG_OP = 'UPDATE' AND OLD.imported_at IS NULL AND NEW.imported_at IS NOT NULL
        AND to_jsonb(NEW) - 'imported_at' - 'imported_by_id' - 'shown_sha256'
            = to_jsonb(OLD) - 'imported_at' - 'imported_by_id' - 'shown_sha256' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Statement % is kept as it was handed in.', OLD.file_name
        USING ERRCODE = 'restrict_violation', HINT = 'Hand in another file; payments are taken back one by one.';
END
$body$;

CREATE TRIGGER statement_stands BEFORE UPDATE OR DELETE ON licensing_bankstatement
    FOR EACH ROW EXECUTE FUNCTION licensing_statement_stands();
"""

STATEMENTS_REMOVED = """
DROP TRIGGER statement_stands ON licensing_bankstatement;
DROP FUNCTION licensing_statement_stands();
"""

# What was put to an applicant keeps its words, and what the applicant handed in keeps theirs.
RETURNS = """
CREATE FUNCTION licensing_deficiency_stands() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF OLD.returned_at IS NULL THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.settled_at IS NULL
        AND to_jsonb(NEW) - ARRAY['answer', 'answered_by_id', 'answered_at', 'settled_at']
          = to_jsonb(OLD) - ARRAY['answer', 'answered_by_id', 'answered_at', 'settled_at'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Deficiency % was returned to the applicant: it never changes.', OLD.id
        USING ERRCODE = 'restrict_violation', HINT = 'Draft another one for the next round.';
END
$body$;
CREATE TRIGGER deficiency_stands BEFORE UPDATE OR DELETE ON licensing_deficiency
    FOR EACH ROW EXECUTE FUNCTION licensing_deficiency_stands();

CREATE FUNCTION licensing_question_stands() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.question, NEW.number, NEW.request_id) = (OLD.question, OLD.number, OLD.request_id)
    THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM licensing_informationrequest r
            WHERE r.id = coalesce(OLD.request_id, NEW.request_id) AND r.raised_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'What request % asks was put: it never changes.', coalesce(OLD.request_id, NEW.request_id)
            USING ERRCODE = 'restrict_violation', HINT = 'Follow one up, or draft another request.';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$body$;
CREATE TRIGGER question_stands BEFORE INSERT OR UPDATE OR DELETE ON licensing_requestitem
    FOR EACH ROW EXECUTE FUNCTION licensing_question_stands();
"""

RETURNS_REMOVED = """
DROP TRIGGER question_stands ON licensing_requestitem;
DROP FUNCTION licensing_question_stands();
DROP TRIGGER deficiency_stands ON licensing_deficiency;
DROP FUNCTION licensing_deficiency_stands();
"""

# What was voted, imposed or given as a ground stays as it was said; what was only drafted may be taken back.
DECISIONS = """
CREATE FUNCTION licensing_vote_follows_its_own() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.supersedes_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM licensing_vote v
            WHERE v.id = NEW.supersedes_id AND v.motion_id = NEW.motion_id AND v.member_id = NEW.member_id
    ) THEN
        RAISE EXCEPTION 'A vote takes the place of an earlier one of the same member on the same motion, not of %.',
            NEW.supersedes_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER vote_follows_its_own BEFORE INSERT ON licensing_vote
    FOR EACH ROW EXECUTE FUNCTION licensing_vote_follows_its_own();

CREATE FUNCTION licensing_condition_stands() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'Condition % is imposed: what it says never changes.', OLD.id
        USING ERRCODE = 'restrict_violation', HINT = 'It is met or waived; another one is imposed by a decision.';
END
$body$;
CREATE TRIGGER condition_stands BEFORE UPDATE ON licensing_condition FOR EACH ROW
    WHEN (OLD.state <> 'drafted' AND (
        (OLD.text, OLD.kind, OLD.is_public) <> (NEW.text, NEW.kind, NEW.is_public)
        OR OLD.due_on IS DISTINCT FROM NEW.due_on OR OLD.number IS DISTINCT FROM NEW.number
        OR OLD.noc_id IS DISTINCT FROM NEW.noc_id OR OLD.application_id IS DISTINCT FROM NEW.application_id
    ))
    EXECUTE FUNCTION licensing_condition_stands();

CREATE FUNCTION licensing_ground_stands() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'Ground % was given to the firm: it stays in the record.', OLD.id
        USING ERRCODE = 'restrict_violation', HINT = 'Reopen the case and give notice anew.';
END
$body$;
CREATE TRIGGER ground_stands BEFORE UPDATE OR DELETE ON licensing_refusalground FOR EACH ROW
    WHEN (OLD.notice_id IS NOT NULL) EXECUTE FUNCTION licensing_ground_stands();
"""

DECISIONS_REMOVED = """
DROP TRIGGER ground_stands ON licensing_refusalground;
DROP FUNCTION licensing_ground_stands();
DROP TRIGGER condition_stands ON licensing_condition;
DROP FUNCTION licensing_condition_stands();
DROP TRIGGER vote_follows_its_own ON licensing_vote;
DROP FUNCTION licensing_vote_follows_its_own();
"""
