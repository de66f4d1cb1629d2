"""Programs of the cast: each calls with a token of their own, through the whole stack of the house."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from licensing.actions import interests, refusals
from licensing.actions.firms import register_firm
from licensing.actions.handovers import hand_over
from licensing.actions.wind_downs import open_wind_down
from licensing.models import (
    Agency,
    BankStatement,
    Consultation,
    Criterion,
    Deficiency,
    Document,
    Evidence,
    KeyIndividual,
    Licence,
    Memo,
    Milestone,
    Motion,
    OwnershipStatement,
    Rating,
    RequestItem,
    SealedRating,
    Surrender,
    Vote,
)
from pvara.demo import life, path, programme
from pvara.demo.answers import owners_of
from pvara.kernel.models import AuditEntry, Holiday, User
from tests.api.program import Program
from tests.api.walk import Walk
from tests.letters import issued
from tests.world import charge, propose_by_score
from tokenisation.actions.checks import check_ledger
from tokenisation.actions.limits import propose_limit
from tokenisation.actions.orders import propose_correction
from tokenisation.actions.reconciliation import Holdings, file_holdings, record_register
from tokenisation.actions.settlement import propose_permission
from tokenisation.models import (
    Asset,
    AssetDocument,
    CorporateAction,
    DistributionAuthorisation,
    FxRate,
    HoldingsReturn,
    JournalEntry,
    Programme,
    RateFixing,
    SettlementAsset,
)
from tokenisation.states import LimitScope


@pytest.fixture(autouse=True)
def forget_attempts(db: None) -> None:
    """Throttles count in the shared cache, which outlives a test's transaction only by mistake."""
    cache.clear()


@pytest.fixture
def program(db: None) -> Callable[..., Program]:
    return Program


@pytest.fixture
def at(lately: datetime) -> datetime:
    """Programs act now, so what they find happened a few days ago."""
    return lately


@pytest.fixture
def licence(firm: Any, people: path.People, at: datetime) -> Licence:
    return path.licensed(firm, people=people, at=at)


def break_of(asset: int, people: path.People) -> int:
    """A break of the asset against the traditional register."""
    found, at = Asset.objects.get(pk=asset), timezone.now()
    day = timezone.localdate(at)
    made = record_register(found, as_of=day, units=1, reference="R/1", by=people.debt_officer, at=at)
    return made.difference.pk


def holdings_of(authorisation: str, people: path.People) -> int:
    """A venue's return that agrees with the ledger: nothing was placed yet."""
    found, at = DistributionAuthorisation.objects.get(pk=re.findall(r"\d+", authorisation)[0]), timezone.now()
    file_holdings([(found, timezone.localdate(at), Holdings(0, 0, 0, 0, 0))], by=people.applicant, at=at)
    return HoldingsReturn.objects.get().pk


def attestation_of(people: path.People) -> int:
    """What a custodian says of a reserve of gold that is proposed."""
    at = timezone.now()
    gold = programme.propose_gold(Programme.objects.get(), people=people, at=at)
    return programme.attest(gold, quantity=6_250_000, people=people, at=at).pk


@pytest.fixture
def world(licence: Any, people: Any, stranger: Any, danish: Any, ozair: Any, at: Any) -> dict[str, Any]:
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
    handed = hand_over(
        back,
        ozair,
        by=people.supervisor,
        at=at,
        reasons="Leave.",
        expected_version=type(back).objects.get(pk=back.pk).version,
    )
    questioned = path.noc_case(
        register_firm("A firm that is asked", by=people.applicant, at=at, country="Singapore"),
        people=people,
        at=at,
        until="under_assessment",
    )
    path.asked(questioned, "Which tool is in use?", people=people, at=at)
    item = RequestItem.objects.get()
    sealed = SealedRating.objects.create(
        firm=back.firm,
        criterion=Criterion.objects.get(code="1.1"),
        rating=3,
        rationale="Read.",
        assessor=people.assessor,
        rated_at=at,
        salt="salt",
    )
    walk = Walk(people)  # the registry's side is walked by programs
    asset = walk.to_issue(units=1000)
    walk.publish_documents(asset)
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
        "wind-downs": open_wind_down(licence, at=at).pk,
        "proposals": propose_by_score(licence, at=at).pk,
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
        "table-changes": path.propose_row(
            "returns",
            "liquidity",
            {"due_days": 10},
            effective_from=timezone.localdate() + timedelta(days=30),
            people=people,
            at=at,
        ).pk,
        "table": "returns",
        "frameworks": path.proposed_framework(
            "2.0", timezone.localdate() + timedelta(days=60), people=people, at=at
        ).pk,
        "rating-overrides": path.override(licence.firm, "1.4", 3, people=people, at=timezone.now()).pk,
        "key": "noc.decision",
        "domain_code": "D1",
        "criterion_code": "1.1",
        "gate_code": "G1",
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
        "sealed-ratings": sealed.pk,
        "ratings": Rating.objects.filter(firm=licence.firm).first().pk,
        "interests": interest.pk,
        "hand-overs": handed.pk,
        "memos": Memo.objects.filter(firm=licence.firm).first().pk,
        "holidays": Holiday.objects.create(date=date(2031, 4, 4), name="Far off", announced_by="Nobody").pk,
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
        **dict.fromkeys(("asset-documents", "document"), AssetDocument.objects.get(asset=asset, kind="offering").pk),
        "venues": licence.standing.pk,
        "authorisations": int(re.findall(r"\d+", authorisation)[0]),
        "entries": JournalEntry.objects.first().pk,
        "breaks": break_of(asset, people),
        "attestations": attestation_of(people),
        "holdings-returns": holdings_of(authorisation, people),
        "orders": propose_correction(
            JournalEntry.objects.first(), case_ref="HC/7", reasons="Wrong.", by=people.debt_officer, at=timezone.now()
        ).pk,
        "corporate-actions": CorporateAction.objects.get(asset=asset).pk,
        "rate-fixings": RateFixing.objects.create(
            action=CorporateAction.objects.get(asset=asset),
            rate_bp=1,
            source="SBP",
            proposed_by=people.debt_officer,
            proposed_at=timezone.now(),
        ).pk,
        "settlement-assets": SettlementAsset.objects.first().pk,
        "sub-limits": propose_limit(
            Programme.objects.get(),
            LimitScope.ASSET_CLASS,
            of_class="bills",
            share_bp=5_000,
            effective_from=timezone.localdate() + timedelta(days=30),
            source="Decision 7",
            reasons="For balance.",
            by=people.debt_officer,
            at=timezone.now(),
        ).pk,
        "settlement-permissions": propose_permission(
            "USD1",
            permitted=True,
            effective_from=timezone.localdate() + timedelta(days=30),
            source="Decision 8",
            reasons="It is redeemed at par.",
            by=people.debt_officer,
            at=timezone.now(),
        ).pk,
        "ledger-checks": check_ledger(at=timezone.now()).pk,
        "code": Asset.objects.get(pk=asset).code,
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
