"""Every address below `/api/`: what both apps offer, signing in and out, the contract and its page."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from pvara.kernel.api.accounts import Login, Logout
from pvara.kernel.api.bases import Nowhere
from pvara.kernel.api.calendar import Holidays

app_name = "api"

urlpatterns = [
    path("login/", Login.as_view({"post": "create"}), name="login"),
    path("logout/", Logout.as_view({"post": "create"}), name="logout"),
    path("holidays/", Holidays.as_view({"get": "list", "post": "create"}), name="holiday-list"),
    path("holidays/<int:pk>/", Holidays.as_view({"get": "retrieve", "delete": "destroy"}), name="holiday-detail"),
    path("", include("licensing.faces.api.urls")),
    path("", include("tokenisation.faces.api.urls")),
    # The contract is public: whoever writes a program against it has no token yet.
    path("schema/", SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]), name="schema"),
    # With its script apart from the page and a template without styles, as our content security policy wants it.
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api:schema",
            template_name="api/docs.html",
            title="PVARA admin API",
            authentication_classes=[],
            permission_classes=[],
        ),
        name="docs",
    ),
    # What is nowhere is said in the API's own words, not on a page.
    re_path(r"", Nowhere.as_view({"get": "nothing"}), name="nowhere"),
]
