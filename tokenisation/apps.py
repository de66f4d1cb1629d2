from importlib import import_module

from django.apps import AppConfig


class TokenisationConfig(AppConfig):
    name = "tokenisation"

    def ready(self) -> None:
        # Actions tell the machine what follows a move, tasks register job handlers: both on import.
        for module in ("actions", "tasks"):
            import_module(f"tokenisation.{module}")
