"""The addresses of the registry below `/portal/`."""

from django.urls import path

from tokenisation.faces.portal import holdings, shelf

urlpatterns = [
    path("venues/<int:pk>/holdings/", holdings.holdings, name="holdings"),
    path("venues/<int:pk>/", shelf.venue, name="venue"),
    path("venues/<int:pk>/exposure/", shelf.venue_exposure, name="venue_exposure"),
    path("authorisations/<int:pk>/place/", shelf.placement, name="placement"),
    path("authorisations/<int:pk>/placements/", shelf.placement_file, name="placement_file"),
]
