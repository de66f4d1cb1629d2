"""The public addresses of licensing."""

from django.urls import path

from licensing.faces.public import register, statistics, tariff, verify

urlpatterns = [
    path("register/", register.register, name="register"),
    path("register/<str:number>/", register.entry, name="entry"),
    path("fees/", tariff.tariff, name="tariff"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("statistics.csv", statistics.statistics_csv, name="statistics_csv"),
    path("statistics-deeds.csv", statistics.deeds_csv, name="deeds_csv"),
    path("verify/", verify.verify, name="verify"),
    path("verify/<str:token>/", verify.verified, name="verified"),
]
