from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pvara.kernel import sealing


class Command(BaseCommand):
    help = "Add the audit entries written since the last time to the sealed tree, and sign its new head."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            head = sealing.seal(at=timezone.now())
        except sealing.SealRefused as refused:
            raise CommandError(str(refused)) from refused
        if head is None:
            self.stdout.write("Nothing to seal, or another sealer is at work.")
        else:
            self.stdout.write(f"Sealed {head.tree_size - head.previous_size} entries; {head.tree_size} in all.")
