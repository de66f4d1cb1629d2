"""Firms, those who act for them, and agreements with the state."""

from datetime import date, datetime

from django.db import transaction
from guardian.shortcuts import assign_perm, remove_perm

from licensing.access import REPRESENT, SIGN
from licensing.models import Firm, Mou
from pvara.kernel import audit
from pvara.kernel.models import User


def register_firm(legal_name: str, *, by: User | None, at: datetime, **particulars: object) -> Firm:
    """Open a firm's file; whoever opens it acts and signs for the firm."""
    with transaction.atomic():
        firm = Firm.objects.create(legal_name=legal_name, created_at=at, **particulars)
        audit.record(firm, event="registered", by=by, at=at, data={"legal_name": legal_name})
        if by is not None:
            let_act(firm, by, by=by, at=at, signs=True)
        return firm


def let_act(firm: Firm, person: User, *, by: User | None, at: datetime, signs: bool) -> None:
    """Let a person act for a firm, and sign for it if `signs`."""
    with transaction.atomic():
        assign_perm(REPRESENT, person, firm)
        if signs:
            assign_perm(SIGN, person, firm)
        audit.record(firm, event="may_act", by=by, at=at, data={"person": person.email, "signs": signs})


def stop_acting(firm: Firm, person: User, *, by: User | None, at: datetime) -> None:
    """Take from a person what `let_act` gave."""
    with transaction.atomic():
        remove_perm(REPRESENT, person, firm)
        remove_perm(SIGN, person, firm)
        audit.record(firm, event="may_no_longer_act", by=by, at=at, data={"person": person.email})


def record_mou(
    firm: Firm,
    *,
    by: User | None,
    at: datetime,
    title: str,
    state_party: str,
    signed_on: date,
    scope: str,
    source: str = "",
) -> Mou:
    """Record an agreement between the state and a firm; the firm's cases show it from now on."""
    with transaction.atomic():
        mou = Mou.objects.create(
            firm=firm, title=title, state_party=state_party, signed_on=signed_on, scope=scope, source=source
        )
        audit.record(firm, event="mou_recorded", by=by, at=at, data={"title": title, "signed_on": str(signed_on)})
        return mou
