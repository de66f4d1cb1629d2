"""Opening a programme and recording the dated rates by which assets count against its cap."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from pvara.kernel import audit, figures
from pvara.kernel.models import User
from tokenisation.access import APPROVE, PROPOSE, demand
from tokenisation.models import FxRate, Programme


def open_programme(name: str, *, cap_usd_cents: int, by: User, at: datetime) -> Programme:
    """Open a programme under a ceiling in US cents."""
    demand(by, APPROVE)
    with transaction.atomic():
        programme = Programme(name=name, cap_usd_cents=cap_usd_cents)
        programme.full_clean()
        programme.save(force_insert=True)
        audit.record(programme, event="opened", by=by, at=at, data={"cap_usd_cents": cap_usd_cents})
        return programme


def record_rate(currency: str, *, on: date, per_usd: Decimal, by: User, at: datetime) -> FxRate:
    """Record how many units of a currency bought one US dollar on a day, by the source that the setting names for it.

    A day's rate is recorded once.
    """
    demand(by, PROPOSE)
    with transaction.atomic():
        rate = FxRate(currency=currency, date=on, per_usd=per_usd, source=figures.value("fx.source", on=on))
        rate.full_clean()
        rate.save(force_insert=True)
        audit.record(
            rate, event="recorded", by=by, at=at, data={"currency": currency, "per_usd": str(per_usd), "on": str(on)}
        )
        return rate
