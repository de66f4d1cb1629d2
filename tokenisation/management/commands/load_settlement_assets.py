import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from tokenisation.actions.settlement import load_settlement_assets


class Command(BaseCommand):
    help = "Load in what placements may be settled; what is there already stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default=settings.BASE_DIR / "fixtures" / "settlement.json")

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_settlement_assets(json.loads(Path(options["file"]).read_text()))
        if options["verbosity"]:
            self.stdout.write(f"{added} settlement assets added.")
