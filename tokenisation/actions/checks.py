"""Checking the ledger's invariants, keeping what was found, and telling those who must look when one is broken."""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from pvara.kernel import audit, outbox
from pvara.kernel.models import User
from tokenisation import invariants
from tokenisation.models import JournalEntry, LedgerCheck

# Who is told: the debt office's approver, who may stop things; the auditor; whoever runs the machines.
TOLD = ("debt_approver", "auditor", "system_administrator")

log = logging.getLogger(__name__)


def check_ledger(*, at: datetime) -> LedgerCheck:
    """Ask every invariant, and keep the answer; a broken one is logged, audited and told by e-mail, once a day."""
    entries = JournalEntry.objects.count()
    broken = list(invariants.check())
    for each in broken:
        log.error("The ledger's invariant “%s” is broken: %s", each.name, each.rows)
    with transaction.atomic():
        check = LedgerCheck.objects.create(
            made_at=at,
            invariants=invariants.asked(),
            entries=entries,
            broken=[{"name": each.name, "rows": list(each.rows)} for each in broken],
        )
        if broken:
            audit.record(check, event="ledger_broken", by=None, at=at, data={"broken": [each.name for each in broken]})
            _tell(check, at=at)
    return check


def _tell(check: LedgerCheck, *, at: datetime) -> None:
    body = render_to_string("email/ledger_check.txt", {"check": check, "site_address": settings.SITE_ADDRESS})
    people = User.objects.filter(role_assignments__role__in=TOLD, is_active=True).distinct().order_by("pk")
    for person in people:
        outbox.enqueue(
            "notice",
            key=f"notice:ledger-check:{timezone.localdate(at)}:{person.pk}",
            payload={"to": person.pk, "subject": "The ledger of units: an invariant is broken", "body": body},
            at=at,
        )
