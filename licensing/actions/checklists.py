"""Ticking off the completeness checklist of an application, item by item."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from licensing.access import CHECK_INTAKE
from licensing.actions.applications import locked
from licensing.actions.interests import require_no_interest
from licensing.models import ChecklistTick
from licensing.models.checklists import ChecklistItem, checklist_of
from licensing.models.subjects import of
from licensing.states import ChecklistVerdict, NocState
from pvara.kernel import audit
from pvara.kernel.models import User
from pvara.kernel.seen import require_seen

CHECKED_IN = NocState.COMPLETENESS_CHECK


def check_items(
    case: Any, found: Mapping[str, tuple[str, str]], *, by: User, at: datetime, seen: str = ""
) -> list[ChecklistTick]:
    """Record what was found of some items: a verdict and a note for each, by the item's key; all of them or none.

    What was found of an item before, and still holds, is not recorded again. `seen` is the mark of what the officer
    saw of these items. Raises ValidationError, by item, for one that the checklist does not have, for a verdict without
    the note that it needs, and while nothing is checked; ChangedMeanwhile where a colleague found something since.
    """
    require_officer(case, by=by, at=at)
    with transaction.atomic():
        case = locked(case)
        if case.state != CHECKED_IN:
            raise ValidationError("The checklist is kept while the application is checked for completeness.")
        items = {each.key: each for each in checklist_of(case, at)}
        faults = {
            key: said for key, (verdict, note) in found.items() if (said := _fault(items.get(key), verdict, note))
        }
        if faults:
            raise ValidationError(faults)
        require_seen(
            seen,
            {key: each.found for key, each in items.items()},
            log=audit.history(case).filter(event="checklist_kept", data__found__has_any_keys=list(found)),
            of=found,
        )
        new = {
            key: (verdict, note.strip())
            for key, (verdict, note) in found.items()
            if _is_news(items[key], verdict, note)
        }
        ticks = [
            ChecklistTick.objects.create(
                **of(case),
                item=key,
                verdict=verdict,
                note=note,
                basis=list(items[key].basis),
                recorded_by=by,
                recorded_at=at,
            )
            for key, (verdict, note) in new.items()
        ]
        if ticks:
            verdicts = {key: verdict for key, (verdict, _) in new.items()}
            audit.record(case, event="checklist_kept", by=by, at=at, data={"found": verdicts})
        return ticks


def require_officer(case: Any, *, by: User, at: datetime) -> None:
    """Raise PermissionDenied unless the person checks applications at intake and has no interest in this one."""
    if not by.has_perm(CHECK_INTAKE):
        raise PermissionDenied("Completeness is checked by case officers.")
    require_no_interest(by, case.firm, at=at, case=case)


def _fault(item: ChecklistItem | None, verdict: str, note: str) -> str:
    if item is None:
        return "The checklist has no such item."
    if verdict not in ChecklistVerdict.values:
        return f"Choose one of: {', '.join(ChecklistVerdict.values)}."
    if verdict == ChecklistVerdict.WANTING and not note.strip():
        return "Say what is wanting: a deficiency starts from it."
    if verdict == ChecklistVerdict.IN_ORDER and item.is_document and not item.basis and not note.strip():
        return "No document is there for it. Say why it is in order all the same."
    return ""


def _is_news(item: ChecklistItem, verdict: str, note: str) -> bool:
    return item.tick is None or not item.holds or (item.tick.verdict, item.tick.note) != (verdict, note.strip())
