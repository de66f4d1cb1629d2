"""The addresses of licensing's API, below `/api/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from licensing.faces.api import assessment, cases, letters, people, register

router = SimpleRouter(use_regex_path=False)
router.register("firms", cases.Firms, basename="firm")
router.register("noc-applications", cases.NocApplications, basename="noc")
router.register("setups", cases.SetUps, basename="setup")
router.register("milestones", cases.Milestones, basename="milestone")
router.register("licence-applications", cases.LicenceApplications, basename="full")
router.register("licences", cases.Licences, basename="licence")
router.register("evidence", assessment.Pieces, basename="evidence")
router.register("ratings", assessment.Ratings, basename="rating")
router.register("letters", letters.Letters, basename="letter")
router.register("audit-entries", people.AuditEntries, basename="audit-entry")
router.register("register", register.Register, basename="register")
router.register("noc-holders", register.NocHolders, basename="noc-holder")

urlpatterns = [
    path("me/", people.Me.as_view({"get": "retrieve"}), name="me"),
    path("framework/", assessment.CurrentFramework.as_view({"get": "retrieve"}), name="framework"),
    path("firms/<int:pk>/score/", assessment.Scores.as_view({"get": "retrieve"}), name="score"),
    path("verify/", letters.Verification.as_view({"post": "create"}), name="verify"),
    path("verify/file/", letters.FileVerification.as_view({"post": "create"}), name="verify-file"),
    path("verify/<str:token>/", letters.Verification.as_view({"get": "retrieve"}), name="verify-token"),
    *router.urls,
]
