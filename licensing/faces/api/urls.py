"""The addresses of licensing's API, below `/api/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from licensing.faces.api import (
    activities,
    agreed,
    agreements,
    appeals,
    assessment,
    cases,
    consultations,
    decisions,
    documents,
    fees,
    frameworks,
    handovers,
    individuals,
    inspections,
    interests,
    letters,
    living,
    memos,
    overdue,
    overrides,
    ownership,
    people,
    proposals,
    register,
    requests,
    returns,
    settings,
    statistics,
    supervision,
    tables,
    wind_downs,
)

router = SimpleRouter(use_regex_path=False)
router.register("firms", cases.Firms, basename="firm")
router.register("noc-applications", cases.NocApplications, basename="noc")
router.register("setups", cases.SetUps, basename="setup")
router.register("milestones", cases.Milestones, basename="milestone")
router.register("aml-registrations", cases.AmlRegistrations, basename="aml-registration")
router.register("agencies", consultations.Agencies, basename="agency")
router.register("consultations", consultations.Consultations, basename="consultation")
router.register("agreements", agreements.Agreements, basename="agreement")
router.register("frameworks", frameworks.Frameworks, basename="framework-version")
router.register("table-changes", tables.TableChanges, basename="table-change")
router.register("setting-changes", settings.SettingChanges, basename="setting-change")
router.register("deliverables", agreements.Deliverables, basename="deliverable")
router.register("inspections", inspections.Inspections, basename="inspection")
router.register("findings", inspections.Findings, basename="finding")
router.register("documents", documents.Documents, basename="document")
router.register("licence-applications", cases.LicenceApplications, basename="full")
router.register("deficiencies", returns.Deficiencies, basename="deficiency")
router.register("information-requests", requests.InformationRequests, basename="information-request")
router.register("request-items", requests.RequestItems, basename="request-item")
router.register("conditions", decisions.Conditions, basename="condition")
router.register("motions", decisions.Motions, basename="motion")
router.register("votes", decisions.Votes, basename="vote")
router.register("refusal-notices", decisions.Notices, basename="refusal-notice")
router.register("refusal-grounds", decisions.Grounds, basename="refusal-ground")
router.register("representations", decisions.Representations, basename="representation")
router.register("licences", cases.Licences, basename="licence")
router.register("measures", living.Measures, basename="measure")
router.register("renewals", living.Renewals, basename="renewal")
router.register("variations", living.Variations, basename="variation")
router.register("surrenders", living.Surrenders, basename="surrender")
router.register("proposals", proposals.Proposals, basename="proposal")
router.register("wind-downs", wind_downs.WindDowns, basename="wind-down")
router.register("appeals", appeals.Appeals, basename="appeal")
router.register("return-kinds", supervision.ReturnKinds, basename="return-kind")
router.register("returns", supervision.Filings, basename="filing")
router.register("incidents", supervision.Incidents, basename="incident")
router.register("visits", supervision.Visits, basename="visit")
router.register("evidence", assessment.Pieces, basename="evidence")
router.register("ratings", assessment.Ratings, basename="rating")
router.register("sealed-ratings", assessment.SealedRatings, basename="sealed-rating")
router.register("rating-overrides", overrides.RatingOverrides, basename="rating-override")
router.register("interests", interests.Interests, basename="interest")
router.register("memos", memos.Memos, basename="memo")
router.register("hand-overs", handovers.Handovers, basename="hand-over")
router.register("recusals", interests.Recusals, basename="recusal")
router.register("key-individuals", individuals.KeyIndividuals, basename="individual")
router.register("ownership-statements", ownership.OwnershipStatements, basename="statement")
router.register("changes-of-control", ownership.ChangesOfControl, basename="change")
router.register("invoices", fees.Invoices, basename="invoice")
router.register("payments", fees.Payments, basename="payment")
router.register("bank-statements", fees.BankStatements, basename="bank-statement")
router.register("letters", letters.Letters, basename="letter")
router.register("audit-entries", people.AuditEntries, basename="audit-entry")
router.register("register", register.Register, basename="register")
router.register("noc-holders", register.NocHolders, basename="noc-holder")

urlpatterns = [
    path("me/", people.Me.as_view({"get": "retrieve"}), name="me"),
    path("activities/", activities.Activities.as_view({"get": "retrieve"}), name="activities"),
    path("tariff/", fees.CurrentTariff.as_view({"get": "retrieve"}), name="tariff"),
    path("framework/", assessment.CurrentFramework.as_view({"get": "retrieve"}), name="framework"),
    path("firms/<int:pk>/score/", assessment.Scores.as_view({"get": "retrieve"}), name="score"),
    path("firms/<int:pk>/readiness/", assessment.ReadinessOfFirm.as_view({"get": "retrieve"}), name="readiness"),
    path("firms/<int:pk>/removed/", interests.RemovedPeople.as_view({"get": "retrieve"}), name="removed"),
    path("firms/<int:pk>/decisions/", appeals.Decisions.as_view({"get": "retrieve"}), name="decisions"),
    path("settings/", settings.Settings.as_view({"get": "retrieve"}), name="settings"),
    path("settings/<str:key>/", settings.OneSetting.as_view({"get": "retrieve"}), name="setting"),
    path("tables/", tables.Tables.as_view({"get": "retrieve"}), name="tables"),
    path("tables/<str:table>/", tables.OneTable.as_view({"get": "retrieve"}), name="table"),
    path("rating-agreement/", agreed.RatingAgreement.as_view({"get": "retrieve"}), name="rating-agreement"),
    path("overdue/", overdue.Overdue.as_view({"get": "retrieve"}), name="overdue"),
    path("statistics/", statistics.Statistics.as_view({"get": "retrieve"}), name="statistics"),
    path(
        "public-statistics/",
        statistics.PublicStatistics.as_view({"get": "retrieve"}),
        name="public-statistics",
    ),
    path("statistics/deeds/", statistics.Deeds.as_view({"get": "retrieve"}), name="deeds"),
    path("public-statistics/deeds/", statistics.PublicDeeds.as_view({"get": "retrieve"}), name="public-deeds"),
    path("verify/", letters.Verification.as_view({"post": "create"}), name="verify"),
    path("verify/file/", letters.FileVerification.as_view({"post": "create"}), name="verify-file"),
    path("verify/<str:token>/", letters.Verification.as_view({"get": "retrieve"}), name="verify-token"),
    *router.urls,
]
