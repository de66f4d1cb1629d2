"""The case pages: what the case is, how strong, how long, what stands in the way, what happened, what may be done."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing.access import READ_CASES
from licensing.faces import clocks
from licensing.faces.answers import answered
from licensing.faces.panels import made
from licensing.faces.staff.panels import PANELS
from licensing.models import (
    AmlRegistration,
    Document,
    Evidence,
    EvidenceLink,
    Firm,
    Letter,
    Licence,
    LicenceApplication,
    Measure,
    Milestone,
    NocApplication,
    SetUp,
    Surrender,
)
from licensing.models.conflicts import removed_from
from licensing.questions import MILESTONE_PARTICULARS
from pvara.kernel.uploads import Scan
from pvara.kernel.web import holding, person

# Which gates a phase's score is held against.
GATES = {"NOC": ("G1",), "SETUP": ("G2", "G2a"), "FULL": ("G3", "G6")}


def letters_about(*subjects: Any) -> Any:
    """The letters written on these rows, newest first, and those that wait for their checker."""
    about = Q(pk__in=[])
    for each in subjects:
        about |= Q(subject_type=each._meta.label_lower, subject_id=each.pk)
    return Letter.objects.filter(about)


def case_page(request: HttpRequest, template: str, case: Any, phase: str, **more: Any) -> HttpResponse:
    """What every case page shows. `phase` is the one whose criteria are scored."""
    at = timezone.now()
    score = case.score(at)
    shown = {
        "case": case,
        "firm": case.firm,
        "phase": phase,
        "score": score,
        "verdicts": [score.verdict(code) for code in GATES[phase]],
        "evidence": evidence_of(case.firm),
        "letters": letters_about(case),
        "clocks": clocks.for_staff(type(case), [case], at)[case.pk],
        "panels": made(PANELS, case, person(request), at),
        **more,
    }
    return render(request, template, shown)


def evidence_of(firm: Firm) -> Any:
    links = Prefetch("links", EvidenceLink.objects.select_related("criterion"))
    pieces = Evidence.objects.filter(firm=firm).select_related("uploaded_by", "kind", "replaces", "replaced_by")
    return pieces.prefetch_related(links)


@require_safe
@holding(READ_CASES)
def noc(request: HttpRequest, pk: int) -> HttpResponse:
    people = (
        *("submitted_by", "declaration_signed_by", "case_officer"),
        *("recommended_by", "decided_by", "ratified_by"),
    )
    cases = NocApplication.objects.visible_to(request.user).select_related("firm", "setup", *people)
    case = get_object_or_404(cases.prefetch_related("firm__mous", "conditions"), pk=pk)
    return case_page(request, "staff/noc.html", case, "NOC", sections=answered(case.form, case.answers))


@require_safe
@holding(READ_CASES)
def setup(request: HttpRequest, pk: int) -> HttpResponse:
    milestones = Milestone.objects.select_related("submitted_by", "verified_by")
    cases = SetUp.objects.visible_to(request.user).select_related("firm", "noc", "confirmed_by")
    case = get_object_or_404(cases.prefetch_related("firm__mous", Prefetch("milestones", milestones)), pk=pk)
    rows = list(case.milestones.all())
    cards = clocks.for_staff(Milestone, rows, timezone.now())
    handed_in: dict[int, list[Document]] = {each.pk: [] for each in rows}
    for document in Document.objects.filter(subject_type="licensing.milestone", subject_id__in=handed_in):
        handed_in[document.subject_id].append(document)
    said = [(each, answered_particulars(each), cards[each.pk], handed_in[each.pk]) for each in rows]
    return case_page(request, "staff/setup.html", case, "SETUP", milestones=said)


@require_safe
@holding(READ_CASES)
def aml_registration(request: HttpRequest, pk: int) -> HttpResponse:
    cases = AmlRegistration.objects.visible_to(request.user).select_related(
        "firm", "setup__noc", "requested_by", "decided_by"
    )
    case = get_object_or_404(cases.prefetch_related("firm__mous"), pk=pk)
    services = [title for _, title in case.service_titles()]
    return case_page(request, "staff/aml_registration.html", case, "SETUP", services=services)


def answered_particulars(milestone: Milestone) -> list[tuple[str, Any]]:
    asked = MILESTONE_PARTICULARS[milestone.code]
    return [(question.label, milestone.particulars.get(question.key, "")) for question in asked]


@require_safe
@holding(READ_CASES)
def full(request: HttpRequest, pk: int) -> HttpResponse:
    people = ("submitted_by", "declaration_signed_by", "case_officer", "recommended_by", "decided_by", "granted_by")
    cases = LicenceApplication.objects.visible_to(request.user).select_related("firm", "setup__noc", "licence", *people)
    case = get_object_or_404(cases.prefetch_related("firm__mous", "conditions"), pk=pk)
    return case_page(request, "staff/full.html", case, "FULL", sections=answered(case.form, case.answers))


@require_safe
@holding(READ_CASES)
def licence(request: HttpRequest, pk: int) -> HttpResponse:
    more = ("firm", "application", "standing", "visit_plan", "revoked_by")
    cases = Licence.objects.visible_to(request.user).select_related(*more)
    # The gates of the moves and the panels ask for these again and again.
    signed = ("proposed_by", "decided_by", "ratified_by", "lifting_proposed_by", "remedy_verified_by")
    measures = Measure.objects.select_related(*signed)
    surrenders = Surrender.objects.select_related("declared_by", "assets_confirmed_by", "decided_by")
    rows = (Prefetch("measures", measures), Prefetch("surrenders", surrenders), "renewals", "conditions", "firm__mous")
    case = get_object_or_404(cases.prefetch_related(*rows), pk=pk)
    return case_page(
        request,
        "staff/licence.html",
        case,
        "FULL",
        letters=letters_about(case, case.application),
        standing=getattr(case, "standing", None),
    )


@require_safe
@holding(READ_CASES)
def firm(request: HttpRequest, pk: int) -> HttpResponse:
    firms = Firm.objects.visible_to(request.user).prefetch_related(
        "mous", "nocapplications", "setups", "aml_registrations", "licenceapplications", "licences"
    )
    found = get_object_or_404(firms, pk=pk)
    cases = [
        *found.nocapplications.all(),
        *found.setups.all(),
        *found.aml_registrations.all(),
        *found.licenceapplications.all(),
        *found.licences.all(),
    ]
    shown = {
        "firm": found,
        "recognised": found.regulator_is_recognised(timezone.localdate()),
        "cases": cases,
        "evidence": evidence_of(found),
        "letters": Letter.objects.filter(firm=found),
        "removed": removed_from(found, timezone.now()),
    }
    return render(request, "staff/firm.html", shown)


@require_safe
@holding(READ_CASES)
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """One document: what it is to prove, until when, and whether it is accepted."""
    pieces = Evidence.objects.visible_to(request.user).select_related("firm", "kind", "uploaded_by", "accepted_by")
    piece = get_object_or_404(pieces.prefetch_related("links__criterion"), pk=pk)
    shown = {"piece": piece, "firm": piece.firm, "versions": piece.versions, "staff": True}
    return render(request, "staff/evidence.html", shown)


@require_safe
@holding(READ_CASES)
def evidence_file(request: HttpRequest, pk: int) -> FileResponse:
    piece = get_object_or_404(Evidence.objects.visible_to(request.user), pk=pk)
    return evidence_download(piece)


def evidence_download(piece: Evidence) -> FileResponse:
    """Always as a download: what somebody else uploaded never runs or shows under our own address."""
    if piece.scan == Scan.INFECTED:
        raise PermissionDenied("This file is infected; it is not handed out.")
    return FileResponse(
        piece.file.open("rb"), as_attachment=True, filename=piece.file_name, content_type=piece.content_type
    )
