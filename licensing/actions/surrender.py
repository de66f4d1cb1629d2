"""P4: giving a licence back: the holder's declaration on client assets, and the regulator's look at it."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from licensing.access import SIGN, VERIFY_REMEDY
from licensing.actions.applications import new_version, require
from licensing.actions.interests import require_no_interest
from licensing.models import Licence, Surrender
from pvara.kernel import audit
from pvara.kernel.machine import perform
from pvara.kernel.models import User
from pvara.kernel.seen import require_seen


def request_surrender(
    licence: Licence, *, reasons: str, declaration: str, by: User, at: datetime, expected_version: int
) -> Licence:
    """Declare what is held for clients and ask to surrender, in one step. Raises MoveRefused where that cannot be."""
    require(by, SIGN, licence)
    given = {"reasons": reasons.strip(), "declaration": declaration.strip()}
    wrong = {name: "Write something here." for name, text in given.items() if not text}
    if wrong:
        raise ValidationError(wrong)
    with transaction.atomic():
        licence = Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=licence.pk)
        # Kept with the move or not at all: a move that is refused takes the declaration with it.
        if licence.open_surrender is None:
            Surrender.objects.create(firm_id=licence.firm_id, licence=licence, declared_by=by, declared_at=at, **given)
        note = given["reasons"]
        return perform(licence, "request_surrender", by=by, at=at, expected_version=expected_version, note=note)


def confirm_assets(surrender: Surrender, *, note: str, by: User, at: datetime, seen: str = "") -> Surrender:
    """Confirm that clients have their assets back; somebody else decides on the surrender.

    `seen` is the mark of what was found before. Raises ChangedMeanwhile where a colleague has found something else.
    """
    if not by.has_perm(VERIFY_REMEDY):
        raise PermissionDenied("This belongs to another role.")
    require_no_interest(by, surrender.firm, at=at, case=surrender.licence)
    if not note.strip():
        raise ValidationError({"note": "Say what was examined, and what was found."})
    with transaction.atomic():
        licence = Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=surrender.licence_id)
        surrender = Surrender.objects.select_for_update(of=("self",), no_key=True).get(pk=surrender.pk)
        if surrender.outcome:
            raise ValidationError("The surrender is decided already.")
        log = audit.history(licence).filter(event="client_assets_confirmed", data__surrender=surrender.reference)
        require_seen(seen, surrender.assets_noted, log=log)
        surrender.assets_note, surrender.assets_confirmed_by, surrender.assets_confirmed_at = note.strip(), by, at
        surrender.save(update_fields=["assets_note", "assets_confirmed_by", "assets_confirmed_at"])
        new_version(licence)
        audit.record(
            licence,
            event="client_assets_confirmed",
            by=by,
            at=at,
            note=surrender.assets_note,
            data={"surrender": surrender.reference},
        )
        return surrender
