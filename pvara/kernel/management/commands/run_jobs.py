"""`manage.py run_jobs`: do every job that is due in this process; for a machine without a worker."""

from typing import Any

from django.core.management.base import BaseCommand

from pvara.kernel import outbox


class Command(BaseCommand):
    help = "Do every job that is due, here and now. A job that fails is put off, and ends the command."

    def handle(self, *args: Any, **options: Any) -> None:
        done = outbox.drain()
        self.stdout.write(f"{len(done)} jobs done.")
