"""The tables of `postings.py` as the database has them: what each kind of entry does, and every refusal.

A migration makes them anew whenever the Python tables change; a test compares the two, row by row.
"""

from tokenisation.ledger_sql import REFUSED
from tokenisation.postings import REFUSALS, RULES, SHORT, Rule
from tokenisation.states import AT_VENUE


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _states(each: Rule) -> str:
    return ", ".join(quoted(state) for state in each.states)


def _rule(each: Rule) -> str:
    words = ", ".join(quoted(word or "") for word in (each.kind, each.source, each.target, each.elsewhere))
    switches = f"{each.at_venue}, {each.needs_standing}, {each.by_two}, {each.with_a_case}"
    return f"({words}, ARRAY[{_states(each)}], {switches}, {quoted(each.event)})"


def _listed(rows: list[str]) -> str:
    return ",\n        ".join(rows)


def _choice(each: Rule) -> str:
    said = {
        "target": quoted(each.target or ""),
        "elsewhere": quoted(each.elsewhere or ""),
        "states": f"ARRAY[{_states(each)}]",
        "at_venue": str(each.at_venue),
        "needs_standing": str(each.needs_standing),
        "by_two": str(each.by_two),
        "with_a_case": str(each.with_a_case),
        "event": quoted(each.event),
    }
    assignments = " ".join(f"{name} := {value};" for name, value in said.items())
    return f"WHEN {quoted(f'{each.kind} {each.source or str()}')} THEN {assignments}"


_CHOICES = "\n        ".join(map(_choice, RULES))

TABLES = f"""
CREATE OR REPLACE FUNCTION ledger_rules() RETURNS TABLE (
    kind text, source text, target text, elsewhere text, states text[],
    at_venue boolean, needs_standing boolean, by_two boolean, with_a_case boolean, event text
) LANGUAGE sql IMMUTABLE AS $body$
    VALUES
        {_listed([_rule(each) for each in RULES])}
$body$;

-- One row of it, without reading the others: the way in which a posting is made.
CREATE OR REPLACE FUNCTION ledger_rule(
    p_kind text, p_source text, OUT target text, OUT elsewhere text, OUT states text[],
    OUT at_venue boolean, OUT needs_standing boolean, OUT by_two boolean, OUT with_a_case boolean, OUT event text
) LANGUAGE plpgsql IMMUTABLE AS $body$
BEGIN
    CASE p_kind || ' ' || p_source
        {_CHOICES}
        ELSE NULL;
    END CASE;
END
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
"""
