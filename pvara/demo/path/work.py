"""The work that moves wait for: evidence and ratings, fees, people and owners, other agencies, inspections."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.utils import timezone

from licensing import ownership
from licensing.actions import (
    agreements,
    consultations,
    evidence,
    fees,
    findings,
    inspections,
    overrides,
    ratings,
    settings,
    sheets,
    tables,
)
from licensing.actions import ownership as ownership_actions
from licensing.actions import people as key_individuals
from licensing.models import (
    ActivityKind,
    ChangeOfControl,
    Criterion,
    Deliverable,
    Evidence,
    EvidenceKind,
    EvidenceLink,
    Finding,
    Firm,
    Inspection,
    Invoice,
    KeyIndividual,
    Letter,
    LicenceApplication,
    OwnershipStatement,
    Rating,
    RatingOverride,
    SettingChange,
    TableChange,
)
from licensing.models.assessed import criteria_asked_of
from licensing.models.ratings import judged
from licensing.states import CheckKind
from pvara.demo import answers
from pvara.demo.path.people import PHASES, People, step
from pvara.kernel.seen import mark

# What the firm brings with its application.
SUPPLIED = "File: "


def rate_everything(
    firm: Firm, phase: str, *, people: People, at: datetime, rating: int = 4, but: dict[str, int] | None = None
) -> None:
    """Upload and accept evidence, rate and moderate every criterion of a phase that is not rated yet."""
    rated = set(Rating.objects.filter(firm=firm).values_list("criterion__code", flat=True))
    supply(firm, phase, people=people, at=at)
    for piece in Evidence.objects.filter(firm=firm, state="uploaded", title__startswith=SUPPLIED).order_by("pk"):
        step(piece, "accept", by=people.officer, at=at)
    judgements = [
        ratings.Judgement(
            criterion,
            rating=(but or {}).get(criterion.code, rating),
            rationale="The evidence was read and tested against the criterion.",
        )
        for criterion in _asked(firm, phase, at).exclude(code__in=rated)
    ]
    if not judgements:
        return
    given = sheets.rate_together(firm, judgements, by=people.assessor, at=at)
    words = {
        each.criterion.code: sheets.Word(note="Confirmed.", seen=mark(judged(each)))
        for each in given
        if isinstance(each, Rating)
    }
    sheets.moderate_together(firm, words, by=people.moderator, at=at)


def _asked(firm: Firm, phase: str, at: datetime) -> QuerySet[Criterion]:
    """The criteria that a firm is asked at a phase, in the framework's order."""
    applies = PHASES[: PHASES.index(phase) + 1]
    return criteria_asked_of(firm, at).filter(applies_from__in=applies).order_by("domain__order", "order")


def supply(firm: Firm, phase: str, *, people: People, at: datetime) -> None:
    """Upload what a phase asks for: a file of each kind, for those criteria for which the firm has no document yet."""
    links = EvidenceLink.objects.filter(evidence__firm=firm).exclude(evidence__state="rejected")
    there = links.values("criterion__code")
    for kind, members in by_kind(_asked(firm, phase, at).exclude(code__in=there)).items():
        upload(firm, kind, members, title=f"{SUPPLIED}{kind} for {phase}", people=people, at=at)


def rate_anew(firm: Firm, *codes: str, people: People, at: datetime, rating: int = 4) -> None:
    """Criteria that were rated before, rated and moderated again."""
    for criterion in criteria_asked_of(firm, at).filter(code__in=codes).order_by("domain__order", "order"):
        former = Rating.objects.filter(firm=firm, criterion__code=criterion.code, current=True).first()
        given = ratings.rate(
            firm,
            criterion,
            by=people.assessor,
            at=at,
            rating=rating,
            rationale="Read and tested again.",
            seen=mark(judged(former)),
        )
        ratings.moderate(given, by=people.moderator, at=at, note="Confirmed.", seen=mark(judged(given)))


def override(firm: Firm, code: str, to_rating: int | None, *, people: People, at: datetime) -> RatingOverride:
    """The proposal that a moderated rating counts as another; without one, that its criterion is waived."""
    given = Rating.objects.get(firm=firm, criterion__code=code, current=True)
    reasons = "The committee heard the firm."
    return overrides.propose_override(given, by=people.supervisor, at=at, to_rating=to_rating, reasons=reasons)


def by_kind(criteria: Iterable[Criterion]) -> dict[EvidenceKind, list[Criterion]]:
    """What documents would serve some criteria, as few as can be: each with the criteria that accept its kind."""
    kinds = {each.code: each for each in EvidenceKind.objects.all()}
    found: dict[EvidenceKind, list[Criterion]] = {}
    for criterion in criteria:
        accepted = [kinds[code] for code in criterion.kinds]
        kind = next((each for each in accepted if each in found), accepted[0])
        found.setdefault(kind, []).append(criterion)
    return found


def give_evidence(firm: Firm, criteria: list[Criterion], *, title: str, people: People, at: datetime) -> Evidence:
    """A document of a kind that some criteria accept, uploaded by the firm and accepted by the case officer.

    Where no kind serves all of them there is one for each kind; the last of them is returned.
    """
    for kind, served in by_kind(criteria).items():
        piece = upload(firm, kind, served, title=title, people=people, at=at)
        accepted: Evidence = step(piece, "accept", by=people.officer, at=at)
    return accepted


def upload(
    firm: Firm, kind: EvidenceKind, criteria: list[Criterion], *, title: str, people: People, at: datetime
) -> Evidence:
    file = SimpleUploadedFile("evidence.txt", f"{title} of {firm.legal_name}.\n".encode(), "text/plain")
    return evidence.upload_evidence(
        firm, by=people.applicant, at=at, file=file, title=title, kind=kind, criteria=criteria
    )


def prove_again(firm: Firm, *, people: People, at: datetime) -> None:
    """Fresh evidence for every criterion, as before a renewal; one file for each kind."""
    for kind, members in by_kind(criteria_asked_of(firm, at)).items():
        give_evidence(firm, members, title=f"New: {kind}", people=people, at=at)


def pay(subject: Any, *, people: People, at: datetime) -> None:
    """Record the payment of whatever is charged for a row; nothing to do where the tariff asks for nothing."""
    for invoice in Invoice.objects.about(subject).filter(state="issued"):
        assert people.finance is not None, "Something is charged, and nobody is there to record the payment."
        fees.record_payment(
            invoice,
            amount=invoice.total_pkr,
            paid_on=timezone.localdate(at),
            bank_reference=f"BANK-{invoice.number}",
            by=people.finance,
            at=at,
        )


def change_setting(key: str, value: Any, *, effective_from: date, people: People, at: datetime) -> SettingChange:
    """A setting of the regime that says something else from a day to come, proposed by one and published by another."""
    change = propose_setting(key, value, effective_from=effective_from, people=people, at=at)
    return step(change, "publish", by=people.board, at=at)


def propose_setting(key: str, value: Any, *, effective_from: date, people: People, at: datetime) -> SettingChange:
    decided = {"source": "SRO 1", "reasons": "The board resolved it."}
    return settings.propose(key, value, effective_from=effective_from, by=people.supervisor, at=at, **decided)


def change_table(
    table: str, code: str, content: dict[str, Any], *, effective_from: date, people: People, at: datetime
) -> TableChange:
    """A row of a dated table that says something else from a day to come, proposed by one and published by another."""
    change = propose_row(table, code, content, effective_from=effective_from, people=people, at=at)
    return step(change, "publish", by=people.board, at=at)


def propose_row(
    table: str, code: str, content: dict[str, Any], *, effective_from: date, people: People, at: datetime
) -> TableChange:
    decided = {"source": "SRO 2", "reasons": "The board resolved it."}
    return tables.propose(table, code, content, effective_from=effective_from, by=people.supervisor, at=at, **decided)


def nominate(firm: Firm, *roles: str, people: People, at: datetime, **changed: Any) -> KeyIndividual:
    """Somebody for one or more roles."""
    said = {**answers.individual(roles[0]), **changed}
    return key_individuals.nominate(firm, by=people.applicant, at=at, roles=roles, **said)


def vet(individual: KeyIndividual, *, people: People, at: datetime, **results: str) -> KeyIndividual:
    """Take a person up and make every check; clear, unless `results` say otherwise by the kind."""
    individual = step(individual, "take_up", by=people.officer, at=at)
    for kind in CheckKind.values:
        result = results.get(kind, "clear")
        note = "" if result == "clear" else "To be weighed."
        key_individuals.record_check(
            individual, by=people.officer, at=at, kind=kind, result=result, made_on=timezone.localdate(at), note=note
        )
    return individual


def approved(firm: Firm, *roles: str, people: People, at: datetime, **changed: Any) -> KeyIndividual:
    """Somebody nominated, vetted and approved."""
    individual = vet(nominate(firm, *roles, people=people, at=at, **changed), people=people, at=at)
    return step(individual, "approve", by=people.supervisor, at=at)


def state_ownership(
    firm: Firm, *, people: People, at: datetime, rows: list[ownership.Row] | None = None
) -> OwnershipStatement:
    """A statement of ownership: two natural persons behind a holding company, unless `rows` say otherwise."""
    return ownership_actions.submit_statement(
        firm,
        answers.owners_of(firm.legal_name) if rows is None else rows,
        by=people.applicant,
        at=at,
        as_at=timezone.localdate(at),
    )


def notify_change(
    firm: Firm, *, people: People, at: datetime, rows: list[ownership.Row], reason: str = "A sale of shares."
) -> ChangeOfControl:
    """An intended change of control, as the firm's signatory notifies it."""
    return ownership_actions.notify_change(
        firm, rows, by=people.applicant, at=at, as_at=timezone.localdate(at), reason=reason
    )


def disclose(firm: Firm, *, people: People, at: datetime) -> None:
    """What the firm has to say of its people and owners, and what a case officer and the supervisor make of it."""
    state_ownership(firm, people=people, at=at)
    for role in ("chief_executive", "compliance_officer", "mlro"):
        approved(firm, role, people=people, at=at)


def consult(case: Any, *, people: People, at: datetime, **verdicts: str) -> None:
    """Ask every agency of a case; no objection, unless `verdicts` say otherwise by the agency's code."""
    asked = consultations.ask_agencies(case, [each.code for each in case.agencies()], by=people.officer, at=at)
    for each in asked:
        verdict = verdicts.get(each.agency.code, "no_objection")
        text = "" if verdict == "no_objection" else "Seen, with what follows."
        consultations.record_reply(
            each, by=people.officer, at=at, verdict=verdict, received_on=timezone.localdate(at), text=text
        )


def _terms(case: Any) -> dict[str, ActivityKind]:
    terms: dict[str, ActivityKind] = case.activity_terms() if isinstance(case, LicenceApplication) else {}
    return terms


def inspection(case: Any, *, people: People, at: datetime) -> Inspection:
    """A technical verification, scheduled for the same day, of the usual and of what the activities need beside it."""
    usual = ["custody", "matching_engine", "wallet_control"]
    needed = {area for each in _terms(case).values() for area in each.inspected}
    return inspections.schedule_inspection(
        case,
        by=people.officer,
        at=at,
        kind="technical",
        scheduled_for=timezone.localdate(at),
        scope=[*usual, *sorted(needed - set(usual))],
        team=[people.officer, people.enforcement],
    )


def inspect(case: Any, *, people: People, at: datetime) -> Any:
    """Schedule and report an inspection that finds nothing; returns the case, which is assessed again."""
    scheduled = inspection(case, people=people, at=at)
    results = dict.fromkeys(scheduled.scope, ("passed", ""))
    inspections.report_inspection(
        scheduled, by=people.officer, at=at, results=results, summary="Everything works as it was described."
    )
    return type(case)._base_manager.get(pk=case.pk)


def finding(case: Any, *, people: People, at: datetime, severity: str = "medium") -> Finding:
    """Something that was found, on an application or a licence."""
    return findings.raise_finding(
        case,
        by=people.officer,
        at=at,
        severity=severity,
        title="Keys without a second signature",
        detail="One warm wallet is moved by a single key.",
    )


def agreement(party: str, *, people: People, at: datetime, firm: Firm | None = None) -> Deliverable:
    """An agreement that is signed, somebody who works on it for the state, and one thing promised under it."""
    today = timezone.localdate(at)
    mou = agreements.draft_agreement(
        [(party, firm)],
        by=people.supervisor,
        at=at,
        title="Study of tokenisation",
        state_party="Ministry of Finance",
        scope="Advice and training.",
        signed_on=today,
    )
    mou = step(mou, "sign", by=people.supervisor, at=at)
    agreements.join_team(mou, people.debt_approver, by=people.supervisor, at=at)
    return agreements.promise(
        mou, by=people.supervisor, at=at, kind="training", title="A course for supervisors", due_on=today
    )


def check_letters(*, people: People, at: datetime) -> None:
    """Every letter that waits for its checker is approved."""
    for letter in Letter.objects.filter(state="draft").order_by("pk"):
        step(letter, "approve", by=people.supervisor, at=at)
