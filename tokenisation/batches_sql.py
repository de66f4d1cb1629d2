"""The posting function for a file of lines: one call, one venue, one kind of entry, many entries.

All or nothing for the file, and an answer for every line: a line is new, was posted before under its key, or is
refused with a code of `postings.REFUSALS`. If one is refused nothing is posted, and the file can be sent again as
often as its people like, because what was posted once is only answered again. `p_post = false` gives the answers alone,
for the page that shows a file before it is posted.

The order is that of `ledger_post`, but the asset's row is locked before the keys are looked up: thousands of advisory
locks, one a key, would be more than the server has room for. Should a single posting of the same key be under way on
another asset, the unique index stops one of the two, and it is sent again (`ledger.py`).
"""

from tokenisation.postings_sql import LAYOUT, SHARED_LOCK

BATCH = f"""
CREATE OR REPLACE FUNCTION ledger_post_batch(
    p_kind text, p_asset bigint, p_venue bigint, p_maker bigint, p_at timestamptz,
    p_keys text[], p_units bigint[], p_refs text[], p_post boolean
) RETURNS TABLE (line integer, refusal text, left_units bigint, entry_id bigint, entry_seq bigint, replayed boolean)
LANGUAGE plpgsql AS $body$
#variable_conflict use_column
DECLARE
    v_lock text;
    v_rule record;
    v_asset record;
    v_from record;
    v_to record;
    v_authorisation record;
    v_refusals text[];
    v_ids bigint[];
    v_seqs bigint[];
    v_hashes bytea[];
    v_previouses bytea[];
    v_line record;
    v_left bigint;
    v_room bigint;
    v_short text;
    v_running bigint := 0;
    v_first bigint;
    v_seq bigint;
    v_previous bytea;
    v_checker bigint;
    v_version integer;
    v_recorded timestamptz;
    v_n integer := coalesce(cardinality(p_keys), 0);
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM ledger_refuse('wrong_isolation', '{{}}');
    END IF;
    SELECT * INTO v_rule FROM ledger_rules() r WHERE r.kind = p_kind AND r.needs_standing;
    IF NOT FOUND OR p_venue IS NULL OR v_n = 0 OR cardinality(p_units) <> v_n OR cardinality(p_refs) <> v_n THEN
        PERFORM ledger_refuse('malformed', '{{}}');
    END IF;
    {SHARED_LOCK}
    SELECT a.* INTO v_asset FROM tokenisation_asset a WHERE a.id = p_asset FOR NO KEY UPDATE;

    -- What each line is by itself: malformed, an echo of an entry, another act under a used key, or new.
    SELECT array_agg(CASE
                WHEN coalesce(l.key, '') = '' OR coalesce(l.units, 0) <= 0 THEN 'malformed'
                WHEN l.nth > 1 THEN 'key_reused'
                WHEN e.id IS NOT NULL AND (e.kind, e.asset_id, e.venue_id, e.units, e.maker_id, e.case_ref)
                    IS DISTINCT FROM (p_kind::varchar, p_asset, p_venue, l.units, p_maker, l.ref::varchar)
                    THEN 'key_reused'
            END ORDER BY l.n),
            array_agg(e.id ORDER BY l.n), array_agg(e.seq ORDER BY l.n)
        INTO v_refusals, v_ids, v_seqs
        FROM (SELECT u.*, row_number() OVER (PARTITION BY u.key ORDER BY u.n) AS nth
            FROM unnest(p_keys, p_units, p_refs) WITH ORDINALITY AS u(key, units, ref, n)) l
        LEFT JOIN tokenisation_journalentry e ON e.idempotency_key = l.key;

    IF array_position(v_ids, NULL) IS NOT NULL THEN
        v_version := ledger_need_standing(p_venue);
        IF v_asset.state = 'defaulted' AND v_asset.state <> ALL (v_rule.states) THEN
            PERFORM ledger_refuse('asset_in_default', '{{}}');
        ELSIF (clock_timestamp() AT TIME ZONE 'Asia/Karachi')::date > v_asset.distribution_ends THEN
            PERFORM ledger_refuse('past_record_date', jsonb_build_object('on', v_asset.distribution_ends));
        ELSIF v_asset.id IS NULL OR v_asset.state <> ALL (v_rule.states) THEN
            PERFORM ledger_refuse('asset_not_issued', jsonb_build_object('state', v_asset.state));
        END IF;
        SELECT d.* INTO v_authorisation FROM tokenisation_distributionauthorisation d
            WHERE d.asset_id = p_asset AND d.venue_id = p_venue FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            PERFORM ledger_refuse('not_authorised', '{{}}');
        ELSIF v_authorisation.state <> 'active' THEN
            PERFORM ledger_refuse('authorisation_not_active', jsonb_build_object('state', v_authorisation.state));
        END IF;
        SELECT a.id, a.units INTO v_from FROM tokenisation_account a WHERE a.asset_id = p_asset
            AND a.kind = v_rule.source AND (a.venue_id = p_venue OR ledger_at_venue(a.kind) = 0);
        SELECT a.id INTO v_to FROM tokenisation_account a WHERE a.asset_id = p_asset
            AND a.kind = v_rule.target AND (a.venue_id = p_venue OR ledger_at_venue(a.kind) = 0);
        v_left := v_from.units;
        v_short := CASE p_kind WHEN 'allocate' THEN 'over_supply' ELSE 'over_allocation' END;
        IF p_kind = 'allocate' THEN
            v_checker := v_authorisation.authorised_by_id;
            IF v_checker = p_maker THEN
                PERFORM ledger_refuse('maker_is_checker', '{{}}');
            ELSIF v_authorisation.limit_units - v_authorisation.allocated_units < v_left THEN
                v_left := v_authorisation.limit_units - v_authorisation.allocated_units;
                v_short := 'over_limit';
            END IF;
            v_room := sublimit_room_at_venue(p_asset, p_venue);
            IF v_room < v_left THEN
                v_left := greatest(v_room, 0);
                v_short := 'over_venue_limit';
            END IF;
        ELSE
            PERFORM ledger_within_investor_limits(p_asset);
        END IF;
        -- In the order of the file: a line for which too little is left is refused, a smaller one after it may fit.
        FOR v_line IN
            SELECT l.n, l.units FROM unnest(p_units, v_refusals, v_ids) WITH ORDINALITY AS l(units, refusal, id, n)
                WHERE l.refusal IS NULL AND l.id IS NULL ORDER BY l.n
        LOOP
            IF v_line.units > v_left - v_running THEN
                v_refusals[v_line.n] := v_short;
            ELSE
                v_running := v_running + v_line.units;
            END IF;
        END LOOP;
    END IF;

    IF p_post AND v_running > 0 AND NOT EXISTS (SELECT FROM unnest(v_refusals) r WHERE r IS NOT NULL) THEN
        SELECT e.seq, e.hash INTO v_seq, v_previous FROM tokenisation_journalentry e
            WHERE e.asset_id = p_asset ORDER BY e.seq DESC LIMIT 1;
        v_seq := coalesce(v_seq, 0);
        v_first := v_seq + 1;
        v_previous := coalesce(v_previous, '\\x'::bytea);
        v_recorded := clock_timestamp();
        v_hashes := array_fill(NULL::bytea, ARRAY[v_n]);
        v_previouses := v_hashes;
        FOR v_line IN
            SELECT l.n, l.key, l.units, l.ref
                FROM unnest(p_keys, p_units, p_refs, v_ids) WITH ORDINALITY AS l(key, units, ref, id, n)
                WHERE l.id IS NULL ORDER BY l.n
        LOOP
            v_seq := v_seq + 1;
            v_seqs[v_line.n] := v_seq;
            v_previouses[v_line.n] := v_previous;
            v_previous := ledger_hash(v_previous, json_build_array(
                {LAYOUT}, p_asset, v_seq, p_kind, v_rule.source, p_venue, NULL, v_line.units, v_line.key, p_maker,
                v_checker, v_line.ref, v_version, NULL, ledger_time(p_at), ledger_time(v_recorded)));
            v_hashes[v_line.n] := v_previous;
        END LOOP;
        IF p_kind = 'allocate' THEN
            UPDATE tokenisation_asset a SET allocated_units = a.allocated_units + v_running WHERE a.id = p_asset;
            UPDATE tokenisation_distributionauthorisation d SET allocated_units = d.allocated_units + v_running
                WHERE d.id = v_authorisation.id;
        END IF;
        INSERT INTO tokenisation_journalentry (layout, asset_id, seq, kind, source, venue_id, units, idempotency_key,
                maker_id, checker_id, case_ref, standing_version, effective_at, recorded_at, prev_hash, hash)
            SELECT {LAYOUT}, p_asset, l.seq, p_kind, v_rule.source, p_venue, l.units, l.key, p_maker, v_checker, l.ref,
                    v_version, p_at, v_recorded, l.previous, l.hash
                FROM unnest(p_keys, p_units, p_refs, v_seqs, v_previouses, v_hashes)
                    AS l(key, units, ref, seq, previous, hash)
                WHERE l.hash IS NOT NULL ORDER BY l.seq;
        INSERT INTO tokenisation_posting (entry_id, account_id, units)
            SELECT e.id, side.account_id, side.sign * e.units
                FROM tokenisation_journalentry e
                    CROSS JOIN (VALUES (v_from.id, -1), (v_to.id, 1)) AS side(account_id, sign)
                WHERE e.asset_id = p_asset AND e.seq BETWEEN v_first AND v_seq;
        INSERT INTO kernel_auditentry (subject_type, subject_id, event, actor_id, actor_name, at, from_state, to_state,
                note, data)
            VALUES ('tokenisation.distributionauthorisation', v_authorisation.id, v_rule.event, p_maker,
                (SELECT coalesce(nullif(u.name, ''), u.email) FROM kernel_user u WHERE u.id = p_maker), p_at, '', '',
                '', jsonb_build_object('first', v_first, 'last', v_seq, 'units', v_running, 'checker', v_checker,
                    'standing_version', v_version, 'hash', encode(v_previous, 'hex')));
    END IF;

    RETURN QUERY
        SELECT l.n::integer, l.refusal, CASE WHEN l.refusal = v_short THEN v_left END, coalesce(l.id, e.id), l.seq,
                l.id IS NOT NULL
            FROM unnest(v_refusals, v_ids, v_seqs) WITH ORDINALITY AS l(refusal, id, seq, n)
                LEFT JOIN tokenisation_journalentry e ON e.asset_id = p_asset AND e.seq = l.seq AND l.refusal IS NULL
            ORDER BY l.n;
END
$body$;
"""

REMOVE = """
DROP FUNCTION IF EXISTS ledger_post_batch(text, bigint, bigint, bigint, timestamptz, text[], bigint[], text[], boolean);
"""
