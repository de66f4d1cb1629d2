"""The posting function: one entry in one round trip, in the order of its correctness.

1. refuse any isolation but READ COMMITTED: the reads after a lock must be fresh;
2. take the venue's advisory lock shared (`licensing/standing_sql.py` takes it exclusively before standing changes);
3. look the idempotency key up: same key and same act, same answer for ever, also after a suspension;
4. read the venue's standing afresh, by the database's clock and not the application's;
5. one guarded UPDATE of the asset (state, caps, the entry's number), the source's balance, the authorisations;
6. entry with its hash, postings (a trigger moves the balances), audit row.

A refusal is an exception of SQLSTATE `REFUSED` with a code for its message and JSON for its detail, so nothing is ever
half done. What each kind does and what each code says is the table in `postings.py`; the two functions made from it
are part of `POST`. The first version of the function, and the triggers that still hold, are in `ledger_sql.py`.
"""

from licensing.standing_sql import LOCK_CLASS
from tokenisation.ledger_sql import REFUSED
from tokenisation.postings import REFUSALS, RULES, SHORT, Rule
from tokenisation.states import AT_VENUE, WITH_CLIENTS

# What an entry's hash is made over. Entries of layout 1 are those of the first version of the function.
LAYOUT = 2


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _rule(each: Rule) -> str:
    states = ", ".join(quoted(state) for state in each.states)
    words = ", ".join(quoted(word or "") for word in (each.kind, each.source, each.target, each.elsewhere))
    switches = f"{each.at_venue}, {each.needs_standing}, {each.by_two}, {each.with_a_case}"
    return f"({words}, ARRAY[{states}], {switches}, {quoted(each.event)})"


def _listed(rows: list[str]) -> str:
    return ",\n        ".join(rows)


TABLES = f"""
CREATE OR REPLACE FUNCTION ledger_rules() RETURNS TABLE (
    kind text, source text, target text, elsewhere text, states text[],
    at_venue boolean, needs_standing boolean, by_two boolean, with_a_case boolean, event text
) LANGUAGE sql IMMUTABLE AS $body$
    VALUES
        {_listed([_rule(each) for each in RULES])}
$body$;

CREATE OR REPLACE FUNCTION ledger_refusals() RETURNS TABLE (code text, reason text) LANGUAGE sql IMMUTABLE AS $body$
    VALUES
        {_listed([f"({quoted(code)}, {quoted(reason)})" for code, reason in REFUSALS.items()])}
$body$;

CREATE OR REPLACE FUNCTION ledger_refuse(p_code text, p_detail jsonb) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_refusals() r WHERE r.code = p_code) THEN
        RAISE EXCEPTION 'The ledger has no refusal called %.', p_code;
    END IF;
    RAISE EXCEPTION USING ERRCODE = '{REFUSED}', MESSAGE = p_code, DETAIL = p_detail::text;
END
$body$;

-- What is said of a source account that holds too little.
CREATE OR REPLACE FUNCTION ledger_refuse_short(p_account text, p_asked bigint, p_left bigint)
    RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM ledger_refuse(
        (CASE p_account {" ".join(f"WHEN {quoted(kind)} THEN {quoted(code)}" for kind, code in SHORT.items())} END),
        jsonb_build_object('asked', p_asked, 'left', p_left));
END
$body$;

CREATE OR REPLACE FUNCTION ledger_at_venue(p_account text) RETURNS integer LANGUAGE sql IMMUTABLE AS $body$
    SELECT (p_account IN ({", ".join(quoted(each) for each in AT_VENUE)}))::integer
$body$;

CREATE OR REPLACE FUNCTION ledger_with_clients(p_account text) RETURNS integer LANGUAGE sql IMMUTABLE AS $body$
    SELECT (p_account IN ({", ".join(quoted(each) for each in WITH_CLIENTS)}))::integer
$body$;
"""

# A line of its own, so that the test of the race can take it out and show that the race is then lost.
SHARED_LOCK = f"PERFORM pg_advisory_xact_lock_shared({LOCK_CLASS}, p_venue::integer);"
SHARED_LOCK_ELSEWHERE = f"PERFORM pg_advisory_xact_lock_shared({LOCK_CLASS}, p_to_venue::integer);"

# One venue's authorisation: its counters, within its limit and the programme's. Called with the asset's row locked.
AUTHORISATION = """
CREATE OR REPLACE FUNCTION ledger_count_at_venue(
    p_asset bigint, p_venue bigint, p_allocated bigint, p_distributed bigint, p_must_be_active boolean,
    OUT authorisation_id bigint, OUT authorised_by bigint
) LANGUAGE plpgsql AS $body$
DECLARE
    v_authorisation record;
    v_room bigint;
BEGIN
    UPDATE tokenisation_distributionauthorisation d SET
            allocated_units = d.allocated_units + p_allocated,
            distributed_units = d.distributed_units + p_distributed
        WHERE d.asset_id = p_asset AND d.venue_id = p_venue
            AND (d.state = 'active' OR NOT p_must_be_active)
            AND d.allocated_units + p_allocated <= d.limit_units
        RETURNING d.id, d.authorised_by_id INTO authorisation_id, authorised_by;
    IF NOT FOUND THEN
        SELECT d.* INTO v_authorisation FROM tokenisation_distributionauthorisation d
            WHERE d.asset_id = p_asset AND d.venue_id = p_venue;
        IF NOT FOUND THEN
            PERFORM ledger_refuse('not_authorised', '{}');
        ELSIF v_authorisation.state <> 'active' AND p_must_be_active THEN
            PERFORM ledger_refuse('authorisation_not_active', jsonb_build_object('state', v_authorisation.state));
        END IF;
        PERFORM ledger_refuse('over_limit', jsonb_build_object(
            'asked', p_allocated, 'left', v_authorisation.limit_units - v_authorisation.allocated_units));
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

# What an issue relies on besides its approval. Called with the asset's row locked, and so after any comparison.
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
CREATE OR REPLACE FUNCTION ledger_hash(p_previous bytea, p_said jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE AS $body$
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
    v_rule record;
    v_twin record;
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
    v_subject bigint := p_asset;
    v_checker bigint := p_checker;
    v_signed bigint;
    v_elsewhere bigint;
    v_authorised bigint;
    v_counted boolean;
    v_version integer;
    v_previous bytea;
    v_recorded timestamptz;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM ledger_refuse('wrong_isolation', '{{}}');
    END IF;
    SELECT * INTO v_rule FROM ledger_rules() r WHERE r.kind = p_kind AND r.source = p_source;
    IF NOT FOUND OR coalesce(p_units, 0) <= 0 OR coalesce(p_key, '') = ''
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
    PERFORM pg_advisory_xact_lock(hashtextextended(p_key, 0));
    SELECT e.* INTO v_twin FROM tokenisation_journalentry e WHERE e.idempotency_key = p_key;
    IF FOUND THEN
        IF (v_twin.kind, v_twin.source, v_twin.asset_id, v_twin.venue_id, v_twin.to_venue_id, v_twin.units,
                v_twin.maker_id, v_twin.reverses_id, v_twin.case_ref)
            IS DISTINCT FROM (p_kind::varchar, p_source::varchar, p_asset, p_venue, p_to_venue, p_units,
                p_maker, p_reverses, p_case_ref::varchar) THEN
            PERFORM ledger_refuse('key_reused', jsonb_build_object('entry', v_twin.seq));
        END IF;
        entry_id := v_twin.id; entry_seq := v_twin.seq; entry_hash := v_twin.hash; replayed := true;
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

    UPDATE tokenisation_asset a SET
            minted_units = a.minted_units + v_issued,
            redeemed_units = a.redeemed_units + v_redeemed,
            allocated_units = a.allocated_units
                + (ledger_at_venue(v_target) - ledger_at_venue(v_source)) * p_units,
            distributed_units = a.distributed_units
                + (ledger_with_clients(v_target) - ledger_with_clients(v_source)) * p_units,
            entry_seq = a.entry_seq + 1
        WHERE a.id = p_asset AND a.state = ANY (v_rule.states)
            AND (a.distribution_ends IS NULL OR NOT v_rule.needs_standing
                OR (clock_timestamp() AT TIME ZONE 'Asia/Karachi')::date <= a.distribution_ends)
            AND NOT (p_kind = 'redeem' AND a.kind = 'tbill' AND a.state <> 'matured')
            AND a.minted_units + v_issued <= a.authorised_units
            -- A second correction of a redemption would count below nothing; below it is told what it is.
            AND a.redeemed_units + v_redeemed >= 0
            AND (v_source <> 'treasury' OR p_units <= a.minted_units - a.redeemed_units - a.allocated_units)
            AND (v_source <> 'inventory' OR p_units <= a.allocated_units - a.distributed_units)
            AND (ledger_with_clients(v_source) = 0 OR p_units <= a.distributed_units)
            AND (v_source <> 'frozen_shelf' OR p_units <= a.allocated_units - a.distributed_units)
        RETURNING a.entry_seq, a.approved_by_id INTO entry_seq, v_signed;
    v_counted := FOUND;
    IF NOT v_counted THEN
        SELECT a.* INTO v_asset FROM tokenisation_asset a WHERE a.id = p_asset;
        IF v_asset.state = 'defaulted' AND v_asset.state <> ALL (v_rule.states) THEN
            PERFORM ledger_refuse('asset_in_default', '{{}}');
        ELSIF v_asset.id IS NULL OR v_asset.state <> ALL (v_rule.states) THEN
            PERFORM ledger_refuse('asset_not_issued', jsonb_build_object('state', v_asset.state));
        ELSIF v_rule.needs_standing
            AND (clock_timestamp() AT TIME ZONE 'Asia/Karachi')::date > v_asset.distribution_ends THEN
            PERFORM ledger_refuse('past_record_date', jsonb_build_object('on', v_asset.distribution_ends));
        ELSIF p_kind = 'redeem' AND v_asset.kind = 'tbill' AND v_asset.state <> 'matured' THEN
            PERFORM ledger_refuse('not_before_maturity', '{{}}');
        ELSIF v_asset.minted_units + v_issued > v_asset.authorised_units THEN
            PERFORM ledger_refuse('over_cap', jsonb_build_object(
                'asked', p_units, 'left', v_asset.authorised_units - v_asset.minted_units));
        END IF;
    END IF;

    IF p_kind = 'issue' AND v_counted THEN
        PERFORM ledger_may_issue(p_asset, p_at);
    END IF;

    -- The asset's row is ours until commit: its balances are final, and so is the entry before this one.
    IF EXISTS (SELECT FROM tokenisation_journalentry e WHERE e.reverses_id = p_reverses) THEN
        PERFORM ledger_refuse('already_corrected', '{{}}');
    END IF;
    SELECT a.id, a.units INTO v_from FROM tokenisation_account a
        WHERE a.asset_id = p_asset AND a.kind = v_source AND a.venue_id IS NOT DISTINCT FROM v_from_venue;
    IF NOT FOUND THEN
        PERFORM ledger_refuse('not_authorised', '{{}}');
    ELSIF v_source <> 'supply' AND v_from.units < p_units THEN
        PERFORM ledger_refuse_short(v_source, p_units, v_from.units);
    ELSIF NOT v_counted THEN
        RAISE EXCEPTION 'The balance of account % changed while it was read.', v_from.id
            USING ERRCODE = 'serialization_failure';
    ELSIF p_kind = 'distribute' THEN
        PERFORM ledger_within_investor_limits(p_asset);
    END IF;
    SELECT a.id INTO v_to FROM tokenisation_account a
        WHERE a.asset_id = p_asset AND a.kind = v_target AND a.venue_id IS NOT DISTINCT FROM v_to_venue;
    IF NOT FOUND THEN
        PERFORM ledger_refuse('not_authorised', '{{}}');
    END IF;

    IF v_from_venue IS NOT NULL THEN
        SELECT c.authorisation_id, c.authorised_by INTO v_subject, v_signed FROM ledger_count_at_venue(
            p_asset, v_from_venue,
            (CASE WHEN v_to_venue = v_from_venue THEN 0 ELSE -p_units END),
            ((CASE WHEN v_to_venue = v_from_venue THEN ledger_with_clients(v_target) ELSE 0 END)
                - ledger_with_clients(v_source)) * p_units,
            v_rule.needs_standing) c;
    END IF;
    IF v_to_venue IS DISTINCT FROM v_from_venue AND v_to_venue IS NOT NULL THEN
        SELECT c.authorisation_id, c.authorised_by INTO v_elsewhere, v_authorised FROM ledger_count_at_venue(
            p_asset, v_to_venue, p_units, ledger_with_clients(v_target) * p_units,
            v_rule.needs_standing OR p_kind = 'forced') c;
        IF v_from_venue IS NULL THEN
            v_subject := v_elsewhere; v_signed := v_authorised;
        END IF;
    END IF;
    -- The approver has checked an issue, whoever authorised the venue an allocation; who confirms it, an order.
    IF p_kind IN ('issue', 'allocate') THEN
        v_checker := v_signed;
    END IF;
    IF v_rule.by_two AND (v_checker IS NULL OR v_checker = p_maker) THEN
        PERFORM ledger_refuse('maker_is_checker', '{{}}');
    END IF;

    SELECT e.hash INTO v_previous FROM tokenisation_journalentry e
        WHERE e.asset_id = p_asset AND e.seq = entry_seq - 1;
    v_previous := coalesce(v_previous, '\\x'::bytea);
    v_recorded := clock_timestamp();
    entry_hash := ledger_hash(v_previous, jsonb_build_array(
        {LAYOUT}, p_asset, entry_seq, p_kind, p_source, p_venue, p_to_venue, p_units, p_key, p_maker, v_checker,
        p_case_ref, v_version, p_reverses, ledger_time(p_at), ledger_time(v_recorded)));
    INSERT INTO tokenisation_journalentry (layout, asset_id, seq, kind, source, venue_id, to_venue_id, units,
            idempotency_key, maker_id, checker_id, reverses_id, case_ref, standing_version, effective_at, recorded_at,
            prev_hash, hash)
        VALUES ({LAYOUT}, p_asset, entry_seq, p_kind, p_source, p_venue, p_to_venue, p_units, p_key, p_maker,
            v_checker, p_reverses, p_case_ref, v_version, p_at, v_recorded, v_previous, entry_hash)
        RETURNING id INTO entry_id;
    INSERT INTO tokenisation_posting (entry_id, account_id, units)
        VALUES (ledger_post.entry_id, v_from.id, -p_units), (ledger_post.entry_id, v_to.id, p_units);
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

INSTALL = TABLES + AUTHORISATION + ISSUE + HASH + POST

# Leaves `ledger_refuse`, which the first version has too.
REMOVE = """
DROP FUNCTION IF EXISTS ledger_post(text, text, text, bigint, bigint, bigint, bigint, bigint, bigint, bigint, text,
        timestamptz),
    ledger_hash(bytea, jsonb), ledger_time(timestamptz), ledger_at_venue(text), ledger_with_clients(text),
    ledger_count_at_venue(bigint, bigint, bigint, bigint, boolean), ledger_may_issue(bigint, timestamptz),
    ledger_refuse_short(text, bigint, bigint), ledger_rules(), ledger_refusals();
"""
