"""What the database itself holds of the documents of assets: rows that say the same for ever, and none that goes."""

# What a document is is never changed, nor who published it and when; its state moves as its machine says.
INSTALL = """
CREATE OR REPLACE TRIGGER asset_document_says_the_same
    BEFORE UPDATE OF asset_id, kind, title, edition, supersedes_id, file, file_name, content_type, size, sha256, scan,
        uploaded_by_id, uploaded_at ON tokenisation_assetdocument
    FOR EACH ROW EXECUTE FUNCTION kernel_append_only();
CREATE OR REPLACE TRIGGER asset_document_stays_published
    BEFORE UPDATE ON tokenisation_assetdocument
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION kernel_append_only();
CREATE OR REPLACE TRIGGER asset_document_stays BEFORE DELETE ON tokenisation_assetdocument
    FOR EACH ROW EXECUTE FUNCTION kernel_append_only();
CREATE OR REPLACE TRIGGER asset_documents_stay BEFORE TRUNCATE ON tokenisation_assetdocument
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_append_only();
"""
REMOVE = """
DROP TRIGGER IF EXISTS asset_documents_stay ON tokenisation_assetdocument;
DROP TRIGGER IF EXISTS asset_document_stays ON tokenisation_assetdocument;
DROP TRIGGER IF EXISTS asset_document_stays_published ON tokenisation_assetdocument;
DROP TRIGGER IF EXISTS asset_document_says_the_same ON tokenisation_assetdocument;
"""
