"""The addresses of licensing below `/portal/`."""

from django.urls import path

from licensing.faces.letters import letter
from licensing.faces.portal import applications, evidence, home, setup
from pvara.kernel.web import applicants_only

urlpatterns = [
    path("", home.home, name="home"),
    path("firms/new/", home.firm_new, name="firm_new"),
    path("firms/<int:pk>/noc/", home.noc_start, name="noc_start"),
    path("firms/<int:pk>/evidence/", evidence.evidence, name="evidence"),
    path("evidence/<int:pk>/file/", evidence.evidence_file, name="evidence_file"),
    path("applications/<str:kind>/<int:pk>/", applications.application, name="application"),
    path("applications/<str:kind>/<int:pk>/check/", applications.review, name="review"),
    path("applications/<str:kind>/<int:pk>/fee/", applications.fee, name="fee"),
    path("applications/<str:kind>/<int:pk>/declaration/", applications.declare, name="declare"),
    path("applications/<str:kind>/<int:pk>/sections/<str:key>/", applications.section, name="section"),
    path("set-ups/<int:pk>/", setup.setup, name="setup"),
    path("set-ups/<int:pk>/full/", home.full_start, name="full_start"),
    path("milestones/<int:pk>/", setup.milestone, name="milestone"),
    path("licences/<int:pk>/", home.licence, name="licence"),
    path("letters/", home.letters, name="letters"),
    path("letters/<int:pk>.pdf", applicants_only(letter), name="letter"),
]
