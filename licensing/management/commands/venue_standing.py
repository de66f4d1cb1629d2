"""`manage.py venue_standing`: which venues may distribute tokenised state assets at this moment, and why not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from licensing import standing
from licensing.models import VenueStanding


class Command(BaseCommand):
    help = "Say which licensed venues may distribute at this moment; with a licence's number, exit 1 unless it may."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("licence", nargs="?", help="the number of one licence, such as LIC-2026-00001")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(standing.venues())
        if (asked := options["licence"]) is not None:
            found = [each for each in found if each.reference == asked]
            if not found:
                raise CommandError(f"No venue is licensed under {asked}.")
        now = timezone.now()
        for each in found:
            self._say(each, may=standing.may_distribute(each, now))
        if not found:
            self.stdout.write("No venue is licensed.")
        if asked is not None and not standing.may_distribute(found[0], now):
            raise CommandError(f"{asked} may not distribute.")

    def _say(self, venue: VenueStanding, *, may: bool) -> None:
        since = f"{timezone.localtime(venue.changed_at):%-d %B %Y %H:%M}"
        verdict = "may distribute" if may else "MAY NOT distribute"
        self.stdout.write(f"{venue.reference}  {verdict}, standing {venue.standing_version} since {since}  {venue}")
        if may and venue.holds_until is not None:
            self.stdout.write(f"    until {timezone.localtime(venue.holds_until):%-d %B %Y %H:%M} at the latest")
        for reason in [] if may else venue.reasons or ["What it rested on has run out since."]:
            self.stdout.write(f"    {reason}")
