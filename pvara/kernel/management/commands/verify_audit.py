from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pvara.kernel import verification

# Enough to see what happened; a rewritten log would otherwise print every line of itself.
SHOWN = 50


class Command(BaseCommand):
    help = "Check every audit entry, chain, sealed leaf and signed head, and name what does not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        found = verification.examine()
        self.stdout.write(
            f"{found.entries} entries of {found.subjects} subjects; {found.leaves} sealed under {found.heads} heads"
            f" and {found.files} files; {found.unsealed} not yet sealed."
        )
        if not found.breaks:
            self.stdout.write("The audit log is whole.")
            return
        for each in found.breaks[:SHOWN]:
            self.stdout.write(str(each))
        raise CommandError(f"The audit log is broken in {len(found.breaks)} places; the first is {found.breaks[0]}")
