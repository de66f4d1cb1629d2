"""A letter is drafted by a decision, approved by a second person, signed, and kept by the firm: all by the pages."""

import re
import subprocess
from pathlib import Path

import pytest
from django.utils import timezone

from licensing.actions.firms import register_firm
from licensing.models import Firm
from pvara.demo import path
from pvara.demo.world import UNCHECKED
from pvara.kernel import figures
from tests.journeys.conftest import Worker
from tests.journeys.eyes import Eyes
from tests.journeys.pages import PageWalk

TITLE = "No Objection Certificate"


@pytest.fixture
def firm(walk: PageWalk, regime: None) -> Firm:
    figures.load([{**UNCHECKED, "value": ["L10"], "effective_from": str(timezone.localdate())}])
    return register_firm(walk.firm, by=walk.people.applicant, at=timezone.now(), country="Singapore", invented=True)


def test_a_letter_waits_for_a_second_person_and_goes_out_as_it_was_read(
    worker: Worker, walk: PageWalk, firm: Firm, eyes: Eyes, tmp_path: Path
) -> None:
    path.noc_case(firm, people=walk.people, at=timezone.now(), until="recommended")
    walk.decide("NOC", "Grant the NOC", walk.member, walk.member2)
    worker.finish()

    # Whoever decided reads the draft and is offered no way to approve it; the firm does not know of it.
    dania, amina = walk.member, walk.applicant
    dania.turn_to("Letters")
    dania.follow(TITLE)
    dania.read("It gets its number when it is issued.", "has no objection to its entering the first phase")
    assert dania.page.get_by_role("button", name="Approve the letter").count() == 0
    assert references(walk, TITLE) == []

    sana = walk.supervisor
    sana.turn_to("Cases")
    sana.follow(re.compile("^Letters to check "), within=sana.page.get_by_role("navigation", name="Phases"))
    sana.follow(TITLE, within=sana.page.get_by_role("row", name=walk.firm))
    sana.read("has no objection to its entering the first phase")
    sana.move("Approve the letter")
    worker.finish()
    sana.again()
    sana.read("Approved by", "Issued")
    letter = sana.save("Download the signed PDF")

    file = tmp_path / "letter.pdf"
    file.write_bytes(letter)
    told = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=True).stdout
    assert re.findall(r"Signature Validation: (.*)", told) == ["Signature is Valid."]
    assert re.findall(r"- (.*) signed$", told, re.MULTILINE) == ["Total document"]
    (reference,) = references(walk, TITLE)
    assert amina.save(f"{reference} as PDF") == letter
    visitor = walk.visitor
    visitor.turn_to("Verify a letter")
    held = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": letter}
    visitor.page.get_by_label("The PDF file").set_input_files(held)
    visitor.press("Verify")
    visitor.read(reference, TITLE, "This letter is genuine.")
    assert eyes.wrong == []


def references(walk: PageWalk, title: str) -> list[str]:
    """The numbers of the firm's letters with a title, as its applicant sees them."""
    walk.applicant.turn_to("My applications")
    walk.applicant.follow("All letters")
    return [reference for reference, each in walk.applicant.rows("Letters", 0, 1) if each == title]
