from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licensing.models import Framework, Letter
from licensing.models.framework import as_rules
from licensing.scoring import frozen
from pvara.kernel.models import AuditEntry


class Command(BaseCommand):
    help = "Reckon the score of a decision again from what was kept of it; exits 1 and says what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("decision", help="the number of its letter, such as PVARA/NOC/2026/00001, or of its entry")

    def handle(self, *args: Any, **options: Any) -> None:
        entry = self._entry(options["decision"])
        kept = {gate: facts for gate, facts in entry.data.get("gates", {}).items() if "grace_days" in facts}
        if not kept:
            raise CommandError(f"Entry {entry.pk}, {entry.event}, was not a decision by score: name another one.")
        wrong = []
        for gate, facts in kept.items():
            row = Framework.objects.filter(edition=facts["framework"]).first()
            try:
                found = frozen.differences(facts, framework=as_rules(row) if row else None)
            except LookupError as missing:
                raise CommandError(str(missing)) from missing
            wrong += [f"{gate}: {each}" for each in found]
            if not found:
                self.stdout.write(
                    f"{gate}: {facts['total']}% by framework {facts['framework']}, {facts['hash']}, again."
                )
        if wrong:
            raise CommandError("\n".join(wrong))

    def _entry(self, decision: str) -> AuditEntry:
        if decision.isdecimal():
            entry = AuditEntry.objects.filter(pk=decision).first()
        else:
            letter = Letter.objects.filter(reference=decision).select_related("entry").first()
            entry = letter.entry if letter else None
        if entry is None:
            raise CommandError(f"There is no decision {decision}: give a letter's number or an entry's.")
        return entry
