import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from licensing.actions.fees import load_tariff


class Command(BaseCommand):
    help = "Load the tariff of fees, and the sample beside it; what is there already stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default=settings.BASE_DIR / "fixtures" / "tariff.json")

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_tariff(json.loads(Path(options["file"]).read_text()), at=timezone.now())
        if options["verbosity"]:
            self.stdout.write(f"{added} fees added.")
