"""The public addresses of the registry."""

from django.urls import path

from tokenisation.faces.public import programme

urlpatterns = [
    path("programme/", programme.programme, name="programme"),
    path("programme/<slug:code>/", programme.asset, name="asset"),
    path("programme/<slug:code>/documents/<int:pk>/", programme.document, name="asset_document"),
]
