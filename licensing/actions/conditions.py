"""Conditions: drafting them on a case, what a decision makes of the drafts, evidence for them, and those overdue."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from licensing.access import DRAFT_DECISIONS, REPRESENT
from licensing.actions.applications import new_version, require
from licensing.actions.documents import attach
from licensing.actions.interests import require_no_interest
from licensing.actions.notices import tell_firm, tell_people
from licensing.actions.timers import each_row, timer
from licensing.models import Condition, Document, LicenceApplication, NocApplication
from licensing.states import ENDED, ConditionKind, ConditionState, FullState, NocState
from pvara.kernel import audit, roles
from pvara.kernel.machine import follows, perform
from pvara.kernel.models import AuditEntry, User


# ── Drafting ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def locked_for_drafting(case: Any, *, by: User, at: datetime) -> Any:
    """The case, locked, for somebody who prepares what the committee decides on; the state is asked by who calls."""
    if not by.has_perm(DRAFT_DECISIONS):
        raise PermissionDenied("What the committee decides on is drafted by supervisors and by its members.")
    require_no_interest(by, case.firm, at=at, case=case)
    return type(case)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=case.pk)


def to_be_decided(case: Any, *, by: User, at: datetime) -> Any:
    """The case, locked, if the committee is about to decide on it and the person may prepare that."""
    case = locked_for_drafting(case, by=by, at=at)
    if case.state != NocState.RECOMMENDED:
        raise ValidationError(f"{case.reference} is {case.get_state_display().lower()}: it is not being decided.")
    return case


@transaction.atomic
def draft_condition(
    case: NocApplication | LicenceApplication,
    *,
    by: User,
    at: datetime,
    kind: str,
    text: str,
    due_on: date | None,
    is_public: bool = True,
) -> Condition:
    """Draft a condition on a case that waits for its decision. The votes cast so far were on something else.

    Raises PermissionDenied for who does not draft, and ValidationError for a condition without words, for one that
    falls due on a day that cannot be, and for a condition precedent without a day or without a licence to precede.
    """
    case = to_be_decided(case, by=by, at=at)
    if kind not in ConditionKind.values:
        raise ValidationError({"kind": "Choose the kind of condition."})
    if not text.strip():
        raise ValidationError({"text": "Write what the firm is to do, or not to do."})
    if kind == ConditionKind.PRECEDENT and isinstance(case, NocApplication):
        raise ValidationError({"kind": "A condition precedent belongs to an approval in principle: a NOC has none."})
    if kind == ConditionKind.PRECEDENT and due_on is None:
        raise ValidationError({"due_on": "A condition precedent has a day by which it is met."})
    condition = Condition(
        firm=case.firm,
        noc=case if isinstance(case, NocApplication) else None,
        application=case if isinstance(case, LicenceApplication) else None,
        kind=kind,
        text=text.strip(),
        due_on=due_on,
        is_public=is_public,
        drafted_by=by,
        drafted_at=at,
    )
    if fault := condition.due_day_fault(at):
        raise ValidationError({"due_on": fault})
    condition.save()
    new_version(case)
    audit.record(condition, event="drafted", by=by, at=at, to_state=condition.state, data={"terms": condition.terms})
    audit.record(case, event="condition_drafted", by=by, at=at, note=condition.text, data={"terms": condition.terms})
    return condition


@transaction.atomic
def take_back(condition: Condition, *, by: User, at: datetime) -> None:
    """Take a draft back; what was imposed stays. Raises ValidationError once the case is decided."""
    case = to_be_decided(condition.case, by=by, at=at)
    condition = Condition.objects.select_for_update(of=("self",)).get(pk=condition.pk)
    if condition.state != ConditionState.DRAFTED:
        raise ValidationError("This condition was imposed: it can be met or waived.")
    audit.record(case, event="condition_taken_back", by=by, at=at, note=condition.text)
    condition.delete()
    new_version(case)


# ── What the decision makes of the drafts ────────────────────────────────────────────────────────────────────────────
@follows(NocApplication, "grant_with_conditions")
@follows(LicenceApplication, "approve_in_principle", "approve_with_conditions")
def impose_drafted_conditions(case: Any, *, by: User, at: datetime, entry: AuditEntry) -> None:
    numbered = len(case.imposed_conditions)
    for number, each in enumerate(case.drafted_conditions(), start=numbered + 1):
        each.number, each.imposed_at = number, at
        each.save(update_fields=["number", "imposed_at"])
        note = f"{case.reference}, decided by {by}."
        perform(each, "impose", by=None, at=at, expected_version=each.version, note=note)


# ── Meeting them ─────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def prove_condition(condition: Condition, file: UploadedFile, *, title: str, by: User, at: datetime) -> Document:
    """Attach a document to a condition that is not met yet. Raises ValidationError, saying what to do."""
    require(by, REPRESENT, condition)
    condition = Condition.objects.select_for_update(of=("self",), no_key=True).get(pk=condition.pk)
    if condition.state not in (ConditionState.OPEN, ConditionState.OVERDUE):
        raise ValidationError(
            {"file": f"The condition is {condition.get_state_display().lower()}; nothing can be added to it now."}
        )
    return attach(condition, file, firm=condition.firm, title=title, by=by, at=at)


@follows(Condition, "find_satisfied", "send_back", "waive")
def tell_what_became_of_it(condition: Condition, *, by: User, at: datetime, entry: AuditEntry) -> None:
    _tell_the_firm(condition, at=at)


def _tell_the_firm(condition: Condition, *, at: datetime) -> None:
    tell_firm(
        condition.firm,
        subject=f"{condition.reference}: {condition.get_state_display().lower()}",
        template="condition",
        context={"condition": condition},
        key=f"condition:{condition.pk}:{condition.version}",
        at=at,
    )


# ── Overdue ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@timer
def mark_overdue_conditions(at: datetime) -> int:
    """A condition whose day has passed without evidence is overdue, as long as what it belongs to stands."""
    standing = (
        Q(noc__state__in=(NocState.GRANTED, NocState.SUSPENDED))
        | Q(application__state=FullState.IN_PRINCIPLE)
        | Q(licence__isnull=False) & ~Q(licence__state__in=ENDED)
    )
    rows = Condition.objects.filter(standing, state=ConditionState.OPEN, due_on__lt=timezone.localdate(at))

    def mark(condition: Condition, at: datetime) -> None:
        late = perform(condition, "fall_overdue", by=None, at=at, expected_version=condition.version)
        _tell_the_firm(late, at=at)
        tell_people(
            roles.holders("supervisor").order_by("pk"),
            subject=f"{late.reference}: overdue",
            template="condition_overdue",
            context={"condition": late},
            key=f"condition-overdue:{late.pk}:{late.version}",
            at=at,
        )

    return each_row(rows.order_by("pk"), mark, at)
