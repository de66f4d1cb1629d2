from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from pvara.kernel import machine, regime


class Command(BaseCommand):
    help = "Print every state machine of the house, as a table and as a diagram."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("machine", nargs="?", help="one machine, by its model: app.model")
        parser.add_argument("--markdown", action="store_true", help="as the README carries it: tables alone")

    def handle(self, *args: Any, **options: Any) -> None:
        for model in machine.machines():
            if options["machine"] not in (None, model._meta.label_lower):
                continue
            title = str(model._meta.verbose_name)
            if options["markdown"]:
                self.stdout.write(f"**{title[0].upper()}{title[1:]}**\n\n{regime.as_markdown(model)}\n\n")
            else:
                self.stdout.write(f"{title.upper()} ({model._meta.label_lower})\n{regime.as_text(model)}\n\n")
                self.stdout.write(regime.diagram(model) + "\n\n")
