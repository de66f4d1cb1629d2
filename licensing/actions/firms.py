"""Firms, and those who act for them."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from licensing.access import REPRESENT, SIGN
from licensing.models import Firm, Interest
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
        # Should they ever work for the regulator, they take no part in this firm's cases for a while.
        Interest.objects.create(
            firm=firm,
            person=person,
            kind=Interest.Kind.DETECTED,
            nature=Interest.Nature.WORKED_FOR,
            until=timezone.localdate(at),
            explanation="Acted for the firm in this system.",
            recorded_by=by,
            recorded_at=at,
        )
