"""The public addresses of licensing."""

from django.urls import path

from licensing.faces.public import register, verify

urlpatterns = [
    path("register/", register.register, name="register"),
    path("register/<str:number>/", register.entry, name="entry"),
    path("verify/", verify.verify, name="verify"),
    path("verify/<str:token>/", verify.verified, name="verified"),
]
