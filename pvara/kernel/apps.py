from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "pvara.kernel"
    label = "kernel"
    verbose_name = "Ground floor"

    def ready(self) -> None:
        from . import tasks  # noqa: F401  Celery finds a task only when its module is imported
