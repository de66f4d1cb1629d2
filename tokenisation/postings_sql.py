"""The posting function: one entry in one round trip, in the order of its correctness.

1. refuse any isolation but READ COMMITTED: the reads after a lock must be fresh;
2. take the venue's advisory lock shared (`licensing/standing_sql.py` takes it exclusively before standing changes);
3. look the idempotency key up: same key and same act, same answer for ever, also after a suspension;
4. read the venue's standing afresh, by the database's clock and not the application's;
5. lock the asset and the authorisation: state, caps, the source's balance, the entry's number; then their counters, if
   the entry changes any (a placement does not: what is with clients is in their accounts alone);
6. entry with its hash, postings (a trigger moves the balances), audit row.

A refusal is an exception of SQLSTATE `REFUSED` with a code for its message and JSON for its detail, so nothing is ever
half done. What each kind does and what each code says is the table in `postings.py`, which `tables_sql.py` tells the
database. The first version of the function is in `ledger_sql.py`, with the triggers that still hold.
"""

from licensing.standing_sql import LOCK_CLASS
from tokenisation.tables_sql import TABLES

# What an entry's hash is made over. Entries of layout 1 are those of the first version of the function.
LAYOUT = 2


# A line of its own, so that the test of the race can take it out and show that the race is then lost. Assigned and not
# performed: an expression alone is evaluated without a plan.
SHARED_LOCK = f"v_lock := pg_advisory_xact_lock_shared({LOCK_CLASS}, p_venue::integer);"
SHARED_LOCK_ELSEWHERE = f"v_lock := pg_advisory_xact_lock_shared({LOCK_CLASS}, p_to_venue::integer);"

# One venue's authorisation: what is allocated to it, within its limit and the programme's. Called with the asset's row
# locked. Where nothing is allocated it is only held, so that nobody stops it before this commits.
AUTHORISATION = """
CREATE OR REPLACE FUNCTION ledger_count_at_venue(
    p_asset bigint, p_venue bigint, p_allocated bigint, p_must_be_active boolean,
    OUT authorisation_id bigint, OUT authorised_by bigint
) LANGUAGE plpgsql AS $body$
DECLARE
    v_authorisation record;
    v_room bigint;
BEGIN
    SELECT d.id, d.authorised_by_id, d.state, d.limit_units, d.allocated_units INTO v_authorisation
        FROM tokenisation_distributionauthorisation d
        WHERE d.asset_id = p_asset AND d.venue_id = p_venue FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM ledger_refuse('not_authorised', '{}');
    ELSIF v_authorisation.state <> 'active' AND p_must_be_active THEN
        PERFORM ledger_refuse('authorisation_not_active', jsonb_build_object('state', v_authorisation.state));
    ELSIF v_authorisation.allocated_units + p_allocated > v_authorisation.limit_units THEN
        PERFORM ledger_refuse('over_limit', jsonb_build_object(
            'asked', p_allocated, 'left', v_authorisation.limit_units - v_authorisation.allocated_units));
    END IF;
    authorisation_id := v_authorisation.id; authorised_by := v_authorisation.authorised_by_id;
    IF p_allocated <> 0 THEN
        UPDATE tokenisation_distributionauthorisation d SET allocated_units = d.allocated_units + p_allocated
            WHERE d.id = authorisation_id;
    END IF;
    IF p_allocated > 0 THEN
        v_room := sublimit_room_at_venue(p_asset, p_venue);
        IF v_room < 0 THEN
            PERFORM ledger_refuse('over_venue_limit', jsonb_build_object(
                'asked', p_allocated, 'left', greatest(v_room + p_allocated, 0)));
        END IF;
    END IF;
END
$body$;
"""

# What an entry stands on: the account that the units leave and what is in it, the one that they reach, and the entry
# before. Called with the asset's row locked. Written out for venues and for the asset's own accounts, because IS NOT
# DISTINCT FROM would read every account of the asset.
GROUND = """
CREATE OR REPLACE FUNCTION ledger_ground(
    p_asset bigint, p_source text, p_from_venue bigint, p_target text, p_to_venue bigint,
    OUT source_id bigint, OUT source_units bigint, OUT target_id bigint
) LANGUAGE plpgsql AS $body$
BEGIN
    IF p_from_venue IS NULL THEN
        SELECT a.id, a.units INTO source_id, source_units FROM tokenisation_account a
            WHERE a.asset_id = p_asset AND a.venue_id IS NULL AND a.kind = p_source;
    ELSE
        SELECT a.id, a.units INTO source_id, source_units FROM tokenisation_account a
            WHERE a.asset_id = p_asset AND a.venue_id = p_from_venue AND a.kind = p_source;
    END IF;
    IF p_to_venue IS NULL THEN
        SELECT a.id INTO target_id FROM tokenisation_account a
            WHERE a.asset_id = p_asset AND a.venue_id IS NULL AND a.kind = p_target;
    ELSE
        SELECT a.id INTO target_id FROM tokenisation_account a
            WHERE a.asset_id = p_asset AND a.venue_id = p_to_venue AND a.kind = p_target;
    END IF;
END
$body$;
"""

# What an issue relies on besides its approval: no break stands, and an attestation that two people's hands have been on
# covers the units. Called with the asset's row locked, and so after any comparison.
ISSUE = """
CREATE OR REPLACE FUNCTION ledger_may_issue(p_asset bigint, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    v_needed numeric;
    v_covered numeric;
BEGIN
    IF EXISTS (SELECT FROM tokenisation_break b WHERE b.asset_id = p_asset AND b.state <> 'closed') THEN
        PERFORM ledger_refuse('break_stands', '{}');
    END IF;
    SELECT (a.minted_units - a.redeemed_units)::numeric * t.quantity_per_unit,
            (SELECT r.quantity FROM tokenisation_reserveattestation r WHERE r.asset_id = a.id
                AND r.state = 'accepted' AND r.unit_of_measure = t.unit_of_measure
                AND r.as_of <= p_at AND r.expires_at > p_at ORDER BY r.as_of DESC, r.id DESC LIMIT 1)
            * (10000 - t.haircut_bp)::numeric / 10000
        INTO v_needed, v_covered
        FROM tokenisation_asset a JOIN tokenisation_commodityterms t ON t.asset_id = a.id WHERE a.id = p_asset;
    IF FOUND AND v_needed > coalesce(v_covered, 0) THEN
        PERFORM ledger_refuse('not_backed', '{}');
    END IF;
END
$body$;
"""

# The text over which an entry's hash is made, by this function and by the one that posts many at once.
HASH = """
-- STABLE, as what it calls is: a function that promises more than its body is not written into its callers' plans.
CREATE OR REPLACE FUNCTION ledger_hash(p_previous bytea, p_said json) RETURNS bytea LANGUAGE sql STABLE AS $body$
    SELECT sha256(p_previous || convert_to(p_said::text, 'UTF8'))
$body$;

CREATE OR REPLACE FUNCTION ledger_time(p_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $body$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
$body$;
"""

POST = f"""
CREATE OR REPLACE FUNCTION ledger_post(
    p_key text, p_kind text, p_source text, p_asset bigint, p_venue bigint, p_to_venue bigint, p_units bigint,
    p_maker bigint, p_checker bigint, p_reverses bigint, p_case_ref text, p_at timestamptz,
    OUT entry_id bigint, OUT entry_seq bigint, OUT entry_hash bytea, OUT replayed boolean
) LANGUAGE plpgsql AS $body$
DECLARE
    v_lock text;
    v_rule record;
    v_asset record;
    v_reversed record;
    v_from record;
    v_to record;
    v_source text := p_source;
    v_target text;
    v_from_venue bigint;
    v_to_venue bigint;
    v_issued bigint := 0;
    v_redeemed bigint := 0;
    v_allocated bigint;
    v_subject bigint := p_asset;
    v_checker bigint := p_checker;
    v_signed bigint;
    v_ground record;
    v_authorisation bigint;
    v_state text;
    v_source_id bigint;
    v_held bigint;
    v_target_id bigint;
    v_here record;
    v_there record;
    v_version integer;
    v_previous bytea;
    v_recorded timestamptz;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM ledger_refuse('wrong_isolation', '{{}}');
    END IF;
    v_rule := ledger_rule(p_kind, p_source);
    IF v_rule.event IS NULL OR coalesce(p_units, 0) <= 0 OR coalesce(p_key, '') = ''
        OR (p_kind <> 'correct' AND v_rule.at_venue <> (p_venue IS NOT NULL))
        OR (p_to_venue IS NOT NULL AND (p_to_venue = p_venue OR p_kind NOT IN ('forced', 'correct')))
        OR (p_kind = 'correct') <> (p_reverses IS NOT NULL) THEN
        PERFORM ledger_refuse('malformed', '{{}}');
    ELSIF v_rule.with_a_case AND btrim(p_case_ref) = '' THEN
        PERFORM ledger_refuse('case_ref_missing', '{{}}');
    END IF;

    -- Two venues always in the same order.
    IF p_to_venue < p_venue THEN
        {SHARED_LOCK_ELSEWHERE}
    END IF;
    IF p_venue IS NOT NULL THEN
        {SHARED_LOCK}
    END IF;
    IF p_to_venue > p_venue THEN
        {SHARED_LOCK_ELSEWHERE}
    END IF;

    -- Two deliveries of one key wait for each other here, so the second finds what the first has written.
    v_lock := pg_advisory_xact_lock(hashtextextended(p_key, 0));
    SELECT e.id, e.seq, e.hash INTO entry_id, entry_seq, entry_hash
        FROM tokenisation_journalentry e WHERE e.idempotency_key = p_key;
    IF FOUND THEN
        PERFORM FROM tokenisation_journalentry e WHERE e.id = entry_id
            AND (e.kind, e.source, e.asset_id, e.venue_id, e.to_venue_id, e.units, e.maker_id, e.reverses_id,
                    e.case_ref)
                IS NOT DISTINCT FROM (p_kind::varchar, p_source::varchar, p_asset, p_venue, p_to_venue, p_units,
                    p_maker, p_reverses, p_case_ref::varchar);
        IF NOT FOUND THEN
            PERFORM ledger_refuse('key_reused', jsonb_build_object('entry', entry_seq));
        END IF;
        replayed := true;
        RETURN;
    END IF;

    IF v_rule.needs_standing THEN
        v_version := ledger_need_standing(p_venue);
    ELSIF p_kind = 'forced' AND p_to_venue IS NOT NULL THEN
        v_version := ledger_need_standing(p_to_venue);
    END IF;

    -- From where to where; a correction goes the way of its entry backwards.
    IF p_kind = 'correct' THEN
        SELECT e.* INTO v_reversed FROM tokenisation_journalentry e WHERE e.id = p_reverses;
        IF NOT FOUND OR v_reversed.kind = 'correct'
            OR (v_reversed.asset_id, v_reversed.venue_id, v_reversed.to_venue_id, v_reversed.units)
                IS DISTINCT FROM (p_asset, p_venue, p_to_venue, p_units) THEN
            PERFORM ledger_refuse('not_correctable', '{{}}');
        END IF;
        SELECT a.kind, a.venue_id INTO v_from FROM tokenisation_posting p
            JOIN tokenisation_account a ON a.id = p.account_id WHERE p.entry_id = p_reverses AND p.units > 0;
        SELECT a.kind, a.venue_id INTO v_to FROM tokenisation_posting p
            JOIN tokenisation_account a ON a.id = p.account_id WHERE p.entry_id = p_reverses AND p.units < 0;
        v_source := v_from.kind; v_from_venue := v_from.venue_id;
        v_target := v_to.kind; v_to_venue := v_to.venue_id;
        v_issued := CASE v_reversed.kind WHEN 'issue' THEN -p_units ELSE 0 END;
        v_redeemed := CASE v_reversed.kind WHEN 'redeem' THEN -p_units ELSE 0 END;
    ELSE
        v_target := CASE WHEN p_to_venue IS NULL THEN v_rule.target ELSE v_rule.elsewhere END;
        v_from_venue := CASE ledger_at_venue(v_source) WHEN 1 THEN p_venue END;
        v_to_venue := CASE ledger_at_venue(v_target) WHEN 1 THEN coalesce(p_to_venue, p_venue) END;
        v_issued := CASE p_kind WHEN 'issue' THEN p_units ELSE 0 END;
        v_redeemed := CASE p_kind WHEN 'redeem' THEN p_units ELSE 0 END;
    END IF;

    v_allocated := (ledger_at_venue(v_target) - ledger_at_venue(v_source)) * p_units;
    -- Ours from here until commit: its counters and balances are final, and so is the entry before this one.
    SELECT a.state, a.kind, a.distribution_ends, a.authorised_units, a.minted_units, a.redeemed_units,
            a.approved_by_id, EXISTS (
                SELECT FROM tokenisation_sublimit l WHERE l.scope = 'investors' AND l.state = 'confirmed') AS limited
        INTO v_asset FROM tokenisation_asset a WHERE a.id = p_asset FOR NO KEY UPDATE;
    IF v_asset.state = 'defaulted' AND v_asset.state <> ALL (v_rule.states) THEN
        PERFORM ledger_refuse('asset_in_default', '{{}}');
    ELSIF v_rule.needs_standing AND v_asset.distribution_ends IS NOT NULL
        AND (clock_timestamp() AT TIME ZONE 'Asia/Karachi')::date > v_asset.distribution_ends THEN
        -- Before its state is asked: the night marks it as matured, and the reason stays the same.
        PERFORM ledger_refuse('past_record_date', jsonb_build_object('on', v_asset.distribution_ends));
    ELSIF v_asset.state IS NULL OR v_asset.state <> ALL (v_rule.states) THEN
        PERFORM ledger_refuse('asset_not_issued', jsonb_build_object('state', v_asset.state));
    ELSIF p_kind = 'redeem' AND v_asset.kind = 'tbill' AND v_asset.state NOT IN ('matured', 'defaulted') THEN
        PERFORM ledger_refuse('not_before_maturity', '{{}}');
    ELSIF v_asset.minted_units + v_issued > v_asset.authorised_units THEN
        PERFORM ledger_refuse('over_cap', jsonb_build_object(
            'asked', p_units, 'left', v_asset.authorised_units - v_asset.minted_units));
    ELSIF p_reverses IS NOT NULL
        AND EXISTS (SELECT FROM tokenisation_journalentry e WHERE e.reverses_id = p_reverses) THEN
        PERFORM ledger_refuse('already_corrected', '{{}}');
    END IF;
    IF v_from_venue = v_to_venue THEN
        -- Within one venue, as every placement. Four small questions cost less than a join of four tables.
        SELECT d.id, d.state, d.authorised_by_id INTO v_authorisation, v_state, v_signed
            FROM tokenisation_distributionauthorisation d
            WHERE d.asset_id = p_asset AND d.venue_id = v_from_venue FOR NO KEY UPDATE;
        SELECT a.id, a.units INTO v_source_id, v_held FROM tokenisation_account a
            WHERE a.asset_id = p_asset AND a.venue_id = v_from_venue AND a.kind = v_source;
        SELECT a.id INTO v_target_id FROM tokenisation_account a
            WHERE a.asset_id = p_asset AND a.venue_id = v_from_venue AND a.kind = v_target;
    ELSE
        v_signed := v_asset.approved_by_id;
        v_ground := ledger_ground(p_asset, v_source, v_from_venue, v_target, v_to_venue);
        v_source_id := v_ground.source_id; v_held := v_ground.source_units; v_target_id := v_ground.target_id;
    END IF;
    IF v_source_id IS NULL THEN
        PERFORM ledger_refuse('not_authorised', '{{}}');
    ELSIF v_source <> 'supply' AND v_held < p_units THEN
        PERFORM ledger_refuse_short(v_source, p_units, v_held);
    ELSIF p_kind = 'distribute' AND v_asset.limited THEN
        PERFORM ledger_within_investor_limits(p_asset);
    END IF;
    IF v_target_id IS NULL THEN
        PERFORM ledger_refuse('not_authorised', '{{}}');
    END IF;
    SELECT e.seq, e.hash INTO entry_seq, v_previous FROM tokenisation_journalentry e
        WHERE e.asset_id = p_asset ORDER BY e.seq DESC LIMIT 1;
    entry_seq := coalesce(entry_seq, 0) + 1;
    v_previous := coalesce(v_previous, '\\x'::bytea);

    -- What is with clients is in their accounts and nowhere else, so a placement changes none of these.
    IF v_issued <> 0 OR v_redeemed <> 0 OR v_allocated <> 0 THEN
        UPDATE tokenisation_asset a SET
                minted_units = a.minted_units + v_issued,
                redeemed_units = a.redeemed_units + v_redeemed,
                allocated_units = a.allocated_units + v_allocated
            WHERE a.id = p_asset;
        IF p_kind = 'issue' THEN
            PERFORM ledger_may_issue(p_asset, p_at);
        END IF;
    END IF;

    IF v_from_venue = v_to_venue THEN
        IF v_rule.needs_standing AND v_state <> 'active' THEN
            PERFORM ledger_refuse('authorisation_not_active', jsonb_build_object('state', v_state));
        END IF;
        v_subject := v_authorisation;
    ELSE
        IF v_from_venue IS NOT NULL THEN
            v_here := ledger_count_at_venue(p_asset, v_from_venue, -p_units, v_rule.needs_standing);
        END IF;
        IF v_to_venue IS NOT NULL THEN
            v_there := ledger_count_at_venue(
                p_asset, v_to_venue, p_units, v_rule.needs_standing OR p_kind = 'forced');
            IF v_from_venue IS NULL THEN
                v_here := v_there;
            END IF;
        END IF;
        IF v_from_venue IS NOT NULL OR v_to_venue IS NOT NULL THEN
            v_subject := v_here.authorisation_id; v_signed := v_here.authorised_by;
        END IF;
    END IF;
    -- The approver has checked an issue, whoever authorised the venue an allocation; who confirms it, an order.
    IF p_kind IN ('issue', 'allocate') THEN
        v_checker := v_signed;
    END IF;
    IF v_rule.by_two AND (v_checker IS NULL OR v_checker = p_maker) THEN
        PERFORM ledger_refuse('maker_is_checker', '{{}}');
    END IF;

    v_recorded := clock_timestamp();
    entry_hash := ledger_hash(v_previous, json_build_array(
        {LAYOUT}, p_asset, entry_seq, p_kind, p_source, p_venue, p_to_venue, p_units, p_key, p_maker, v_checker,
        p_case_ref, v_version, p_reverses, ledger_time(p_at), ledger_time(v_recorded)));
    INSERT INTO tokenisation_journalentry (layout, asset_id, seq, kind, source, venue_id, to_venue_id, units,
            idempotency_key, maker_id, checker_id, reverses_id, case_ref, standing_version, effective_at, recorded_at,
            prev_hash, hash)
        VALUES ({LAYOUT}, p_asset, entry_seq, p_kind, p_source, p_venue, p_to_venue, p_units, p_key, p_maker,
            v_checker, p_reverses, p_case_ref, v_version, p_at, v_recorded, v_previous, entry_hash)
        RETURNING id INTO entry_id;
    INSERT INTO tokenisation_posting (entry_id, account_id, units)
        VALUES (ledger_post.entry_id, v_source_id, -p_units),
            (ledger_post.entry_id, v_target_id, p_units);
    INSERT INTO kernel_auditentry (subject_type, subject_id, event, actor_id, actor_name, at, from_state, to_state,
            note, data)
        VALUES (
            CASE WHEN v_from_venue IS NULL AND v_to_venue IS NULL
                THEN 'tokenisation.asset' ELSE 'tokenisation.distributionauthorisation' END,
            v_subject, v_rule.event, p_maker,
            (SELECT coalesce(nullif(u.name, ''), u.email) FROM kernel_user u WHERE u.id = p_maker), p_at, '', '',
            p_case_ref, jsonb_build_object('entry', entry_id, 'seq', entry_seq, 'units', p_units, 'source', p_source,
                'to_venue', p_to_venue, 'checker', v_checker, 'reverses', p_reverses, 'standing_version', v_version,
                'key', p_key));
    replayed := false;
END
$body$;
"""

INSTALL = TABLES + AUTHORISATION + GROUND + ISSUE + HASH + POST

# Leaves `ledger_refuse`, which the first version has too.
REMOVE = """
DROP FUNCTION IF EXISTS ledger_post(text, text, text, bigint, bigint, bigint, bigint, bigint, bigint, bigint, text,
        timestamptz),
    ledger_hash(bytea, json), ledger_time(timestamptz), ledger_at_venue(text),
    ledger_count_at_venue(bigint, bigint, bigint, boolean), ledger_may_issue(bigint, timestamptz),
    ledger_refuse_short(text, bigint, bigint), ledger_rules(), ledger_rule(text, text), ledger_refusals(),
    ledger_ground(bigint, text, bigint, text, bigint);
"""
