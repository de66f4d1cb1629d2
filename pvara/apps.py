from django.apps import AppConfig


class RoofConfig(AppConfig):
    """The roof: settings, addresses, the home page and the demonstration world; imported by nobody."""

    name = "pvara"
    verbose_name = "PVARA"
