"""Programs of the cast: each calls with a token of their own, through the whole stack of the house."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from licensing.actions.firms import register_firm
from licensing.models import Evidence, Letter, LetterDocument, Licence, Milestone, Rating
from pvara.demo import path
from pvara.kernel.models import AuditEntry, User
from tests.api.program import Program
from tests.api.walk import Walk
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
def world(licence: Any, people: Any, stranger: Any, at: Any) -> dict[str, Any]:
    """One of everything that an operation may name in its path."""
    other = register_firm("Another Exchange", by=stranger, at=at, country="Singapore")
    path.noc_case(other, people=replace(people, applicant=stranger), at=at)
    walk = Walk(people)  # the registry's side is walked by programs
    asset = walk.to_issue(units=1000)
    authorisation = walk.authorise(asset, licence.standing.pk, limit=500)
    walk.debt_officer.post(f"{authorisation}allocations/", {"units": 1}, idempotency_key="one")
    letter = Letter.objects.create(
        key="letter:test",
        code="L40",
        reference="PVARA/FULL/2026/0001",
        title="Licence",
        firm=licence.firm,
        subject_type="licensing.licence",
        subject_id=licence.pk,
        addressee=licence.holder_name,
        content={},
        content_sha256="0" * 64,
        sha256="0" * 64,
        token="token",
        issued_at=timezone.now(),
    )
    LetterDocument.objects.create(letter=letter, pdf=b"%PDF-")
    application = licence.application
    return {
        "firms": licence.firm_id,
        "noc-applications": application.setup.noc_id,
        "setups": application.setup_id,
        "milestones": Milestone.objects.filter(setup__firm=licence.firm).first().pk,
        "licence-applications": application.pk,
        "licences": licence.pk,
        "evidence": Evidence.objects.filter(firm=licence.firm).first().pk,
        "ratings": Rating.objects.filter(firm=licence.firm).first().pk,
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
def cast(people: path.People, stranger: User, aisha: User, adil: User) -> list[User | None]:
    """Nobody, and then everybody, in the order of the sweep's table."""
    staff = [people.officer, people.assessor, people.moderator, people.supervisor, people.member, people.board]
    debt = [people.enforcement, people.debt_officer, people.debt_approver]
    return [None, stranger, people.applicant, *staff, *debt, aisha, adil]
