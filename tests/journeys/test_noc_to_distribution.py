"""An exchange walks from its first form to units with clients, and is stopped: by the pages, then by programs alone.

Both leave the same record; the letters on the way are signed PDF files; and a record that was tampered with is named.
"""

import re
import subprocess
from datetime import date, timedelta
from io import StringIO
from itertools import groupby
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from playwright.sync_api import expect

from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.models import AuditEntry, User
from tests.api.program import Program, shut
from tests.api.walk import Walk, done
from tests.journeys.conftest import Worker
from tests.journeys.eyes import Eyes
from tests.journeys.pages import PageWalk
from tests.journeys.person import Person
from tokenisation.actions.programme import open_programme
from tokenisation.models import Programme

WHY = "Client assets were not segregated."
REASON = "The licence is suspended."
# Title, whether it holds when the licence is suspended; newest first.
LETTERS = [
    ("Urgent suspension of your licence", True),
    ("Licence to provide virtual-asset services", False),
    ("Approval in principle", False),
    ("Notice of an inspection", True),
    ("Your application is complete", True),
    ("Acknowledgement of your licence application", True),
    ("Confirmation of set-up", True),
    ("Set-up of your local subsidiary: instructions", True),
    ("No Objection Certificate", True),
    ("Your application is complete", True),
    ("Acknowledgement of your NOC application", True),
]
# The moves of each case, by whom.
MOVES = {
    "licensing.nocapplication": "Amina submit, Omar accept_intake, Omar declare_complete, Sana recommend, "
    "Dania grant_noc",
    "licensing.setup": "Sana confirm_setup",
    "licensing.licenceapplication": "Amina submit, Omar accept_intake, Omar declare_complete, "
    "Omar schedule_inspection, Omar report_inspection, Sana recommend, "
    "Dania approve_in_principle, Bilal grant_licence",
    "licensing.licence": "Bilal urgent_suspend",
    "tokenisation.asset": "Daud submit_for_review, Dua approve, Daud issue",
    "tokenisation.distributionauthorisation": "the system suspend",
}

Record = list[tuple[str, list[tuple[str, str, str, str]]]]


@pytest.fixture
def programme(regime: None, dua: User) -> Programme:
    """Both bills belong to it; no page opens a programme."""
    return open_programme("Sovereign assets", cap_usd_cents=200_000_000_000, by=dua, at=timezone.now())


def newest() -> int:
    return AuditEntry.objects.latest("pk").pk


def recorded_since(entry: int) -> Record:
    """What happened to each subject, in its order: event, from, to, by whom. Numbers of subjects are left out."""
    entries = AuditEntry.objects.filter(pk__gt=entry).order_by("subject_type", "subject_id", "seq")
    return sorted(
        (subject_type, [(each.event, each.from_state, each.to_state, each.actor_name) for each in history])
        for (subject_type, _), history in groupby(entries, key=lambda each: (each.subject_type, each.subject_id))
    )


def moves_in(record: Record) -> dict[str, str]:
    """Who made which moves of each case; milestones and documents have the same two each, and are left out."""
    found = {
        subject: ", ".join(f"{who or 'the system'} {event}" for event, before, _, who in history if before)
        for subject, history in record
    }
    return {subject: found[subject] for subject in MOVES}


def test_an_exchange_walks_from_noc_to_distribution(
    worker: Worker,
    walk: PageWalk,
    programme: Programme,
    eyes: Eyes,
    tmp_path: Path,
) -> None:
    begun = newest()
    walk_the_pages(walk, worker, tmp_path)
    by_pages = recorded_since(begun)
    assert eyes.wrong == []
    assert moves_in(by_pages) == MOVES
    begun = newest()
    walk_by_programs(walk.people, programme, worker)
    assert recorded_since(begun) == by_pages
    the_record_is_whole_and_a_changed_byte_shows()


# ── By the pages ─────────────────────────────────────────────────────────────────────────────────────────────────────
def walk_the_pages(walk: PageWalk, worker: Worker, folder: Path) -> None:
    walk.to_noc()
    walk.to_setup()
    walk.to_licence()
    walk.to_issue("MTB-PAGES", units=1000)
    walk.authorise("MTB-PAGES", limit=500)
    walk.allocate("MTB-PAGES", units=200)
    walk.place("MTB-PAGES", units=50)
    amina = walk.applicant
    amina.hear("Recorded as entry MTB-PAGES-3.")
    assert amina.rows("What you may distribute", 0, 2, 3, 4) == [["MTB-PAGES", "200", "50", "150"]]

    walk.suspend(WHY)
    amina.read("You are in good standing")  # the page that was open all the while
    amina.follow("Record a placement of MTB-PAGES")
    amina.read("You may not distribute now. A placement will be refused.", REASON)
    amina.write("Units", 1)
    amina.press("Record the placement", status=422)
    expect(amina.page.get_by_role("alert")).to_contain_text("The venue is not in good standing")
    assert walk.shelf().rows("What you may distribute", 0, 2, 3, 4) == [["MTB-PAGES", "200", "50", "150"]]
    amina.read("You may not distribute now. Placements are refused.", REASON)
    the_public_sees_it(walk.in_the_register())
    worker.finish()
    the_letters_are_genuine(amina, walk.visitor, folder)


def the_public_sees_it(visitor: Person) -> None:
    ((holder, number, state),) = visitor.rows("Licences", 0, 1, 3)
    assert (holder, state) == ("Example Exchange Pakistan (Pvt) Limited", "Suspended")
    visitor.follow(number)
    visitor.read("This licence is suspended.", "May not distribute them at this moment")
    visitor.open("/programme/MTB-PAGES/")
    visitor.read("Nowhere: no licensed exchange may distribute it at this moment")


def the_letters_are_genuine(amina: Person, visitor: Person, folder: Path) -> None:
    """Each is there, opens, is signed, and is known at the verification page; changed by one byte it is not."""
    amina.turn_to("My applications")
    amina.follow("All letters")
    found = amina.rows("Letters", 0, 1)
    assert [title for _, title in found] == [title for title, _ in LETTERS]
    for (reference, _), (title, holds) in zip(found, LETTERS, strict=True):
        letter = amina.save(f"{reference} as PDF")
        file = folder / "letter.pdf"
        file.write_bytes(letter)
        told = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=True).stdout
        assert re.findall(r"Signature Validation: (.*)", told) == ["Signature is Valid."]
        assert re.findall(r"- (.*) signed$", told, re.MULTILINE) == ["Total document"]
        verify(visitor, letter)
        visitor.read(reference, title, "This letter is genuine." if holds else "This letter no longer holds.")
        middle = len(letter) // 2
        verify(visitor, letter[:middle] + bytes([letter[middle] ^ 1]) + letter[middle + 1 :], status=404)
        visitor.read("Not a letter of ours", "Do not rely on it.")


def verify(visitor: Person, letter: bytes, *, status: int = 200) -> None:
    visitor.turn_to("Verify a letter")
    file = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": letter}
    visitor.page.get_by_label("The PDF file").set_input_files(file)
    visitor.press("Verify", status=status)


# ── By programs alone ────────────────────────────────────────────────────────────────────────────────────────────────
def walk_by_programs(people: path.People, programme: Programme, worker: Worker) -> None:
    walk = Walk(people)
    firm = walk.to_noc("Ravi Exchange (Pvt) Limited")
    licence = walk.to_licence(firm, walk.to_setup(firm))
    # The day's rate is recorded already: the pages did so.
    yesterday = date.today() - timedelta(days=1)
    asset = walk.to_issue(units=1000, programme=programme.pk, code="MTB-PROGRAMS", rate_on=yesterday)
    address = walk.authorise(asset, licence["standing"]["id"], limit=500)
    done(walk.debt_officer.post(f"{address}allocations/", {"units": 200}, idempotency_key="first"))
    done(walk.applicant.post(f"{address}placements/", {"units": 50}, idempotency_key="client-1"))
    walk.suspend(licence["id"], WHY)
    refused = walk.applicant.post(f"{address}placements/", {"units": 1}, idempotency_key="client-2")
    assert (refused.status_code, shut(refused)) == (422, ["venue_not_in_good_standing"])
    assert done(Program().get(f"register/{licence['reference']}/standing/"))["may_distribute"] is False
    worker.finish()


# ── The record ───────────────────────────────────────────────────────────────────────────────────────────────────────
def the_record_is_whole_and_a_changed_byte_shows() -> None:
    audit.seal(at=timezone.now())
    all_of_it = AuditEntry.objects.count()
    said = StringIO()
    call_command("verify_audit", stdout=said)
    read, verdict = said.getvalue().splitlines()
    assert read.startswith(f"{all_of_it} entries of ")
    assert read.endswith(f"; {all_of_it} sealed under 1 heads and 1 files; 0 not yet sealed.")
    assert verdict == "The audit log is whole."
    forged = AuditEntry.objects.filter(subject_type="licensing.licence", event="urgent_suspend").earliest("pk")
    with transaction.atomic(), connection.cursor() as cursor:
        # What a superuser of the database can do: with all triggers off, write anything.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE kernel_auditentry SET note = overlay(note placing 'c' from 1) WHERE id = %s", [forged.pk]
        )
    row = f"licensing.licence {forged.subject_id}, entry {forged.seq} (urgent_suspend)"
    said = StringIO()
    with pytest.raises(CommandError, match=re.escape(row)):
        call_command("verify_audit", stdout=said)
    assert said.getvalue().splitlines()[1:] == [f"{row}: its content does not match its hash."]
