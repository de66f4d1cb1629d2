"""The addresses of the registry's API, below `/api/`."""

from rest_framework.routers import SimpleRouter

from tokenisation.faces.api import views

router = SimpleRouter(use_regex_path=False)
router.register("programmes", views.Programmes, basename="programme")
router.register("rates", views.Rates, basename="rate")
router.register("assets", views.Assets, basename="asset")
router.register("venues", views.Venues, basename="venue")
router.register("authorisations", views.Authorisations, basename="authorisation")
router.register("entries", views.Entries, basename="entry")

urlpatterns = router.urls
