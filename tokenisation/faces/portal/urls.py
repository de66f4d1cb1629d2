"""The addresses of the registry below `/portal/`."""

from django.urls import path

from tokenisation.faces.portal import shelf

urlpatterns = [
    path("venues/<int:pk>/", shelf.venue, name="venue"),
    path("authorisations/<int:pk>/place/", shelf.placement, name="placement"),
]
