"""Every list of the contract asks the database as many questions for a page of thirty rows as for a page of one."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing.actions import interests
from licensing.actions.firms import register_firm
from licensing.models import (
    AmlRegistration,
    Appeal,
    BankStatement,
    ChangeOfControl,
    Condition,
    Criterion,
    Deficiency,
    Filing,
    Framework,
    Handover,
    Incident,
    IncidentFollowUp,
    InformationRequest,
    Invoice,
    KeyIndividual,
    Measure,
    Memo,
    Milestone,
    Motion,
    OwnershipStatement,
    Payment,
    Rating,
    RatingOverride,
    RefusalGround,
    RefusalNotice,
    Renewal,
    Representation,
    RequestItem,
    RequestMessage,
    ReturnKind,
    SealedRating,
    SettingChange,
    Surrender,
    TableChange,
    Variation,
    VenueStanding,
    VisitPlan,
    Vote,
    WindDown,
)
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.models import AuditEntry
from tests.api.operations import CALLERS, TABLE, operations
from tests.api.program import Program
from tests.api.walk import Walk, bill
from tests.letters import issued
from tests.tokenisation.conftest import licensed_venue
from tests.world import propose_by_score
from tokenisation.models import (
    Asset,
    AssetDocument,
    Break,
    CorporateAction,
    DistributionAuthorisation,
    FxRate,
    HoldingsReturn,
    LedgerCheck,
    Programme,
    RateFixing,
    ReserveAttestation,
    SettlementAsset,
    SettlementPermission,
    SubLimit,
)

ROWS = 30
# Lists of one object's own; they have no pages.
WHOLE = ("moves_list", "form_list", "faults_list", "changes_list", "impact_list")
# Each is a walk of its own to make; two rows tell one question a row as well as thirty do.
FEWER = {"noc_holders_list": 3, "documents_list": 9, "agencies_list": 5, "public_assets_list": 2}


def supervised(venue, number, *, people, at):
    """A return of a kind of its own, an incident of which something was said, and a visit."""
    day, row = at.date(), {"firm": venue.firm, "licence": venue.licence}
    words = {"code": f"kind-{number}", "title": "A return", "frequency": "event"}
    kind = ReturnKind.objects.create(**words, due_days=1, fields=[], effective_from=day)
    period = {"period_from": day, "period_to": day, "due_on": day}
    Filing.objects.create(**row, **period, kind=kind, code=kind.code)
    said = {"severity": "low", "title": "A slow hour", "detail": "Why.", "detected_at": at, "reported_at": at}
    incident = Incident.objects.create(**row, **said, reported_by=people.applicant)
    IncidentFollowUp.objects.create(
        incident=incident, text="Why?", from_staff=True, written_by=people.supervisor, written_at=at
    )
    plan = {"impact": "low", "band": "green", "months": 12, "due_on": day}
    VisitPlan.objects.create(licence=venue.licence, **plan)


@pytest.fixture
def crowd(world, people, at):
    """Thirty of everything beside the one of `world`."""
    another = register_firm("A second holder", by=people.applicant, at=at, country="Pakistan")
    path.noc_case(another, people=people, at=at)
    for number in range(ROWS):
        venue = licensed_venue(f"Exchange {number}", at=at)
        # Before its officer declares an interest.
        path.inspection(venue.licence, people=people, at=at)
        path.finding(venue.licence, people=people, at=at)
        interests.declare(venue.firm, by=people.officer, at=at, nature="other", explanation="A friend.")
        interests.recuse(venue.licence, by=people.officer, at=at, reasons="I wrote about it.")
        Milestone.objects.create(setup=venue.licence.application.setup, code="M1")
        about = {
            "firm": venue.firm,
            "subject_type": "licensing.licenceapplication",
            "subject_id": venue.licence.application_id,
            "drafted_by": people.officer,
            "drafted_at": at,
        }
        Deficiency.objects.create(**about, missing="The minute.")
        drafted = InformationRequest.objects.create(**about)
        item = RequestItem.objects.create(request=drafted, number=1, question="Which tool?")
        said = {"kind": "question", "words": "Which tool?", "from_staff": True, "said_by": people.officer}
        RequestMessage.objects.create(item=item, round=1, said_at=at, **said)
        AmlRegistration.objects.create(
            firm=venue.firm, setup=venue.licence.application.setup, services=["exchange"], requested_at=at
        )
        decided(venue, people, at)
        issued(
            at=timezone.now(),
            key=f"letter:{number}",
            code="L40",
            reference=f"PVARA/FULL/2026/1{number:03}",
            title="Licence",
            firm=venue.firm,
            subject_type="licensing.licence",
            subject_id=venue.licence_id,
            addressee="Exchange",
            sha256=f"{number:064x}",
            token=f"token-{number}",
        )
        money_and_people(venue, number, people=people, at=at)
        SealedRating.objects.create(
            firm=venue.firm,
            criterion=Criterion.objects.first(),
            rating=3,
            rationale="The policy was read.",
            assessor=people.assessor,
            rated_at=at,
            salt="0",
        )
        row = {"firm": venue.firm, "licence": venue.licence}
        supervised(venue, number, people=people, at=at)
        words = {"kind": "restriction", "wording": "No new clients.", "particulars": "Why."}
        Measure.objects.create(**row, **words, proposed_by=people.supervisor, proposed_at=at)
        Renewal.objects.create(**row, term_ends=venue.licence.valid_to, opened_at=at)
        varied = {"added": ["custody"], "reasons": "Why.", "requested_by": people.applicant, "requested_at": at}
        Variation.objects.create(**row, **varied)
        Handover.objects.create(
            firm=venue.firm,
            subject_type="licensing.licenceapplication",
            subject_id=venue.licence.application_id,
            handed_from=people.officer,
            handed_to=people.assessor,
            reasons="Leave.",
            handed_by=people.supervisor,
            handed_at=at,
        )
        left = {"reasons": "Why.", "declaration": "Nil.", "declared_by": people.applicant, "declared_at": at}
        Surrender.objects.create(**row, **left)
        WindDown.objects.create(**row, opened_at=at, due_on=at.date())
        propose_by_score(venue.licence, at=at)
        Appeal.objects.create(
            firm=venue.firm,
            subject_type="licensing.licence",
            subject_id=venue.licence_id,
            decision=audit.history(venue.licence).first(),
            grounds="Why.",
            filed_on=at.date(),
            noticed_by=people.applicant,
            noticed_at=at,
        )
        FxRate.objects.create(currency="EUR", date=date(2026, 1, 1) + timedelta(number), per_usd="0.9", source="SBP")
        path.agreement(f"A bank {number}", people=people, at=at)
        SettingChange.objects.create(
            key=f"a.key.{number}",
            title="A term",
            was=1,
            was_unit="days",
            value=2,
            unit="days",
            effective_from=at.date(),
            source="SRO 1",
            reasons="Why.",
            proposed_by=people.supervisor,
            proposed_at=at,
        )
        TableChange.objects.create(
            table="agencies",
            code=f"A{number}",
            act="add",
            title="An agency",
            content={"name": "An agency"},
            effective_from=at.date(),
            source="SRO 1",
            reasons="Why.",
            proposed_by=people.supervisor,
            proposed_at=at,
        )
        Framework.objects.create(edition=f"9.{number}", effective_from=date(2031, 1, 1))
        Programme.objects.create(name=f"Programme {number}", cap_usd_cents=1)
    debt = Program(people.debt_officer)
    for number in range(ROWS):
        debt.post("assets/", bill(world["programmes"], code=f"MTB-{number}"))
    for venue in VenueStanding.objects.exclude(pk=world["venues"]):
        DistributionAuthorisation.objects.create(
            asset_id=world["assets"],
            venue=venue,
            limit_units=1,
            authorised_by=people.debt_approver,
            authorised_at=at,
        )
    stock = f"authorisations/{world['authorisations']}/allocations/"
    for number in range(ROWS):
        debt.post(stock, {"units": 1}, idempotency_key=f"key-{number}")
    entry = {"kind": "correct", "entry": world["entries"], "case_ref": "HC/7", "reasons": "Wrong."}
    for _ in range(ROWS):
        debt.post("orders/", entry)
    Walk(people).to_issue(
        units=9, programme=world["programmes"], code="PUBLISHED", rate_on=date.today() - timedelta(days=1)
    )
    paper = {"kind": "other", "title": "File", "sha256": "0" * 64, "size": 1, "scan": "unscanned"}
    paper |= {"asset_id": world["assets"], "uploaded_by": people.debt_officer, "uploaded_at": at}
    AssetDocument.objects.bulk_create(AssetDocument(edition=number + 1, **paper) for number in range(ROWS))
    said = {"scope": "asset_class", "of_class": "bills", "share_bp": 1, "effective_from": at.date()}
    said |= {"proposed_by": people.debt_officer, "proposed_at": at, "programme_id": world["programmes"]}
    settled = {"code": "USD1", "name": "USD1", "kind": "stablecoin", "currency": "USD", "effective_from": at.date()}
    settled |= {"proposed_by": people.debt_officer, "proposed_at": at, "permitted": True}
    SettlementPermission.objects.bulk_create(
        SettlementPermission(**settled, source="Decision 8", reasons="Why.") for _ in range(ROWS)
    )
    SubLimit.objects.bulk_create(SubLimit(**said, source="Decision 7", reasons="Why.") for _ in range(ROWS))
    attested = {"quantity": 1, "unit_of_measure": "gram", "as_of": at, "expires_at": at + timedelta(days=1)}
    attested |= {"recorded_by": people.debt_officer, "recorded_at": at, "custodian": "Vault"}
    gold = ReserveAttestation.objects.get().asset
    ReserveAttestation.objects.bulk_create(ReserveAttestation(asset=gold, **attested) for _ in range(ROWS))
    LedgerCheck.objects.bulk_create(LedgerCheck(made_at=at, invariants=1, entries=1) for _ in range(ROWS))
    held = {"units_held": 0, "holders": 0, "retail_units": 0, "institutional_units": 0, "non_resident_units": 0}
    filed = {"authorisation_id": world["authorisations"], "filed_by": people.applicant, "filed_at": at, **held}
    HoldingsReturn.objects.bulk_create(HoldingsReturn(as_of=at.date(), **filed) for _ in range(ROWS))
    happened = {"kind": "credit_event", "occurred_on": at.date(), "case_ref": "S/1", "reasons": "A downgrade."}
    proposed = {"proposed_by": people.debt_officer, "proposed_at": at}
    events = CorporateAction.objects.bulk_create(
        CorporateAction(asset_id=world["assets"], **happened, **proposed) for _ in range(ROWS)
    )
    RateFixing.objects.bulk_create(RateFixing(action=each, rate_bp=1, source="SBP", **proposed) for each in events)
    SettlementAsset.objects.bulk_create(
        SettlementAsset(code=f"S{number}", kind="stablecoin", effective_from=at.date(), source="SRO")
        for number in range(ROWS)
    )
    differs = {"against": "register", "as_of": at.date(), "ledger_units": 0, "found_units": 1, "opened_at": at}
    Break.objects.bulk_create(Break(asset=asset, **differs) for asset in Asset.objects.exclude(pk=world["assets"]))


def money_and_people(venue, number, *, people, at):
    firm, licence = venue.firm, venue.licence
    invoice = Invoice.objects.create(
        number=f"PVARA/INV/2025/{number:05d}",
        firm=firm,
        kind="annual",
        subject_type="licensing.licence",
        subject_id=licence.pk,
        total_pkr=2,
        issued_at=at,
        due_on=at.date(),
    )
    paid = {"paid_on": at.date(), "recorded_by": people.finance, "recorded_at": at}
    Payment.objects.create(invoice=invoice, amount_pkr=1, bank_reference=f"B-{number}", **paid)
    BankStatement.objects.create(
        file_name="s.csv", content=b"", size=0, sha256=f"{number:064x}", uploaded_by=people.finance, uploaded_at=at
    )
    KeyIndividual.objects.create(
        firm=firm,
        roles=["director"],
        full_name="Zara Example",
        nationality="Pakistan",
        born_on=date(1980, 1, 2),
        document_kind="passport",
        document_number="AB1234567",
        residence="Pakistan",
        in_house=True,
        appointed_on=at.date(),
        nominated_by=people.applicant,
        nominated_at=at,
    )
    stated = {"firm": firm, "as_at": at.date(), "submitted_by": people.applicant, "submitted_at": at}
    before, after = (OwnershipStatement.objects.create(**stated) for _ in range(2))
    ChangeOfControl.objects.create(
        firm=firm, statement=after, replaces=before, reason="A sale.", notified_by=people.applicant, notified_at=at
    )


def decided(venue, people, at):
    """What a decision leaves behind, on one venue's case."""
    of = {"firm": venue.firm, "application": venue.licence.application}
    Condition.objects.create(**of, kind="continuing", text="Report.", drafted_at=at)
    motion = Motion.objects.create(
        firm=venue.firm,
        subject_type="licensing.licenceapplication",
        subject_id=venue.licence.application_id,
        subject_version=1,
        move="grant_licence",
        body="board",
        opened_at=at,
    )
    Vote.objects.create(motion=motion, member=people.board, choice="for", cast_at=at)
    Memo.objects.create(
        firm=venue.firm,
        subject_type="licensing.licenceapplication",
        subject_id=venue.licence.application_id,
        entry=AuditEntry.objects.exclude(pk__in=Memo.objects.values("entry")).latest("pk"),
        content={"case": "FUL-1", "sections": []},
        sha256="0" * 64,
        written_at=at,
    )
    given = Rating.objects.filter(current=True, overrides=None).exclude(criterion__mark="knock_out")[0]
    RatingOverride.objects.create(
        firm=given.firm,
        rating=given,
        mark=given.criterion.mark,
        to_rating=3,
        reasons="Why.",
        proposed_by=people.supervisor,
        proposed_at=at,
    )
    notice = RefusalNotice.objects.create(
        **of, number=1, given_by=people.member, given_at=at, last_day=timezone.localdate(at)
    )
    RefusalGround.objects.create(
        **of, notice=notice, section="aml", text="No policy.", drafted_by=people.member, drafted_at=at
    )
    Representation.objects.create(notice=notice, text="There is one.", made_by=people.applicant, made_at=at)


def asked(caller, address, limit):
    with CaptureQueriesContext(connection) as questions:
        answer = caller.get(address, limit=limit)
    return len(answer.json()["results"]), len(questions)


def test_every_list_asks_as_many_questions_for_thirty_as_for_one(crowd, cast):
    callers = {letter: Program(user) for letter, user in zip(CALLERS, cast, strict=True)}
    found = {}
    for name, (method, address) in operations().items():
        if method == "get" and name.endswith("_list") and not name.endswith(WHOLE):
            # An applicant sees a handful; whoever sees everything is asked.
            caller = callers[TABLE[name][-1]]
            caller.get(address, limit=1)
            found[name] = (asked(caller, address, 1), asked(caller, address, ROWS))
    rows = {name: (one[0], thirty[0]) for name, (one, thirty) in found.items()}
    assert rows == {name: (1, FEWER.get(name, ROWS)) for name in found}
    assert {name: counts for name, counts in found.items() if counts[0][1] != counts[1][1]} == {}
