"""`manage.py check_ledger`: say which invariants of the registry hold, keep the answer, and fail if one does not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tokenisation.actions.checks import check_ledger


class Command(BaseCommand):
    help = "Check every invariant of the registry, its journal's hash chain and its records of holders."

    def handle(self, *args: Any, **options: Any) -> None:
        check = check_ledger(at=timezone.now())
        for each in check.broken:
            self.stderr.write(f"BROKEN  {each['name']}  rows: {', '.join(map(str, each['rows']))}")
        if not check.holds:
            raise CommandError(f"{len(check.broken)} of {check.invariants} invariants are broken.")
        self.stdout.write(f"All {check.invariants} invariants hold.")
