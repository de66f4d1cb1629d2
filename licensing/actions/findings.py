"""Findings: raising one, the firm's plan and proof, and the flag of what is overdue. Who verifies did neither."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone

from licensing.access import INSPECT, REPRESENT
from licensing.actions.applications import require
from licensing.actions.documents import attach
from licensing.actions.interests import require_no_interest
from licensing.actions.notices import tell_firm
from licensing.actions.timers import each_row, timer
from licensing.models import Document, Finding, Inspection, Licence, LicenceApplication
from licensing.models.inspections import OPEN
from licensing.states import FindingState, Severity
from pvara.kernel import audit, figures
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import require_seen


def raise_finding(
    case: LicenceApplication | Licence,
    *,
    by: User,
    at: datetime,
    severity: str,
    title: str,
    detail: str,
    inspection: Inspection | None = None,
) -> Finding:
    """Raise a finding on an application or a licence; by its severity it is due so many days from now.

    Raises ValidationError for one without a title or its particulars, or from an inspection of another case.
    """
    if not by.has_perm(INSPECT):
        raise PermissionDenied("Only case officers raise findings.")
    require_no_interest(by, case.firm, at=at, case=case)
    wrong: dict[str, Any] = {}
    if severity not in Severity.values:
        wrong["severity"] = "Choose the severity."
    wrong |= {
        name: "Write something here." for name, said in (("title", title), ("detail", detail)) if not said.strip()
    }
    if inspection is not None and inspection.case != case:
        wrong["inspection"] = "This inspection was of another case."
    if wrong:
        raise ValidationError(wrong)
    today = timezone.localdate(at)
    with transaction.atomic():
        # In turn with those who recommend or approve the case.
        type(case)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
        finding = Finding.objects.create(
            firm_id=case.firm_id,
            full=case if isinstance(case, LicenceApplication) else None,
            licence=case if isinstance(case, Licence) else None,
            inspection=inspection,
            severity=severity,
            title=title.strip(),
            detail=detail.strip(),
            due_on=figures.last_day(f"finding.due.{severity}", today),
            raised_by=by,
            raised_at=at,
        )
        audit.record(
            finding,
            event="raised",
            by=by,
            at=at,
            to_state=finding.state,
            note=finding.detail,
            data={"case": case.reference, "severity": severity, "due_on": str(finding.due_on)},
        )
        _tell(finding, "raised", at)
        return finding


def _tell(finding: Finding, occasion: str, at: datetime) -> None:
    tell_firm(
        finding.firm,
        subject=f"{finding.reference}: {finding.title}",
        template="finding",
        context={"finding": finding, "occasion": occasion},
        key=f"finding:{finding.pk}:{occasion}:{finding.version}",
        at=at,
    )


def _locked(finding: Finding) -> Finding:
    rows: models.QuerySet[Any] = Finding.objects.select_for_update(of=("self",), no_key=True)
    found: Finding = rows.select_related("firm").get(pk=finding.pk)
    return found


def give_plan(finding: Finding, plan: str, *, by: User, at: datetime, seen: str = "") -> Finding:
    """The firm says how and by when it will remedy a finding; it may say otherwise until we agree.

    `seen` is the mark of the plan that it takes the place of. Raises ChangedMeanwhile where that is another by now.
    """
    require(by, REPRESENT, finding)
    if not plan.strip():
        raise ValidationError({"plan": "Say what you will do, and by when."})
    with transaction.atomic():
        finding = _locked(finding)
        if finding.state != FindingState.OPEN:
            raise ValidationError("The plan is agreed, or the finding closed: it is no longer changed.")
        require_seen(seen, finding.planned, log=audit.history(finding).filter(event="plan_given"))
        finding.plan, finding.planned_by = plan.strip(), by
        # Nobody agrees to a plan that they did not read.
        finding.version += 1
        finding.save(update_fields=["plan", "planned_by", "version"])
        audit.record(finding, event="plan_given", by=by, at=at, note=finding.plan)
        return finding


def prove_remediation(finding: Finding, file: UploadedFile, *, title: str, by: User, at: datetime) -> Document:
    """A document of the firm that shows what was done under the agreed plan."""
    require(by, REPRESENT, finding)
    with transaction.atomic():
        finding = _locked(finding)
        if finding.state != FindingState.PLAN_AGREED:
            raise ValidationError({"file": "Documents are handed in between our agreeing to the plan and your report."})
        return attach(finding, file, firm=finding.firm, title=title, by=by, at=at)


@follows(Finding, "agree_plan", "send_back", "verify", "close")
def tell_the_firm(finding: Finding, *, by: User, at: datetime, entry: AuditEntry) -> None:
    _tell(finding, entry.event, at)


@timer
def flag_overdue_findings(at: datetime) -> int:
    """A finding that is not remedied by its day is flagged, and the firm reminded, once."""

    def flag(row: Finding, at: datetime) -> bool:
        finding = _locked(row)
        if finding.flagged_at is not None or not finding.is_overdue(at):
            return False
        finding.flagged_at = at
        finding.save(update_fields=["flagged_at"])
        audit.record(finding, event="overdue", by=None, at=at, data={"due_on": str(finding.due_on)})
        _tell(finding, "overdue", at)
        return True

    late = Finding.objects.filter(state__in=OPEN, flagged_at=None, due_on__lt=timezone.localdate(at))
    return each_row(late.order_by("pk"), flag, at)
