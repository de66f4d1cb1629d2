"""What the database itself holds of attestations: what one says is never changed, its state by its machine alone."""

INSTALL = """
CREATE OR REPLACE TRIGGER attestation_says_the_same
    BEFORE UPDATE OF asset_id, custodian, quantity, unit_of_measure, as_of, expires_at, document_sha256,
        recorded_by_id, recorded_at ON tokenisation_reserveattestation
    FOR EACH ROW EXECUTE FUNCTION kernel_append_only();
"""
REMOVE = """
DROP TRIGGER IF EXISTS attestation_says_the_same ON tokenisation_reserveattestation;
"""
