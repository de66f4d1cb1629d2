"""P4: proposing measures against a licence and what ends them, and what the firm answers. Moves decide on all of it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.access import ENFORCE, PROPOSE_RESTRICTION, REPRESENT, VERIFY_REMEDY
from licensing.actions.applications import new_version, require
from licensing.actions.documents import attach
from licensing.actions.interests import require_no_interest
from licensing.models import Licence, Measure, Reply
from licensing.models.measures import STOPPING
from licensing.models.renewals import in_order
from licensing.states import IN_FORCE, URGENT_GROUNDS, Ground, LicenceState, MeasureKind
from pvara.kernel import audit, figures
from pvara.kernel.models import User
from pvara.kernel.seen import require_seen

# From which states of the licence a measure of each kind can be decided on.
WHERE: dict[str, tuple[str, ...]] = {
    MeasureKind.RESTRICTION: (LicenceState.ACTIVE, LicenceState.RESTRICTED, LicenceState.SUSPENDED),
    MeasureKind.SHOW_CAUSE: (LicenceState.ACTIVE, LicenceState.RESTRICTED),
    MeasureKind.SUSPENSION: (LicenceState.SHOW_CAUSE, LicenceState.SUSPENDED),
    MeasureKind.URGENT_SUSPENSION: IN_FORCE,
    MeasureKind.REVOCATION: (LicenceState.SHOW_CAUSE, LicenceState.SUSPENDED),
}


def proposer(kind: str) -> str:
    """The permission to propose a measure of a kind."""
    return PROPOSE_RESTRICTION if kind == MeasureKind.RESTRICTION else ENFORCE


def _require_staff(by: User, permission: str, licence: Licence, *, at: datetime) -> None:
    if not by.has_perm(permission):
        raise PermissionDenied("This belongs to another role.")
    require_no_interest(by, licence.firm, at=at, case=licence)


def _locked(licence: Licence) -> Licence:
    return Licence.objects.select_for_update(of=("self",), no_key=True).select_related("firm").get(pk=licence.pk)


def propose(
    licence: Licence,
    kind: str,
    *,
    particulars: str,
    by: User,
    at: datetime,
    grounds: Iterable[str] = (),
    activities: Iterable[str] = (),
    wording: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Measure:
    """Propose a measure; a move of the licence, made by somebody else, takes it. Only a notice one issues oneself.

    Without `activities` a suspension is of the whole licence. Raises ValidationError with everything that is wrong,
    and for a second proposal of a kind.
    """
    if kind not in MeasureKind.values:
        raise ValidationError({"kind": "Choose one of the measures."})
    _require_staff(by, proposer(kind), licence, at=at)
    said = {
        "particulars": particulars.strip(),
        "grounds": [code for code in Ground.values if code in set(grounds)],
        "activities": in_order(activities),
        "wording": wording.strip(),
        "starts_on": starts_on,
        "ends_on": ends_on,
    }
    if unknown := set(grounds) - set(Ground.values):
        raise ValidationError({"grounds": f"There is no ground {', '.join(sorted(unknown))}."})
    try:
        with transaction.atomic():
            licence = _locked(licence)
            if licence.state not in WHERE[kind]:
                title = str(MeasureKind(kind).label).lower()
                raise ValidationError(f"The licence is {licence.get_state_display().lower()}: no {title} from here.")
            if wrong := _faults(licence, kind, said, at):
                raise ValidationError(wrong)
            measure = Measure.objects.create(
                firm_id=licence.firm_id, licence=licence, kind=kind, proposed_by=by, proposed_at=at, **said
            )
            facts = {"measure": measure.reference, "kind": kind, "grounds": measure.grounds, "scope": measure.scope}
            new_version(licence)
            audit.record(licence, event="measure_proposed", by=by, at=at, note=measure.particulars, data=facts)
            return measure
    except IntegrityError as twin:
        raise ValidationError("One of this kind is proposed already: decide on it, or withdraw it, first.") from twin


def _faults(licence: Licence, kind: str, said: dict[str, Any], at: datetime) -> dict[str, str]:
    wrong = {}
    if not said["particulars"]:
        wrong["particulars"] = "Say on which facts it rests."
    if kind != MeasureKind.RESTRICTION and not said["grounds"]:
        wrong["grounds"] = "Cite at least one ground."
    if kind == MeasureKind.URGENT_SUSPENSION and said["grounds"] and not set(said["grounds"]) & set(URGENT_GROUNDS):
        titles = "; ".join(str(each.label) for each in URGENT_GROUNDS)
        wrong["grounds"] = f"Without a hearing before it, only these carry a suspension: {titles}."
    if beyond := set(said["activities"]) - set(licence.activities):
        wrong["activities"] = f"The licence does not cover {', '.join(sorted(beyond))}."
    if kind == MeasureKind.RESTRICTION and not said["wording"] and not said["activities"]:
        wrong["wording"] = "Say what is restricted, or choose the activities."
    return wrong | _faults_of_dates(kind, said["starts_on"], said["ends_on"], at)


def _faults_of_dates(kind: str, first: date | None, last: date | None, at: datetime) -> dict[str, str]:
    today = timezone.localdate(at)
    if kind not in STOPPING:
        return {"ends_on": "This day has come already."} if last is not None and last <= today else {}
    if first is None or last is None:
        return {
            name: "A suspension has a first and a last day."
            for name, day in (("starts_on", first), ("ends_on", last))
            if day is None
        }
    longest = figures.limit("suspension.longest", on=today)
    if first < today:
        return {"starts_on": "This day has passed."}
    if last <= first:
        return {"ends_on": "The last day comes after the first."}
    if (last - first).days > longest.length:
        return {"ends_on": f"At most {longest}; it can be prolonged."}
    return {}


def withdraw_proposal(measure: Measure, *, by: User, at: datetime) -> Measure:
    """Take a proposal back before anybody decided on it."""
    _require_staff(by, proposer(measure.kind), measure.licence, at=at)
    with transaction.atomic():
        licence = _locked(measure.licence)
        measure = Measure.objects.get(pk=measure.pk)
        if not measure.is_proposed:
            raise ValidationError(f"{measure.reference} is {measure.status.lower()}; only a proposal is withdrawn.")
        measure.withdrawn_by, measure.withdrawn_at = by, at
        measure.save(update_fields=["withdrawn_by", "withdrawn_at"])
        new_version(licence)
        audit.record(licence, event="proposal_withdrawn", by=by, at=at, data={"measure": measure.reference})
        return measure


# ── What the firm answers ────────────────────────────────────────────────────────────────────────────────────────────
def reply(measure: Measure, text: str, *, by: User, at: datetime, file: UploadedFile | None = None) -> Reply:
    """Answer a show-cause notice, or an urgent suspension before the hearing; more may be added until then."""
    require(by, REPRESENT, measure)
    if not text.strip():
        raise ValidationError({"text": "Write your reply, or what the document shows."})
    with transaction.atomic():
        licence = _locked(measure.licence)
        measure = Measure.objects.select_related("licence").get(pk=measure.pk)
        if not measure.takes_replies:
            raise ValidationError("This does not wait for a reply.")
        given = Reply.objects.create(
            measure=measure, firm_id=licence.firm_id, text=text.strip(), replied_by=by, replied_at=at
        )
        if file is not None:
            attach(given, file, firm=licence.firm, title=f"Reply to {measure.reference}", by=by, at=at)
        if measure.kind == MeasureKind.SHOW_CAUSE:
            _count_as_heard(measure, licence, at=at)
            event = "show_cause_answered"
        else:
            # The hearing is held by a person, and the board ratifies in time: no letter puts its votes off.
            event = "urgent_suspension_answered"
        audit.record(licence, event=event, by=by, at=at, note=given.text, data={"reply": given.pk})
        return given


def _count_as_heard(measure: Measure, licence: Licence, *, at: datetime) -> None:
    if measure.heard_at is None:
        measure.heard_at = at
        measure.save(update_fields=["heard_at"])
    # What comes in too late is read as well, but nobody puts a decision off by writing again and again.
    if measure.hear_by is None or timezone.localdate(at) <= measure.hear_by:
        new_version(licence)


# ── What ends a measure ──────────────────────────────────────────────────────────────────────────────────────────────
def propose_lifting(measure: Measure, *, reasons: str, by: User, at: datetime, seen: str = "") -> Measure:
    """Propose that a restriction be lifted; the committee decides.

    `seen` is the mark of the reasons given before. Raises ChangedMeanwhile where a colleague has given others.
    """
    _require_staff(by, PROPOSE_RESTRICTION, measure.licence, at=at)
    if not reasons.strip():
        raise ValidationError({"reasons": "Say why the restriction is no longer needed."})
    with transaction.atomic():
        licence = _locked(measure.licence)
        measure = Measure.objects.get(pk=measure.pk)
        if measure.kind != MeasureKind.RESTRICTION or not measure.is_in_force:
            raise ValidationError(f"{measure.reference} is no restriction in force.")
        log = audit.history(licence).filter(event="lifting_proposed", data__measure=measure.reference)
        require_seen(seen, measure.lifting, log=log)
        measure.lifting_proposed_by, measure.lifting_reasons = by, reasons.strip()
        measure.save(update_fields=["lifting_proposed_by", "lifting_reasons"])
        new_version(licence)
        audit.record(
            licence,
            event="lifting_proposed",
            by=by,
            at=at,
            note=measure.lifting_reasons,
            data={"measure": measure.reference},
        )
        return measure


def verify_remedy(licence: Licence, *, note: str, by: User, at: datetime, seen: str = "") -> list[Measure]:
    """Verify that what led to the suspension is remedied; somebody else reinstates.

    `seen` is the mark of what was found before. Raises ChangedMeanwhile where a colleague has found something else.
    """
    _require_staff(by, VERIFY_REMEDY, licence, at=at)
    if not note.strip():
        raise ValidationError({"note": "Say what was examined, and what was found."})
    with transaction.atomic():
        licence = _locked(licence)
        found = licence.suspensions
        if not found:
            raise ValidationError("No suspension stands.")
        require_seen(seen, licence.remedy_noted, log=audit.history(licence).filter(event="remedy_verified"))
        for each in found:
            each.remedy, each.remedy_verified_by = note.strip(), by
            each.save(update_fields=["remedy", "remedy_verified_by"])
        measures = [each.reference for each in found]
        new_version(licence)
        audit.record(licence, event="remedy_verified", by=by, at=at, note=note.strip(), data={"measures": measures})
        return found
