"""One of everything that a page may show: built once, and put back wherever it is wanted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from licensing.actions import fees, refusals, statements
from licensing.actions.documents import attach
from licensing.actions.firms import register_firm
from licensing.models import (
    AmlRegistration,
    Appeal,
    BankStatement,
    ChangeOfControl,
    Consultation,
    Deficiency,
    Deliverable,
    Document,
    Evidence,
    Filing,
    Finding,
    Firm,
    Incident,
    Inspection,
    Invoice,
    KeyIndividual,
    Letter,
    Licence,
    Measure,
    Mou,
    MouMember,
    NocApplication,
    Payment,
    Renewal,
    Representation,
    RequestItem,
    SettingChange,
    Variation,
)
from pvara.demo import answers, life, path
from pvara.demo.programme import Registry, load_programme
from pvara.kernel import outbox
from pvara.kernel.models import Holiday, Job, User
from tests import snapshot
from tests.conftest import person

INVOICE_PAGES = (
    "staff:invoice",
    "staff:invoice_paper",
    "staff:invoice_again",
    "staff:payment_new",
    "staff:waiver_new",
    "staff:waiver_declined",
    "portal:invoice",
    "portal:invoice_paper",
    "portal:waiver_new",
)


@dataclass(frozen=True)
class World:
    """A licensed exchange with a shelf, one whose set-up is open, and one that has just begun; all are amina's."""

    licence: Licence
    granted: NocApplication
    draft: NocApplication
    registry: Registry

    @property
    def firm(self) -> Firm:
        return self.licence.firm

    def parameters(self) -> dict[str, dict[str, Any]]:
        """What the address of each page is made of; pages that are not named take nothing."""
        firm, application = self.firm, self.licence.application
        case = {"pk": self.licence.pk}
        draft = {"kind": "noc", "pk": self.draft.pk}
        letter = Letter.objects.filter(firm=firm, code="L40").latest("pk")
        measure = {"pk": Measure.objects.latest("pk").pk}
        appeal = {"pk": Appeal.objects.latest("pk").pk}
        renewal = {"pk": Renewal.objects.filter(firm=firm).latest("pk").pk}
        variation = {"pk": Variation.objects.latest("pk").pk}
        piece = Evidence.objects.filter(firm=firm).latest("pk")
        bill = {"pk": self.registry.bill.pk}
        shelf = {"pk": self.registry.authorisation.pk}
        made = Representation.objects.latest("pk")
        gold = self.registry.programme.assets.get(kind="gold")
        return {
            "move": {"kind": "licensing.licence", "pk": self.licence.pk, "name": "suspend"},
            "role_revoked": {"pk": application.decided_by_id, "role": "committee_member"},
            "job_again": {"pk": Job.objects.latest("pk").pk},
            "holiday_withdrawn": {"pk": Holiday.objects.latest("pk").pk},
            "staff:firm": {"pk": firm.pk},
            "staff:firm_people": {"pk": firm.pk},
            "staff:individual": {"pk": KeyIndividual.objects.filter(firm=firm).latest("pk").pk},
            "staff:change": {"pk": ChangeOfControl.objects.latest("pk").pk},
            "staff:ratings": {"pk": firm.pk, "phase": "FULL"},
            "staff:criterion": {"pk": firm.pk, "phase": "FULL", "code": "1.1"},
            "staff:interests": {"pk": firm.pk},
            "staff:interest_lift": {"pk": firm.pk, "who": application.decided_by_id, "nature": "family"},
            "staff:recuse": {"kind": "licensing.licence", "pk": self.licence.pk},
            "staff:checklist": {"kind": "noc", "pk": Deficiency.objects.latest("pk").subject_id},
            "staff:deficiencies": {"kind": "noc", "pk": Deficiency.objects.latest("pk").subject_id},
            "staff:deficiency": {"pk": Deficiency.objects.latest("pk").pk},
            "staff:deficiency_drop": {"pk": Deficiency.objects.latest("pk").pk},
            "staff:questions": {"kind": "noc", "pk": RequestItem.objects.latest("pk").request.subject_id},
            "staff:request": {"pk": RequestItem.objects.latest("pk").request_id},
            "staff:request_item": {"pk": RequestItem.objects.latest("pk").pk},
            "staff:question_drop": {"pk": RequestItem.objects.latest("pk").pk},
            "staff:vote": {"kind": "licensing.nocapplication", "pk": self.granted.pk},
            "staff:condition_new": {"kind": "full", "pk": application.pk},
            "staff:condition": {"pk": self.granted.imposed_conditions[0].pk},
            "staff:condition_taken_back": {"pk": self.granted.imposed_conditions[0].pk},
            "staff:ground_new": {"kind": "noc", "pk": made.notice.noc_id},
            "staff:ground_taken_back": {"pk": made.notice.grounds.get().pk},
            "staff:representation": {"pk": made.pk},
            "portal:condition": {"pk": self.granted.imposed_conditions[0].pk},
            "portal:representations": {"kind": "noc", "pk": made.notice.noc_id},
            "staff:setting": {"key": "noc.decision"},
            "staff:setting_change": {"pk": SettingChange.objects.latest("pk").pk},
            "staff:agreement": {"pk": Mou.objects.latest("pk").pk},
            "staff:agreement_change": {"pk": Mou.objects.latest("pk").pk},
            "staff:team_join": {"pk": Mou.objects.latest("pk").pk},
            "staff:team_leave": {"pk": MouMember.objects.latest("pk").pk},
            "staff:deliverable_new": {"pk": Mou.objects.latest("pk").pk},
            "staff:deliverable": {"pk": Deliverable.objects.latest("pk").pk},
            "staff:inspection_new": {"kind": "licence", "pk": self.licence.pk},
            "staff:inspection": {"pk": Inspection.objects.latest("pk").pk},
            "staff:finding_new": {"kind": "licence", "pk": self.licence.pk},
            "staff:finding": {"pk": Finding.objects.latest("pk").pk},
            "portal:finding": {"pk": Finding.objects.latest("pk").pk},
            "portal:finding_proof": {"pk": Finding.objects.latest("pk").pk},
            "staff:consult": {"kind": "noc", "pk": application.noc.pk},
            "staff:consultation": {"pk": Consultation.objects.filter(firm=firm).latest("pk").pk},
            "staff:noc": {"pk": application.noc.pk},
            "staff:setup": {"pk": application.setup_id},
            "staff:full": {"pk": application.pk},
            "staff:licence": case,
            "staff:measure_new": {**case, "kind": "restriction"},
            "staff:measure_lift": measure,
            "staff:measure_withdraw": measure,
            "staff:clocks": {"kind": "licensing.nocapplication", "pk": application.noc.pk},
            "portal:clocks": {"kind": "licensing.nocapplication", "pk": application.noc.pk},
            "staff:filing": {"pk": Filing.objects.latest("pk").pk},
            "staff:incident": {"pk": Incident.objects.latest("pk").pk},
            "staff:impact": case,
            "portal:filing": {"pk": Filing.objects.latest("pk").pk},
            "portal:filing_document": {"pk": Filing.objects.latest("pk").pk},
            "portal:incident": {"pk": Incident.objects.latest("pk").pk},
            "portal:event_return": case,
            "portal:incident_new": case,
            "staff:licence_finding": {**case, "what": "remedy"},
            "staff:renewal": renewal,
            "staff:variation": variation,
            "staff:appeal": appeal,
            "staff:appeal_new": {"pk": firm.pk},
            "staff:evidence": {"pk": piece.pk},
            "staff:evidence_file": {"pk": piece.pk},
            "staff:document": {"pk": Document.objects.latest("pk").pk},
            **{name: {"pk": Invoice.objects.latest("pk").pk} for name in INVOICE_PAGES},
            "staff:payment_back": {"pk": Payment.objects.latest("pk").pk},
            "staff:statement": {"pk": BankStatement.objects.latest("pk").pk},
            "staff:letter": {"pk": letter.pk},
            "staff:letter_page": {"pk": letter.pk},
            "staff:asset_new": {"shelf": "debt"},
            "staff:asset": bill,
            "staff:approval_new": {"pk": gold.pk},
            "staff:attestation_new": {"pk": gold.pk},
            "staff:authorise": bill,
            "staff:authorisation": shelf,
            "staff:allocate": shelf,
            "staff:take_back": shelf,
            "portal:noc_start": {"pk": firm.pk},
            "portal:evidence": {"pk": firm.pk},
            "portal:evidence_file": {"pk": piece.pk},
            "portal:people": {"pk": firm.pk},
            "portal:nominate": {"pk": firm.pk},
            "portal:individual": {"pk": KeyIndividual.objects.filter(firm=firm).latest("pk").pk},
            "portal:statement": {"pk": firm.pk},
            "portal:change_new": {"pk": firm.pk},
            "portal:change": {"pk": ChangeOfControl.objects.latest("pk").pk},
            "portal:deficiency": {"pk": Deficiency.objects.earliest("pk").pk},
            "portal:request": {"pk": RequestItem.objects.earliest("pk").request_id},
            "portal:request_item": {"pk": RequestItem.objects.earliest("pk").pk},
            "portal:application": draft,
            "portal:review": draft,
            "portal:fee": draft,
            "portal:declare": draft,
            "portal:section": {**draft, "key": "activities"},
            "portal:setup": {"pk": self.granted.setup.pk},
            "portal:full_start": {"pk": application.setup_id},
            "staff:aml_registration": {"pk": AmlRegistration.objects.latest("pk").pk},
            "portal:aml_request": {"pk": self.granted.setup.pk},
            "portal:aml_registration": {"pk": AmlRegistration.objects.latest("pk").pk},
            "portal:milestone_proof": {"pk": self.granted.setup.milestones.get(code="M1").pk},
            "portal:milestone": {"pk": self.granted.setup.milestones.get(code="M1").pk},
            "portal:licence": case,
            "portal:notice": case,
            "portal:renewal": renewal,
            "portal:variation_new": case,
            "portal:variation": variation,
            "portal:surrender": case,
            "portal:appeal_new": {"pk": firm.pk},
            "portal:appeal": appeal,
            "portal:document": {"pk": Document.objects.latest("pk").pk},
            "portal:letter": {"pk": letter.pk},
            "portal:venue": {"pk": self.licence.standing.pk},
            "portal:placement": shelf,
            "public:entry": {"number": self.licence.reference},
            "public:verified": {"token": letter.token},
            "public:asset": {"code": self.registry.bill.code},
        }

    def address(self, name: str) -> str:
        return reverse(name, kwargs=self.parameters().get(name))


def go_back(people: path.People, at: datetime) -> None:
    """What went back to its applicant: returned once and to be returned again, and asked twice."""
    fourth = register_firm("Jhelum Exchange Limited", by=people.applicant, at=at, country="Ireland", invented=True)
    case = path.noc_case(fourth, people=people, at=at, until="completeness_check")
    path.returned(case, "The board's minute is missing.", people=people, at=at)
    path.resubmitted(case, people=people, at=at)
    path.draft_deficiency(case, "The minute is not signed.", people=people, at=at)
    fifth = register_firm("Sutlej Exchange Limited", by=people.applicant, at=at, country="Ireland", invented=True)
    case = path.noc_case(fifth, people=people, at=at, until="under_assessment")
    path.asked(case, "Who owns the holding company?", people=people, at=at)
    path.draft_question(case, "Which monitoring tool is in use?", people=people, at=at)


def build(people: path.People, at: datetime) -> World:
    path.load_regime()
    first = register_firm("Indus Exchange Limited", by=people.applicant, at=at, country="Singapore", invented=True)
    licence = path.licensed(first, people=people, at=at)
    second = register_firm("Ravi Exchange Limited", by=people.applicant, at=at, country="Malta", invented=True)
    waiting = path.noc_case(second, people=people, at=at, until="recommended")
    granted = path.decide(waiting, "grant_with_conditions", people=people, at=at)
    third = register_firm("Chenab Exchange Limited", by=people.applicant, at=at, country="Ireland", invented=True)
    draft = path.noc_case(third, people=people, at=at, until="draft")
    fourth = register_firm("Khyber Exchange Limited", by=people.applicant, at=at, country="Malta", invented=True)
    minded = path.noc_case(fourth, people=people, at=at, until="minded_to_refuse")
    refusals.make_representations(minded, by=people.applicant, at=at, text="The policy is with the board.")
    file = SimpleUploadedFile("note.txt", b"A note.\n", "text/plain")
    attach(draft, file, firm=third, title="Note", by=people.applicant, at=at)
    go_back(people, at)
    path.aml_request(granted.setup, people=people, at=at)
    refused = life.variation_asked(licence, people=people, at=at + timedelta(days=2))
    path.decide(refused, "refuse_variation", people=people, at=at + timedelta(days=2), note="Too early.")
    life.appealed(first, people=people, at=at + timedelta(days=3))
    life.propose(licence, "restriction", people=people, at=at + timedelta(days=3), wording="No new clients.")
    path.notify_change(first, people=people, at=at, rows=answers.owners_of(first.legal_name, first_owner=55))
    charge(granted, people=people, at=at)
    path.inspection(licence, people=people, at=at + timedelta(days=3))
    path.finding(licence, people=people, at=at + timedelta(days=3))
    life.supervised(licence, people=people, at=at + timedelta(days=3))
    path.agreement("A bank of the state", people=people, at=at)
    path.propose_setting(
        "noc.intake", 5, effective_from=timezone.localdate() + timedelta(days=30), people=people, at=at
    )
    registry = load_programme(licence, people=people, now=at + timedelta(days=3))
    outbox.drain()
    path.check_letters(people=people, at=at + timedelta(days=3))
    outbox.drain()
    return World(licence, granted, draft, registry)


def charge(case: Any, *, people: path.People, at: datetime) -> Invoice:
    """A variation of a case that is charged for and paid in part, with a statement of the bank still to be imported."""
    assert people.finance is not None
    day = timezone.localdate(at)
    path.change_setting("fee.variation", "50000", effective_from=day, people=people, at=at - timedelta(days=9))
    invoice = fees.raise_invoice(case, "variation", activities=[], by=None, at=at)
    assert invoice is not None
    part = {"amount": Decimal("20000"), "paid_on": day, "bank_reference": "BANK-0", "by": people.finance, "at": at}
    fees.record_payment(invoice, **part)
    row = f"{day},30000,PKR,BANK-1,{invoice.number},PK00SAMP0000000000000001"
    file = SimpleUploadedFile("march.csv", f"Date,Amount,Currency,Reference,Details,Account\n{row}\n".encode())
    statements.hand_in(file, by=people.finance, at=at)
    return invoice


# ── The same world for all tests of a module ─────────────────────────────────────────────────────────────────────────
# It takes many seconds to build, so it is built once; each module has it in a transaction, each test is a savepoint.
CAST = {
    "amina": (),
    "omar": ("case_officer",),
    "asif": ("assessor",),
    "saira": ("moderator",),
    "sana": ("supervisor",),
    "dania": ("committee_member",),
    "danish": ("committee_member",),
    "bilal": ("board_member",),
    "basma": ("board_member",),
    "nadia": ("enforcement_officer",),
    "farah": ("finance_officer",),
    "laila": ("legal_officer",),
    "daud": ("debt_officer",),
    "dua": ("debt_approver",),
    "aisha": ("auditor",),
    "adil": ("system_administrator",),
    "stranger": (),
}


@dataclass(frozen=True)
class Ground:
    """What stands before a test, by primary keys: each test reads its own rows."""

    kept: snapshot.Snapshot
    cast: dict[str, int]
    licence: int
    granted: int
    draft: int
    programme: int
    bill: int
    authorisation: int


@pytest.fixture(scope="session")
def built(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Ground:
    """The world, built and taken away again; `put_back` brings it."""
    quick = override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        MEDIA_ROOT=tmp_path_factory.mktemp("uploads"),
    )
    with django_db_blocker.unblock(), quick, transaction.atomic():
        cast = {name: person(name.capitalize(), *codes) for name, codes in CAST.items()}
        made = build(people_of(cast), timezone.now() - timedelta(days=4))
        found = Ground(
            kept=snapshot.take(tmp_path_factory.mktemp("kept")),
            cast={name: user.pk for name, user in cast.items()},
            licence=made.licence.pk,
            granted=made.granted.pk,
            draft=made.draft.pk,
            programme=made.registry.programme.pk,
            bill=made.registry.bill.pk,
            authorisation=made.registry.authorisation.pk,
        )
        transaction.set_rollback(True)
    snapshot.forget()
    return found


def people_of(cast: dict[str, User]) -> path.People:
    return path.People(
        applicant=cast["amina"],
        officer=cast["omar"],
        assessor=cast["asif"],
        moderator=cast["saira"],
        supervisor=cast["sana"],
        member=cast["dania"],
        member2=cast["danish"],
        board=cast["bilal"],
        board2=cast["basma"],
        enforcement=cast["nadia"],
        debt_officer=cast["daud"],
        debt_approver=cast["dua"],
        finance=cast["farah"],
    )
