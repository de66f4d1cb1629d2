"""The operations that answer anybody, with or without a name."""

from tests.api.operations.callers import ALL

PUBLIC = {
    "public_assets_documents_retrieve": ALL,
    "public_assets_list": ALL,
    "public_assets_retrieve": ALL,
    "public_programmes": ALL,
    "public_statistics": ALL,
    "public_deeds": ALL,
}
