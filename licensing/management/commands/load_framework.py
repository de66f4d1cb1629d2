import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from licensing.actions.framework import load_framework


class Command(BaseCommand):
    help = "Load and publish a scoring framework, unless its version is there already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default=settings.BASE_DIR / "fixtures" / "framework.json")

    def handle(self, *args: Any, **options: Any) -> None:
        given = json.loads(Path(options["file"]).read_text())
        framework = load_framework(given, at=timezone.now())
        if options["verbosity"]:
            self.stdout.write(f"{framework} is in force from {framework.effective_from}.")
