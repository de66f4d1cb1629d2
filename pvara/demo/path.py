"""The path of one exchange, walked by its people through the actions: for the demonstration world and the tests.

Nothing here writes by itself: each step is the action or the move that a person would make on a page.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from licensing.actions import applications, evidence, full, noc, ratings, setup
from licensing.models import (
    Criterion,
    Evidence,
    Firm,
    Framework,
    Licence,
    LicenceApplication,
    Milestone,
    NocApplication,
    Rating,
    SetUp,
)
from pvara.demo import answers
from pvara.kernel.machine import Stateful, perform
from pvara.kernel.models import User

PHASES = ("NOC", "SETUP", "FULL")


@dataclass(frozen=True)
class People:
    """Who does what on the path; every one of them a different person."""

    applicant: User
    officer: User
    assessor: User
    moderator: User
    supervisor: User
    member: User
    board: User
    enforcement: User
    debt_officer: User
    debt_approver: User


def load_regime() -> None:
    """The regime's data: figures, holidays, the scoring framework and the texts of the letters."""
    if Framework.objects.exists():
        return
    for command in ("load_figures", "load_holidays", "load_framework", "load_letter_texts"):
        call_command(command, verbosity=0)


def step(subject: Any, name: str, *, by: User | None, at: datetime, note: str = "") -> Any:
    """One move, from the version that the row has now."""
    fresh: Stateful = type(subject)._base_manager.get(pk=subject.pk)
    return perform(fresh, name, by=by, at=at, expected_version=fresh.version, note=note)


# ── Evidence and ratings ─────────────────────────────────────────────────────────────────────────────────────────────
def rate_everything(
    firm: Firm, phase: str, *, people: People, at: datetime, rating: int = 4, but: dict[str, int] | None = None
) -> None:
    """Upload and accept evidence, rate and moderate every criterion of a phase that is not rated yet."""
    rated = set(Rating.objects.filter(firm=firm).values_list("criterion__code", flat=True))
    applies = PHASES[: PHASES.index(phase) + 1]
    criteria = (
        Criterion.objects.filter(domain__framework__status="published", applies_from__in=applies)
        .exclude(code__in=rated)
        .select_related("domain")
        .order_by("domain__order", "order")
    )
    by_domain: dict[str, list[Criterion]] = {}
    for criterion in criteria:
        by_domain.setdefault(criterion.domain.code, []).append(criterion)
    for code, members in by_domain.items():
        give_evidence(firm, members, title=f"File on {code} for {phase}", people=people, at=at)
        for criterion in members:
            given = ratings.rate(
                firm,
                criterion,
                by=people.assessor,
                at=at,
                rating=(but or {}).get(criterion.code, rating),
                rationale="The evidence was read and tested against the criterion.",
            )
            ratings.moderate(given, by=people.moderator, at=at, note="Confirmed.")


def give_evidence(firm: Firm, criteria: list[Criterion], *, title: str, people: People, at: datetime) -> Evidence:
    """A document for some criteria, uploaded by the firm and accepted by the case officer."""
    file = SimpleUploadedFile("evidence.txt", f"{title} of {firm.legal_name}.\n".encode(), "text/plain")
    piece = evidence.upload_evidence(firm, by=people.applicant, at=at, file=file, title=title, criteria=criteria)
    return step(piece, "accept", by=people.officer, at=at)


# ── P1 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
def fill_in(case: Any, *, people: People, at: datetime, **changed: Any) -> Any:
    """Answer, pay and sign."""
    for section, said in answers.to(case.form, **changed).items():
        case = applications.save_answers(case, section, said, by=people.applicant, at=at)
    case = applications.give_fee_reference(case, f"FEE-{case.reference}", by=people.applicant, at=at)
    return applications.sign_declaration(case, by=people.applicant, at=at)


def noc_case(firm: Firm, *, people: People, at: datetime, until: str = "granted", rating: int = 4) -> NocApplication:
    """A NOC application in the state `until`, reached move by move."""
    case = noc.open_noc_application(firm, by=people.applicant, at=at)
    if until == "draft":
        return case
    case = step(fill_in(case, people=people, at=at), "submit", by=people.applicant, at=at)
    if until == "submitted":
        return case
    case = step(case, "accept_intake", by=people.officer, at=at)
    if until == "completeness_check":
        return case
    case = step(case, "declare_complete", by=people.officer, at=at)
    if until == "under_assessment":
        return case
    rate_everything(firm, "NOC", people=people, at=at, rating=rating)
    case = step(case, "recommend", by=people.supervisor, at=at, note="All criteria are met.")
    if until == "recommended":
        return case
    if until == "refused":
        return step(case, "refuse_noc", by=people.member, at=at, note="The score is below the bar in AML/CFT.")
    return step(case, "grant_noc", by=people.member, at=at)


# ── P2 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
def submit_milestone(milestone: Milestone, *, people: People, at: datetime, **changed: Any) -> Milestone:
    setup.describe_milestone(milestone, {**answers.MILESTONES[milestone.code], **changed}, by=people.applicant, at=at)
    return step(milestone, "submit", by=people.applicant, at=at)


def confirmed_setup(case: NocApplication, *, people: People, at: datetime, rating: int = 4) -> SetUp:
    """The set-up of a NOC holder, every milestone verified and confirmed."""
    for milestone in case.setup.milestones.all():
        changed = {"subsidiary_name": f"{case.firm} Pakistan (Pvt) Limited"} if milestone.code == "M1" else {}
        step(submit_milestone(milestone, people=people, at=at, **changed), "verify", by=people.officer, at=at)
    rate_everything(case.firm, "SETUP", people=people, at=at, rating=rating)
    return step(case.setup, "confirm_setup", by=people.supervisor, at=at)


# ── P3 and P4 ────────────────────────────────────────────────────────────────────────────────────────────────────────
def full_case(
    done: SetUp, *, people: People, at: datetime, until: str = "licensed", rating: int = 4
) -> LicenceApplication:
    """A full application in the state `until`, reached move by move."""
    case = full.open_licence_application(done, by=people.applicant, at=at)
    if until == "draft":
        return case
    case = step(fill_in(case, people=people, at=at), "submit", by=people.applicant, at=at)
    if until == "submitted":
        return case
    case = step(case, "accept_intake", by=people.officer, at=at)
    case = step(case, "declare_complete", by=people.officer, at=at)
    if until == "under_assessment":
        return case
    rate_everything(done.firm, "FULL", people=people, at=at, rating=rating)
    case = step(case, "recommend", by=people.supervisor, at=at, note="All criteria are met.")
    if until == "recommended":
        return case
    # As the committee would: a score in the band in which conditions are compulsory gets one.
    if case.score(at).verdict("G3").conditions_compulsory:
        case = step(case, "approve_with_conditions", by=people.member, at=at, note="Report every month.")
    else:
        case = step(case, "approve_in_principle", by=people.member, at=at)
    if until == "in_principle":
        return case
    return step(case, "grant_licence", by=people.board, at=at)


def licensed(firm: Firm, *, people: People, at: datetime, rating: int = 4) -> Licence:
    """A firm taken the whole way, a day a phase, so that it is licensed two days after `at`."""
    granted = noc_case(firm, people=people, at=at, rating=rating)
    done = confirmed_setup(granted, people=people, at=at + timedelta(days=1), rating=rating)
    case = full_case(done, people=people, at=at + timedelta(days=2), rating=rating)
    return Licence.objects.get(application=case)
