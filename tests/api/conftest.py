"""Programs of the cast: each calls with a token of their own, through the whole stack of the house."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from licensing.actions import interests, refusals
from licensing.actions.firms import register_firm
from licensing.models import (
    Agency,
    BankStatement,
    Consultation,
    Deficiency,
    Document,
    Evidence,
    KeyIndividual,
    Licence,
    Milestone,
    Motion,
    OwnershipStatement,
    Rating,
    RequestItem,
    Surrender,
    Vote,
    WindDown,
)
from pvara.demo import life, path
from pvara.demo.answers import owners_of
from pvara.kernel.models import AuditEntry, User
from tests.api.program import Program
from tests.api.walk import Walk
from tests.letters import issued
from tests.world import charge
from tokenisation.models import FxRate, JournalEntry, Programme


@pytest.fixture(autouse=True)
def forget_attempts(db: None) -> None:
    """Throttles count in the shared cache, which outlives a test's transaction only by mistake."""
    cache.clear()


@pytest.fixture
def program(db: None) -> Callable[..., Program]:
    return Program


@pytest.fixture
def at() -> datetime:
    """Programs act now, so what they find happened a few days ago."""
    return timezone.now() - timedelta(days=4)


@pytest.fixture
def licence(firm: Any, people: path.People, at: datetime) -> Licence:
    return path.licensed(firm, people=people, at=at)


@pytest.fixture
def world(licence: Any, people: Any, stranger: Any, danish: Any, at: Any) -> dict[str, Any]:
    """One of everything that an operation may name in its path."""
    other = register_firm("Another Exchange", by=stranger, at=at, country="Singapore")
    path.noc_case(other, people=replace(people, applicant=stranger), at=at)
    third = register_firm("A firm that sets up", by=people.applicant, at=at, country="Singapore")
    waiting = path.noc_case(third, people=people, at=at, until="recommended")
    granted = path.decide(waiting, "grant_with_conditions", people=people, at=at)
    registration = path.aml_request(granted.setup, people=people, at=at)
    fourth = register_firm("A firm that is refused", by=people.applicant, at=at, country="Singapore")
    minded = path.noc_case(fourth, people=people, at=at, until="minded_to_refuse")
    made = refusals.make_representations(minded, by=people.applicant, at=at, text="The policy is with the board.")
    fifth = register_firm("A firm that waits", by=people.applicant, at=at, country="Singapore")
    undecided = path.noc_case(fifth, people=people, at=at, until="recommended")
    back = path.noc_case(
        register_firm("A firm that gets its form back", by=people.applicant, at=at, country="Singapore"),
        people=people,
        at=at,
        until="completeness_check",
    )
    path.returned(back, "The minute is missing.", people=people, at=at)
    questioned = path.noc_case(
        register_firm("A firm that is asked", by=people.applicant, at=at, country="Singapore"),
        people=people,
        at=at,
        until="under_assessment",
    )
    path.asked(questioned, "Which tool is in use?", people=people, at=at)
    item = RequestItem.objects.get()
    walk = Walk(people)  # the registry's side is walked by programs
    asset = walk.to_issue(units=1000)
    authorisation = walk.authorise(asset, licence.standing.pk, limit=500)
    walk.debt_officer.post(f"{authorisation}allocations/", {"units": 1}, idempotency_key="one")
    letter = issued(
        at=timezone.now(),
        key="letter:test",
        code="L40",
        reference="PVARA/FULL/2026/0001",
        title="Licence",
        firm=licence.firm,
        subject_type="licensing.licence",
        subject_id=licence.pk,
        addressee=licence.holder_name,
        token="token",
    )
    application = licence.application
    invoice = charge(licence, people=people, at=at)
    change = path.notify_change(
        licence.firm, people=people, at=at, rows=owners_of(licence.firm.legal_name, first_owner=55)
    )
    # Before danish has an interest in the firm, and so no vote on what becomes of it.
    refused = life.variation_asked(licence, people=people, at=timezone.now())
    path.decide(refused, "refuse_variation", people=people, at=timezone.now(), note="Too early.")
    appeal = life.appealed(licence.firm, people=people, at=timezone.now())
    licence = life.restrict(licence, people=people, at=timezone.now())
    interest = interests.declare(licence.firm, by=danish, at=at, nature="other", explanation="A friend.")
    recusal = interests.recuse(licence, by=danish, at=at, reasons="I wrote about it.")
    promised = path.agreement("A bank of the state", people=people, at=at)
    inspected = path.inspection(licence, people=people, at=timezone.now())
    found = path.finding(licence, people=people, at=timezone.now())
    filing, incident, plan = life.supervised(licence, people=people, at=timezone.now())
    told = {"firm": licence.firm, "licence": licence}
    asked = {**told, "reasons": "We leave.", "declaration": "Nil.", "declared_by": people.applicant, "declared_at": at}
    return {
        "measures": licence.restrictions[0].pk,
        "renewals": licence.renewals.get().pk,
        "variations": refused.pk,
        "surrenders": Surrender.objects.create(**asked).pk,
        "wind-downs": WindDown.objects.create(**told, opened_at=at, due_on=timezone.localdate(at)).pk,
        "appeals": appeal.pk,
        "decision": appeal.decision_id,
        "inspections": inspected.pk,
        "findings": found.pk,
        "return-kinds": filing.kind_id,
        "returns": filing.pk,
        "incidents": incident.pk,
        "visits": plan.pk,
        "agreements": promised.mou_id,
        "deliverables": promised.pk,
        "setting-changes": path.propose_setting(
            "noc.intake", 5, effective_from=timezone.localdate() + timedelta(days=30), people=people, at=at
        ).pk,
        "key": "noc.decision",
        "team_member": people.debt_approver.pk,
        "firms": licence.firm_id,
        "noc-applications": application.setup.noc_id,
        "setups": application.setup_id,
        "milestones": Milestone.objects.filter(setup__firm=licence.firm).first().pk,
        "aml-registrations": registration.pk,
        "conditions": granted.imposed_conditions[0].pk,
        "motions": Motion.objects.latest("pk").pk,
        "votes": Vote.objects.latest("pk").pk,
        "refusal-notices": made.notice_id,
        "refusal-grounds": made.notice.grounds.get().pk,
        "representations": made.pk,
        "minded": minded.pk,
        "undecided": undecided.pk,
        "deficiencies": Deficiency.objects.get().pk,
        "returned": back.pk,
        "asked": questioned.pk,
        "information-requests": item.request_id,
        "request-items": item.pk,
        "agencies": Agency.objects.first().pk,
        "consultations": Consultation.objects.filter(firm=licence.firm).first().pk,
        "documents": Document.objects.filter(firm=licence.firm).first().pk,
        "licence-applications": application.pk,
        "licences": licence.pk,
        "evidence": Evidence.objects.filter(firm=licence.firm).first().pk,
        "ratings": Rating.objects.filter(firm=licence.firm).first().pk,
        "interests": interest.pk,
        "recusals": recusal.pk,
        "person": danish.pk,
        "name": licence.firm.legal_name,
        "key-individuals": KeyIndividual.objects.filter(firm=licence.firm).first().pk,
        "ownership-statements": OwnershipStatement.objects.filter(firm=licence.firm).first().pk,
        "changes-of-control": change.pk,
        "invoices": invoice.pk,
        "payments": invoice.payments.get().pk,
        "bank-statements": BankStatement.objects.get().pk,
        "letters": letter.pk,
        "audit-entries": AuditEntry.objects.first().pk,
        "programmes": Programme.objects.get().pk,
        "rates": FxRate.objects.get().pk,
        "assets": asset,
        "venues": licence.standing.pk,
        "authorisations": int(re.findall(r"\d+", authorisation)[0]),
        "entries": JournalEntry.objects.first().pk,
        "section": "aml",
        "number": licence.reference,
        "token": "token",
    }


@pytest.fixture
def cast(people: path.People, stranger: User, laila: User, aisha: User, adil: User) -> list[User | None]:
    """Nobody, and then everybody, in the order of the sweep's table."""
    staff = [people.officer, people.assessor, people.moderator, people.supervisor, people.member, people.board]
    debt = [people.enforcement, people.finance, laila, people.debt_officer, people.debt_approver]
    return [None, stranger, people.applicant, *staff, *debt, aisha, adil]
