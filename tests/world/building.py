"""Building the world: one of everything, by the people whose work it is."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from licensing.actions import fees, refusals, statements
from licensing.actions.documents import attach
from licensing.actions.firms import register_firm
from licensing.actions.wind_downs import open_wind_down
from licensing.history.entries import record_firm
from licensing.models import Invoice, Licence, ScoreEntry, SupervisionProposal
from pvara.demo import answers, life, path
from pvara.demo.programme import load_programme
from pvara.kernel import outbox
from tests.world.rows import World


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
    # As though the licence had ended: what hangs on that is not undone for a page.
    open_wind_down(licence, at=at + timedelta(days=3))
    propose_by_score(licence, at=at + timedelta(days=3))
    life.supervised(licence, people=people, at=at + timedelta(days=3))
    path.agreement("A bank of the state", people=people, at=at)
    path.propose_setting(
        "noc.intake", 5, effective_from=timezone.localdate() + timedelta(days=30), people=people, at=at
    )
    wording = {"title": "What is missing in your application"}
    path.propose_row(
        "letters", "L02", wording, effective_from=timezone.localdate() + timedelta(days=30), people=people, at=at
    )
    path.override(first, "1.4", 3, people=people, at=at + timedelta(days=3))
    path.drafted_framework("2.0", timezone.localdate() + timedelta(days=60), people=people, at=at)
    registry = load_programme(licence, people=people, now=at + timedelta(days=3))
    outbox.drain()
    path.check_letters(people=people, at=at + timedelta(days=3))
    outbox.drain()
    return World(licence, granted, draft, registry)


def propose_by_score(licence: Licence, *, at: datetime) -> SupervisionProposal:
    """As though the score had fallen: what lies behind it is whatever the history has."""
    entry = (
        ScoreEntry.objects.filter(firm=licence.firm_id, phase="FULL").first() or record_firm(licence.firm_id, at=at)[-1]
    )
    return SupervisionProposal.objects.create(
        firm_id=licence.firm_id, licence=licence, level="watch", entry=entry, raised_at=at
    )


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
