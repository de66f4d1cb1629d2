"""What time alone does to the registry, once a night: assets mature, authorisations and attestations run out, payments
fall due and holders are put on record, records are compared, invariants are checked."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from pvara.kernel.machine import Stateful, moves_of, perform, unmet
from tokenisation.actions.checks import check_ledger
from tokenisation.actions.corporate import catch_up
from tokenisation.actions.reconciliation import reconcile_day
from tokenisation.models import Asset, CorporateAction, DistributionAuthorisation, LedgerCheck, ReserveAttestation

log = logging.getLogger(__name__)

# Figures come in a day or two after the day that they speak of.
LOOK_BACK_DAYS = 3


@dataclass(frozen=True)
class Night:
    """What a night's run found and did."""

    matured: list[str]
    missed: list[str]
    check: LedgerCheck


def run_night(*, at: datetime) -> Night:
    """Mark what has matured or fallen due, compare records and check the invariants.

    Running it twice moves nothing the second time; each run keeps what its check found.
    """
    matured = _move_due(Asset, "mature", at=at)
    for name in ("lapse", "close_redeemed"):
        _move_due(Asset, name, at=at)
    _move_due(DistributionAuthorisation, "lapse", at=at)
    _move_due(ReserveAttestation, "expire", at=at)
    catch_up(at=at)
    for name in ("take_record", "close_unheld", "fall_due"):
        _move_due(CorporateAction, name, at=at)
    missed = _move_due(CorporateAction, "miss", at=at)
    for reference in missed:
        log.warning("No evidence of the payment %s: it counts as missed.", reference)
    for on in (timezone.localdate(at) - timedelta(days=days) for days in range(LOOK_BACK_DAYS)):
        reconcile_day(on, at=at)
    return Night(matured, missed, check_ledger(at=at))


def _move_due(model: type[Stateful], name: str, *, at: datetime) -> list[str]:
    """Make one of the scheduler's moves on every row whose time has come; the references of those."""
    sources = moves_of(model)[name].sources
    rows: Any = model._base_manager.filter(state__in=sources).order_by("pk")  # type: ignore[misc]  # the lifecycle's
    due = [each for each in rows if not unmet(each, name, by=None, at=at)]
    for each in due:
        perform(each, name, by=None, at=at, expected_version=each.version)
    return [each.reference for each in due]
