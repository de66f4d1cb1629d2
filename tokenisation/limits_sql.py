"""The sub-limits of a programme in the database: what counts on a day, what is taken of it, and who is refused.

Asked where units or cents are taken, whoever takes them: a class of assets by a trigger as an asset reserves its part
of the cap; a venue as units reach it (`ledger_count_at_venue`, and a file of them); a class of investors as a venue
places units. `exposure.py` reckons the same for people, and a test holds the two together.

A limit holds by the database's clock, as a venue's standing does. One may be set below what is taken already: what was
done stays lawful, and nothing more passes.
"""

from tokenisation.states import CLASS_OF, AssetClass, InvestorClass

TODAY = "(clock_timestamp() AT TIME ZONE 'Asia/Karachi')::date"


def _class(wanted: AssetClass) -> str:
    kinds = ", ".join(f"'{kind}'" for kind, found in CLASS_OF.items() if found == wanted)
    return f"WHEN p_kind IN ({kinds}) THEN '{wanted}'"


CLASSES = f"""
CREATE OR REPLACE FUNCTION sublimit_class_of(p_kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $body$
    SELECT CASE {" ".join(map(_class, AssetClass))} END
$body$;

CREATE OR REPLACE FUNCTION sublimit_dollars(p_cents numeric) RETURNS text LANGUAGE sql IMMUTABLE AS $body$
    SELECT 'US$' || to_char(p_cents / 100, 'FM999,999,999,999,999,999,990.00')
$body$;
"""

# What a sub-limit is on a day, in US cents, rounded down; NULL where there is none.
LIMIT = """
CREATE OR REPLACE FUNCTION sublimit_cents(p_programme bigint, p_scope text, p_class text, p_venue bigint, p_on date)
    RETURNS numeric LANGUAGE sql STABLE AS $body$
    SELECT div(p.cap_usd_cents::numeric * l.share_bp, 10000)
        FROM tokenisation_sublimit l JOIN tokenisation_programme p ON p.id = l.programme_id
        WHERE l.programme_id = p_programme AND l.scope = p_scope AND l.of_class = p_class AND l.state = 'confirmed'
            AND l.effective_from <= p_on AND (l.venue_id IS NULL OR l.venue_id = p_venue)
        ORDER BY l.venue_id NULLS LAST, l.effective_from DESC LIMIT 1
$body$;
"""

TAKEN = f"""
CREATE OR REPLACE FUNCTION sublimit_taken_by_class(p_programme bigint, p_class text)
    RETURNS numeric LANGUAGE sql STABLE AS $body$
    SELECT coalesce(sum(a.reserved_usd_cents), 0) FROM tokenisation_asset a
        WHERE a.programme_id = p_programme AND sublimit_class_of(a.kind) = p_class
$body$;

CREATE OR REPLACE FUNCTION sublimit_taken_at_venue(p_programme bigint, p_venue bigint)
    RETURNS numeric LANGUAGE sql STABLE AS $body$
    SELECT coalesce(sum(d.allocated_units::numeric * a.unit_usd_cents), 0)
        FROM tokenisation_distributionauthorisation d JOIN tokenisation_asset a ON a.id = d.asset_id
        WHERE a.programme_id = p_programme AND d.venue_id = p_venue
$body$;

-- By each venue's latest return of each asset: the ledger itself knows no investor.
CREATE OR REPLACE FUNCTION sublimit_taken_by_investors(p_programme bigint, p_class text)
    RETURNS numeric LANGUAGE sql STABLE AS $body$
    SELECT coalesce(sum(a.unit_usd_cents::numeric
            * CASE p_class {" ".join(f"WHEN '{each}' THEN r.{each}_units" for each in InvestorClass)} END), 0)
        FROM tokenisation_asset a JOIN tokenisation_distributionauthorisation d ON d.asset_id = a.id
            JOIN LATERAL (SELECT h.* FROM tokenisation_holdingsreturn h WHERE h.authorisation_id = d.id
                ORDER BY h.as_of DESC, h.id DESC LIMIT 1) r ON true
        WHERE a.programme_id = p_programme
$body$;
"""

# How many units of an asset a venue may still be given, below zero where it has more; NULL where nothing limits it.
# Called with the asset's row locked, as every posting does: the lock here is for postings of other assets.
VENUE = f"""
CREATE OR REPLACE FUNCTION sublimit_room_at_venue(p_asset bigint, p_venue bigint)
    RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE
    v_asset record;
    v_limit numeric;
BEGIN
    SELECT a.programme_id, a.unit_usd_cents INTO v_asset FROM tokenisation_asset a WHERE a.id = p_asset;
    v_limit := sublimit_cents(v_asset.programme_id, 'venue', '', p_venue, {TODAY});
    IF v_limit IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('sublimit ' || v_asset.programme_id || ' ' || p_venue, 0));
    RETURN floor((v_limit - sublimit_taken_at_venue(v_asset.programme_id, p_venue)) / v_asset.unit_usd_cents);
END
$body$;
"""

# An asset that is not for retail clients waits for no return of theirs.
INVESTORS = f"""
CREATE OR REPLACE FUNCTION ledger_over_investor_limits(p_asset bigint) RETURNS jsonb LANGUAGE plpgsql AS $body$
DECLARE
    v_asset record;
BEGIN
    IF NOT EXISTS (SELECT FROM tokenisation_sublimit l WHERE l.scope = 'investors' AND l.state = 'confirmed') THEN
        RETURN NULL;
    END IF;
    SELECT a.programme_id, a.retail_allowed INTO v_asset FROM tokenisation_asset a WHERE a.id = p_asset;
    RETURN (SELECT jsonb_agg(c.title || ' hold ' || sublimit_dollars(c.taken) || '; their sub-limit is '
            || sublimit_dollars(c.most) || '.' ORDER BY c.n)
        FROM (SELECT k.*, sublimit_taken_by_investors(v_asset.programme_id, k.code) AS taken,
                sublimit_cents(v_asset.programme_id, 'investors', k.code, NULL, {TODAY}) AS most
            FROM (VALUES {", ".join(f"({n}, '{each}', '{each.label}')" for n, each in enumerate(InvestorClass))})
                AS k(n, code, title)) c
        WHERE c.taken > c.most AND (c.code <> '{InvestorClass.RETAIL}' OR v_asset.retail_allowed));
END
$body$;

CREATE OR REPLACE FUNCTION ledger_within_investor_limits(p_asset bigint) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    v_over jsonb := ledger_over_investor_limits(p_asset);
BEGIN
    IF v_over IS NOT NULL THEN
        PERFORM ledger_refuse('over_investor_limit', jsonb_build_object('reasons', v_over));
    END IF;
END
$body$;
"""

# The programme's row first: two approvals of one class would each see the other's room.
ASSET_CLASS = f"""
CREATE OR REPLACE FUNCTION asset_within_class_limit() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    v_class text := sublimit_class_of(NEW.kind);
    v_limit numeric;
    v_taken numeric;
BEGIN
    PERFORM FROM tokenisation_programme p WHERE p.id = NEW.programme_id FOR NO KEY UPDATE;
    v_limit := sublimit_cents(NEW.programme_id, 'asset_class', v_class, NULL, {TODAY});
    v_taken := sublimit_taken_by_class(NEW.programme_id, v_class) - (NEW.reserved_usd_cents - OLD.reserved_usd_cents);
    IF v_taken + NEW.reserved_usd_cents - OLD.reserved_usd_cents > v_limit THEN
        PERFORM ledger_refuse('over_class_limit', jsonb_build_object('reasons', jsonb_build_array(
            'It counts ' || sublimit_dollars(NEW.reserved_usd_cents - OLD.reserved_usd_cents) || '; '
            || sublimit_dollars(greatest(v_limit - v_taken, 0)) || ' are left for the class.')));
    END IF;
    RETURN NULL;
END
$body$;
CREATE OR REPLACE TRIGGER asset_within_class_limit AFTER UPDATE OF reserved_usd_cents ON tokenisation_asset
    FOR EACH ROW WHEN (NEW.reserved_usd_cents > OLD.reserved_usd_cents) EXECUTE FUNCTION asset_within_class_limit();
"""

# What a sub-limit says is never changed; its state moves as its machine says.
SAYS_THE_SAME = """
CREATE OR REPLACE TRIGGER sub_limit_says_the_same
    BEFORE UPDATE OF programme_id, scope, of_class, venue_id, share_bp, effective_from, source, reasons,
        proposed_by_id, proposed_at ON tokenisation_sublimit
    FOR EACH ROW EXECUTE FUNCTION kernel_append_only();
"""

INSTALL = CLASSES + LIMIT + TAKEN + VENUE + INVESTORS + ASSET_CLASS + SAYS_THE_SAME
REMOVE = """
DROP TRIGGER IF EXISTS sub_limit_says_the_same ON tokenisation_sublimit;
DROP TRIGGER IF EXISTS asset_within_class_limit ON tokenisation_asset;
DROP FUNCTION IF EXISTS asset_within_class_limit(), ledger_within_investor_limits(bigint),
    ledger_over_investor_limits(bigint), sublimit_room_at_venue(bigint, bigint),
    sublimit_taken_by_investors(bigint, text), sublimit_taken_at_venue(bigint, bigint),
    sublimit_taken_by_class(bigint, text), sublimit_cents(bigint, text, text, bigint, date),
    sublimit_dollars(numeric), sublimit_class_of(text);
"""
