"""Supervision: the calendar of returns opens them, the firm files them; incidents, and how much depends on a firm."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from licensing import filings
from licensing.access import REPRESENT, SUPERVISE
from licensing.actions.applications import require
from licensing.actions.documents import attach
from licensing.actions.interests import require_no_interest
from licensing.actions.notices import tell_firm
from licensing.actions.timers import each_row, timer
from licensing.models import Filing, ImpactAssessment, Incident, IncidentFollowUp, Licence, ReturnKind, VisitPlan
from licensing.models.supervision import impact_of, measured, return_kinds, returns_owed, visit_terms
from licensing.states import FilingState, Frequency, IncidentState, LicenceState, Severity
from pvara.kernel import audit
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, User
from pvara.kernel.seen import require_seen


# ── The calendar ─────────────────────────────────────────────────────────────────────────────────────────────────────
@timer
def open_returns(at: datetime) -> int:
    """Every period that has ended asks each licensee for its return; how many were opened."""
    opened = 0

    def open_all(licence: Licence, at: datetime) -> bool:
        nonlocal opened
        # Two schedulers at once would open the same period.
        Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=licence.pk)
        there = set(Filing.objects.filter(licence=licence).values_list("code", "period_to"))
        until = min(timezone.localdate(at), licence.valid_to + timedelta(days=1))
        for kind, period in returns_owed(since=licence.valid_from, until=until):
            if (kind.code, period.last) not in there:
                _open(licence, kind, period.first, period.last, by=None, at=at)
                opened += 1
        return True

    # An expired licence still owes the returns of its term; one that was taken or given back owes no more.
    gone = (LicenceState.REVOKED, LicenceState.SURRENDERED)
    each_row(Licence.objects.exclude(state__in=gone).order_by("pk"), open_all, at)
    return opened


def _open(licence: Licence, kind: ReturnKind, first: date, last: date, *, by: User | None, at: datetime) -> Filing:
    filing = Filing.objects.create(
        firm_id=licence.firm_id,
        licence=licence,
        kind=kind,
        code=kind.code,
        period_from=first,
        period_to=last,
        due_on=last + timedelta(days=kind.due_days),
    )
    data = {"kind": kind.code, "period_to": str(last), "due_on": str(filing.due_on)}
    audit.record(filing, event="opened", by=by, at=at, to_state=filing.state, data=data)
    return filing


def open_event_return(licence: Licence, code: str, *, happened_on: date, by: User, at: datetime) -> Filing:
    """The firm opens a return for something that happened, such as a new product. Raises ValidationError."""
    require(by, REPRESENT, licence)
    kind = next((each for each in return_kinds(happened_on) if each.code == code), None)
    if not licence.valid_from <= happened_on <= timezone.localdate(at):
        raise ValidationError({"happened_on": "Give a day since the licence began that has come."})
    if kind is None or kind.frequency != Frequency.EVENT:
        raise ValidationError({"code": "There was no such return on the day of the event."})
    with transaction.atomic():
        Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=licence.pk)
        if Filing.objects.filter(licence=licence, code=code, period_to=happened_on).exists():
            raise ValidationError({"happened_on": "A return for this day is there already."})
        return _open(licence, kind, happened_on, happened_on, by=by, at=at)


# ── Filing ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _locked(filing: Filing) -> Filing:
    """The return, locked, as long as the firm may still write into it."""
    rows = Filing.objects.select_for_update(of=("self",), no_key=True)
    found: Filing = rows.select_related("kind", "firm").get(pk=filing.pk)
    if found.state not in (FilingState.DUE, FilingState.QUERIED):
        raise ValidationError("The return is filed; it is changed only when we query it.")
    return found


def give_figures(filing: Filing, figures: Mapping[str, Any], *, by: User, at: datetime, seen: str = "") -> Filing:
    """Keep the figures of a return that take the place of those that were seen.

    Raises ValidationError with every row that does not fit, and ChangedMeanwhile where somebody else of the firm gave
    other figures since; nothing is kept then.
    """
    require(by, REPRESENT, filing)
    with transaction.atomic():
        filing = _locked(filing)
        if wrong := filings.faults(filing.kind.fields, figures):
            raise ValidationError(wrong)
        require_seen(seen, filing.given, log=audit.history(filing).filter(event="figures_given"))
        filing.figures = {key: str(said).strip() for key, said in figures.items() if said is not None}
        # Whoever is about to file it is to read it again.
        filing.version += 1
        filing.save(update_fields=["figures", "version"])
        audit.record(filing, event="figures_given", by=by, at=at, data={"figures": filing.figures})
        return filing


def attach_return(filing: Filing, file: UploadedFile, *, title: str, by: User, at: datetime) -> Any:
    """Keep the return itself, as a document."""
    require(by, REPRESENT, filing)
    with transaction.atomic():
        filing = _locked(filing)
        return attach(filing, file, firm=filing.firm, title=title, by=by, at=at)


@follows(Filing, "file")
def date_filing(filing: Filing, *, by: User, at: datetime, entry: AuditEntry) -> None:
    """The first filing counts for whether it came in time: a query is no fault of its day."""
    if filing.filed_at is None:
        filing.filed_at = at
        filing.save(update_fields=["filed_at"])


@follows(Filing, "query")
def ask_again(filing: Filing, *, by: User, at: datetime, entry: AuditEntry) -> None:
    _remind(filing, "queried", at)


def _remind(filing: Filing, occasion: str, at: datetime) -> None:
    tell_firm(
        filing.firm,
        subject=f"{filing.reference}: {filing.kind}",
        template="return",
        context={"filing": filing, "occasion": occasion},
        key=f"return:{filing.pk}:{occasion}:{filing.version}",
        at=at,
    )


@timer
def remind_of_returns(at: datetime) -> int:
    """A return that was not filed by its day is flagged, and the firm reminded, once."""

    def remind(row: Filing, at: datetime) -> bool:
        rows = Filing.objects.select_for_update(of=("self",), no_key=True).select_related("kind", "firm")
        filing = rows.get(pk=row.pk)
        if filing.reminded_at is not None or not filing.is_overdue(at):
            return False
        filing.reminded_at = at
        filing.save(update_fields=["reminded_at"])
        audit.record(filing, event="overdue", by=None, at=at, data={"due_on": str(filing.due_on)})
        _remind(filing, "overdue", at)
        return True

    late = Filing.objects.filter(state=FilingState.DUE, reminded_at=None, due_on__lt=timezone.localdate(at))
    return each_row(late.order_by("pk"), remind, at)


# ── Incidents ────────────────────────────────────────────────────────────────────────────────────────────────────────
def report_incident(
    licence: Licence, *, by: User, at: datetime, severity: str, title: str, detail: str, detected_at: datetime
) -> Incident:
    """The firm reports that something went wrong; a report that comes late is taken, and is late."""
    require(by, REPRESENT, licence)
    wrong = {name: "Write something here." for name, said in (("title", title), ("detail", detail)) if not said.strip()}
    if severity not in Severity.values:
        wrong["severity"] = "Choose the severity."
    if detected_at > at:
        wrong["detected_at"] = "This moment is yet to come."
    if wrong:
        raise ValidationError(wrong)
    with transaction.atomic():
        incident = Incident.objects.create(
            firm_id=licence.firm_id,
            licence=licence,
            severity=severity,
            title=title.strip(),
            detail=detail.strip(),
            detected_at=detected_at,
            reported_at=at,
            reported_by=by,
        )
        audit.record(
            incident,
            event="reported",
            by=by,
            at=at,
            to_state=incident.state,
            note=incident.detail,
            data={"licence": licence.reference, "severity": severity, "late": incident.was_late},
        )
        return incident


def follow_up(incident: Incident, text: str, *, by: User, at: datetime) -> IncidentFollowUp:
    """Add a word to an open incident: the firm's own, or that of a supervisor without an interest in the firm."""
    from_staff = by.has_perm(SUPERVISE)
    if from_staff:
        require_no_interest(by, incident.firm, at=at, case=incident)
    else:
        require(by, REPRESENT, incident)
    if not text.strip():
        raise ValidationError({"text": "Write something here."})
    with transaction.atomic():
        incident = Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=incident.pk)
        if incident.state == IncidentState.CLOSED:
            raise ValidationError("The incident is closed.")
        said = IncidentFollowUp.objects.create(
            incident=incident, text=text.strip(), from_staff=from_staff, written_by=by, written_at=at
        )
        audit.record(incident, event="followed_up", by=by, at=at, note=said.text)
        return said


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def assess_impact(
    licence: Licence,
    *,
    by: User,
    at: datetime,
    client_assets_pkr: Decimal,
    users: int,
    programme_share: Decimal,
    seen: str = "",
) -> ImpactAssessment:
    """Write down how much depends on a licensee; with its score this says how often it is visited.

    `seen` is the mark of the last figures. Raises ChangedMeanwhile where a colleague has given others.
    """
    if not by.has_perm(SUPERVISE):
        raise PermissionDenied("Only supervisors assess the impact of a licensee.")
    require_no_interest(by, licence.firm, at=at, case=licence)
    wrong = {}
    if client_assets_pkr < 0:
        wrong["client_assets_pkr"] = "At least 0 is possible."
    if users < 0:
        wrong["users"] = "At least 0 is possible."
    if not 0 <= programme_share <= 100:
        wrong["programme_share"] = "Give a share from 0 to 100."
    if wrong:
        raise ValidationError(wrong)
    impact = impact_of(client_assets_pkr, users, programme_share, timezone.localdate(at))
    with transaction.atomic():
        Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=licence.pk)
        require_seen(seen, measured(licence), log=audit.history(licence).filter(event="impact_assessed"))
        assessment = ImpactAssessment.objects.create(
            licence=licence,
            client_assets_pkr=client_assets_pkr,
            users=users,
            programme_share=programme_share,
            impact=impact,
            assessed_by=by,
            assessed_at=at,
        )
        figures = {
            "client_assets_pkr": str(client_assets_pkr),
            "users": users,
            "programme_share": str(programme_share),
            "impact": impact,
        }
        audit.record(licence, event="impact_assessed", by=by, at=at, data=figures)
        plan_visit(licence, at=at)
        return assessment


def plan_visit(licence: Licence, *, at: datetime) -> bool:
    """Work out by when a licensee is visited again; whether that changed."""
    terms = visit_terms(licence, at)
    plan, new = VisitPlan.objects.get_or_create(licence=licence, defaults=terms)
    if not new and all(getattr(plan, name) == said for name, said in terms.items()):
        return False
    for name, said in terms.items():
        setattr(plan, name, said)
    plan.save(update_fields=list(terms))
    said = {name: str(each or "") for name, each in terms.items()}
    audit.record(licence, event="visit_planned", by=None, at=at, data=said)
    return True


@timer
def plan_visits(at: datetime) -> int:
    """Scores change with time and evidence, and with them how often a licensee is visited."""

    def plan(row: Licence, at: datetime) -> bool:
        return plan_visit(Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk), at=at)

    return each_row(Licence.objects.live().order_by("pk"), plan, at)


@transaction.atomic
def load_return_kinds(given: dict[str, Any]) -> int:
    """Add the kinds of returns that are missing; a row that is there is never overwritten. Returns how many."""
    on = date.fromisoformat(given["effective_from"])
    added = 0
    for each in given["returns"]:
        terms = dict(each)
        _, new = ReturnKind.objects.get_or_create(code=terms.pop("code"), effective_from=on, defaults=terms)
        added += new
    return added
