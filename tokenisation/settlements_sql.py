"""The function that records in what a placement was settled, in the statement that posts it.

Called with the entry that was just posted, or found posted. Without a code the default of the day counts, where one
stands. A repeated key must name the same one again, or none.
"""

SETTLE = """
CREATE OR REPLACE FUNCTION ledger_settle(p_entry bigint, p_code text, p_replayed boolean) RETURNS text
LANGUAGE plpgsql AS $body$
DECLARE
    v_day date;
    v_row record;
    v_code text;
BEGIN
    IF p_entry IS NULL THEN
        RETURN '';
    END IF;
    IF p_replayed THEN
        SELECT t.code INTO v_code FROM tokenisation_settlement s
            JOIN tokenisation_settlementasset t ON t.id = s.settled_in_id WHERE s.entry_id = p_entry;
        IF p_code <> '' AND p_code IS DISTINCT FROM v_code THEN
            PERFORM ledger_refuse('key_reused', jsonb_build_object('settlement', v_code));
        END IF;
        RETURN coalesce(v_code, '');
    END IF;
    SELECT (e.effective_at AT TIME ZONE 'Asia/Karachi')::date INTO v_day
        FROM tokenisation_journalentry e WHERE e.id = p_entry AND e.kind = 'distribute';
    IF NOT FOUND THEN
        PERFORM ledger_refuse('malformed', '{}');
    END IF;
    SELECT t.id, t.code, t.permitted INTO v_row FROM (
            SELECT DISTINCT ON (a.code) a.* FROM tokenisation_settlementasset a WHERE a.effective_from <= v_day
                ORDER BY a.code, a.effective_from DESC
        ) t
        WHERE CASE p_code WHEN '' THEN t.is_default ELSE t.code = p_code END ORDER BY t.code LIMIT 1;
    IF NOT FOUND AND p_code = '' THEN
        RETURN '';
    ELSIF v_row.id IS NULL OR NOT v_row.permitted THEN
        PERFORM ledger_refuse('settlement_not_permitted', jsonb_build_object('reasons', jsonb_build_array(
            p_code || ' is not on the list of ' || to_char(v_day, 'YYYY-MM-DD') || '.')));
    END IF;
    INSERT INTO tokenisation_settlement (entry_id, settled_in_id) VALUES (p_entry, v_row.id);
    RETURN v_row.code;
END
$body$;
"""

REMOVE = "DROP FUNCTION IF EXISTS ledger_settle(bigint, text, boolean);"
