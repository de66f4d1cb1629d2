"""Many at once for the last room under a sub-limit: as many get it as fit, in whichever assets they ask."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from pvara.kernel.machine import MoveRefused, perform
from tests.tokenisation.conftest import CENTS, bills
from tokenisation import exposure, invariants
from tokenisation.actions.assets import issue_asset
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import allocate
from tokenisation.models import Asset
from tokenisation.states import AssetClass, LimitScope

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 6


def at_once(act) -> list[str]:
    """What each of the threads got, all of them begun together: `done`, or the codes of its refusal."""
    ready = Barrier(THREADS)

    def work(number: int) -> str:
        ready.wait(timeout=30)
        try:
            act(number)
        except MoveRefused as refused:
            return " ".join(each.code for each in refused.unmet)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        return sorted(each.result(timeout=60) for each in [pool.submit(work, number) for number in range(THREADS)])


def test_a_venue_is_given_its_room_once_in_all_assets_together(
    programme, limit, propose, approve, venue, daud, dua, at
):
    bills(programme, 1)
    limit(LimitScope.VENUE, 250)
    shelves = []
    for _ in range(THREADS):
        asset = approve(propose(units=100))
        asset = issue_asset(asset, expected_version=asset.version, by=daud, at=at)
        shelves.append(authorise_venue(asset, venue, limit_units=100, by=dua, at=at))
    said = at_once(lambda number: allocate(shelves[number], units=100, key=f"race-{number}", by=daud, at=at))
    assert said == ["done"] * 2 + ["over_venue_limit"] * 4
    assert exposure.by_venue(programme) == {venue.pk: 200 * CENTS}
    assert list(invariants.check()) == []


def test_a_class_is_given_its_room_once(programme, limit, propose, approvable, dua, at):
    bills(programme, 1)
    limit(LimitScope.ASSET_CLASS, 250, of_class="bills")
    assets = [approvable(propose(units=100)) for _ in range(THREADS)]

    def approve(number: int) -> None:
        perform(assets[number], "approve", by=dua, at=at, expected_version=assets[number].version)

    said = at_once(approve)
    # Who looked before the others had been is told by the gate or, behind it, by the database.
    assert (said.count("done"), set(said)) in [
        (2, {"done", "class_has_headroom"}),
        (2, {"done", "over_class_limit"}),
        (2, {"done", "class_has_headroom", "over_class_limit"}),
    ]
    assert exposure.by_class(programme)[AssetClass.BILLS] == 200 * CENTS
    assert Asset.objects.filter(state="approved").count() == 2
    assert list(invariants.check()) == []
