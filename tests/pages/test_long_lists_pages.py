"""A list of five thousand rows asks the database as many questions as one of five: for people and for programs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licensing.models import Firm, Invoice, Letter, NocApplication
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
}
LISTS = ("firms/", "noc-applications/", "invoices/", "letters/")


def add(first: int, last: int) -> None:
    """Firms of these numbers, each with a draft, an invoice that is overdue and a letter."""
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
    assert counted() == few
    client, program = browse(people.officer), Program(people.officer)
    shown = client.get(reverse("staff:invoices"), {"q": "Long"}).context["page"]
    assert (shown.paginator.count, len(shown)) == (MANY, 25)
    assert len(program.get("noc-applications/").json()["results"]) == 50
