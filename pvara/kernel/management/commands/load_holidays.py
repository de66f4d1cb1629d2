"""`manage.py load_holidays --from 2025 --to 2028`: add Pakistan's public holidays that are missing from the table.

Dates that follow the moon are estimates until they are gazetted; staff correct the table, and a date that is there is
left as it is. A date that staff took out comes back when its year is loaded again.
"""

from typing import Any

import holidays
from django.core.management.base import BaseCommand, CommandParser

from pvara.kernel.models.clock import Holiday


class Command(BaseCommand):
    help = "Add Pakistan's public holidays of these years; dates that are there stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=int, default=2025, help="the first year")
        parser.add_argument("--to", dest="last", type=int, default=2028, help="the last year")

    def handle(self, *args: Any, **options: Any) -> None:
        years = range(options["first"], options["last"] + 1)
        found = holidays.country_holidays("PK", years=years, language="en_US")
        there = set(Holiday.objects.values_list("date", flat=True))
        rows = [
            Holiday(date=day, name=name, announced_by=f"holidays {holidays.__version__} (Python library)")
            for day, name in sorted(found.items())
            if day not in there
        ]
        Holiday.objects.bulk_create(rows, ignore_conflicts=True)
        if options["verbosity"]:
            self.stdout.write(f"{len(rows)} holidays added, {len(found) - len(rows)} were there.")
