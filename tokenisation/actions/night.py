"""What time alone does to the registry, once a night: assets mature, and every invariant is checked."""

import logging
from dataclasses import dataclass
from datetime import datetime

from pvara.kernel.machine import perform, unmet
from tokenisation import invariants
from tokenisation.models import Asset
from tokenisation.states import AssetState

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Night:
    """What a night's run found and did."""

    matured: list[str]
    broken: list[invariants.Broken]


def run_night(*, at: datetime) -> Night:
    """Mark what has matured and check the invariants; running it twice changes nothing the second time."""
    matured = []
    for asset in Asset.objects.filter(state__in=[AssetState.ISSUED, AssetState.PAUSED]).order_by("pk"):
        if not unmet(asset, "mature", by=None, at=at):
            perform(asset, "mature", by=None, at=at, expected_version=asset.version)
            matured.append(asset.code)
    broken = list(invariants.check())
    for each in broken:
        log.error("The ledger's invariant “%s” is broken: %s", each.name, each.rows)
    return Night(matured, broken)
