"""What the database itself holds of permissions to settle: two people, and a list that says what they said."""

# What a proposal says is never changed; its state moves as its machine says.
SAYS_THE_SAME = """
CREATE OR REPLACE TRIGGER settlement_permission_says_the_same
    BEFORE UPDATE OF code, name, kind, currency, permitted, effective_from, source, reasons,
        proposed_by_id, proposed_at ON tokenisation_settlementpermission
    FOR EACH ROW EXECUTE FUNCTION kernel_append_only();
"""

# A row that names a proposal is its own, and the proposal is confirmed by another person. What an installation is
# loaded with names none.
ROW = """
CREATE OR REPLACE FUNCTION settlement_row_is_confirmed() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM FROM tokenisation_settlementpermission p
        WHERE p.id = NEW.permission_id AND p.state = 'confirmed' AND p.decided_by_id <> p.proposed_by_id
            AND (p.code, p.name, p.kind, p.currency, p.permitted, p.effective_from)
                = (NEW.code, NEW.name, NEW.kind, NEW.currency, NEW.permitted, NEW.effective_from);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'The list says what a confirmed permission says, and nothing else.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$body$;
CREATE OR REPLACE TRIGGER settlement_row_is_confirmed BEFORE INSERT ON tokenisation_settlementasset
    FOR EACH ROW WHEN (NEW.permission_id IS NOT NULL) EXECUTE FUNCTION settlement_row_is_confirmed();
"""

INSTALL = SAYS_THE_SAME + ROW
REMOVE = """
DROP TRIGGER IF EXISTS settlement_row_is_confirmed ON tokenisation_settlementasset;
DROP TRIGGER IF EXISTS settlement_permission_says_the_same ON tokenisation_settlementpermission;
DROP FUNCTION IF EXISTS settlement_row_is_confirmed();
"""
