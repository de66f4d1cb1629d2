"""What the ledger's tables hold by themselves, whoever writes to them: the triggers of entries, postings and accounts.

These are triggers and not CHECK and FOREIGN KEY constraints because every posting pays for them. PostgreSQL reads the
text of a row's every CHECK anew for each statement, also of those over columns that the statement leaves alone, and a
foreign key asks once more for a row that the posting has just read or locked: the two were four tenths of a posting.
What they held is held here at less cost. A balance keeps its CHECK: it is the last word whatever else fails.

An entry, a posting and an account are never deleted, nor is an asset, a venue or a person with any of them: an account
names its asset and venue by foreign keys, and the audit log its person. So what was there when a row was added stays
there, and `invariants.py` asks every night.
"""

from tokenisation.states import AT_VENUE, BY_TWO, WITH_A_CASE, AccountKind
from tokenisation.tables_sql import quoted


def _among(*words: str) -> str:
    return ", ".join(quoted(word) for word in words)


# In the words of a constraint, because that is what it is: the name for programs, the sentence for people.
ENTRY_HOLDS = (
    ("entry_has_units", "NEW.units <= 0 OR NEW.seq <= 0", "An entry is numbered and moves units."),
    ("entry_maker_is_not_checker", "NEW.checker_id = NEW.maker_id", "Whoever made an entry does not check it."),
    (
        "entry_has_checker",
        f"NEW.checker_id IS NULL AND NEW.kind IN ({_among(*BY_TWO)})",
        "Units come into being, reach a venue or move against a holder by two people's hands.",
    ),
    (
        "entry_names_its_case",
        f"NEW.case_ref = '' AND NEW.kind IN ({_among(*WITH_A_CASE)})",
        "An order, an agreement or an error stands behind such an entry: it names it.",
    ),
    (
        "correction_names_its_entry",
        "(NEW.kind = 'correct') <> (NEW.reverses_id IS NOT NULL)",
        "A correction names the entry that it reverses, and nothing else does.",
    ),
    (
        "only_orders_name_two_venues",
        "NEW.to_venue_id IS NOT NULL AND (NEW.kind NOT IN ('forced', 'correct') OR NEW.to_venue_id = NEW.venue_id)",
        "Only an order goes from one venue to another.",
    ),
    (
        "entry_knows_standing",
        "NEW.standing_version IS NULL AND NEW.kind IN ('allocate', 'distribute')",
        "An entry that needs a standing says on which it relied.",
    ),
)


def _refused(name: str, says: str) -> str:
    """In PostgreSQL's own words for a CHECK, so that nobody has to know which of the two it was."""
    return (
        "RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,"
        f" CONSTRAINT = {quoted(name)}, DETAIL = {quoted(says)},"
        f""" MESSAGE = format('new row for relation "%s" violates check constraint "{name}"', TG_TABLE_NAME);"""
    )


_REFUSALS = "\n        ".join(f"WHEN {quoted(name)} THEN {_refused(name, says)}" for name, _, says in ENTRY_HOLDS)
_FOUND = "\n            ".join(f"WHEN {broken} THEN {quoted(name)}" for name, broken, _ in ENTRY_HOLDS)

ENTRIES = f"""
CREATE OR REPLACE FUNCTION ledger_entry_holds() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    v_broken text := CASE
            {_FOUND}
        END;
BEGIN
    IF v_broken IS NULL THEN
        RETURN NEW;
    END IF;
    CASE v_broken
        {_REFUSALS}
    END CASE;
END
$body$;
CREATE OR REPLACE TRIGGER ledger_entry_holds BEFORE INSERT ON tokenisation_journalentry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_holds();
"""

# Both legs of an entry come in one statement, and the unique index lets no leg be added later. One entry at a time is
# what nearly always comes, and is told apart because a join over all that a file might bring costs three times as much.
POSTINGS = """
CREATE OR REPLACE FUNCTION ledger_apply_postings() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    v_legs record;
    v_moved integer;
BEGIN
    SELECT count(*) AS n, min(entry_id) AS entry, max(entry_id) AS other, min(units) AS taken, max(units) AS given,
            max(account_id) FILTER (WHERE units < 0) AS source, max(account_id) FILTER (WHERE units > 0) AS target
        INTO v_legs FROM new_postings;
    IF v_legs.n = 2 AND v_legs.entry = v_legs.other THEN
        IF v_legs.taken = -v_legs.given THEN
            UPDATE tokenisation_account a
                SET units = a.units + CASE a.id WHEN v_legs.source THEN v_legs.taken ELSE v_legs.given END
                FROM tokenisation_journalentry e
                WHERE e.id = v_legs.entry AND e.units = v_legs.given
                    AND a.id IN (v_legs.source, v_legs.target) AND a.asset_id = e.asset_id;
            GET DIAGNOSTICS v_moved = ROW_COUNT;
        END IF;
        IF v_moved IS DISTINCT FROM 2 THEN
            PERFORM ledger_refuse_postings();
        END IF;
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM new_postings n LEFT JOIN tokenisation_journalentry e ON e.id = n.entry_id
            LEFT JOIN tokenisation_account a ON a.id = n.account_id AND a.asset_id = e.asset_id
            GROUP BY n.entry_id, e.units
            HAVING count(a.id) <> 2 OR count(*) <> 2 OR sum(n.units) <> 0 OR max(n.units) IS DISTINCT FROM e.units
    ) THEN
        PERFORM ledger_refuse_postings();
    END IF;
    UPDATE tokenisation_account a SET units = a.units + n.units
        FROM (SELECT account_id, sum(units) AS units FROM new_postings GROUP BY account_id) n
        WHERE a.id = n.account_id;
    RETURN NULL;
END
$body$;
CREATE OR REPLACE FUNCTION ledger_refuse_postings() RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'The postings of an entry sum to zero, within its asset, and move its units.'
        USING ERRCODE = 'check_violation';
END
$body$;
"""

ACCOUNTS = f"""
CREATE OR REPLACE FUNCTION ledger_account_suits_place() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT (CASE WHEN NEW.venue_id IS NULL THEN NEW.kind IN ({_among(AccountKind.SUPPLY, AccountKind.TREASURY)})
            ELSE NEW.kind IN ({_among(*AT_VENUE)}) END) THEN
        {_refused("account_kind_suits_place", "An asset has its own accounts, and a venue has its own.")}
    END IF;
    RETURN NEW;
END
$body$;
CREATE OR REPLACE TRIGGER ledger_account_suits_place
    BEFORE INSERT OR UPDATE OF asset_id, venue_id, kind ON tokenisation_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_suits_place();
"""

INSTALL = ENTRIES + POSTINGS + ACCOUNTS
REMOVE = """
DROP TRIGGER IF EXISTS ledger_account_suits_place ON tokenisation_account;
DROP TRIGGER IF EXISTS ledger_entry_holds ON tokenisation_journalentry;
DROP FUNCTION IF EXISTS ledger_account_suits_place(), ledger_entry_holds();
"""
