from django.apps import AppConfig


class RoofConfig(AppConfig):
    """The roof: settings, addresses, the home page and the demonstration world; imported by nobody."""

    name = "pvara"
    verbose_name = "PVARA"

    def ready(self) -> None:
        # Made once and for every process: whoever writes a job must know the broker.
        from . import celery  # noqa: F401  importing it makes it the current application
