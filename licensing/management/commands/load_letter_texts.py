import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from licensing.actions.letters import load_letter_texts


class Command(BaseCommand):
    help = "Load the wording of the letters; what is there already stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        given = json.loads((settings.BASE_DIR / "fixtures" / "letters.json").read_text())
        added = load_letter_texts(given)
        if options["verbosity"]:
            self.stdout.write(f"{added} wordings added.")
