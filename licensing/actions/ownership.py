"""Statements of ownership, and changes of control: what a firm states, and when it takes effect."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from licensing import ownership, standing
from licensing.access import REPRESENT, SIGN
from licensing.actions.notices import tell_firm
from licensing.actions.ratings import reopen
from licensing.models import ChangeOfControl, Firm, Holding, NocApplication, Owner, OwnershipStatement
from licensing.models.ownership import statement_in_effect
from licensing.states import ControlState, NocState
from pvara.kernel import audit, figures
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User

# More would be a register of shareholders, and of a listed company or of dispersed holders none is asked for.
MOST_ROWS = 200

# From the recommendation on, a decision rests on the ownership as stated.
RELIED_ON_IN = (NocState.RECOMMENDED, NocState.MINDED_TO_REFUSE, NocState.GRANTED, NocState.SUSPENDED)


def is_held_to_its_statement(firm: Firm) -> bool:
    """Whether the firm's ownership may change with prior approval only: something was decided, or is about to be."""
    return NocApplication.objects.filter(firm=firm, state__in=RELIED_ON_IN).exists() or firm.licences.live().exists()


def submit_statement(
    firm: Firm,
    rows: Sequence[ownership.Row],
    *,
    by: User,
    at: datetime,
    as_at: date,
    subsidiary_name: str = "",
) -> OwnershipStatement:
    """State the firm's ownership as at a day; it takes effect at once, and stands as it was submitted.

    Raises ValidationError with every fault, and for a firm that is held to its statement and states other holdings.
    """
    _require(by, REPRESENT, firm)
    with transaction.atomic():
        standing.lock_firm(firm.pk)
        statement, countries = _read(firm, rows, as_at=as_at, subsidiary_name=subsidiary_name, at=at)
        before = statement_in_effect(firm, at)
        if before is not None and is_held_to_its_statement(firm) and ownership.differences(before.stated(), statement):
            raise ValidationError(
                f"This differs from {before.reference}, on which a decision rests: a change of ownership or control "
                "needs our prior approval. Notify it as a change of control."
            )
        return _keep(firm, statement, countries, by=by, at=at, as_at=as_at, subsidiary_name=subsidiary_name)


def notify_change(
    firm: Firm,
    rows: Sequence[ownership.Row],
    *,
    by: User,
    at: datetime,
    as_at: date,
    reason: str,
    subsidiary_name: str = "",
) -> ChangeOfControl:
    """Notify an intended change of ownership or control. The new statement takes effect with our no objection only.

    Raises ValidationError with every fault of the statement, for one that changes nothing, and while another change
    is open or nothing was stated before.
    """
    _require(by, SIGN, firm)
    if not reason.strip():
        raise ValidationError({"reason": "Say what changes and why."})
    with transaction.atomic():
        standing.lock_firm(firm.pk)
        statement, countries = _read(firm, rows, as_at=as_at, subsidiary_name=subsidiary_name, at=at, may_come=True)
        before = statement_in_effect(firm, at)
        if before is None:
            raise ValidationError("The firm has not stated its ownership yet: submit a statement first.")
        if not ownership.differences(before.stated(), statement):
            raise ValidationError(f"Nothing in this differs from {before.reference}.")
        pending = ChangeOfControl.objects.filter(firm=firm, state__in=(ControlState.NOTIFIED, ControlState.ASSESSED))
        if other := pending.first():
            raise ValidationError(f"{other.reference} is not decided yet; withdraw it first.")
        kept = _keep(firm, statement, countries, by=by, at=at, as_at=as_at, subsidiary_name=subsidiary_name)
        change = ChangeOfControl.objects.create(
            firm=firm, statement=kept, replaces=before, reason=reason.strip(), notified_by=by, notified_at=at
        )
        audit.record(
            change,
            event="notified",
            by=by,
            at=at,
            to_state=change.state,
            note=change.reason,
            data={"statement": kept.reference, "replaces": before.reference},
        )
        return change


def _require(by: User, permission: str, firm: Firm) -> None:
    if not by.has_perm(permission, firm):
        raise PermissionDenied("You do not act for this firm.")


def _read(
    firm: Firm,
    rows: Sequence[ownership.Row],
    *,
    as_at: date,
    subsidiary_name: str,
    at: datetime,
    may_come: bool = False,
) -> tuple[ownership.Statement, dict[str, str]]:
    """The rows as a statement without faults. Raises ValidationError with every sentence that there is to say."""
    today = timezone.localdate(at)
    if as_at > today and not may_come:
        raise ValidationError({"as_at": "This day is yet to come."})
    if not rows:
        raise ValidationError("State at least one holding.")
    if len(rows) > MOST_ROWS:
        raise ValidationError(f"State at most {MOST_ROWS} holdings.")
    statement, countries, unread = ownership.read(rows, firm=firm.legal_name, subsidiary=subsidiary_name)
    if unread:
        raise ValidationError([f"Row {number}: {said}" for number, said in unread])
    most = figures.value("ownership.dispersed_at_most", on=today)
    if wrong := ownership.faults(statement, dispersed_at_most=most):
        raise ValidationError(wrong)
    return statement, countries


def _keep(
    firm: Firm,
    statement: ownership.Statement,
    countries: dict[str, str],
    *,
    by: User,
    at: datetime,
    as_at: date,
    subsidiary_name: str,
) -> OwnershipStatement:
    kept = OwnershipStatement.objects.create(
        firm=firm,
        as_at=as_at,
        subsidiary_name=" ".join(subsidiary_name.split()),
        submitted_by=by,
        submitted_at=at,
    )
    parties = Owner.objects.bulk_create(
        Owner(statement=kept, name=name, kind=kind, country=countries.get(name, ""))
        for name, kind in statement.parties.items()
    )
    by_name = {each.name: each for each in parties}
    Holding.objects.bulk_create(
        Holding(
            statement=kept,
            holder=by_name[each.holder],
            held=by_name[each.held],
            right=each.right,
            percentage=each.percent,
        )
        for each in statement.holdings
    )
    audit.record(
        firm,
        event="ownership_stated",
        by=by,
        at=at,
        data={"statement": kept.reference, "as_at": str(as_at), "holdings": len(statement.holdings)},
    )
    return kept


# ── What follows ─────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(ChangeOfControl, "assess")
def keep_finding(change: ChangeOfControl, *, by: User, at: datetime, entry: AuditEntry) -> None:
    change.finding = entry.note
    change.save(update_fields=["finding"])


@follows(ChangeOfControl, "raise_no_objection", "object_to")
def tell_the_decision(change: ChangeOfControl, *, by: User, at: datetime, entry: AuditEntry) -> None:
    change.decided_at = at
    change.save(update_fields=["decided_at"])
    tell_firm(
        change.firm,
        subject=f"{change.reference}: {change.get_state_display().lower()}",
        template="change_of_control",
        context={"change": change},
        key=f"change:{change.pk}:{change.version}",
        at=at,
    )


@follows(ChangeOfControl, "raise_no_objection")
def rate_ownership_anew(change: ChangeOfControl, *, by: User, at: datetime, entry: AuditEntry) -> None:
    codes = figures.value("reassess.control", on=timezone.localdate(at))
    reopen(change.firm, codes, by=by, at=at, why=f"{change.statement.reference} took effect.")
