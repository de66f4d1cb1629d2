"""Agreements between the state and others: recording them, who works on them for the state, what was promised."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from licensing.access import KEEP_AGREEMENTS
from licensing.actions.documents import attach
from licensing.actions.timers import each_row, timer
from licensing.models import Deliverable, Document, Firm, Mou, MouMember, MouParty
from licensing.states import DeliverableKind, DeliverableState, MouState
from pvara.kernel import audit, roles
from pvara.kernel.machine import perform
from pvara.kernel.models import User
from pvara.kernel.seen import require_seen


def _require_keeper(by: User | None) -> None:
    """None is the system, which loads the demonstration."""
    if by is not None and not by.has_perm(KEEP_AGREEMENTS):
        raise PermissionDenied("You are not among those who keep the agreements.")


# ── The agreement ────────────────────────────────────────────────────────────────────────────────────────────────────
def draft_agreement(
    parties: Iterable[tuple[str, Firm | None]],
    *,
    by: User,
    at: datetime,
    title: str,
    state_party: str,
    scope: str,
    signed_on: date | None = None,
    in_force_from: date | None = None,
    in_force_to: date | None = None,
    non_binding: bool = True,
    source: str = "",
) -> Mou:
    """Open the file of an agreement with one party or several, each in its own name and of a firm or of none.

    Raises ValidationError for no party at all, a name or firm twice, and a term that ends before it begins.
    """
    _require_keeper(by)
    named = [(name.strip(), firm) for name, firm in parties]
    terms = {
        "title": title.strip(),
        "state_party": state_party.strip(),
        "scope": scope.strip(),
        "signed_on": signed_on,
        "in_force_from": in_force_from,
        "in_force_to": in_force_to,
        "non_binding": non_binding,
        "source": source.strip(),
    }
    _check(terms)
    _check_parties(named)
    with transaction.atomic():
        mou = Mou.objects.create(**terms)
        for name, firm in named:
            MouParty.objects.create(mou=mou, name=name, firm=firm)
        said = {**_told(terms), "parties": [name for name, _ in named]}
        audit.record(mou, event="drafted", by=by, at=at, to_state=mou.state, data=said)
        return mou


def change_terms(mou: Mou, *, by: User, at: datetime, seen: str = "", **terms: Any) -> Mou:
    """Write terms of a draft anew that read as they were seen; what is signed stands.

    Raises ValidationError, saying what to do, and ChangedMeanwhile where a colleague changed one of them since.
    """
    _require_keeper(by)
    if unknown := set(terms) - set(Mou.TERMS):
        raise ValidationError(f"An agreement has no {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        mou = Mou.objects.select_for_update(no_key=True).get(pk=mou.pk)
        if mou.state != MouState.DRAFT:
            raise ValidationError("What is signed is not changed any more: end it and record another agreement.")
        log = audit.history(mou).filter(event__in=("drafted", "terms_changed"))
        require_seen(seen, mou.terms, log=log, of=terms)
        _check({**mou.terms, **terms})
        for name, said in terms.items():
            setattr(mou, name, said.strip() if isinstance(said, str) else said)
        # Whoever is about to sign it is to read it again.
        mou.version += 1
        mou.save(update_fields=[*terms, "version"])
        audit.record(mou, event="terms_changed", by=by, at=at, data=_told(terms))
        return mou


def _check(terms: dict[str, Any]) -> None:
    wrong = {
        name: "Write something here." for name in ("title", "state_party", "scope") if not str(terms[name]).strip()
    }
    first, last = terms["in_force_from"], terms["in_force_to"]
    if first is not None and last is not None and last < first:
        wrong["in_force_to"] = "The last day lies before the first."
    if wrong:
        raise ValidationError(wrong)


def _check_parties(named: list[tuple[str, Firm | None]]) -> None:
    names = [name.casefold() for name, _ in named]
    firms = [firm.pk for _, firm in named if firm is not None]
    if not named or not all(names):
        raise ValidationError({"party": "Name the other party, as it stands in the agreement."})
    if len(set(names)) < len(names) or len(set(firms)) < len(firms):
        raise ValidationError({"party": "Each party is named once."})


def _told(terms: dict[str, Any]) -> dict[str, Any]:
    return {name: str(said) if isinstance(said, date) else said for name, said in terms.items() if said is not None}


def record_mou(firm: Firm, *, by: User, at: datetime, counterparty: str = "", **terms: Any) -> Mou:
    """Record an agreement that was signed with a firm; the firm's cases show it from now on."""
    with transaction.atomic():
        mou = draft_agreement([(counterparty or firm.legal_name, firm)], by=by, at=at, **terms)
        mou = perform(mou, "sign", by=by, at=at, expected_version=mou.version)
        data = {"title": mou.title, "signed_on": str(mou.signed_on)}
        audit.record(firm, event="mou_recorded", by=by, at=at, data=data)
        return mou


@timer
def end_agreements(at: datetime) -> int:
    """An agreement ends with its term."""

    def end(mou: Mou, at: datetime) -> None:
        perform(mou, "expire", by=None, at=at, expected_version=mou.version)

    over = Mou.objects.filter(state=MouState.SIGNED, in_force_to__lt=timezone.localdate(at))
    return each_row(over.order_by("pk"), end, at)


# ── The team ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def join_team(mou: Mou, person: User, *, by: User | None, at: datetime) -> MouMember:
    """Note that a person works on an agreement for the state; they take no part in its counterparty's cases."""
    _require_keeper(by)
    if not roles.of(person):
        raise ValidationError({"person": f"{person} holds no role: the team is made of the state's own people."})
    with transaction.atomic():
        Mou.objects.select_for_update(no_key=True).get(pk=mou.pk)
        if mou.team.filter(person=person, left_on__isnull=True).exists():
            raise ValidationError({"person": f"{person} is in the team already."})
        member = MouMember.objects.create(mou=mou, person=person, joined_on=timezone.localdate(at))
        audit.record(mou, event="joined_team", by=by, at=at, data={"person": person.email})
        return member


def leave_team(member: MouMember, *, by: User | None, at: datetime) -> MouMember:
    """Note that a person no longer works on an agreement; the cool-off time runs from today."""
    _require_keeper(by)
    with transaction.atomic():
        member = MouMember.objects.select_for_update(of=("self",)).select_related("mou", "person").get(pk=member.pk)
        if member.left_on is not None:
            raise ValidationError(f"{member.person} left the team on {member.left_on:%-d %B %Y}.")
        if by is not None and by.pk == member.person_id:
            raise PermissionDenied("Somebody else takes you off the team.")
        member.left_on = timezone.localdate(at)
        member.save(update_fields=["left_on"])
        audit.record(member.mou, event="left_team", by=by, at=at, data={"person": member.person.email})
        return member


# ── What was promised ────────────────────────────────────────────────────────────────────────────────────────────────
def promise(
    mou: Mou,
    *,
    by: User,
    at: datetime,
    kind: str,
    title: str,
    description: str = "",
    due_on: date | None = None,
) -> Deliverable:
    """Write down something that was promised under an agreement which has not ended."""
    _require_keeper(by)
    if kind not in DeliverableKind.values:
        raise ValidationError({"kind": "Choose what kind of help it is."})
    if not title.strip():
        raise ValidationError({"title": "Write something here."})
    with transaction.atomic():
        mou = Mou.objects.select_for_update(no_key=True).get(pk=mou.pk)
        if mou.state == MouState.ENDED:
            raise ValidationError("The agreement has ended: nothing more is promised under it.")
        deliverable = Deliverable.objects.create(
            mou=mou,
            kind=kind,
            title=title.strip(),
            description=description.strip(),
            due_on=due_on,
            recorded_by=by,
            recorded_at=at,
        )
        data = {"agreement": mou.reference, "kind": kind, "due_on": str(due_on or "")}
        audit.record(deliverable, event="promised", by=by, at=at, to_state=deliverable.state, data=data)
        return deliverable


def document_delivery(deliverable: Deliverable, file: UploadedFile, *, title: str, by: User, at: datetime) -> Document:
    """Keep a document that shows what was delivered."""
    _require_keeper(by)
    with transaction.atomic():
        rows = Deliverable.objects.select_for_update(of=("self",), no_key=True).select_related("mou")
        deliverable = rows.get(pk=deliverable.pk)
        if deliverable.state in (DeliverableState.ACCEPTED, DeliverableState.DROPPED):
            raise ValidationError(
                {"file": f"This is {deliverable.get_state_display().lower()}; nothing is added to it."}
            )
        return attach(deliverable, file, firm=None, title=title, by=by, at=at, for_applicant=False)
