"""A list of five thousand rows asks the database as many questions as one of five: for people and for programs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licensing.models import (
    Agency,
    AmlRegistration,
    Appeal,
    ChangeOfControl,
    Consultation,
    Filing,
    Finding,
    Firm,
    Framework,
    Incident,
    Inspection,
    Invoice,
    KeyIndividual,
    Letter,
    Licence,
    LicenceApplication,
    NocApplication,
    OwnershipStatement,
    Renewal,
    ReturnKind,
    ScoreEntry,
    SetUp,
    SupervisionProposal,
    Variation,
    VenueStanding,
)
from pvara.kernel.models import AuditEntry, ClockInterval, User
from tests.api.program import Program

FEW, MANY = 5, 5000

# What stands on the first page of each: the rows of a page, or fewer.
PAGES = {
    "queue": ("staff:queue", {"phase": "noc", "show": "all"}),
    "queue, searched": ("staff:queue", {"phase": "noc", "show": "all", "q": "Long"}),
    "queue, waiting": ("staff:queue", {"phase": "noc", "show": "waiting"}),
    "firms": ("staff:firms", {"q": "Long"}),
    "invoices": ("staff:invoices", {"q": "Long"}),
    "invoices, overdue": ("staff:invoices", {"state": "overdue"}),
    "letters": ("staff:letters", {"q": "LONG"}),
    "the last page of invoices": ("staff:invoices", {"q": "Long", "page": "999999"}),
    "applications for a licence": ("staff:queue", {"phase": "full", "show": "all", "q": "Long"}),
    "licences": ("staff:queue", {"phase": "licence", "show": "all", "q": "Long"}),
    "renewals": ("staff:queue", {"phase": "renewal", "show": "all", "q": "Long"}),
    "appeals": ("staff:queue", {"phase": "appeal", "show": "all", "q": "Long"}),
    "findings": ("staff:queue", {"phase": "finding", "show": "all", "q": "Long"}),
    "returns, in the queue": ("staff:queue", {"phase": "return", "show": "all", "q": "Long"}),
    "returns": ("staff:returns", {}),
    **{
        f"{phase}, in the queue": ("staff:queue", {"phase": phase, "show": "all", "q": "Long"})
        for phase in (
            *("setup", "aml", "variation", "people", "control"),
            *("consultation", "inspection", "incident", "proposal", "letter"),
        )
    },
    "register": ("public:register", {"q": "Long"}),
}
LISTS = (
    *("firms/", "noc-applications/", "invoices/", "letters/", "setups/", "licence-applications/", "licences/"),
    *("renewals/", "appeals/", "findings/", "returns/", "venues/", "register/"),
)


def add(first: int, last: int) -> None:
    """Firms of these numbers, each with a draft, an invoice that is overdue, a letter, and a licence with its life."""
    at = timezone.now()
    past = timezone.localdate(at) - timedelta(days=1)
    numbers = range(first, last)
    firms = Firm.objects.bulk_create(
        Firm(legal_name=f"Long List {number} Limited", country="Pakistan", invented=True, created_at=at)
        for number in numbers
    )
    cases = NocApplication.objects.bulk_create(NocApplication(firm=firm, opened_at=at) for firm in firms)
    Invoice.objects.bulk_create(
        Invoice(
            number=f"PVARA/INV/2020/{number:05d}",
            firm=case.firm,
            kind="annual",
            subject_type="licensing.nocapplication",
            subject_id=case.pk,
            total_pkr=1,
            issued_at=at,
            due_on=past,
        )
        for number, case in zip(numbers, cases, strict=True)
    )
    Letter.objects.bulk_create(
        Letter(
            key=f"letter:long:{number}",
            code="L01",
            reference=f"PVARA/LONG/2020/{number:05d}",
            title="Acknowledgement",
            firm=case.firm,
            subject_type="licensing.nocapplication",
            subject_id=case.pk,
            addressee="Long List",
            content={},
            content_sha256="0" * 64,
            sha256=f"{number:064x}",
            token=f"long-{number}",
            issued_at=at,
            decided_at=at,
        )
        for number, case in zip(numbers, cases, strict=True)
    )
    add_licences(cases, at)


def add_licences(cases, at) -> None:
    """A licence on each of these cases, with its renewal, a finding, a return and an appeal, some with a clock."""
    day = timezone.localdate(at)
    term = {"valid_from": day, "valid_to": day + timedelta(days=364)}
    setups = SetUp.objects.bulk_create(SetUp(firm=each.firm, noc=each, opened_at=at) for each in cases)
    applications = LicenceApplication.objects.bulk_create(
        LicenceApplication(firm=each.firm, setup=each, opened_at=at) for each in setups
    )
    holds = {"activities": ["exchange"], "granted_at": at, **term}
    licences = Licence.objects.bulk_create(
        Licence(firm=each.firm, application=each, holder_name=each.firm.legal_name, **holds) for each in applications
    )
    rows = [{"firm": each.firm, "licence": each} for each in licences]
    VenueStanding.objects.bulk_create(VenueStanding(**row, may_distribute=True, changed_at=at) for row in rows)
    renewals = Renewal.objects.bulk_create(Renewal(**row, term_ends=term["valid_to"], opened_at=at) for row in rows)
    sana = User.objects.get(name="Sana")
    found = {"severity": "low", "title": "A typing error", "detail": "In the policy.", "due_on": day}
    Finding.objects.bulk_create(Finding(**row, **found, raised_by=sana, raised_at=at) for row in rows)
    kind = ReturnKind.objects.first()
    period = {"period_from": day, "period_to": day, "due_on": day, "kind": kind, "code": kind.code}
    Filing.objects.bulk_create(Filing(**row, **period) for row in rows)
    refused = AuditEntry.objects.bulk_create(
        AuditEntry(subject_type="licensing.licence", subject_id=each.pk, event="refuse_surrender", at=at)
        for each in licences
    )
    appeals = Appeal.objects.bulk_create(
        Appeal(
            firm=each.firm,
            subject_type="licensing.licence",
            subject_id=each.pk,
            decision=entry,
            grounds="Why.",
            filed_on=day,
            noticed_by=sana,
            noticed_at=at,
        )
        for each, entry in zip(licences, refused, strict=True)
    )
    add_changes(cases, at)
    add_supervision(rows, at)
    aml = AmlRegistration.objects.bulk_create(
        AmlRegistration(firm=each.firm, setup=each, services=["exchange"], requested_by=sana, requested_at=at)
        for each in setups
    )
    variations = Variation.objects.bulk_create(
        Variation(**row, added=["custody"], reasons="More.", requested_by=sana, requested_at=at) for row in rows
    )
    agency = Agency.objects.first()
    consultations = Consultation.objects.bulk_create(
        Consultation(firm=each.firm, noc=each, agency=agency, requested_by=sana, requested_at=at) for each in cases
    )
    ClockInterval.objects.bulk_create(
        ClockInterval(subject_type=each._meta.label_lower, subject_id=each.pk, clock=clock, running=True, started_at=at)
        for clock, kept in (
            ("decision", (*applications, *renewals, *appeals, *aml, *variations)),
            ("reply", consultations),
            ("set_up", setups),
        )
        for each in kept
    )


def add_changes(cases, at) -> None:
    """Of each firm somebody nominated for a role, and a change of control that is notified."""
    day, sana = timezone.localdate(at), User.objects.get(name="Sana")
    someone = {"roles": ["director"], "nationality": "Pakistan", "born_on": "1980-01-01", "document_kind": "cnic"}
    someone |= {"document_number": "12345", "residence": "Pakistan", "in_house": True, "appointed_on": day}
    KeyIndividual.objects.bulk_create(
        KeyIndividual(firm=each.firm, full_name="L. Ong", **someone, nominated_by=sana, nominated_at=at)
        for each in cases
    )
    was, is_to_be = (
        OwnershipStatement.objects.bulk_create(
            OwnershipStatement(firm=each.firm, as_at=day, submitted_by=sana, submitted_at=at) for each in cases
        )
        for _ in range(2)
    )
    ChangeOfControl.objects.bulk_create(
        ChangeOfControl(
            firm=before.firm, statement=after, replaces=before, reason="Sold.", notified_by=sana, notified_at=at
        )
        for before, after in zip(was, is_to_be, strict=True)
    )


def add_supervision(rows, at) -> None:
    """Of each licence an inspection, an incident, and what its score proposes."""
    day, sana = timezone.localdate(at), User.objects.get(name="Sana")
    visit = {"kind": "on_site", "scheduled_for": day, "scope": ["custody"], "scheduled_by": sana, "scheduled_at": at}
    Inspection.objects.bulk_create(Inspection(**row, **visit) for row in rows)
    found = {"severity": "low", "title": "Late", "detail": "By an hour.", "detected_at": at, "reported_at": at}
    Incident.objects.bulk_create(Incident(**row, **found, reported_by=sana) for row in rows)
    score = {"phase": "FULL", "number": 1, "day": day, "at": at, "framework": Framework.objects.first(), "gained": 0}
    score |= {"possible": 100, "domains": {}, "criteria": {}, "causes": [], "digest": 0, "hash": "0" * 64}
    entries = ScoreEntry.objects.bulk_create(ScoreEntry(firm=row["firm"], **score) for row in rows)
    SupervisionProposal.objects.bulk_create(
        SupervisionProposal(**row, level="watch", entry=entry, raised_at=at)
        for row, entry in zip(rows, entries, strict=True)
    )


def asked(get) -> int:
    with CaptureQueriesContext(connection) as questions:
        answer = get()
    assert answer.status_code == 200
    return len(questions)


@pytest.fixture
def counted(world, people, browse):
    """`counted()`: how many questions each page and each list asks now."""
    client, program = browse(people.officer), Program(people.officer)

    def count():
        pages = {name: asked(lambda to=to, q=q: client.get(reverse(to), q)) for name, (to, q) in PAGES.items()}
        return pages | {name: asked(lambda name=name: program.get(name)) for name in LISTS}

    return count


def test_five_thousand_rows_ask_what_five_ask(counted, people, browse):
    add(0, FEW)
    counted()  # what is remembered for the process is remembered now
    few = counted()
    add(FEW, MANY)
    with connection.cursor() as cursor:
        # As a server's own upkeep does after so many rows: without figures it takes every table for an empty one.
        cursor.execute("ANALYZE")
    assert counted() == few
    client, program = browse(people.officer), Program(people.officer)
    shown = client.get(reverse("staff:invoices"), {"q": "Long"}).context["page"]
    assert (shown.paginator.count, len(shown)) == (MANY, 25)
    assert {name: len(program.get(name).json()["results"]) for name in LISTS} == dict.fromkeys(LISTS, 50)
    shown = browse(None).get(reverse("public:register"), {"q": "Long"}).context["page"]
    assert (shown.paginator.count, len(shown)) == (MANY, 25)
