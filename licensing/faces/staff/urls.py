"""The addresses of licensing below `/staff/`."""

from django.urls import path

from licensing.access import READ_CASES
from licensing.faces.letters import letter
from licensing.faces.staff import cases, queue, ratings, records
from pvara.kernel.web import holding

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("firms/", queue.firms, name="firms"),
    path("firms/<int:pk>/", cases.firm, name="firm"),
    path("firms/<int:pk>/ratings/<str:phase>/", ratings.sheet, name="ratings"),
    path("firms/<int:pk>/ratings/<str:phase>/<str:code>/", ratings.criterion, name="criterion"),
    path("noc/<int:pk>/", cases.noc, name="noc"),
    path("set-ups/<int:pk>/", cases.setup, name="setup"),
    path("full/<int:pk>/", cases.full, name="full"),
    path("licences/<int:pk>/", cases.licence, name="licence"),
    path("evidence/<int:pk>/", cases.evidence, name="evidence"),
    path("evidence/<int:pk>/file/", cases.evidence_file, name="evidence_file"),
    path("letters/", records.letters, name="letters"),
    path("letters/<int:pk>.pdf", holding(READ_CASES)(letter), name="letter"),
    path("audit/", records.audit, name="audit"),
]
