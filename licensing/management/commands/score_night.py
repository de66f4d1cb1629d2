from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from licensing.actions.scores import score_night
from licensing.history.entries import HistoryIsLater


class Command(BaseCommand):
    help = "Bring the history of everybody's score up to today, or to the beginning of another day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, help="such as 2026-03-04; today where it is left out")

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"]
        at = timezone.make_aware(datetime.combine(on, time.min)) if on else timezone.now()
        try:
            written = score_night(at=at)
        except HistoryIsLater as refusal:
            raise CommandError(f"{refusal} Name that day or a later one.") from refusal
        self.stdout.write(f"{written} scores have changed by {timezone.localdate(at)}.")
