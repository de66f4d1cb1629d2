"""The addresses of the registry's API, below `/api/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from tokenisation.faces.api import (
    attestations,
    controls,
    corporate,
    documents,
    exposure,
    limits,
    settlement,
    views,
)

router = SimpleRouter(use_regex_path=False)
router.register("programmes", views.Programmes, basename="programme")
router.register("rates", views.Rates, basename="rate")
router.register("assets", views.Assets, basename="asset")
router.register("asset-documents", documents.AssetDocuments, basename="asset-document")
router.register("venues", views.Venues, basename="venue")
router.register("authorisations", views.Authorisations, basename="authorisation")
router.register("entries", views.Entries, basename="entry")
router.register("settlement-assets", views.SettlementAssets, basename="settlement-asset")
router.register("attestations", attestations.Attestations, basename="attestation")
router.register("orders", controls.Orders, basename="order")
router.register("sub-limits", limits.SubLimits, basename="sub-limit")
router.register("settlement-permissions", settlement.SettlementPermissions, basename="settlement-permission")
router.register("breaks", controls.Breaks, basename="break")
router.register("corporate-actions", corporate.CorporateActions, basename="corporate-action")
router.register("rate-fixings", corporate.RateFixings, basename="rate-fixing")
router.register("ledger-checks", controls.LedgerChecks, basename="ledger-check")
router.register("holdings-returns", controls.HoldingsReturns, basename="holdings-return")

urlpatterns = [
    path("public-programmes/", exposure.PublicProgrammes.as_view({"get": "retrieve"}), name="public-programmes"),
    path("public-assets/", exposure.PublicAssets.as_view({"get": "list"}), name="public-asset-list"),
    path("public-assets/<slug:code>/", exposure.PublicAssets.as_view({"get": "retrieve"}), name="public-asset-detail"),
    path(
        "public-assets/<slug:code>/documents/<int:document>/",
        documents.PublicAssetFiles.as_view({"get": "retrieve"}),
        name="public-asset-document",
    ),
    *router.urls,
]
