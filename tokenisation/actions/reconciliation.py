"""Comparing the ledger with the traditional register and with the venues' returns, day by day, and the returns with
the asset's conditions.

A figure is compared as it comes in, and every night once more. A difference, or a condition that is not kept, opens a
break, which halts the issue of the asset until the figures agree again and two people have explained and closed it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from licensing import standing
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, Unmet
from pvara.kernel.models import User
from tokenisation.access import RECONCILE, demand
from tokenisation.conditions import FIGURE, Held
from tokenisation.models import (
    Asset,
    Break,
    DistributionAuthorisation,
    HoldingsReturn,
    Posting,
    Reconciliation,
    RegisterStatement,
)
from tokenisation.states import AT_VENUE, WITH_CLIENTS, AccountKind, Against


@dataclass(frozen=True)
class Holdings:
    """What a venue says its clients hold, by class of investor; whole units. None is what it does not say."""

    units_held: int
    holders: int
    retail_units: int
    institutional_units: int
    non_resident_units: int
    retail_holders: int | None = None
    # Of one investor.
    largest_holding: int | None = None
    # Between investors, since the venue's last return of the asset.
    transferred_units: int | None = None


def record_register(asset: Asset, *, as_of: date, units: int, reference: str, by: User, at: datetime) -> Reconciliation:
    """Record how many units stand in the traditional register at the end of a day, and compare."""
    demand(by, RECONCILE)
    _not_in_future(asset, as_of, at)
    with transaction.atomic():
        statement = RegisterStatement(
            asset=asset, as_of=as_of, units=units, reference=reference, recorded_by=by, recorded_at=at
        )
        statement.full_clean()
        statement.save(force_insert=True)
        audit.record(
            asset,
            event="register_recorded",
            by=by,
            at=at,
            data={"as_of": str(as_of), "units": units, "reference": reference},
        )
        return _compare(asset, Against.REGISTER, None, as_of, units, at=at)


def file_holdings(
    returns: Sequence[tuple[DistributionAuthorisation, date, Holdings]],
    *,
    by: User,
    at: datetime,
    handed_in: bytes = b"",
) -> list[Reconciliation]:
    """File what a venue's clients hold, one line an asset and day, all or none; compare each, and hold it to the
    asset's conditions.

    The answers stand in the order of the lines: of each the comparison with the ledger, then one a condition that it
    says something of. `handed_in` is the file or message that the lines came in: its SHA-256 is kept with each.
    """
    digest = hashlib.sha256(handed_in).hexdigest() if handed_in else ""
    with transaction.atomic():
        return [made for each in returns for made in _file(*each, digest, by, at)]


def _file(
    authorisation: DistributionAuthorisation, as_of: date, said: Holdings, digest: str, by: User, at: datetime
) -> list[Reconciliation]:
    if not standing.acts_for(by, authorisation.venue):
        raise PermissionDenied("You do not act for this venue.")
    _not_in_future(authorisation, as_of, at)
    filed = HoldingsReturn(
        authorisation=authorisation, as_of=as_of, sha256=digest, filed_by=by, filed_at=at, **vars(said)
    )
    filed.full_clean()
    filed.save(force_insert=True)
    audit.record(
        authorisation,
        event="holdings_filed",
        by=by,
        at=at,
        data={"as_of": str(as_of), "units_held": said.units_held, "holders": said.holders, "sha256": digest},
    )
    return _compare_return(filed, at=at)


def _not_in_future(subject: "Asset | DistributionAuthorisation", as_of: date, at: datetime) -> None:
    if as_of > timezone.localdate(at):
        raise MoveRefused(
            subject, "record", [Unmet("day_has_come", "This day is not over: give the figure of a day that has come.")]
        )


def reconcile_day(on: date, *, at: datetime) -> list[Reconciliation]:
    """Compare every figure that was handed in for a day once more; entries may have been corrected since."""
    made = []
    with transaction.atomic():
        for statement in _newest(RegisterStatement.objects.filter(as_of=on).select_related("asset"), "asset_id"):
            made.append(_compare(statement.asset, Against.REGISTER, None, on, statement.units, at=at))
        filed = HoldingsReturn.objects.filter(as_of=on).select_related("authorisation__asset", "authorisation__venue")
        for each in _newest(filed, "authorisation_id"):
            made += _compare_return(each, at=at)
    return made


def _newest(rows: Any, of: str) -> Any:
    return rows.order_by(of, "-pk").distinct(of)


def _compare_return(filed: HoldingsReturn, *, at: datetime) -> list[Reconciliation]:
    asset, venue = filed.authorisation.asset, filed.authorisation.venue
    compared = [_compare(asset, Against.RETURN, venue, filed.as_of, filed.units_held, at=at)]
    held = {each.against: each for each in filed.conditions}
    # A condition that no longer binds is kept by whatever is said: its break can be closed then, and not before.
    standing_breaks = Break.objects.standing().of_conditions().filter(asset=asset, venue=venue)
    for against in standing_breaks.values_list("against", flat=True):
        found = getattr(filed, FIGURE[Against(against)])
        held.setdefault(Against(against), Held(Against(against), found or 0, found))
    for each in held.values():
        if each.found is not None:
            compared.append(
                _compare(asset, each.against, venue, filed.as_of, each.found, at=at, permitted=each.permitted)
            )
    return compared


def _compare(
    asset: Asset,
    against: Against,
    venue: standing.VenueStanding | None,
    as_of: date,
    found: int,
    *,
    at: datetime,
    permitted: int | None = None,
) -> Reconciliation:
    # One comparison of an asset at a time, and none while an issue of it is under way.
    Asset.objects.select_for_update(no_key=True).get(pk=asset.pk)
    units = units_at(asset, as_of, venue) if permitted is None else permitted
    difference = None
    if units != found and (permitted is None or found > permitted):
        difference = Break.objects.standing().filter(asset=asset, against=against, venue=venue).first()
        if difference is None:
            difference = Break.objects.create(
                asset=asset,
                against=against,
                venue=venue,
                as_of=as_of,
                ledger_units=units,
                found_units=found,
                opened_at=at,
            )
            data = {"against": str(against), "as_of": str(as_of), "ledger": units, "found": found}
            audit.record(difference, event="opened", by=None, at=at, data=data)
    return Reconciliation.objects.create(
        asset=asset,
        against=against,
        venue=venue,
        as_of=as_of,
        ledger_units=units,
        found_units=found,
        difference=difference,
        made_at=at,
    )


def units_at(asset: Asset, as_of: date, venue: standing.VenueStanding | None) -> int:
    """What the ledger says was outstanding at the end of a day, or with a venue's clients."""
    end = timezone.make_aware(datetime.combine(as_of + timedelta(days=1), time.min))
    legs = Posting.objects.filter(entry__asset=asset, entry__effective_at__lt=end)
    if venue is None:
        legs = legs.filter(account__kind__in=[AccountKind.TREASURY, *AT_VENUE])
    else:
        legs = legs.filter(account__kind__in=WITH_CLIENTS, account__venue=venue)
    return legs.aggregate(units=Sum("units"))["units"] or 0
