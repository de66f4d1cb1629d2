"""`manage.py load_figures`: add the shipped numbers of the regime that are missing; may be run any number of times."""

from typing import Any

from django.core.management.base import BaseCommand

from pvara.kernel import figures


class Command(BaseCommand):
    help = "Add the figures of the regime that are missing; rows that are there stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        shipped = figures.shipped()
        added = figures.load(shipped)
        if options["verbosity"]:
            self.stdout.write(f"{len(added)} figures added, {len(shipped) - len(added)} were there.")
