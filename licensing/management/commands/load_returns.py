import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from licensing.actions.supervision import load_return_kinds


class Command(BaseCommand):
    help = "Load the calendar of returns; what is there already stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default=settings.BASE_DIR / "fixtures" / "returns.json")

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_return_kinds(json.loads(Path(options["file"]).read_text()))
        if options["verbosity"]:
            self.stdout.write(f"{added} kinds of returns added.")
