"""P1: opening a NOC application, what a grant sets going, and how a NOC ends."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from licensing.access import REPRESENT
from licensing.actions.setup import open_setup
from licensing.actions.timers import each_row, timer
from licensing.models import Firm, NocApplication, SetUp
from licensing.states import NocState, SetUpState
from pvara.kernel import audit, clock, figures
from pvara.kernel.machine import follows, perform, unmet
from pvara.kernel.models import AuditEntry, User


def open_noc_application(firm: Firm, *, by: User, at: datetime) -> NocApplication:
    """Start Form A1 for a firm. Raises PermissionDenied for who does not act for it."""
    if not by.has_perm(REPRESENT, firm):
        raise PermissionDenied("You do not act for this firm.")
    with transaction.atomic():
        case = NocApplication.objects.create(firm=firm, opened_at=at)
        audit.record(case, event="opened", by=by, at=at, to_state=case.state)
        return case


@follows(NocApplication, "grant_noc", "grant_with_conditions")
def date_noc_and_open_setup(case: NocApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    today = timezone.localdate(at)
    months = int(figures.value("noc.validity_months", on=today))
    case.granted_at = at
    case.valid_to = clock.last_day_of_months(today, months)
    case.save(update_fields=["granted_at", "valid_to"])
    open_setup(case, at=at)


@follows(NocApplication, "restore_noc", "restore_noc_suspended")
def forget_who_took_it(case: NocApplication, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """What was taken away was done by nobody: who had done it may decide on what comes; the log keeps the names."""
    case.revoked_by = None
    if case.state == NocState.GRANTED:
        case.suspended_by = None
    case.save(update_fields=["revoked_by", "suspended_by"])


@follows(NocApplication, "restore_noc", "reinstate_noc", "lift_unratified")
def reopen_the_setup(case: NocApplication, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """A set-up that lapsed only because the NOC was revoked has its whole time anew."""
    setup = SetUp.objects.get(noc=case)
    if setup.state == SetUpState.LAPSED and not unmet(setup, "reopen_with_noc", by=None, at=at):
        perform(setup, "reopen_with_noc", by=None, at=at, expected_version=setup.version, note=entry.note)


@follows(NocApplication, "ask_to_extend")
def note_the_asking(case: NocApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    case.extension_asked_at = at
    case.save(update_fields=["extension_asked_at"])


@follows(NocApplication, "extend_noc")
def lengthen_the_term(case: NocApplication, *, by: User, at: datetime, entry: AuditEntry) -> None:
    months = int(figures.value("noc.extension_months", on=timezone.localdate(at)))
    # The new term is counted from the last day of the old one, not from the day on which somebody decided.
    assert case.valid_to is not None
    case.valid_to = clock.last_day_of_months(case.valid_to + timedelta(days=1), months)
    case.extended_at = at
    case.save(update_fields=["valid_to", "extended_at"])


@timer
def expire_nocs(at: datetime) -> int:
    """A NOC whose term ended expires, unless it has served: the firm holds a licence."""
    ended = NocApplication.objects.filter(
        state__in=(NocState.GRANTED, NocState.SUSPENDED), valid_to__lt=timezone.localdate(at)
    ).exclude(firm__licences__isnull=False)
    return each_row(ended.order_by("pk"), _expire, at)


def _expire(case: NocApplication, at: datetime) -> None:
    perform(case, "expire_noc", by=None, at=at, expected_version=case.version)


@follows(SetUp, "lapse")
def end_the_noc(setup: SetUp, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    if setup.noc.state in (NocState.GRANTED, NocState.SUSPENDED):
        _expire(setup.noc, at)


@follows(NocApplication, "expire_noc", "revoke_noc")
def end_the_setup(case: NocApplication, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """Without its NOC a set-up that is still open goes nowhere."""
    setup = SetUp.objects.get(noc=case)
    if setup.state == SetUpState.OPEN:
        note = f"{case.reference} is {case.get_state_display().lower()}."
        perform(setup, "lapse", by=None, at=at, expected_version=setup.version, note=note)
