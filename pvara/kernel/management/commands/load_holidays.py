"""`manage.py load_holidays --from 2025 --to 2028`: add Pakistan's public holidays that are missing from the table.

Dates that follow the moon are estimates until they are gazetted; staff correct the table, and a date that is there is
left as it is. A date that staff took out comes back when its year is loaded again. Each is announced as
staff would announce it: open deadlines move, and the log of every case whose deadline moved says by which.
"""

from typing import Any

import holidays
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from pvara.kernel import deadlines


class Command(BaseCommand):
    help = "Add Pakistan's public holidays of these years; dates that are there stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=int, default=2025, help="the first year")
        parser.add_argument("--to", dest="last", type=int, default=2028, help="the last year")

    def handle(self, *args: Any, **options: Any) -> None:
        years = range(options["first"], options["last"] + 1)
        found = dict(holidays.country_holidays("PK", years=years, language="en_US"))
        by = f"holidays {holidays.__version__} (Python library)"
        added, moved = deadlines.announce_holidays(found, announced_by=by, by=None, at=timezone.now())
        if options["verbosity"]:
            there = len(found) - len(added)
            self.stdout.write(f"{len(added)} holidays added, {there} were there; {len(moved)} deadlines moved.")
