"""`manage.py check_invariants`: say which invariants of the registry hold, and fail if one does not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tokenisation import invariants


class Command(BaseCommand):
    help = "Check every invariant of the registry and its journal's hash chain."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = list(invariants.check())
        for each in broken:
            self.stderr.write(f"BROKEN  {each.name}  rows: {', '.join(map(str, each.rows))}")
        if broken:
            raise CommandError(f"{len(broken)} of {len(invariants.INVARIANTS) + 1} invariants are broken.")
        self.stdout.write(f"All {len(invariants.INVARIANTS) + 1} invariants hold.")
