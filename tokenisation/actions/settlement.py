"""The list of settlement assets: loading it, and proposing a permission or its end.

In what a placement was settled is recorded as it is posted (`ledger.py`). Confirming and refusing a proposal are moves
of its machine; what is confirmed goes on the list in the same transaction.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from pvara.kernel import audit
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User
from tokenisation.access import PERMIT, demand
from tokenisation.models import SettlementAsset, SettlementPermission

# How a row is marked, as in figures.json, that a decision of the state's own people put on the list.
DECIDED = "F"
OF_WHAT = ("name", "kind", "currency")


def load_settlement_assets(given: dict[str, Any]) -> int:
    """Add the rows that are missing and say how many; a row that is there is never overwritten."""
    rows = [{"effective_from": given["effective_from"], **row} for row in given["settlement_assets"]]
    there = set(SettlementAsset.objects.values_list("code", "effective_from"))
    missing = [
        SettlementAsset(**{**row, "effective_from": day})
        for row in rows
        if (row["code"], day := date.fromisoformat(row["effective_from"])) not in there
    ]
    # Two loaders may start at once, so the database has the last word on what is there.
    SettlementAsset.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def propose_permission(
    code: str,
    *,
    permitted: bool,
    effective_from: date,
    source: str,
    reasons: str,
    by: User,
    at: datetime,
    name: str = "",
    kind: str = "",
    currency: str = "",
) -> SettlementPermission:
    """Propose that placements may be settled in something from a day on, or no longer.

    What is on the list keeps its name, kind and currency; what is new to it is given all three. Raises ValidationError
    where they are missing, or say otherwise than the list does.
    """
    demand(by, PERMIT)
    said = {"name": name.strip(), "kind": kind, "currency": currency.strip()}
    proposal = SettlementPermission(
        code=code.strip(),
        permitted=permitted,
        effective_from=effective_from,
        source=source.strip(),
        reasons=reasons.strip(),
        proposed_by=by,
        proposed_at=at,
        **_known(code.strip(), said),
    )
    proposal.full_clean(exclude={"state"})
    with transaction.atomic():
        proposal.save(force_insert=True)
        audit.record(
            proposal,
            event="proposed",
            by=by,
            at=at,
            note=proposal.reasons,
            data={
                "code": proposal.code,
                "permitted": permitted,
                "effective_from": str(effective_from),
                "source": proposal.source,
            },
        )
    return proposal


def _known(code: str, said: dict[str, str]) -> dict[str, str]:
    """Name, kind and currency as the list has them, or as they are said of what is new to it."""
    listed = SettlementAsset.objects.filter(code=code).order_by("-effective_from").first()
    if listed is None:
        return said
    there = {key: str(getattr(listed, key)) for key in OF_WHAT}
    otherwise = {key: f"The list says {there[key]} of {code}." for key in OF_WHAT if said[key] not in ("", there[key])}
    if otherwise:
        raise ValidationError(otherwise)
    return there


@follows(SettlementPermission, "confirm")
def put_on_the_list(permission: SettlementPermission, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """From its day on the list says so. What counts where a placement names nothing stays what it is."""
    listed = permission.listed()
    SettlementAsset.objects.create(
        code=permission.code,
        **{key: getattr(permission, key) for key in OF_WHAT},
        permitted=permission.permitted,
        is_default=bool(listed and listed.is_default),
        effective_from=permission.effective_from,
        mark=DECIDED,
        source=f"{permission.source} ({permission.reference}).",
        permission=permission,
    )
