"""The ledger's triggers, and the posting function as it was first installed; `postings_sql.py` has today's.

`ledger_post` makes a whole posting in one round trip and in this order, which is the order of its correctness:

1. refuse any isolation but READ COMMITTED: the reads after a lock must be fresh;
2. take the venue's advisory lock shared (`licensing/standing_sql.py` takes it exclusively before standing changes);
3. look the idempotency key up: same key and same act, same answer for ever, also after a suspension;
4. read the venue's standing afresh, by the database's clock and not the application's;
5. one guarded UPDATE of the asset (state, caps, the entry's number), one of the authorisation;
6. entry with its hash, postings (a trigger moves the balances), audit row.

A refusal is an exception of SQLSTATE `REFUSED` with a code for its message and JSON for its detail, so nothing is ever
half done. What each kind of entry does is the table `RULES`, read by people here and by the function as VALUES.
"""

from dataclasses import dataclass

from licensing.standing_sql import LOCK_CLASS
from tokenisation.states import AccountKind, AssetState, EntryKind

REFUSED = "PV001"


@dataclass(frozen=True)
class Rule:
    """What one kind of entry does: from where to where, in which states of the asset, to which counters."""

    source: AccountKind
    target: AccountKind
    states: tuple[AssetState, ...]
    minted: int = 0
    allocated: int = 0
    distributed: int = 0
    at_venue: bool = True
    needs_standing: bool = False
    event: str = ""


RULES = {
    EntryKind.ISSUE: Rule(
        AccountKind.SUPPLY,
        AccountKind.TREASURY,
        (AssetState.ISSUED,),
        minted=1,
        at_venue=False,
        event="units_issued",
    ),
    EntryKind.ALLOCATE: Rule(
        AccountKind.TREASURY,
        AccountKind.INVENTORY,
        (AssetState.ISSUED,),
        allocated=1,
        needs_standing=True,
        event="units_allocated",
    ),
    EntryKind.DISTRIBUTE: Rule(
        AccountKind.INVENTORY,
        AccountKind.CLIENTS,
        (AssetState.ISSUED,),
        distributed=1,
        needs_standing=True,
        event="units_distributed",
    ),
    EntryKind.RETURN: Rule(
        AccountKind.INVENTORY,
        AccountKind.TREASURY,
        (AssetState.ISSUED, AssetState.PAUSED, AssetState.MATURED),
        allocated=-1,
        event="units_returned",
    ),
}


def _values() -> str:
    def sql(rule: Rule) -> str:
        states = ", ".join(f"'{state}'" for state in rule.states)
        return (
            f"'{rule.source}', '{rule.target}', ARRAY[{states}], {rule.minted}, {rule.allocated}, "
            f"{rule.distributed}, {rule.at_venue}, {rule.needs_standing}, '{rule.event}'"
        )

    return ",\n            ".join(f"('{kind}', {sql(rule)})" for kind, rule in RULES.items())


# A line of its own, so that the test of the race can take it out and show that the race is then lost.
SHARED_LOCK = f"PERFORM pg_advisory_xact_lock_shared({LOCK_CLASS}, p_venue::integer);"

POST = f"""
CREATE OR REPLACE FUNCTION ledger_refuse(p_code text, p_detail jsonb) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '{REFUSED}', MESSAGE = p_code, DETAIL = p_detail::text;
END
$body$;

-- Read under the venue's lock, by the database's clock; answers with the version of the standing that was relied on.
CREATE OR REPLACE FUNCTION ledger_need_standing(p_venue bigint) RETURNS integer LANGUAGE plpgsql AS $body$
DECLARE
    v_standing record;
BEGIN
    SELECT s.may_distribute, s.holds_until, s.standing_version, s.reasons INTO v_standing
        FROM licensing_venuestanding s WHERE s.id = p_venue;
    IF NOT FOUND THEN
        PERFORM ledger_refuse('venue_not_in_good_standing', '{{"reasons": ["There is no such licensed venue."]}}');
    ELSIF NOT v_standing.may_distribute THEN
        PERFORM ledger_refuse('venue_not_in_good_standing', jsonb_build_object('reasons', v_standing.reasons));
    ELSIF v_standing.holds_until <= clock_timestamp() THEN
        PERFORM ledger_refuse('venue_not_in_good_standing', jsonb_build_object('reasons', jsonb_build_array(
            'Its standing ended on ' || to_char(v_standing.holds_until AT TIME ZONE 'Asia/Karachi', 'YYYY-MM-DD')
            || '.')));
    END IF;
    RETURN v_standing.standing_version;
END
$body$;

CREATE OR REPLACE FUNCTION ledger_post(
    p_key text, p_kind text, p_asset bigint, p_venue bigint, p_units bigint,
    p_maker bigint, p_case_ref text, p_at timestamptz,
    OUT entry_id bigint, OUT entry_seq bigint, OUT entry_hash bytea, OUT replayed boolean
) LANGUAGE plpgsql AS $body$
DECLARE
    v_rule record;
    v_twin record;
    v_asset record;
    v_authorisation record;
    v_subject bigint := p_asset;
    v_checker bigint;
    v_version integer;
    v_previous bytea;
    v_recorded timestamptz;
    v_moved integer;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM ledger_refuse('wrong_isolation', '{{}}');
    END IF;
    SELECT * INTO v_rule FROM (VALUES
            {_values()}
        ) AS r(kind, source, target, states, minted, allocated, distributed, at_venue, needs_standing, event)
        WHERE r.kind = p_kind;
    IF NOT FOUND OR v_rule.at_venue <> (p_venue IS NOT NULL) OR coalesce(p_units, 0) <= 0
        OR coalesce(p_key, '') = '' THEN
        PERFORM ledger_refuse('malformed', '{{}}');
    END IF;

    IF p_venue IS NOT NULL THEN
        {SHARED_LOCK}
    END IF;

    -- Two deliveries of one key wait for each other here, so the second finds what the first has written.
    PERFORM pg_advisory_xact_lock(hashtextextended(p_key, 0));
    SELECT e.* INTO v_twin FROM tokenisation_journalentry e WHERE e.idempotency_key = p_key;
    IF FOUND THEN
        IF (v_twin.kind, v_twin.asset_id, v_twin.venue_id, v_twin.units, v_twin.maker_id, v_twin.case_ref)
            IS DISTINCT FROM (p_kind::varchar, p_asset, p_venue, p_units, p_maker, p_case_ref::varchar) THEN
            PERFORM ledger_refuse('key_reused', jsonb_build_object('entry', v_twin.seq));
        END IF;
        entry_id := v_twin.id; entry_seq := v_twin.seq; entry_hash := v_twin.hash; replayed := true;
        RETURN;
    END IF;

    IF v_rule.needs_standing THEN
        v_version := ledger_need_standing(p_venue);
    END IF;

    UPDATE tokenisation_asset a SET
            minted_units = a.minted_units + v_rule.minted * p_units,
            allocated_units = a.allocated_units + v_rule.allocated * p_units,
            distributed_units = a.distributed_units + v_rule.distributed * p_units,
            entry_seq = a.entry_seq + 1
        WHERE a.id = p_asset AND a.state = ANY (v_rule.states)
            AND a.minted_units + v_rule.minted * p_units <= a.authorised_units
            AND a.allocated_units + v_rule.allocated * p_units <= a.minted_units
            AND a.distributed_units + v_rule.distributed * p_units
                <= a.allocated_units + v_rule.allocated * p_units
        RETURNING a.entry_seq, a.approved_by_id INTO entry_seq, v_checker;
    IF NOT FOUND THEN
        SELECT a.* INTO v_asset FROM tokenisation_asset a WHERE a.id = p_asset;
        IF NOT FOUND OR v_asset.state <> ALL (v_rule.states) THEN
            PERFORM ledger_refuse('asset_not_issued', jsonb_build_object('state', v_asset.state));
        ELSIF v_rule.minted > 0 THEN
            PERFORM ledger_refuse('over_cap', jsonb_build_object(
                'asked', p_units, 'left', v_asset.authorised_units - v_asset.minted_units));
        ELSIF v_rule.allocated > 0 THEN
            PERFORM ledger_refuse('over_supply', jsonb_build_object(
                'asked', p_units, 'left', v_asset.minted_units - v_asset.allocated_units));
        END IF;
        PERFORM ledger_refuse('over_allocation', jsonb_build_object(
            'asked', p_units, 'left', v_asset.allocated_units - v_asset.distributed_units));
    END IF;

    IF p_venue IS NOT NULL THEN
        UPDATE tokenisation_distributionauthorisation d SET
                allocated_units = d.allocated_units + v_rule.allocated * p_units,
                distributed_units = d.distributed_units + v_rule.distributed * p_units
            WHERE d.asset_id = p_asset AND d.venue_id = p_venue
                AND (d.state = 'active' OR NOT v_rule.needs_standing)
                AND d.allocated_units + v_rule.allocated * p_units <= d.limit_units
                AND d.distributed_units + v_rule.distributed * p_units
                    <= d.allocated_units + v_rule.allocated * p_units
            RETURNING d.id, d.authorised_by_id INTO v_subject, v_checker;
        IF NOT FOUND THEN
            SELECT d.* INTO v_authorisation FROM tokenisation_distributionauthorisation d
                WHERE d.asset_id = p_asset AND d.venue_id = p_venue;
            IF NOT FOUND THEN
                PERFORM ledger_refuse('not_authorised', '{{}}');
            ELSIF v_authorisation.state <> 'active' AND v_rule.needs_standing THEN
                PERFORM ledger_refuse('authorisation_not_active',
                    jsonb_build_object('state', v_authorisation.state));
            ELSIF v_rule.allocated > 0 THEN
                PERFORM ledger_refuse('over_limit', jsonb_build_object(
                    'asked', p_units, 'left', v_authorisation.limit_units - v_authorisation.allocated_units));
            END IF;
            PERFORM ledger_refuse('over_allocation', jsonb_build_object(
                'asked', p_units, 'left', v_authorisation.allocated_units - v_authorisation.distributed_units));
        END IF;
    END IF;
    -- Units come into being, and reach a venue, by two people's hands: the approver's and then the maker's.
    IF p_kind NOT IN ('issue', 'allocate') THEN
        v_checker := NULL;
    ELSIF v_checker IS NULL OR v_checker = p_maker THEN
        PERFORM ledger_refuse('maker_is_checker', '{{}}');
    END IF;

    -- The asset's row is ours until commit, so the entry before this one is final.
    SELECT e.hash INTO v_previous FROM tokenisation_journalentry e
        WHERE e.asset_id = p_asset AND e.seq = entry_seq - 1;
    v_previous := coalesce(v_previous, '\\x'::bytea);
    v_recorded := clock_timestamp();
    entry_hash := sha256(v_previous || convert_to(jsonb_build_array(
        p_asset, entry_seq, p_kind, p_venue, p_units, p_key, p_maker, v_checker, p_case_ref, v_version,
        to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        to_char(v_recorded AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))::text, 'UTF8'));
    INSERT INTO tokenisation_journalentry (asset_id, seq, kind, venue_id, units, idempotency_key, maker_id, checker_id,
            case_ref, standing_version, effective_at, recorded_at, prev_hash, hash)
        VALUES (p_asset, entry_seq, p_kind, p_venue, p_units, p_key, p_maker, v_checker, p_case_ref, v_version,
            p_at, v_recorded, v_previous, entry_hash)
        RETURNING id INTO entry_id;
    INSERT INTO tokenisation_posting (entry_id, account_id, units)
        SELECT ledger_post.entry_id, a.id, CASE a.kind WHEN v_rule.source THEN -p_units ELSE p_units END
            FROM tokenisation_account a
            WHERE a.asset_id = p_asset AND a.kind IN (v_rule.source, v_rule.target)
                AND (a.venue_id = p_venue OR a.venue_id IS NULL);
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    IF v_moved <> 2 THEN
        RAISE EXCEPTION 'The asset % lacks an account for this entry.', p_asset;
    END IF;
    INSERT INTO kernel_auditentry (subject_type, subject_id, event, actor_id, actor_name, at, from_state, to_state,
            note, data)
        VALUES (
            CASE WHEN p_venue IS NULL THEN 'tokenisation.asset' ELSE 'tokenisation.distributionauthorisation' END,
            v_subject, v_rule.event, p_maker,
            (SELECT coalesce(nullif(u.name, ''), u.email) FROM kernel_user u WHERE u.id = p_maker), p_at, '', '',
            p_case_ref, jsonb_build_object('entry', entry_id, 'seq', entry_seq, 'units', p_units,
                'checker', v_checker, 'standing_version', v_version, 'key', p_key));
    replayed := false;
END
$body$;
"""

# The balances follow the postings and nothing else does; a posting can neither be unbalanced nor be added later.
TRIGGERS = """
CREATE OR REPLACE FUNCTION ledger_apply_postings() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT n.entry_id FROM new_postings n) touched
            JOIN tokenisation_journalentry e ON e.id = touched.entry_id
            JOIN tokenisation_posting p ON p.entry_id = e.id
            JOIN tokenisation_account a ON a.id = p.account_id
            GROUP BY e.id, e.units, e.asset_id
            HAVING sum(p.units) <> 0 OR bool_or(a.asset_id <> e.asset_id)
                OR sum(p.units) FILTER (WHERE p.units > 0) IS DISTINCT FROM e.units
    ) THEN
        RAISE EXCEPTION 'The postings of an entry sum to zero, within its asset, and move its units.'
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE tokenisation_account a SET units = a.units + n.units
        FROM (SELECT account_id, sum(units) AS units FROM new_postings GROUP BY account_id) n
        WHERE a.id = n.account_id;
    RETURN NULL;
END
$body$;
CREATE OR REPLACE TRIGGER ledger_apply_postings AFTER INSERT ON tokenisation_posting
    REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply_postings();

CREATE OR REPLACE FUNCTION ledger_entry_has_postings() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT EXISTS (SELECT FROM tokenisation_posting p WHERE p.entry_id = NEW.id) THEN
        RAISE EXCEPTION 'An entry without postings.' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$body$;
DROP TRIGGER IF EXISTS ledger_entry_has_postings ON tokenisation_journalentry;
CREATE CONSTRAINT TRIGGER ledger_entry_has_postings AFTER INSERT ON tokenisation_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_has_postings();

CREATE OR REPLACE FUNCTION ledger_balance_is_postings() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'A balance is the sum of its postings; it is never set.' USING ERRCODE = 'restrict_violation';
END
$body$;
CREATE OR REPLACE TRIGGER ledger_balance_is_postings BEFORE UPDATE OF units ON tokenisation_account
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_balance_is_postings();
CREATE OR REPLACE TRIGGER ledger_balance_opens_empty BEFORE INSERT ON tokenisation_account
    FOR EACH ROW WHEN (NEW.units <> 0) EXECUTE FUNCTION ledger_balance_is_postings();
CREATE OR REPLACE TRIGGER ledger_account_stays BEFORE DELETE ON tokenisation_account
    FOR EACH ROW EXECUTE FUNCTION ledger_balance_is_postings();
"""

# An authorisation is active only at a venue in good standing, whoever makes it so and whatever races it.
AUTHORISATION = f"""
CREATE OR REPLACE FUNCTION authorisation_needs_standing() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({LOCK_CLASS}, NEW.venue_id::integer);
    PERFORM ledger_need_standing(NEW.venue_id);
    RETURN NEW;
END
$body$;
CREATE OR REPLACE TRIGGER authorisation_opens_in_standing BEFORE INSERT ON tokenisation_distributionauthorisation
    FOR EACH ROW EXECUTE FUNCTION authorisation_needs_standing();
CREATE OR REPLACE TRIGGER authorisation_resumes_in_standing
    BEFORE UPDATE OF state ON tokenisation_distributionauthorisation
    FOR EACH ROW WHEN (NEW.state = 'active' AND OLD.state <> 'active')
    EXECUTE FUNCTION authorisation_needs_standing();
"""

INSTALL = POST + TRIGGERS + AUTHORISATION
REMOVE = """
DROP TRIGGER IF EXISTS authorisation_resumes_in_standing ON tokenisation_distributionauthorisation;
DROP TRIGGER IF EXISTS authorisation_opens_in_standing ON tokenisation_distributionauthorisation;
DROP TRIGGER IF EXISTS ledger_account_stays ON tokenisation_account;
DROP TRIGGER IF EXISTS ledger_balance_opens_empty ON tokenisation_account;
DROP TRIGGER IF EXISTS ledger_balance_is_postings ON tokenisation_account;
DROP TRIGGER IF EXISTS ledger_entry_has_postings ON tokenisation_journalentry;
DROP TRIGGER IF EXISTS ledger_apply_postings ON tokenisation_posting;
DROP FUNCTION IF EXISTS authorisation_needs_standing(), ledger_balance_is_postings(), ledger_entry_has_postings(),
    ledger_apply_postings(), ledger_refuse(text, jsonb), ledger_need_standing(bigint),
    ledger_post(text, text, bigint, bigint, bigint, bigint, text, timestamptz);
"""
