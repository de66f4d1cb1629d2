"""What the internal memo of a recommendation says, as data: the case, its score, its criteria, what others said."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from licensing import scoring
from licensing.letters.about.subject import day
from licensing.models import InformationRequest, LicenceApplication, NocApplication, Rating
from licensing.models.people import individuals_of
from licensing.models.scores import ratings_of, waiver_of
from licensing.states import Activity
from pvara.kernel import deadlines
from pvara.kernel.models import AuditEntry, User

Rows = list[list[str]]
# The gates at which the score of an application is asked about, by its phase.
GATE = {"NOC": "G1", "FULL": "G3"}


def compose_memo(case: NocApplication | LicenceApplication, entry: AuditEntry, at: datetime) -> dict[str, Any]:
    """Sections of names and values, fit for JSON; everything as it is at that moment."""
    score = case.score(at)
    sections: list[tuple[str, Rows]] = [
        ("The case", _of_the_case(case, at)),
        ("Conflict of interest", _of_conflicts(case)),
        ("The score", _of_the_score(score, case.phase)),
        ("Criteria", _of_the_criteria(case, score)),
        ("Requests for information", _of_requests(case)),
        ("Other agencies", _of_agencies(case)),
        ("Key individuals", _of_people(case)),
        ("Inspections and findings", _of_inspections(case)),
    ]
    return {
        "case": case.reference,
        "kind": str(case._meta.verbose_name),
        "firm": case.firm.legal_name,
        "on": str(timezone.localdate(at)),
        "recommended_by": str(entry.actor),
        "recommendation": entry.note,
        "sections": [{"title": title, "rows": rows} for title, rows in sections if rows],
    }


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of a memo, in one way of writing it."""
    said = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def _of_the_case(case: NocApplication | LicenceApplication, at: datetime) -> Rows:
    officers = User.objects.filter(pk__in=case.officer_ids()).order_by("name", "pk")
    clocks = [
        [each.rule.title, each.reading.sentence()]
        for each in deadlines.of(case, at)
        if each.reading.status in ("running", "paused")
    ]
    return [
        ["Activities", ", ".join(str(Activity(each).label) for each in case.requested_activities) or "none"],
        ["Received on", day(case.submitted_at) if case.submitted_at else "not yet"],
        ["Case officer, now or before", ", ".join(str(each) for each in officers) or "none"],
        *clocks,
    ]


def _of_conflicts(case: NocApplication | LicenceApplication) -> Rows:
    """The agreements by which the applicant advises the state: whoever decides on paper is told of them, too."""
    return [[str(each), f"with the {each.state_party}"] for each in case.firm.advising_mous]


def _of_the_score(score: scoring.Score, phase: str) -> Rows:
    verdict = score.verdict(GATE[phase])
    missed = [["Missed", each.sentence] for each in verdict.failed]
    return [
        ["Scoring framework", f"version {score.framework.version}"],
        ["Total", f"{score.total:.2f}%"],
        [f"Gate {GATE[phase]}", "passed" if verdict.passed else "not passed"],
        *missed,
        *(
            [f"{code} {score.framework.domains[code]}", f"{value:.2f}%"]
            for code, value in score.domains.items()
            if value is not None
        ),
        ["SHA-256 of the score with its inputs", str(score.facts()["hash"])],
    ]


def _of_the_criteria(case: NocApplication | LicenceApplication, score: scoring.Score) -> Rows:
    given = ratings_of(case.firm)
    return [
        [f"{each.code} {each.title}", _rated(given.get(each.code))] for each in score.framework.applicable(case.phase)
    ]


def _rated(rating: Rating | None) -> str:
    if rating is None:
        return "not rated"
    checked = f"; moderated by {rating.moderator}" if rating.is_moderated else "; not moderated"
    if rating.waived:
        return f"rated {rating.moderated}, by {rating.assessor}{checked}; waived by the committee ({waiver_of(rating)})"
    return f"{rating.label}, by {rating.assessor}{checked}"


def _of_requests(case: NocApplication | LicenceApplication) -> Rows:
    rows = InformationRequest.objects.about(case).order_by("pk")
    return [[each.reference, each.get_state_display()] for each in rows]


def _of_agencies(case: NocApplication | LicenceApplication) -> Rows:
    rows = case.consultations.select_related("agency", "reply")
    return [
        [str(each.agency), each.reply.get_verdict_display() if each.reply else each.get_state_display()]
        for each in rows
    ]


def _of_people(case: NocApplication | LicenceApplication) -> Rows:
    return [[f"{each}, {each.role_titles}", each.get_state_display()] for each in individuals_of(case.firm)]


def _of_inspections(case: NocApplication | LicenceApplication) -> Rows:
    if isinstance(case, NocApplication):
        return []
    findings = case.firm.findings.filter(Q(full=case) | ~Q(state__in=("verified", "closed"))).order_by("pk")
    return [
        *([each.reference, each.get_state_display()] for each in case.inspections.order_by("pk")),
        *(
            [f"{each.reference} {each.title}", f"{each.get_severity_display()}: {each.get_state_display().lower()}"]
            for each in findings
        ),
    ]
