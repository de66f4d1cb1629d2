"""The posting function for placements of many at once: one call, many people's postings, each an entry of its own.

It makes those that certainly pass and says nothing of the others: whoever sent one of these posts it alone, and is
answered by `ledger_post`, which knows every refusal and every replay. So nothing is said twice, and nobody's placement
stands in the way of another's.

The order is that of `ledger_post`. Because a call holds many venues and keys, their locks are tried and not waited for:
a trial stands behind a suspension that waits, as everybody does, so it neither starves one nor makes a circle with it.
A line whose venue or key is not free is one of the others. Assets and authorisations are locked by number, and if one
is not let go soon the call ends with nothing posted.
"""

from licensing.standing_sql import LOCK_CLASS
from tokenisation.limits_sql import TODAY
from tokenisation.postings_sql import LAYOUT

# A line of its own, as in `postings_sql.py`: the test of the race takes it out.
TRIED_LOCK = f"pg_try_advisory_xact_lock_shared({LOCK_CLASS}, l.venue::integer)"

GATHERED = f"""
CREATE OR REPLACE FUNCTION ledger_place_gathered(
    p_keys text[], p_assets bigint[], p_venues bigint[], p_units bigint[], p_makers bigint[], p_refs text[],
    p_settlements text[], p_ats timestamptz[]
) RETURNS TABLE (line integer, entry_id bigint, entry_seq bigint, entry_hash bytea)
LANGUAGE plpgsql SET lock_timeout = '100ms' SET plan_cache_mode = 'force_generic_plan' AS $body$
#variable_conflict use_column
DECLARE
    v_free boolean[];
    v_rule record;
    v_limited boolean;
    v_line record;
    v_asset bigint;
    v_seq bigint;
    v_previous bytea;
    v_recorded timestamptz;
    v_lines integer[] := '{{}}';
    v_seqs bigint[] := '{{}}';
    v_versions integer[] := '{{}}';
    v_previouses bytea[] := '{{}}';
    v_hashes bytea[] := '{{}}';
    v_subjects bigint[] := '{{}}';
    v_sources bigint[] := '{{}}';
    v_targets bigint[] := '{{}}';
    v_settled bigint[] := '{{}}';
    v_ids bigint[];
    v_round integer := 0;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM ledger_refuse('wrong_isolation', '{{}}');
    END IF;
    v_rule := ledger_rule('distribute', 'inventory');
    v_free := ARRAY(
        SELECT {TRIED_LOCK}
                AND pg_try_advisory_xact_lock(hashtextextended(l.key, 0))
            FROM unnest(p_venues, p_keys) AS l(venue, key));
    PERFORM FROM tokenisation_asset a WHERE a.id = ANY (p_assets) ORDER BY a.id FOR NO KEY UPDATE;
    PERFORM FROM tokenisation_distributionauthorisation d
        JOIN unnest(p_assets, p_venues) AS l(asset, venue) ON d.asset_id = l.asset AND d.venue_id = l.venue
        ORDER BY d.id FOR NO KEY UPDATE OF d;
    v_limited := EXISTS (
        SELECT FROM tokenisation_sublimit l WHERE l.scope = 'investors' AND l.state = 'confirmed');

    -- Ours from here until commit. A line that leaves too little for those after it leaves nothing to them: they are
    -- posted alone, each in its turn. Lines of one person for one authorisation are numbered without a gap.
    v_recorded := clock_timestamp();
    FOR v_line IN
        WITH asked AS MATERIALIZED (
            SELECT l.*, (l.at AT TIME ZONE 'Asia/Karachi')::date AS day,
                    row_number() OVER (PARTITION BY l.key ORDER BY l.n) AS nth
                FROM unnest(p_keys, p_assets, p_venues, p_units, p_makers, p_refs, p_settlements, p_ats, v_free)
                    WITH ORDINALITY AS l(key, asset, venue, units, maker, ref, settlement, at, free, n)
                WHERE l.free AND l.units > 0 AND l.key <> ''
        ), settled AS MATERIALIZED (
            SELECT k.settlement, k.day, t.id AS settled_in, t.permitted
                FROM (SELECT DISTINCT q.settlement, q.day FROM asked q) k LEFT JOIN LATERAL (
                    SELECT c.id, c.permitted FROM (
                            SELECT DISTINCT ON (a.code) a.* FROM tokenisation_settlementasset a
                                WHERE a.effective_from <= k.day ORDER BY a.code, a.effective_from DESC
                        ) c
                        WHERE CASE k.settlement WHEN '' THEN c.is_default ELSE c.code = k.settlement END
                        ORDER BY c.code LIMIT 1
                ) t ON true
        ), passing AS (
            SELECT q.n, q.key, q.asset, q.venue, q.units, q.maker, q.ref, q.at, d.id AS subject, s.standing_version,
                    source.id AS source, target.id AS target, t.settled_in,
                    source.units - sum(q.units) OVER (PARTITION BY source.id ORDER BY q.n) AS remains
                FROM asked q
                    JOIN settled t ON t.settlement = q.settlement AND t.day = q.day
                    JOIN tokenisation_asset a ON a.id = q.asset
                    JOIN tokenisation_distributionauthorisation d ON d.asset_id = q.asset AND d.venue_id = q.venue
                    JOIN licensing_venuestanding s ON s.id = q.venue
                    JOIN tokenisation_account source ON source.asset_id = q.asset AND source.venue_id = q.venue
                        AND source.kind = 'inventory'
                    JOIN tokenisation_account target ON target.asset_id = q.asset AND target.venue_id = q.venue
                        AND target.kind = v_rule.target
                WHERE q.nth = 1 AND s.may_distribute AND (s.holds_until <= clock_timestamp()) IS NOT TRUE
                    AND a.state = ANY (v_rule.states) AND ({TODAY} > a.distribution_ends) IS NOT TRUE
                    AND d.state = 'active'
                    AND CASE WHEN t.settled_in IS NULL THEN q.settlement = '' ELSE t.permitted END
                    AND NOT EXISTS (SELECT FROM tokenisation_journalentry e WHERE e.idempotency_key = q.key)
                    AND (NOT v_limited OR ledger_over_investor_limits(q.asset) IS NULL)
        )
        SELECT p.* FROM passing p WHERE p.remains >= 0 ORDER BY p.asset, p.subject, p.maker, p.n
    LOOP
        IF v_line.asset IS DISTINCT FROM v_asset THEN
            v_asset := v_line.asset;
            SELECT e.seq, e.hash INTO v_seq, v_previous FROM tokenisation_journalentry e
                WHERE e.asset_id = v_asset ORDER BY e.seq DESC LIMIT 1;
            v_seq := coalesce(v_seq, 0);
            v_previous := coalesce(v_previous, '\\x'::bytea);
        END IF;
        v_seq := v_seq + 1;
        v_lines := v_lines || v_line.n::integer;
        v_seqs := v_seqs || v_seq;
        v_versions := v_versions || v_line.standing_version;
        v_subjects := v_subjects || v_line.subject;
        v_sources := v_sources || v_line.source;
        v_targets := v_targets || v_line.target;
        v_settled := v_settled || v_line.settled_in;
        v_previouses := v_previouses || v_previous;
        v_previous := ledger_hash(v_previous, json_build_array(
            {LAYOUT}, v_asset, v_seq, 'distribute', 'inventory', v_line.venue, NULL, v_line.units, v_line.key,
            v_line.maker, NULL, v_line.ref, v_line.standing_version, NULL, ledger_time(v_line.at),
            ledger_time(v_recorded)));
        v_hashes := v_hashes || v_previous;
    END LOOP;

    WITH made AS (
        INSERT INTO tokenisation_journalentry (layout, asset_id, seq, kind, source, venue_id, units, idempotency_key,
                maker_id, case_ref, standing_version, effective_at, recorded_at, prev_hash, hash)
            SELECT {LAYOUT}, p_assets[l.line], l.seq, 'distribute', 'inventory', p_venues[l.line], p_units[l.line],
                    p_keys[l.line], p_makers[l.line], p_refs[l.line], l.version, p_ats[l.line], v_recorded, l.previous,
                    l.hash
                FROM unnest(v_lines, v_seqs, v_versions, v_previouses, v_hashes)
                    AS l(line, seq, version, previous, hash)
            RETURNING id, asset_id, seq
    )
    SELECT array_agg(m.id ORDER BY m.asset_id, m.seq) INTO v_ids FROM made m;
    INSERT INTO tokenisation_posting (entry_id, account_id, units)
        SELECT l.id, side.account, side.units
            FROM unnest(v_ids, v_lines, v_sources, v_targets) AS l(id, line, source, target)
                CROSS JOIN LATERAL (VALUES (l.source, -p_units[l.line]), (l.target, p_units[l.line]))
                    AS side(account, units);
    INSERT INTO tokenisation_settlement (entry_id, settled_in_id)
        SELECT l.id, l.settled_in FROM unnest(v_ids, v_settled) AS l(id, settled_in) WHERE l.settled_in IS NOT NULL;

    -- What one person placed under one authorisation is one event of its history. A history is a chain, so two persons'
    -- events of one authorisation are written one after the other.
    LOOP
        v_round := v_round + 1;
        INSERT INTO kernel_auditentry (subject_type, subject_id, event, actor_id, actor_name, at, from_state, to_state,
                note, data)
            SELECT 'tokenisation.distributionauthorisation', g.subject, v_rule.event, u.id,
                    coalesce(nullif(u.name, ''), u.email), g.at, '', '', g.ref, g.data
                FROM (
                    SELECT l.subject, p_makers[l.line] AS maker, max(p_ats[l.line]) AS at,
                            CASE count(*) WHEN 1 THEN min(p_refs[l.line]) ELSE '' END AS ref,
                            row_number() OVER (PARTITION BY l.subject ORDER BY min(l.seq)) AS nth,
                            CASE count(*) WHEN 1 THEN jsonb_build_object('entry', min(l.id), 'seq', min(l.seq),
                                'units', min(p_units[l.line]), 'source', 'inventory', 'to_venue', NULL,
                                'checker', NULL, 'reverses', NULL, 'standing_version', min(l.version),
                                'key', min(p_keys[l.line]))
                            ELSE jsonb_build_object('first', min(l.seq), 'last', max(l.seq),
                                'units', sum(p_units[l.line]), 'checker', NULL, 'standing_version', min(l.version),
                                'hash', encode((array_agg(l.hash ORDER BY l.seq DESC))[1], 'hex')) END AS data
                        FROM unnest(v_ids, v_lines, v_seqs, v_versions, v_hashes, v_subjects)
                            AS l(id, line, seq, version, hash, subject)
                        GROUP BY l.subject, p_makers[l.line]
                ) g JOIN kernel_user u ON u.id = g.maker
                WHERE g.nth = v_round;
        EXIT WHEN NOT FOUND;
    END LOOP;

    RETURN QUERY
        SELECT l.line, l.id, l.seq, l.hash FROM unnest(v_lines, v_ids, v_seqs, v_hashes) AS l(line, id, seq, hash);
END
$body$;
"""

REMOVE = """
DROP FUNCTION IF EXISTS ledger_place_gathered(text[], bigint[], bigint[], bigint[], bigint[], text[], text[],
    timestamptz[]);
"""
