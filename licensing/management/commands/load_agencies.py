import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from licensing.actions.consultations import load_agencies


class Command(BaseCommand):
    help = "Load the agencies that are consulted on cases; what is there already stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default=settings.BASE_DIR / "fixtures" / "agencies.json")

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_agencies(json.loads(Path(options["file"]).read_text()))
        if options["verbosity"]:
            self.stdout.write(f"{added} agencies added.")
