"""The addresses of the registry below `/staff/`."""

from django.urls import path

from tokenisation.faces.staff import assets, programme

urlpatterns = [
    path("programme/", programme.programme, name="programme"),
    path("programme/rates/", programme.rate_new, name="rate_new"),
    path("programme/propose/<str:shelf>/", programme.asset_new, name="asset_new"),
    path("assets/<int:pk>/", assets.asset, name="asset"),
    path("assets/<int:pk>/approvals/", assets.approval_new, name="approval_new"),
    path("assets/<int:pk>/attestations/", assets.attestation_new, name="attestation_new"),
    path("assets/<int:pk>/authorise/", assets.authorise, name="authorise"),
    path("authorisations/<int:pk>/", assets.authorisation, name="authorisation"),
    path("authorisations/<int:pk>/allocate/", assets.allocate, name="allocate"),
    path("authorisations/<int:pk>/take-back/", assets.take_back, name="take_back"),
]
