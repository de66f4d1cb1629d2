import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pvara.demo import accounts, world


class Command(BaseCommand):
    help = "Load the demonstration world (once), or write its addresses, accounts and tokens with --json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--load", action="store_true", help="load the world unless it is there")
        parser.add_argument("--json", action="store_true", help="write addresses, accounts and API tokens")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("This is not the demonstration: its accounts and data exist only there.")
        if options["load"] and not world.is_loaded():
            world.load(now=timezone.now(), say=lambda line: self.stderr.write(f"  {line}"))
            accounts.hand_out_keys()
        if not options["json"]:
            return
        if not world.is_loaded():
            raise CommandError("There is no demonstration data yet: run `manage.py demo --load` first.")
        site = settings.SITE_ADDRESS
        self.stdout.write(
            json.dumps(
                {
                    "addresses": {
                        "home": f"{site}/",
                        "login": f"{site}/accounts/login/",
                        "staff": f"{site}/staff/",
                        "portal": f"{site}/portal/",
                        "register": f"{site}/register/",
                        "verify": f"{site}/verify/",
                        "api": f"{site}/api/",
                        "schema": f"{site}/api/schema/",
                    },
                    "accounts": accounts.handed_out(),
                },
                indent=1,
            )
        )
